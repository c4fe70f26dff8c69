// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/lister.h"

#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

/// Kinds whose SHOW has no LIMIT cut their rows instead of failing.
bool CutsSilently(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::kWarehouse:
    case ObjectKind::kSequence:
    case ObjectKind::kFileFormat:
    case ObjectKind::kFunction:
    case ObjectKind::kProcedure:
    case ObjectKind::kStorageIntegration:
    case ObjectKind::kCatalogIntegration:
    case ObjectKind::kExternalVolume:
      return true;
    default:
      return false;
  }
}

}  // namespace

StatementResult<Lister> Lister::Make(const Snapshot& snapshot, const Caller& caller,
                                     const Authority& authority, const ListFilter& filter) {
  Lister lister(&snapshot, &authority, &filter);
  STATEMENT_ASSIGN(lister.granted_, authority.ObjectsWithGrants());
  if (filter.with_managed_grants) {
    STATEMENT_ASSIGN(lister.manages_grants_, authority.ManagesGrants());
  }
  STATEMENT_ASSIGN(const bool warehouses, authority.HasOnAccount(kManageWarehouses));
  if (warehouses) {
    STATEMENT_ASSIGN(const auto heads, snapshot.Heads("WHERE o.kind = 'warehouse'"));
    for (const ObjectHead& head : heads) lister.granted_.insert(head.id);
  }
  STATEMENT_TRY(lister.LoadPlaces());
  STATEMENT_TRY(lister.ResolveScope(caller));
  return lister;
}

Result<> Lister::LoadPlaces() {
  // Applications and databases before their schemas.
  TARN_ASSIGN(
      const auto heads,
      snapshot_->Heads("WHERE o.kind IN ('application', 'database', 'schema') ORDER BY o.kind"));
  for (const ObjectHead& head : heads) {
    Place place{.head = head, .alive = !head.dropped_ms, .seen = Sees(head)};
    if (const Place* container = PlaceOf(head.container)) {
      place.alive = place.alive && container->alive;
      place.seen = place.seen && container->seen;
    }
    // What INFORMATION_SCHEMA shows is filtered by itself.
    if (head.name == kInformationSchema) {
      const Place* container = PlaceOf(head.container);
      place.seen = container != nullptr && container->seen;
    }
    places_.emplace(head.id, std::move(place));
  }
  return {};
}

StatementResult<> Lister::ResolveScope(const Caller& caller) {
  const bool in_account = filter_->scope == ListScope::kAccount ||
                          (filter_->scope == ListScope::kDefault && caller.database.empty());
  // Without a name and without a current place the words have no effect.
  const bool nowhere = !filter_->place && caller.database.empty();
  if (in_account || nowhere) {
    scope_ = kAccountId;
    return {};
  }
  const bool current_schema = filter_->scope == ListScope::kSchema && !filter_->place;
  const bool schema =
      filter_->scope == ListScope::kSchema && !(current_schema && caller.schema.empty());
  ObjectName name;
  if (filter_->place) {
    name = *filter_->place;
  } else {
    name.name = schema ? caller.schema : caller.database;
  }
  STATEMENT_ASSIGN(
      const ObjectHead head,
      schema ? Resolve(*snapshot_, caller, *authority_, ObjectKind::kSchema, name, "SHOW",
                       NameUse::kTell)
             : ResolveDatabase(*snapshot_, caller, *authority_, name.name, "SHOW", NameUse::kTell));
  scope_ = head.id;
  return {};
}

std::string Lister::Condition() const {
  std::string condition = " WHERE true";
  if (!filter_->history) condition += " AND o.dropped_ms IS NULL";
  return condition;
}

const Lister::Place* Lister::PlaceOf(ObjectId id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? nullptr : &found->second;
}

bool Lister::Sees(const ObjectHead& head) const {
  return manages_grants_ || authority_->Owns(head) || granted_.contains(head.id) ||
         head.kind == ObjectKind::kRole || head.kind == ObjectKind::kUser;
}

bool Lister::KeepsName(const ObjectHead& head) const {
  if (filter_->like && !MatchesLike(head.name, *filter_->like)) return false;
  if (filter_->starts_with && !head.name.starts_with(*filter_->starts_with)) return false;
  return !filter_->from || head.name > *filter_->from;
}

bool Lister::Keeps(const ObjectHead& head) const {
  if (!KeepsName(head)) return false;
  const bool seen = head.name == kInformationSchema || Sees(head);
  const Place* place = PlaceOf(head.container);
  if (place == nullptr) return seen;
  if (!seen || !place->seen) return false;
  if (!place->alive && !filter_->history) return false;
  return scope_ == kAccountId || place->head.id == scope_ || place->head.container == scope_;
}

std::string_view Lister::DatabaseName(const ObjectHead& head) const {
  const Place* place = PlaceOf(head.container);
  if (place != nullptr && place->head.kind == ObjectKind::kSchema) {
    place = PlaceOf(place->head.container);
  }
  return place == nullptr ? std::string_view() : place->head.name;
}

std::string_view Lister::SchemaName(const ObjectHead& head) const {
  const Place* place = PlaceOf(head.container);
  if (place == nullptr || place->head.kind != ObjectKind::kSchema) return {};
  return place->head.name;
}

Lister::Key Lister::KeyOf(const ObjectHead& head) const {
  return {DatabaseName(head), SchemaName(head), head.name, head.signature, head.id};
}

StatementResult<size_t> Lister::Cut(ObjectKind kind, size_t rows) const {
  if (filter_->whole) return rows;
  const auto most = static_cast<size_t>(kShownRowsMax);
  if (filter_->limit) {
    if (*filter_->limit < 0 || *filter_->limit > kShownRowsMax) {
      return InvalidParameterValue("LIMIT", std::to_string(*filter_->limit));
    }
    return std::min(rows, static_cast<size_t>(*filter_->limit));
  }
  if (rows <= most || CutsSilently(kind)) return std::min(rows, most);
  return std::unexpected(StatementError{
      .error = {ErrorKind::kResourceExhausted,
                fmt::format("The result set size exceeded the max number of rows({}) supported "
                            "for SHOW statements. Use LIMIT option to limit result set to a "
                            "smaller number.",
                            kShownRowsMax),
                {},
                {}},
      .code = "090153",
      .sqlstate = "22000"});
}

}  // namespace tarn::warehouse
