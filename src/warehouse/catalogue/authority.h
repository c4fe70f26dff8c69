// SPDX-License-Identifier: Apache-2.0
// What a session's roles may do (Snowflake, "Overview of Access Control"): a role has what was
// granted to it or to a role that it was granted, and everything on what these own.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/snapshot.h"
#include "warehouse/objects/privilege.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Of one caller at one moment; must not outlive the snapshot. Look-ups are single reads by index.
class Authority {
 public:
  static Result<Authority> Of(const Snapshot& snapshot, const Caller& caller);
  /// Of the primary role alone: what CREATE asks, since the new object becomes its.
  static Result<Authority> OfPrimaryRole(const Snapshot& snapshot, const Caller& caller);

  bool HasRole(ObjectId role) const;
  const std::vector<ObjectId>& roles() const { return roles_; }

  bool Owns(const ObjectHead& head) const { return HasRole(head.owner); }
  /// Granted, or owned. MANAGE WAREHOUSES is MODIFY, MONITOR and OPERATE on every warehouse.
  Result<bool> Has(const ObjectHead& head, std::string_view privilege) const;
  Result<bool> HasOnAccount(std::string_view privilege) const;
  /// May grant what others own, and so sees everything.
  Result<bool> ManagesGrants() const;
  /// Any privilege on the database or schema, which using something in it takes. That grants may be
  /// managed is none.
  Result<bool> Enters(const ObjectHead& container) const;
  /// Any privilege on the object itself, or may manage grants.
  Result<bool> Sees(const ObjectHead& head) const;
  /// Sees its database and schema too.
  Result<bool> Reaches(const ObjectHead& head) const;
  /// Ids of all objects on which something was granted to these roles: for lists.
  Result<std::unordered_set<ObjectId>> ObjectsWithGrants() const;

  /// 003001 without the privilege, DoesNotExist where the caller may not even know of the object.
  StatementResult<> Require(const ObjectHead& head, std::string_view privilege) const;
  StatementResult<> RequireAnyOf(const ObjectHead& head,
                                 std::initializer_list<std::string_view> privileges) const;
  StatementResult<> RequireOnAccount(std::string_view privilege) const;

 private:
  Authority(const Snapshot* snapshot, std::vector<ObjectId> roles)
      : snapshot_(snapshot), roles_(std::move(roles)) {}
  Result<bool> ManagesWarehouse(const ObjectHead& head) const;
  Result<bool> HasGrant(ObjectId object, std::optional<std::string_view> privilege) const;

  const Snapshot* snapshot_;
  std::vector<ObjectId> roles_;  ///< sorted
  mutable std::optional<bool> manages_grants_;
};

/// One check.
StatementResult<> RequirePrivilege(const Snapshot& snapshot, const Caller& caller,
                                   const ObjectHead& object, std::string_view privilege);

}  // namespace tarn::warehouse
