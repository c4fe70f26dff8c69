// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "iceberg/json/json_text.h"
#include "rest/locations.h"
#include "rest/namespace_response.h"
#include "rest/operations.h"
#include "rest/place.h"
#include "rest/postgres_database.h"
#include "rest/uri_text.h"
#include "warehouse/catalogue/create.h"
#include "warehouse/catalogue/drop.h"
#include "warehouse/metastore/namespace_properties.h"

namespace tarn::rest {
namespace {

using iceberg::JsonText;
using warehouse::Authority;
using warehouse::ObjectHead;
using warehouse::ObjectKind;
using warehouse::ObjectName;
using warehouse::Snapshot;
using warehouse::Transaction;

using Properties = std::map<std::string, std::string>;

void WriteNames(std::string_view member, const std::vector<std::string>& names, JsonText& json) {
  json.Key(member);
  json.BeginArray();
  for (const std::string& name : names) json.String(name);
  json.EndArray();
}

/// A parent that a client encoded twice is decoded once more.
Reply<ObjectHead> FindParent(const Snapshot& snapshot, const Call& call,
                             std::vector<std::string>& parent) {
  Reply<ObjectHead> head = FindNamespace(snapshot, call, parent);
  if (head || head.error().status != 404) return head;
  const std::vector<std::string> decoded = NamespaceOfPath(*call.Query("parent"));
  if (decoded == parent) return head;
  Reply<ObjectHead> again = FindNamespace(snapshot, call, decoded);
  if (again) parent = decoded;
  return again ? again : head;
}

Reply<std::vector<std::string>> ChildrenOf(const Snapshot& snapshot, const Call& call,
                                           warehouse::ObjectId container, ObjectKind kind) {
  REST_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  REST_ASSIGN(const auto heads,
              snapshot.Heads("WHERE o.container_id = ? AND o.kind = ? AND o.dropped_ms IS NULL",
                             container, warehouse::FactsOf(kind).stored));
  std::vector<std::string> names;
  for (const ObjectHead& head : heads) {
    if (kind == ObjectKind::kSchema && head.name == warehouse::kInformationSchema) continue;
    REST_ASSIGN(const bool sees, authority.Sees(head));
    if (sees) names.push_back(head.name);
  }
  return names;
}

/// A schema with whatever in it, a database with more than its own schemas.
Reply<bool> HasContents(const Snapshot& snapshot, const ObjectHead& head) {
  REST_ASSIGN(const auto children,
              snapshot.Heads("WHERE o.container_id = ? AND o.dropped_ms IS NULL", head.id));
  if (head.kind == ObjectKind::kSchema) return !children.empty();
  for (const ObjectHead& child : children) {
    if (child.name == warehouse::kInformationSchema) continue;
    if (child.name != warehouse::kPublicSchema) return true;
    REST_ASSIGN(const bool used, HasContents(snapshot, child));
    if (used) return true;
  }
  return false;
}

struct PropertyChange {
  std::vector<std::string> removals;
  Properties updates;
};

Reply<PropertyChange> ParsePropertyChange(const Call& call) {
  REST_ASSIGN(const iceberg::Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  PropertyChange change;
  REST_ASSIGN(change.removals, FromRequest(members.Strings("removals")));
  if (const iceberg::Json* updates = members.Find("updates")) {
    REST_ASSIGN(change.updates, FromRequest(iceberg::ParseStringMap(*updates, "updates")));
  }
  for (const std::string& key : change.removals) {
    if (!change.updates.contains(key)) continue;
    return std::unexpected(
        Failure{422, "UnprocessableEntityException",
                fmt::format("Invalid properties update: {} is set and removed", key)});
  }
  return change;
}

}  // namespace

Reply<Response> ListNamespaces(const Service& service, const Call& call) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  std::vector<std::string> parent = NamespaceOfText(call.Query("parent").value_or(""));
  std::vector<std::string> names;
  const bool databases = parent.empty() && !call.database;
  if (databases) {
    REST_ASSIGN(names, ChildrenOf(*snapshot, call, warehouse::kAccountId, ObjectKind::kDatabase));
    REST_ASSIGN(const auto servers, PostgresDatabaseNames(service, *snapshot, call.caller));
    for (const std::string& name : servers) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  } else {
    REST_ASSIGN(const ObjectHead head, FindParent(*snapshot, call, parent));
    if (head.kind == ObjectKind::kDatabase) {
      REST_ASSIGN(names, ChildrenOf(*snapshot, call, head.id, ObjectKind::kSchema));
    }
  }
  return NamespacesResponse(call, parent, std::move(names));
}

Reply<Response> CreateNamespace(const Service& service, const Call& call) {
  REST_ASSIGN(const iceberg::Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  REST_ASSIGN(const auto levels, FromRequest(members.Strings("namespace")));
  Properties properties;
  if (const iceberg::Json* value = members.Find("properties")) {
    REST_ASSIGN(properties, FromRequest(iceberg::ParseStringMap(*value, "properties")));
  }
  const auto name = NamespaceNameOf(call, levels);
  const bool is_database = name && !call.database && !name->schema;
  if (levels.empty() || !name) {
    return BadRequest(fmt::format(
        "Cannot create namespace {}: namespaces are databases and their schemas, not deeper",
        NamespaceText(levels)));
  }
  warehouse::CreateRequest request;
  request.definition = is_database ? warehouse::Definition(warehouse::Database{})
                                   : warehouse::Definition(warehouse::Schema{});
  request.name =
      is_database
          ? ObjectName{.database = {}, .schema = {}, .name = *name->database}
          : ObjectName{.database = name->database, .schema = {}, .name = name->schema.value_or("")};
  auto created = service.account->metastore().Commit(
      [&](Transaction& transaction) -> warehouse::StatementResult<> {
        STATEMENT_ASSIGN(const auto outcome, CreateObject(transaction, call.caller, request));
        for (const auto& [key, value] : properties) {
          STATEMENT_TRY(SetNamespaceProperty(transaction, outcome.id, key, value));
        }
        return {};
      });
  if (!created && created.error().error.kind == ErrorKind::kAlreadyExists) {
    return AlreadyExists(fmt::format("Namespace already exists: {}", NamespaceText(levels)));
  }
  if (!created && created.error().error.kind == ErrorKind::kNotFound) {
    return NoSuchNamespace(NamespaceText({levels.begin(), levels.end() - 1}));
  }
  REST_TRY(created);
  return NamespaceResponse(levels, properties);
}

Reply<Response> LoadNamespace(const Service& service, const Call& call) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_ASSIGN(const ObjectHead head, FindNamespace(*snapshot, call, call.name_space));
  REST_ASSIGN(Properties properties, NamespaceProperties(*snapshot, head.id));
  // Clients that choose a table's place themselves choose one below this, as Trino does.
  if (head.kind == ObjectKind::kSchema) {
    REST_ASSIGN(properties["location"], DefaultPlace(service, *snapshot, head.id));
  }
  return NamespaceResponse(call.name_space, properties);
}

Reply<Response> NamespaceExists(const Service& service, const Call& call) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_TRY(FindNamespace(*snapshot, call, call.name_space));
  return Response{.status = 204};
}

