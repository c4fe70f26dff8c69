// SPDX-License-Identifier: Apache-2.0
#include "iceberg/model/schema_tree.h"
#include "iceberg/view/view_version_json.h"
#include "rest/identifier_list.h"
#include "rest/locations.h"
#include "rest/metastore_change.h"
#include "rest/operations.h"
#include "rest/view_store.h"
#include "warehouse/catalogue/drop.h"

namespace tarn::rest {
namespace {

using iceberg::Json;
using iceberg::ViewUpdate;
using warehouse::ObjectKind;
using warehouse::Transaction;

Reply<Response> ViewResponse(const LoadedView& view) {
  REST_ASSIGN(const std::string metadata, SerializeViewMetadata(*view.metadata));
  Response response;
  iceberg::JsonText json(&response.body);
  json.BeginObject();
  json.Member("metadata-location", view.metadata_location);
  json.Key("metadata");
  json.Raw(metadata);
  json.Key("config");
  iceberg::WriteStringMap({}, json);
  json.EndObject();
  return response;
}

/// "CreateViewRequest" as the updates that make such a view.
Reply<std::vector<ViewUpdate>> ParseViewRequest(const iceberg::JsonMembers& members) {
  std::vector<ViewUpdate> updates;
  updates.emplace_back(iceberg::AssignUuid{Uuid::Random()});
  const Json* schema_json = members.Find("schema");
  const Json* version_json = members.Find("view-version");
  if (schema_json == nullptr) return BadRequest("Malformed request: schema is missing");
  if (version_json == nullptr) return BadRequest("Malformed request: view-version is missing");
  REST_ASSIGN(auto schema, FromRequest(iceberg::ParseSchemaTree(*schema_json, "schema")));
  updates.emplace_back(iceberg::AddSchema{std::move(schema)});
  if (const Json* properties = members.Find("properties")) {
    REST_ASSIGN(auto map, FromRequest(iceberg::ParseStringMap(*properties, "properties")));
    updates.emplace_back(iceberg::SetProperties{std::move(map)});
  }
  REST_ASSIGN(auto version,
              FromRequest(iceberg::ParseViewVersionTree(*version_json, "view-version")));
  version.schema_id = iceberg::SchemaId(iceberg::kLastAdded);
  updates.emplace_back(iceberg::AddViewVersion{std::move(version)});
  updates.emplace_back(iceberg::SetCurrentViewVersion{});
  return updates;
}

Reply<> CheckFree(const warehouse::Snapshot& snapshot, const Place& place,
                  const Identifier& identifier) {
  REST_ASSIGN(const auto taken,
              snapshot.FindNamed(place.schema.id, FamilyOf(ObjectKind::kView), identifier.name));
  if (taken) return NameIsTaken(ObjectKind::kView, taken->kind, identifier);
  return {};
}

}  // namespace

Reply<Response> ListViews(const Service& service, const Call& call) {
  return ListRelations(service, call, ObjectKind::kView);
}

Reply<Response> CreateView(const Service& service, const Call& call) {
  REST_ASSIGN(const Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  Identifier identifier{call.name_space, {}};
  REST_ASSIGN(identifier.name, FromRequest(members.String("name")));
  if (identifier.name.empty()) return BadRequest("Malformed request: the name is empty");
  REST_ASSIGN(auto updates, ParseViewRequest(members));
  REST_ASSIGN(const auto asked, FromRequest(members.OptionalString("location")));
  std::string location = asked.value_or("");
  {
    REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
    REST_ASSIGN(const Place place, FindSchema(*snapshot, call, call.name_space));
    REST_TRY(CheckFree(*snapshot, place, identifier));
    const Uuid uuid = std::get<iceberg::AssignUuid>(updates.front()).uuid;
    if (location.empty()) {
      REST_ASSIGN(location,
                  DefaultLocation(service, *snapshot, call, place.schema, identifier.name, uuid));
    }
  }
  updates.emplace_back(iceberg::SetLocation{std::move(location)});
  REST_ASSIGN(const LoadedView view, CreateViewOf(service, call, identifier, updates));
  return ViewResponse(view);
}

Reply<Response> RegisterView(const Service& service, const Call& call) {
  REST_ASSIGN(const Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  Identifier identifier{call.name_space, {}};
  REST_ASSIGN(identifier.name, FromRequest(members.String("name")));
  REST_ASSIGN(const std::string location, FromRequest(members.String("metadata-location")));
  {
    REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
    REST_ASSIGN(const Place place, FindSchema(*snapshot, call, call.name_space));
    REST_TRY(CheckFree(*snapshot, place, identifier));
    REST_TRY(CheckLocation(service, *snapshot, call, location));
  }
  REST_ASSIGN(const LoadedView view, LoadViewFile(service, location));
  REST_TRY(RegisterViewAt(service, call, identifier, view));
  return ViewResponse(view);
}

Reply<Response> LoadView(const Service& service, const Call& call) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_ASSIGN(const Relation relation, FindView(*snapshot, call, IdentifierOf(call)));
  REST_ASSIGN(const auto authority, warehouse::Authority::Of(*snapshot, call.caller));
  REST_TRY(authority.Require(relation.head, warehouse::kSelect));
  REST_ASSIGN(const LoadedView view, LoadViewFile(service, relation.pointer->metadata_location));
  return ViewResponse(view);
}

Reply<Response> ViewExists(const Service& service, const Call& call) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  REST_TRY(FindView(*snapshot, call, IdentifierOf(call)));
  return Response{.status = 204};
}

Reply<Response> ReplaceView(const Service& service, const Call& call) {
  REST_ASSIGN(const Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  std::vector<iceberg::ViewRequirement> requirements;
  if (const Json* value = members.Find("requirements")) {
    REST_ASSIGN(requirements,
                FromRequest(iceberg::ParseViewRequirementsTree(*value, "requirements")));
  }
  const Json* value = members.Find("updates");
  if (value == nullptr) return BadRequest("Malformed request: updates is missing");
  REST_ASSIGN(const auto updates, FromRequest(iceberg::ParseViewUpdatesTree(*value, "updates")));
  REST_ASSIGN(const LoadedView view,
              CommitView(service, call, IdentifierOf(call), requirements, updates));
  return ViewResponse(view);
}

/// The file stays where gc.enabled is false, to be registered again.
Reply<Response> DropView(const Service& service, const Call& call) {
  std::string location;
  REST_TRY(ChangeMetastore(service, [&](Transaction& transaction) -> Reply<> {
    REST_ASSIGN(const Relation relation, FindView(transaction, call, IdentifierOf(call)));
    location = relation.pointer->metadata_location;
    REST_TRY(
        DropObject(transaction, call.caller, {.kind = ObjectKind::kView, .name = relation.name()}));
    return {};
  }));
  const Reply<LoadedView> view = LoadViewFile(service, location);
  if (view) {
    const auto& properties = view->metadata->properties;
    const auto gc = properties.find("gc.enabled");
    const bool keep = gc != properties.end() && gc->second == "false";
    if (!keep) (void)service.account->tables().storage->Delete(location);
  }
  return Response{.status = 204};
}

Reply<Response> RenameView(const Service& service, const Call& call) {
  return RenameRelation(service, call, ObjectKind::kView);
}

}  // namespace tarn::rest
