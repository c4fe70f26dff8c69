// SPDX-License-Identifier: Apache-2.0
#include "iceberg/model/schema_tree.h"
#include "iceberg/update/creation_updates.h"
#include "iceberg/update/table_metadata_builder.h"
#include "rest/columns.h"
#include "rest/commit_privileges.h"
#include "rest/identifier_list.h"
#include "rest/locations.h"
#include "rest/metastore_change.h"
#include "rest/operations.h"
#include "rest/place.h"
#include "rest/table_commit.h"
#include "rest/table_response.h"
#include "table/table_cache.h"
#include "warehouse/catalogue/create.h"
#include "warehouse/catalogue/drop.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/objects/table.h"
#include "warehouse/retention/purge.h"
#include "warehouse/scheduler/scheduler.h"

namespace tarn::rest {
namespace {

using iceberg::Json;
using iceberg::JsonMembers;
using iceberg::LoadedTable;
using warehouse::ObjectKind;
using warehouse::Transaction;

/// A table that the caller may load, and where its metadata is.
Reply<Relation> FindToLoad(const warehouse::Snapshot& snapshot, const Call& call) {
  REST_ASSIGN(Relation relation, FindTable(snapshot, call, IdentifierOf(call)));
  REST_ASSIGN(const auto authority, warehouse::Authority::Of(snapshot, call.caller));
  REST_TRY(CheckLoadPrivileges(authority, relation.head));
  return relation;
}

/// Looks at the file even where its content is remembered, here or by the client: who moved it away
/// shall be told.
Reply<> CheckFile(const Service& service, const std::string& location) {
  const auto head = service.account->tables().storage->Head(location);
  if (!head && head.error().kind == ErrorKind::kNotFound) {
    return std::unexpected(
        Failure{404, "NotFoundException",
                fmt::format("Failed to open input stream for file: {}", location)});
  }
  REST_TRY(head);
  return {};
}

Reply<LoadedTable> LoadFile(const Service& service, const std::string& location) {
  REST_TRY(CheckFile(service, location));
  REST_ASSIGN(LoadedTable table, service.account->tables().tables->Load(location));
  return table;
}

Reply<iceberg::TableRequest> ParseTableRequest(const JsonMembers& members) {
  iceberg::TableRequest request{.table_uuid = Uuid::Random()};
  REST_ASSIGN(const auto location, FromRequest(members.OptionalString("location")));
  request.location = location.value_or("");
  const Json* schema = members.Find("schema");
  if (schema == nullptr) return BadRequest("Malformed request: schema is missing");
  REST_ASSIGN(request.schema, FromRequest(iceberg::ParseSchemaTree(*schema, "schema")));
  if (const Json* spec = members.Find("partition-spec")) {
    REST_ASSIGN(request.spec, FromRequest(iceberg::ParseUnboundSpecTree(*spec, "partition-spec")));
  }
  if (const Json* order = members.Find("write-order")) {
    REST_ASSIGN(request.order, FromRequest(iceberg::ParseSortOrderTree(*order, "write-order")));
  }
  if (const Json* properties = members.Find("properties")) {
    REST_ASSIGN(request.properties,
                FromRequest(iceberg::ParseStringMap(*properties, "properties")));
  }
  return request;
}

/// Fails where the name is taken, before anything is made.
Reply<Place> FindFree(const warehouse::Snapshot& snapshot, const Call& call,
                      const Identifier& identifier) {
  REST_ASSIGN(Place place, FindSchema(snapshot, call, identifier.name_space));
  REST_ASSIGN(const auto taken,
              snapshot.FindNamed(place.schema.id, FamilyOf(ObjectKind::kTable), identifier.name));
  if (taken) return NameIsTaken(ObjectKind::kTable, taken->kind, identifier);
  return place;
}

Reply<std::shared_ptr<const iceberg::TableMetadata>> NewMetadata(const Service& service,
                                                                 const Call& call,
                                                                 const Identifier& identifier,
                                                                 iceberg::TableRequest request) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_ASSIGN(const Place place, FindFree(*snapshot, call, identifier));
  REST_ASSIGN(const auto authority, warehouse::Authority::OfPrimaryRole(*snapshot, call.caller));
  REST_TRY(authority.RequireAnyOf(place.schema, {"CREATE ICEBERG TABLE"}));
  if (request.location.empty()) {
    REST_ASSIGN(request.location, DefaultLocation(service, *snapshot, call, place.schema,
                                                  identifier.name, request.table_uuid));
  }
  REST_ASSIGN(const auto updates, iceberg::CreationUpdates(std::move(request)));
  REST_ASSIGN(const auto built,
              iceberg::ApplyUpdates(nullptr, "", updates, service.account->clock().NowMs()));
  REST_TRY(CheckLocations(service, *snapshot, call, *built.metadata));
  return built.metadata;
}

/// Points an object at a metadata file that is there already.
Reply<> Register(const Service& service, const Call& call, Transaction& transaction,
                 const Identifier& identifier, const LoadedTable& table, bool overwrite) {
  REST_TRY(
      warehouse::RefuseDyingPlace(*service.account->tables().journal, table.metadata->location));
  REST_ASSIGN(const Place place, FindSchema(transaction, call, identifier.name_space));
  REST_ASSIGN(const auto taken, transaction.FindNamed(place.schema.id, FamilyOf(ObjectKind::kTable),
                                                      identifier.name));
  const bool replaces = taken && overwrite && taken->kind == ObjectKind::kTable;
  if (taken && !replaces) return NameIsTaken(ObjectKind::kTable, taken->kind, identifier);
  warehouse::CreateRequest request;
  request.name = {
      .database = place.database.name, .schema = place.schema.name, .name = identifier.name};
  if (replaces) request.on_existing = warehouse::OnExisting::kReplace;
  request.definition = warehouse::Table{.declared_iceberg = true,
                                        .columns = ColumnsOf(table.metadata->current_schema())};
  REST_ASSIGN(const auto outcome, CreateObject(transaction, call.caller, request));
  REST_TRY(SetPointer(transaction, {.id = outcome.id,
                                    .table_uuid = table.metadata->table_uuid,
                                    .location = table.metadata->location,
                                    .metadata_location = table.metadata_location,
                                    .published_ms = 0}));
  return {};
}

}  // namespace

