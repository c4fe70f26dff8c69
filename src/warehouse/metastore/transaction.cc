// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/transaction.h"

#include <set>

namespace tarn::warehouse {
namespace {

using Reference = std::pair<std::string_view, ObjectId>;  ///< role, to

/// Ids anywhere inside a value, told under the name of the noun's member that holds them.
template <typename T>
void CollectIds(const T& value, std::string_view role, std::set<Reference>& found) {
  if constexpr (std::is_same_v<T, ObjectId>) {
    found.emplace(role, value);
  } else if constexpr (kIsOptional<T>) {
    if (value) CollectIds(*value, role, found);
  } else if constexpr (kIsVector<T>) {
    for (const auto& element : value) CollectIds(element, role, found);
  } else if constexpr (HasFields<T> && !std::is_same_v<T, sql::DataType>) {
    ForEachField<T>([&](const auto& field) { CollectIds(value.*field.member, role, found); });
  }
}

std::set<Reference> ReferencesOf(const Definition& definition) {
  std::set<Reference> found;
  std::visit(
      [&]<typename Noun>(const Noun& noun) {
        ForEachField<Noun>(
            [&](const auto& field) { CollectIds(noun.*field.member, field.name, found); });
      },
      definition);
  return found;
}

}  // namespace

Result<ObjectId> Transaction::Insert(ObjectHead head, const Definition& definition) {
  head.kind = KindOf(definition);
  TARN_TRY(Execute(*connection_,
                   "INSERT INTO object (kind, family, container_id, name, signature, owner_id, "
                   "created_ms, altered_ms, comment, dropped_ms, session) VALUES "
                   "(?,?,?,?,?,?,?,?,?,?,?)",
                   head.kind, FamilyOf(head.kind), head.container, head.name, head.signature,
                   head.owner, now_ms_, now_ms_, head.comment, head.dropped_ms, head.session));
  const ObjectId id(connection_->last_insert_id());
  TARN_TRY(std::visit(
      [&]<typename Noun>(const Noun& noun) -> Result<> {
        TARN_ASSIGN(Rows rows, connection_->Prepare(StatementsOf<Noun>().insert));
        BindValue(rows, id);
        BindFields(rows, noun);
        TARN_TRY(rows.Next());
        return {};
      },
      definition));
  TARN_TRY(WriteReferences(id, definition));
  return id;
}

Result<> Transaction::UpdateHead(const ObjectHead& head) {
  return Execute(*connection_,
                 "UPDATE object SET container_id = ?, name = ?, owner_id = ?, comment = ?, "
                 "dropped_ms = ?, altered_ms = ? WHERE id = ?",
                 head.container, head.name, head.owner, head.comment, head.dropped_ms, now_ms_,
                 head.id);
}

Result<> Transaction::Update(ObjectId id, const Definition& definition) {
  TARN_TRY(std::visit(
      [&]<typename Noun>(const Noun& noun) -> Result<> {
        TARN_ASSIGN(Rows rows, connection_->Prepare(StatementsOf<Noun>().update));
        BindFields(rows, noun);
        BindValue(rows, id);
        TARN_TRY(rows.Next());
        return {};
      },
      definition));
  if (connection_->changes() != 1) {
    return Fail(ErrorKind::kInternal, "object {} is of another kind", id.value());
  }
  TARN_TRY(Execute(*connection_, "UPDATE object SET altered_ms = ? WHERE id = ?", now_ms_, id));
  TARN_TRY(Execute(*connection_, "DELETE FROM reference WHERE from_id = ?", id));
  return WriteReferences(id, definition);
}

Result<> Transaction::WriteReferences(ObjectId id, const Definition& definition) {
  for (const auto& [role, to] : ReferencesOf(definition)) {
    TARN_TRY(Execute(*connection_, "INSERT INTO reference (from_id, role, to_id) VALUES (?, ?, ?)",
                     id, role, to));
  }
  return {};
}

Result<> Transaction::Erase(ObjectId id) {
  // What cascades by foreign keys goes with the row; these tables may also speak of the account.
  TARN_TRY(Execute(*connection_, "DELETE FROM object_grant WHERE object_id = ?", id));
  TARN_TRY(Execute(*connection_, "DELETE FROM parameter WHERE object_id = ?", id));
  TARN_TRY(Execute(*connection_, "DELETE FROM tag_assignment WHERE object_id = ?", id));
  return Execute(*connection_, "DELETE FROM object WHERE id = ?", id);
}

Result<> Transaction::TouchRoles() {
  roles_.reset();
  return Execute(*connection_, "UPDATE metastore SET role_version = role_version + 1");
}

Result<std::shared_ptr<const RoleGraph>> Transaction::Roles() const {
  if (roles_ == nullptr) {
    TARN_ASSIGN(roles_, RoleGraph::Load(*connection_));
  }
  return roles_;
}

}  // namespace tarn::warehouse
