// SPDX-License-Identifier: Apache-2.0
#include "rest/place.h"

#include "warehouse/objects/database.h"

namespace tarn::rest {
namespace {

using warehouse::Authority;
using warehouse::ObjectHead;
using warehouse::ObjectKind;
using warehouse::Snapshot;

std::string_view NounOf(ObjectKind kind) { return kind == ObjectKind::kView ? "View" : "Table"; }

Reply<Relation> FindOfKind(const Snapshot& snapshot, const Call& call, const Identifier& identifier,
                           bool view) {
  const auto missing = [&] {
    return view ? NoSuchView(ToString(identifier)) : NoSuchTable(ToString(identifier));
  };
  Reply<Place> place = FindSchema(snapshot, call, identifier.name_space);
  if (!place && place.error().status == 404) return missing();
  REST_ASSIGN(const Place found_place, std::move(place));
  REST_ASSIGN(auto relation, FindRelation(snapshot, call, found_place, identifier.name));
  const bool fits =
      relation && relation->pointer && (relation->head.kind == ObjectKind::kView) == view;
  if (!fits) return missing();
  return *std::move(relation);
}

}  // namespace

std::optional<NamespaceName> NamespaceNameOf(const Call& call,
                                             const std::vector<std::string>& levels) {
  NamespaceName name{.database = call.database, .schema = {}};
  size_t i = 0;
  if (!name.database && i < levels.size()) name.database = levels[i++];
  if (name.database && i < levels.size()) name.schema = levels[i++];
  if (i < levels.size()) return std::nullopt;
  return name;
}

Reply<ObjectHead> FindNamespace(const Snapshot& snapshot, const Call& call,
                                const std::vector<std::string>& levels) {
  const auto missing = [&] { return NoSuchNamespace(NamespaceText(levels)); };
  const auto name = NamespaceNameOf(call, levels);
  if (!name || !name->database) return missing();
  REST_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  REST_ASSIGN(auto head, snapshot.FindNamed(warehouse::kAccountId, FamilyOf(ObjectKind::kDatabase),
                                            *name->database));
  // Applications hold no tables.
  if (!head || head->kind != ObjectKind::kDatabase) return missing();
  REST_ASSIGN(const bool sees_database, authority.Sees(*head));
  if (!sees_database) return missing();
  if (!name->schema) return *std::move(head);
  if (*name->schema == warehouse::kInformationSchema) return missing();
  REST_ASSIGN(auto schema,
              snapshot.FindNamed(head->id, FamilyOf(ObjectKind::kSchema), *name->schema));
  if (!schema) return missing();
  REST_ASSIGN(const bool sees_schema, authority.Sees(*schema));
  if (!sees_schema) return missing();
  return *std::move(schema);
}

Reply<Place> FindSchema(const Snapshot& snapshot, const Call& call,
                        const std::vector<std::string>& levels) {
  REST_ASSIGN(ObjectHead schema, FindNamespace(snapshot, call, levels));
  if (schema.kind != ObjectKind::kSchema) return NoSuchNamespace(NamespaceText(levels));
  REST_ASSIGN(const auto database, snapshot.FindHead(schema.container));
  REST_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  REST_TRY(authority.Require(*database, warehouse::kUsage));
  REST_TRY(authority.Require(schema, warehouse::kUsage));
  return Place{*database, std::move(schema)};
}

Reply<std::optional<Relation>> FindRelation(const Snapshot& snapshot, const Call& call,
                                            const Place& place, const std::string& name) {
  REST_ASSIGN(const auto head,
              snapshot.FindNamed(place.schema.id, FamilyOf(ObjectKind::kTable), name));
  if (!head) return std::optional<Relation>();
  REST_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  REST_ASSIGN(const bool sees, authority.Sees(*head));
  if (!sees) return std::optional<Relation>();
  Relation relation{.place = place, .head = *head, .pointer = {}};
  REST_ASSIGN(relation.pointer, FindPointer(snapshot, head->id));
  return std::optional(std::move(relation));
}

Reply<Relation> FindTable(const Snapshot& snapshot, const Call& call,
                          const Identifier& identifier) {
  return FindOfKind(snapshot, call, identifier, false);
}

Reply<Relation> FindView(const Snapshot& snapshot, const Call& call, const Identifier& identifier) {
  return FindOfKind(snapshot, call, identifier, true);
}

std::unexpected<Failure> NameIsTaken(ObjectKind wanted, ObjectKind existing,
                                     const Identifier& identifier) {
  const bool same = (wanted == ObjectKind::kView) == (existing == ObjectKind::kView);
  if (same) {
    return AlreadyExists(
        fmt::format("{} already exists: {}", NounOf(wanted), ToString(identifier)));
  }
  return AlreadyExists(
      fmt::format("{} with same name already exists: {}", NounOf(existing), ToString(identifier)));
}

}  // namespace tarn::rest