Reply<Response> ListTables(const Service& service, const Call& call) {
  return ListRelations(service, call, ObjectKind::kTable);
}

Reply<Response> CreateTable(const Service& service, const Call& call) {
  REST_ASSIGN(const Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  Identifier identifier{call.name_space, {}};
  REST_ASSIGN(identifier.name, FromRequest(members.String("name")));
  if (identifier.name.empty()) return BadRequest("Malformed request: the name is empty");
  REST_ASSIGN(iceberg::TableRequest request, ParseTableRequest(members));
  REST_ASSIGN(auto metadata, NewMetadata(service, call, identifier, std::move(request)));
  const bool staged = members.Has("stage-create") && *members.Find("stage-create") == Json(true);
  LoadedTable table{"", metadata};
  if (!staged) {
    REST_ASSIGN(table, CreateManagedTable(service, call, identifier, std::move(metadata)));
  }
  return TableResponse(service, call, table, ShownSnapshots::kAll);
}

Reply<Response> RegisterTable(const Service& service, const Call& call) {
  REST_ASSIGN(const Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  Identifier identifier{call.name_space, {}};
  REST_ASSIGN(identifier.name, FromRequest(members.String("name")));
  REST_ASSIGN(const std::string location, FromRequest(members.String("metadata-location")));
  const bool overwrite = members.Has("overwrite") && *members.Find("overwrite") == Json(true);
  {
    REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
    if (!overwrite) REST_TRY(FindFree(*snapshot, call, identifier));
    REST_TRY(CheckLocation(service, *snapshot, call, location));
  }
  REST_ASSIGN(const LoadedTable table, LoadFile(service, location));
  {
    REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
    REST_TRY(CheckLocations(service, *snapshot, call, *table.metadata));
  }
  REST_TRY(CheckAllFiles(service, *table.metadata));
  REST_TRY(ChangeMetastore(service, [&](Transaction& transaction) {
    return Register(service, call, transaction, identifier, table, overwrite);
  }));
  return TableResponse(service, call, table, ShownSnapshots::kAll);
}

Reply<Response> LoadTable(const Service& service, const Call& call) {
  REST_ASSIGN(const ShownSnapshots shown, AskedSnapshots(call));
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_ASSIGN(const Relation relation, FindToLoad(*snapshot, call));
  const std::string& location = relation.pointer->metadata_location;
  REST_TRY(CheckFile(service, location));
  if (call.request->Header("if-none-match") == EtagOf(location, shown)) {
    return Response{.status = 304, .headers = {{"ETag", EtagOf(location, shown)}}, .body = {}};
  }
  REST_ASSIGN(const LoadedTable table, service.account->tables().tables->Load(location));
  return TableResponse(service, call, table, shown);
}

Reply<Response> TableExists(const Service& service, const Call& call) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_TRY(FindTable(*snapshot, call, IdentifierOf(call)));
  return Response{.status = 204};
}

Reply<Response> CommitTable(const Service& service, const Call& call) {
  REST_ASSIGN(const Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  REST_ASSIGN(const TableCommit commit, ParseTableCommit(members, IdentifierOf(call)));
  REST_ASSIGN(const auto tables, CommitTables(service, call, {&commit, 1}));
  return CommitResponse(tables.front());
}

Reply<Response> CommitTransaction(const Service& service, const Call& call) {
  REST_ASSIGN(const Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  REST_ASSIGN(const Json* changes, FromRequest(members.Array("table-changes")));
  std::vector<TableCommit> commits;
  for (size_t i = 0; i < changes->size(); ++i) {
    REST_ASSIGN(const auto change,
                FromRequest(JsonMembers::Of((*changes)[i], members.PlaceOf("table-changes", i))));
    REST_ASSIGN(Identifier identifier, ParseIdentifier(change, "identifier"));
    REST_ASSIGN(TableCommit commit, ParseTableCommit(change, std::move(identifier)));
    commits.push_back(std::move(commit));
  }
  REST_TRY(CommitTables(service, call, commits));
  return Response{.status = 204};
}

Reply<Response> DropTable(const Service& service, const Call& call) {
  const bool purge = call.IsTrue("purgeRequested");
  REST_TRY(ChangeMetastore(service, [&](Transaction& transaction) -> Reply<> {
    REST_ASSIGN(const Relation relation, FindTable(transaction, call, IdentifierOf(call)));
    REST_TRY(DropObject(transaction, call.caller,
                        {.kind = ObjectKind::kTable, .name = relation.name()}));
    // Nothing to undrop: purging takes its files.
    if (purge) {
      REST_TRY(SetParameter(transaction, relation.head.id, warehouse::kRetentionParameter, "0"));
    }
    return {};
  }));
  if (purge) service.account->scheduler().WakeJob(warehouse::kPurgeJob);
  return Response{.status = 204};
}

Reply<Response> RenameTable(const Service& service, const Call& call) {
  return RenameRelation(service, call, ObjectKind::kTable);
}

Reply<Response> ReportMetrics(const Service& service, const Call& call) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_TRY(FindToLoad(*snapshot, call));
  return Response{.status = 204};
}

Reply<Response> LoadCredentials(const Service& service, const Call& call) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_ASSIGN(const Relation relation, FindToLoad(*snapshot, call));
  return CredentialsResponse(service, relation.pointer->location);
}

}  // namespace tarn::rest
