// SPDX-License-Identifier: Apache-2.0
// GRANT and REVOKE (Snowflake, "GRANT <privileges> … TO ROLE", "GRANT OWNERSHIP", "GRANT ROLE").
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "warehouse/catalogue/caller.h"
#include "warehouse/metastore/transaction.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// ON ACCOUNT.
struct OnAccount {};
/// ON <kind> <name>.
struct OnObject {
  ObjectKind kind = ObjectKind::kTable;
  ObjectName name;
};
/// ON ALL | FUTURE <kinds> IN DATABASE | SCHEMA <name>.
struct OnContents {
  ObjectKind kind = ObjectKind::kTable;
  bool future = false;
  ObjectKind container_kind = ObjectKind::kSchema;
  ObjectName container;
};
using GrantTarget = std::variant<OnAccount, OnObject, OnContents>;

struct GrantRequest {
  std::vector<std::string> privileges;  ///< upper case
  bool all_privileges = false;
  GrantTarget target;
  std::string role;
  bool with_grant_option = false;  ///< REVOKE: GRANT OPTION FOR
  bool cascade = false;            ///< REVOKE … CASCADE
  /// Of what `role` is the name: kRole or kApplication.
  ObjectKind grantee_kind = ObjectKind::kRole;
};

/// InsufficientPrivileges (003001) for who neither owns the object, nor holds the privilege with
/// grant option, nor manages grants; in a schema with managed access only the first of its schema
/// and the last count. On the account a grant option, or a grant of the system's, counts alone
/// (003102): whoever manages grants has no more of the account than before. InvalidArgument for a
/// privilege that the kind does not know, and for OWNERSHIP, which moves by GrantOwnership.
StatementResult<> GrantPrivileges(Transaction& transaction, const Caller& caller,
                                  const GrantRequest& request);
/// For who manages grants, and for the role that granted it, or one above; in a schema with managed
/// access for its owner instead. 003103 (42501) for others, and for what system roles have of the
/// account from the system. What was not granted is not an error. Where it was granted further,
/// 003036, or with CASCADE that goes too. OWNERSHIP is taken back of future objects only.
StatementResult<> RevokePrivileges(Transaction& transaction, const Caller& caller,
                                   const GrantRequest& request);

/// To a role or a user. An owner of the role (of its application, where it is one inside of it) and
/// who manages grants may (003102 for others), the latter of system roles too: managing grants is
/// as good as being an account administrator, as in Snowflake. A circle is refused, and so is
/// taking apart the hierarchy of the system roles.
struct RoleGrantRequest {
  std::string role;
  std::string grantee;
  bool to_user = false;
  /// Set: the role is one inside of this application.
  std::optional<std::string> application = std::nullopt;
};
StatementResult<> GrantRole(Transaction& transaction, const Caller& caller,
                            const RoleGrantRequest& request);
StatementResult<> RevokeRole(Transaction& transaction, const Caller& caller,
                             const RoleGrantRequest& request);

}  // namespace tarn::warehouse
