// SPDX-License-Identifier: Apache-2.0
#include "rest/postgres_operations.h"

#include "iceberg/json/json_text.h"
#include "provision/server_connections.h"
#include "rest/identifier_list.h"
#include "rest/namespace_response.h"
#include "rest/postgres_database.h"
#include "rest/postgres_tables.h"
#include "rest/table_response.h"
#include "rest/uri_text.h"
#include "storage/storage.h"
#include "table/table_cache.h"
#include "warehouse/instances/instance_manager.h"

namespace tarn::rest::postgres {
namespace {

using iceberg::Json;
using iceberg::JsonMembers;
using iceberg::LoadedTable;
using provision::ServerConnections;

Reply<ServerConnections::Lease> Connect(const Service& service, const Call& call) {
  auto connection = service.account->instances()->connections().Take(call.postgres->server,
                                                                     call.postgres->database);
  if (connection) return *std::move(connection);
  if (connection.error().kind != ErrorKind::kNotFound) {
    return std::unexpected(AsFailure(std::move(connection).error()));
  }
  return NoSuchNamespace(call.database.value_or(call.name_space.empty() ? call.postgres->database
                                                                        : call.name_space.front()));
}

/// The schema that a namespace denotes. Absent: it has no or too many levels.
std::optional<std::string> SchemaOf(const Call& call, const std::vector<std::string>& name_space) {
  std::vector<std::string> levels = LevelsInDatabase(call, name_space);
  if (levels.size() != 1) return std::nullopt;
  return std::move(levels.front());
}

Reply<LakeTable> Find(provision::ServerConnection& connection, const Call& call,
                      const Identifier& identifier) {
  const auto schema = SchemaOf(call, identifier.name_space);
  if (!schema) return NoSuchTable(ToString(identifier));
  REST_ASSIGN(auto table, FindTable(connection, *schema, identifier.name));
  if (!table) return NoSuchTable(ToString(identifier));
  return *std::move(table);
}

Reply<LakeTable> FindNamed(const Service& service, const Call& call) {
  REST_ASSIGN(const auto connection, Connect(service, call));
  return Find(*connection, call, IdentifierOf(call));
}

Reply<LoadedTable> Load(const Service& service, const Call& call, const std::string& location) {
  auto table = service.account->tables().tables->Load(location);
  if (!table && table.error().kind == ErrorKind::kPermissionDenied) {
    // In a directory that is the server's alone.
    REST_ASSIGN(const auto record,
                service.account->instances()->connections().RecordOf(call.postgres->server));
    REST_ASSIGN(const auto storage,
                storage::OpenLocalStorage({.buckets_directory = "",
                                           .allowed_prefixes = record.allowed_locations,
                                           .lake_register = ""}));
    table = iceberg::LoadTable(*storage, location);
  }
  REST_TRY(table);
  return *std::move(table);
}

/// Whether a namespace is there: a database by itself, or a schema of it.
Reply<> CheckNamespace(const Service& service, const Call& call) {
  REST_ASSIGN(const auto connection, Connect(service, call));
  if (LevelsInDatabase(call, call.name_space).empty()) return {};
  const auto schema = SchemaOf(call, call.name_space);
  if (schema) {
    REST_ASSIGN(const bool exists, SchemaExists(*connection, *schema));
    if (exists) return {};
  }
  return NoSuchNamespace(NamespaceText(call.name_space));
}

Reply<Json> ArrayMember(const JsonMembers& members, std::string_view name) {
  const Json* value = members.Find(name);
  if (value == nullptr) return Json::array();
  if (!value->is_array()) return BadRequest(fmt::format("{} is not an array", name));
  return *value;
}

Reply<Change> ParseChange(const JsonMembers& members, Identifier identifier) {
  Change change{
      .identifier = std::move(identifier), .table = {}, .requirements = {}, .updates = {}};
  REST_ASSIGN(change.requirements, ArrayMember(members, "requirements"));
  REST_ASSIGN(change.updates, ArrayMember(members, "updates"));
  for (const Json& requirement : change.requirements) {
    if (requirement.is_object() && requirement.value("type", Json()) == "assert-create") {
      return std::unexpected(
          Failure{406, "UnsupportedOperationException",
                  fmt::format("Cannot create table {}: use CREATE TABLE … USING iceberg in "
                              "PostgreSQL",
                              ToString(change.identifier))});
    }
  }
  return change;
}

Reply<std::vector<LoadedTable>> CommitChanges(const Service& service, const Call& call,
                                              std::vector<Change> changes) {
  {
    REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
    REST_TRY(
        RequirePrivilege(*snapshot, call.caller, call.postgres->instance, warehouse::kOperate));
  }
  std::vector<LoadedTable> tables;
  if (changes.empty()) return tables;
  REST_ASSIGN(const auto connection, Connect(service, call));
  for (Change& change : changes) {
    REST_ASSIGN(change.table, Find(*connection, call, change.identifier));
  }
  REST_ASSIGN(const auto locations, Commit(*connection, changes));
  for (const std::string& location : locations) {
    auto loaded = Load(service, call, location);
    if (!loaded) {
      // It is committed, whatever became of its file meanwhile.
      return std::unexpected(
          Failure{500, "CommitStateUnknownException", std::move(loaded).error().message});
    }
    tables.push_back(*std::move(loaded));
  }
  return tables;
}

}  // namespace

Reply<Response> ListNamespaces(const Service& service, const Call& call) {
  std::vector<std::string> parent = NamespaceOfText(call.Query("parent").value_or(""));
  std::erase(parent, "");
  REST_ASSIGN(const auto connection, Connect(service, call));
  std::vector<std::string> names;
  if (LevelsInDatabase(call, parent).empty()) {
    REST_ASSIGN(names, Schemas(*connection));
  } else {
    Call below = call;
    below.name_space = parent;
    REST_TRY(CheckNamespace(service, below));
  }
  return NamespacesResponse(call, parent, std::move(names));
}

Reply<Response> LoadNamespace(const Service& service, const Call& call) {
  REST_TRY(CheckNamespace(service, call));
  return NamespaceResponse(call.name_space, {});
}

Reply<Response> NamespaceExists(const Service& service, const Call& call) {
  REST_TRY(CheckNamespace(service, call));
  return Response{.status = 204};
}

Reply<Response> ListTables(const Service& service, const Call& call) {
  REST_TRY(CheckNamespace(service, call));
  std::vector<std::string> names;
  if (const auto schema = SchemaOf(call, call.name_space)) {
    REST_ASSIGN(const auto connection, Connect(service, call));
    REST_ASSIGN(const auto tables, TablesOf(*connection, *schema));
    for (const LakeTable& table : tables) names.push_back(table.name);
  }
  return IdentifiersResponse(call, std::move(names));
}

Reply<Response> LoadTable(const Service& service, const Call& call) {
  REST_ASSIGN(const ShownSnapshots shown, AskedSnapshots(call));
  REST_ASSIGN(const LakeTable found, FindNamed(service, call));
  const std::string etag = EtagOf(found.metadata_location, shown);
  if (call.request->Header("if-none-match") == etag) {
    return Response{.status = 304, .headers = {{"ETag", etag}}, .body = {}};
  }
  REST_ASSIGN(const LoadedTable table, Load(service, call, found.metadata_location));
  return TableResponse(service, call, table, shown);
}

Reply<Response> TableExists(const Service& service, const Call& call) {
  REST_TRY(FindNamed(service, call));
  return Response{.status = 204};
}

Reply<Response> LoadCredentials(const Service& service, const Call& call) {
  REST_ASSIGN(const LakeTable found, FindNamed(service, call));
  REST_ASSIGN(const LoadedTable table, Load(service, call, found.metadata_location));
  return CredentialsResponse(service, table.metadata->location);
}

Reply<Response> CommitTable(const Service& service, const Call& call) {
  REST_ASSIGN(const Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  std::vector<Change> changes;
  REST_ASSIGN(Change change, ParseChange(members, IdentifierOf(call)));
  changes.push_back(std::move(change));
  REST_ASSIGN(const auto tables, CommitChanges(service, call, std::move(changes)));
  return CommitResponse(tables.front());
}

Reply<Response> CommitTransaction(const Service& service, const Call& call) {
  REST_ASSIGN(const Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  REST_ASSIGN(const Json* asked, FromRequest(members.Array("table-changes")));
  std::vector<Change> changes;
  for (size_t i = 0; i < asked->size(); ++i) {
    REST_ASSIGN(const auto change,
                FromRequest(JsonMembers::Of((*asked)[i], members.PlaceOf("table-changes", i))));
    REST_ASSIGN(Identifier identifier, ParseIdentifier(change, "identifier"));
    const auto other = [&](const std::string& level) {
      return level != call.postgres->server + "." + call.postgres->database;
    };
    if (!call.database && (identifier.name_space.empty() || other(identifier.name_space.front()))) {
      return BadRequest("A transaction changes tables of one database only");
    }
    REST_ASSIGN(Change parsed, ParseChange(change, std::move(identifier)));
    changes.push_back(std::move(parsed));
  }
  REST_TRY(CommitChanges(service, call, std::move(changes)));
  return Response{.status = 204};
}

Reply<Response> ListViews(const Service& service, const Call& call) {
  REST_TRY(CheckNamespace(service, call));
  return IdentifiersResponse(call, {});
}

Reply<Response> NoView(const Service&, const Call& call) {
  return NoSuchView(ToString(IdentifierOf(call)));
}

std::unexpected<Failure> Refuse(const Call& call) {
  return std::unexpected(
      Failure{406, "UnsupportedOperationException",
              fmt::format("{} is a database of PostgreSQL, where schemas, tables and views are "
                          "created, renamed and dropped by its own statements",
                          NamedDatabase(call).value_or(""))});
}

}  // namespace tarn::rest::postgres
