// SPDX-License-Identifier: Apache-2.0
#include "rest/identifier_list.h"

#include "iceberg/json/json_text.h"
#include "rest/metastore_change.h"
#include "rest/paging.h"
#include "rest/place.h"
#include "warehouse/catalogue/alter.h"

namespace tarn::rest {

using warehouse::ObjectHead;
using warehouse::ObjectKind;
using warehouse::Transaction;

Reply<Response> IdentifiersResponse(const Call& call, std::vector<std::string> names) {
  REST_ASSIGN(const Page page, PageOf(call, std::move(names)));
  Response response;
  iceberg::JsonText json(&response.body);
  json.BeginObject();
  json.Key("identifiers");
  json.BeginArray();
  for (const std::string& name : page.names) {
    json.BeginObject();
    json.Key("namespace");
    json.BeginArray();
    for (const std::string& level : call.name_space) json.String(level);
    json.EndArray();
    json.Member("name", name);
    json.EndObject();
  }
  json.EndArray();
  if (!page.next_token.empty()) json.Member("next-page-token", page.next_token);
  json.EndObject();
  return response;
}

Reply<Response> ListRelations(const Service& service, const Call& call, ObjectKind kind) {
  REST_ASSIGN(const auto snapshot, service.account->metastore().Read());
  Reply<Place> place = FindSchema(*snapshot, call, call.name_space);
  std::vector<std::string> names;
  if (place) {
    REST_ASSIGN(const auto authority, warehouse::Authority::Of(*snapshot, call.caller));
    REST_ASSIGN(auto heads,
                snapshot->Heads("JOIN table_pointer p ON p.id = o.id WHERE o.container_id = ? AND "
                                "o.kind = ? AND o.dropped_ms IS NULL",
                                place->schema.id, kind));
    if (kind == ObjectKind::kTable) {
      REST_ASSIGN(const auto dynamic,
                  snapshot->Heads("JOIN table_pointer p ON p.id = o.id WHERE o.container_id = ? "
                                  "AND o.kind = ? AND o.dropped_ms IS NULL",
                                  place->schema.id, ObjectKind::kDynamicTable));
      heads.insert(heads.end(), dynamic.begin(), dynamic.end());
    }
    for (const ObjectHead& head : heads) {
      REST_ASSIGN(const bool sees, authority.Sees(head));
      if (sees) names.push_back(head.name);
    }
  } else {
    // A database alone is a namespace without tables.
    REST_TRY(FindNamespace(*snapshot, call, call.name_space));
    if (place.error().status != 404) return std::unexpected(place.error());
  }
  return IdentifiersResponse(call, std::move(names));
}

Reply<Response> RenameRelation(const Service& service, const Call& call, ObjectKind kind) {
  REST_ASSIGN(const iceberg::Json body, ParseBody(call));
  REST_ASSIGN(const auto members, MembersOf(body));
  REST_ASSIGN(const Identifier source, ParseIdentifier(members, "source"));
  REST_ASSIGN(const Identifier destination, ParseIdentifier(members, "destination"));
  if (destination.name.empty()) return BadRequest("Malformed request: the new name is empty");
  REST_TRY(ChangeMetastore(service, [&](Transaction& transaction) -> Reply<> {
    const bool view = kind == ObjectKind::kView;
    REST_ASSIGN(const Relation relation,
                view ? FindView(transaction, call, source) : FindTable(transaction, call, source));
    REST_ASSIGN(const Place place, FindSchema(transaction, call, destination.name_space));
    REST_ASSIGN(const auto taken,
                transaction.FindNamed(place.schema.id, FamilyOf(kind), destination.name));
    if (taken) {
      return AlreadyExists(fmt::format("Cannot rename {} to {}. {} already exists",
                                       ToString(source), ToString(destination),
                                       taken->kind == ObjectKind::kView ? "View" : "Table"));
    }
    REST_TRY(RenameObject(
        transaction, call.caller, {.kind = kind, .name = relation.name()},
        {.database = place.database.name, .schema = place.schema.name, .name = destination.name}));
    return {};
  }));
  return Response{.status = 204};
}

}  // namespace tarn::rest
