// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/authority.h"

#include <algorithm>

#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {

Result<Authority> Authority::Of(const Snapshot& snapshot, const Caller& caller) {
  TARN_ASSIGN(const auto graph, snapshot.Roles());
  std::vector<ObjectId> first = {caller.role};
  std::ranges::copy(caller.secondary_roles, std::back_inserter(first));
  if (caller.all_secondary_roles) {
    std::ranges::copy(graph->GrantedTo(caller.user), std::back_inserter(first));
  }
  return Authority(&snapshot, graph->Closure(first));
}

Result<Authority> Authority::OfPrimaryRole(const Snapshot& snapshot, const Caller& caller) {
  TARN_ASSIGN(const auto graph, snapshot.Roles());
  return Authority(&snapshot, graph->Closure({&caller.role, 1}));
}

bool Authority::HasRole(ObjectId role) const { return std::ranges::binary_search(roles_, role); }

Result<bool> Authority::HasGrant(ObjectId object, std::optional<std::string_view> privilege) const {
  TARN_ASSIGN(Rows rows, Select(snapshot_->connection(),
                                "SELECT grantee_id, privilege FROM object_grant "
                                "WHERE object_id = ?",
                                object));
  for (;;) {
    TARN_ASSIGN(const bool more, rows.Next());
    if (!more) return false;
    const bool asked = !privilege || rows.Text(1) == *privilege;
    if (asked && HasRole(ObjectId(rows.Int(0)))) return true;
  }
}

Result<bool> Authority::Has(const ObjectHead& head, std::string_view privilege) const {
  if (Owns(head)) return true;
  if (privilege == kModify || privilege == kMonitor || privilege == kOperate) {
    TARN_ASSIGN(const bool manages, ManagesWarehouse(head));
    if (manages) return true;
  }
  return HasGrant(head.id, privilege);
}

Result<bool> Authority::ManagesWarehouse(const ObjectHead& head) const {
  if (head.kind != ObjectKind::kWarehouse) return false;
  return HasOnAccount(kManageWarehouses);
}

Result<bool> Authority::HasOnAccount(std::string_view privilege) const {
  return HasGrant(kAccountId, privilege);
}

Result<bool> Authority::ManagesGrants() const {
  if (!manages_grants_) {
    TARN_ASSIGN(manages_grants_, HasGrant(kAccountId, kManageGrants));
  }
  return *manages_grants_;
}

Result<bool> Authority::Enters(const ObjectHead& container) const {
  if (Owns(container)) return true;
  return HasGrant(container.id, std::nullopt);
}

Result<bool> Authority::Sees(const ObjectHead& head) const {
  // Everybody may know which roles and users there are that they have or are.
  if (Owns(head) || (head.kind == ObjectKind::kRole && HasRole(head.id))) return true;
  TARN_ASSIGN(const bool manages, ManagesGrants());
  if (manages) return true;
  TARN_ASSIGN(const bool manages_it, ManagesWarehouse(head));
  if (manages_it) return true;
  return HasGrant(head.id, std::nullopt);
}

Result<bool> Authority::Reaches(const ObjectHead& head) const {
  TARN_ASSIGN(bool sees, Sees(head));
  for (ObjectId container = head.container; sees && container != kAccountId;) {
    TARN_ASSIGN(const auto parent, snapshot_->FindHead(container));
    if (!parent) return false;
    TARN_ASSIGN(sees, Sees(*parent));
    container = parent->container;
  }
  return sees;
}

Result<std::unordered_set<ObjectId>> Authority::ObjectsWithGrants() const {
  std::unordered_set<ObjectId> objects;
  for (const ObjectId role : roles_) {
    TARN_ASSIGN(Rows rows, Select(snapshot_->connection(),
                                  "SELECT DISTINCT object_id FROM object_grant "
                                  "WHERE grantee_id = ?",
                                  role));
    for (;;) {
      TARN_ASSIGN(const bool more, rows.Next());
      if (!more) break;
      objects.insert(ObjectId(rows.Int(0)));
    }
  }
  return objects;
}

StatementResult<> Authority::Require(const ObjectHead& head, std::string_view privilege) const {
  return RequireAnyOf(head, {privilege});
}

StatementResult<> Authority::RequireAnyOf(
    const ObjectHead& head, std::initializer_list<std::string_view> privileges) const {
  for (const std::string_view privilege : privileges) {
    STATEMENT_ASSIGN(const bool has, Has(head, privilege));
    if (has) return {};
  }
  STATEMENT_ASSIGN(const bool sees, Sees(head));
  if (sees) return InsufficientPrivileges(head.kind, head.name);
  return DoesNotExist(head.kind, head.name);
}

StatementResult<> Authority::RequireOnAccount(std::string_view privilege) const {
  STATEMENT_ASSIGN(const bool has, HasOnAccount(privilege));
  if (has) return {};
  return InsufficientPrivileges(ObjectKind::kAccount, "");
}

StatementResult<> RequirePrivilege(const Snapshot& snapshot, const Caller& caller,
                                   const ObjectHead& object, std::string_view privilege) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  return authority.Require(object, privilege);
}

}  // namespace tarn::warehouse
