// SPDX-License-Identifier: Apache-2.0
// Grants as they are stored. Who may grant is catalogue/grant.h's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "warehouse/metastore/transaction.h"

namespace tarn::warehouse {

/// One privilege on one object for one role (or user). A plain value.
struct Grant {
  ObjectId object;
  std::string privilege;
  ObjectId grantee;
  bool with_grant_option = false;
  ObjectId grantor;  ///< a role; id 0: the system
  int64_t created_ms = 0;
};

template <>
struct Fields<Grant> {
  static constexpr auto kAll = std::tuple{
      Field{"object_id", &Grant::object},   Field{"privilege", &Grant::privilege},
      Field{"grantee_id", &Grant::grantee}, Field{"with_grant_option", &Grant::with_grant_option},
      Field{"grantor_id", &Grant::grantor}, Field{"created_ms", &Grant::created_ms}};
};

/// On what is made later in a database or schema.
struct FutureGrant {
  ObjectId container;
  ObjectKind kind = ObjectKind::kTable;
  std::string privilege;  ///< also OWNERSHIP
  ObjectId grantee;
  bool with_grant_option = false;
  int64_t created_ms = 0;
};

template <>
struct Fields<FutureGrant> {
  static constexpr auto kAll =
      std::tuple{Field{"container_id", &FutureGrant::container},
                 Field{"kind", &FutureGrant::kind},
                 Field{"privilege", &FutureGrant::privilege},
                 Field{"grantee_id", &FutureGrant::grantee},
                 Field{"with_grant_option", &FutureGrant::with_grant_option},
                 Field{"created_ms", &FutureGrant::created_ms}};
};

struct RoleGrant {
  ObjectId role;
  ObjectId grantee;  ///< a role or a user
  ObjectId grantor;
  int64_t created_ms = 0;
};

template <>
struct Fields<RoleGrant> {
  static constexpr auto kAll = std::tuple{
      Field{"role_id", &RoleGrant::role}, Field{"grantee_id", &RoleGrant::grantee},
      Field{"grantor_id", &RoleGrant::grantor}, Field{"created_ms", &RoleGrant::created_ms}};
};

// Ordered by privilege, then grantee; ownership is not among them.
Result<std::vector<Grant>> GrantsOn(const Snapshot& snapshot, ObjectId object);
Result<std::vector<Grant>> GrantsTo(const Snapshot& snapshot, ObjectId grantee);
Result<std::vector<RoleGrant>> RolesGrantedTo(const Snapshot& snapshot, ObjectId grantee);
Result<std::vector<RoleGrant>> GranteesOf(const Snapshot& snapshot, ObjectId role);
Result<std::vector<FutureGrant>> FutureGrantsIn(const Snapshot& snapshot, ObjectId container);
Result<std::vector<FutureGrant>> FutureGrantsTo(const Snapshot& snapshot, ObjectId grantee);

/// A grant option that is there stays.
Result<> AddGrant(Transaction& transaction, const Grant& grant);
Result<> RemoveGrant(Transaction& transaction, ObjectId object, std::string_view privilege,
                     ObjectId grantee);
Result<> RemoveGrantsOn(Transaction& transaction, ObjectId object);
/// All on the object become granted by this role.
Result<> ChangeGrantor(Transaction& transaction, ObjectId object, ObjectId grantor);
Result<> AddFutureGrant(Transaction& transaction, const FutureGrant& grant);
Result<> RemoveFutureGrant(Transaction& transaction, const FutureGrant& grant);
Result<> AddRoleGrant(Transaction& transaction, const RoleGrant& grant);
Result<> RemoveRoleGrant(Transaction& transaction, ObjectId role, ObjectId grantee);
/// All roles that `grantee` has become granted by this role.
Result<> ChangeRoleGrantor(Transaction& transaction, ObjectId grantee, ObjectId grantor);

/// Makes grants on a new object of those that wait in its schema, or else in its database.
/// OWNERSHIP of the database's does not reach into schemas with managed access.
Result<> ApplyFutureGrants(Transaction& transaction, const ObjectHead& head);

}  // namespace tarn::warehouse