Reply<Response> DropNamespace(const Service& service, const Call& call) {
  std::optional<Failure> failure;
  const auto dropped = service.account->metastore().Commit(
      [&](Transaction& transaction) -> warehouse::StatementResult<> {
        const auto refuse = [&](Failure why) -> warehouse::StatementResult<> {
          failure = std::move(why);
          return std::unexpected(warehouse::StatementError{});
        };
        Reply<ObjectHead> head = FindNamespace(transaction, call, call.name_space);
        if (!head) return refuse(std::move(head).error());
        const Reply<bool> used = HasContents(transaction, *head);
        if (!used) return refuse(used.error());
        if (*used) {
          return refuse({409, "NamespaceNotEmptyException",
                         fmt::format("Namespace {} is not empty", NamespaceText(call.name_space))});
        }
        const auto name = NamespaceNameOf(call, call.name_space);
        const bool is_schema = head->kind == ObjectKind::kSchema;
        STATEMENT_TRY(DropObject(transaction, call.caller,
                                 {.kind = head->kind,
                                  .name = {.database = is_schema ? name->database : std::nullopt,
                                           .schema = {},
                                           .name = head->name}}));
        return {};
      });
  if (failure) return std::unexpected(*std::move(failure));
  REST_TRY(dropped);
  return Response{.status = 204};
}

Reply<Response> UpdateNamespace(const Service& service, const Call& call) {
  REST_ASSIGN(const PropertyChange change, ParsePropertyChange(call));
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_ASSIGN(const ObjectHead head, FindNamespace(*snapshot, call, call.name_space));
  std::vector<std::string> removed;
  std::vector<std::string> missing;
  REST_TRY(service.account->metastore().Commit(
      [&](Transaction& transaction) -> warehouse::StatementResult<> {
        STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, call.caller));
        STATEMENT_TRY(authority.RequireAnyOf(head, {warehouse::kOwnership, warehouse::kModify}));
        STATEMENT_ASSIGN(const Properties known, NamespaceProperties(transaction, head.id));
        for (const std::string& key : change.removals) {
          (known.contains(key) ? removed : missing).push_back(key);
          STATEMENT_TRY(RemoveNamespaceProperty(transaction, head.id, key));
        }
        for (const auto& [key, value] : change.updates) {
          STATEMENT_TRY(SetNamespaceProperty(transaction, head.id, key, value));
        }
        return {};
      }));
  Response response;
  JsonText json(&response.body);
  json.BeginObject();
  std::vector<std::string> updated;
  for (const auto& [key, value] : change.updates) updated.push_back(key);
  WriteNames("updated", updated, json);
  WriteNames("removed", removed, json);
  WriteNames("missing", missing, json);
  json.EndObject();
  return response;
}

}  // namespace tarn::rest
