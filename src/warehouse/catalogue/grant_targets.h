// SPDX-License-Identifier: Apache-2.0
// Inside of catalogue/: what GRANT, REVOKE and GRANT OWNERSHIP are about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/grant.h"
#include "warehouse/metastore/grants.h"

namespace tarn::warehouse {

/// What a target stands for: objects that exist, or a container whose future it is about.
struct Targets {
  std::vector<ObjectHead> objects;
  std::optional<ObjectHead> future_in;
  ObjectKind kind = ObjectKind::kAccount;
};

/// DoesNotExist where the caller may not know of it.
StatementResult<Targets> FindTargets(const Snapshot& snapshot, const Caller& caller,
                                     const Authority& authority, const GrantTarget& target);

/// A role or user by its name; everybody may name them.
StatementResult<ObjectHead> FindPrincipal(const Snapshot& snapshot, ObjectKind kind,
                                          const std::string& name);

/// The role of such a request.
StatementResult<ObjectHead> FindGrantedRole(const Snapshot& snapshot,
                                            const RoleGrantRequest& request);

/// 003001: future grants are for who manages grants, or owns the schema with managed access.
StatementResult<> RequireFutureGrants(const Snapshot& snapshot, const Authority& authority,
                                      const ObjectHead& container);

/// The owner of the schema with managed access in which the object lives.
Result<std::optional<ObjectId>> ManagingOwner(const Snapshot& snapshot, const ObjectHead& head);

/// 003102 (42501).
StatementFailure GrantNotExecuted();
/// 003103 (42501).
StatementFailure RevokeNotExecuted();
/// 003036 (42501): a grant is in the way of what is done to the object.
StatementFailure DependentGrant(const Snapshot& snapshot, const Grant& grant,
                                const ObjectHead& object);

}  // namespace tarn::warehouse
