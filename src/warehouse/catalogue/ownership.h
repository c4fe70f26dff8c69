// SPDX-License-Identifier: Apache-2.0
// GRANT OWNERSHIP (Snowflake, "GRANT OWNERSHIP", and behaviour change 2395).
#pragma once

#include <string>

#include "warehouse/catalogue/grant.h"

namespace tarn::warehouse {

enum class CurrentGrants : uint8_t {
  kMustBeNone,  ///< other grants on the object are an error
  kRevoke,
  kCopy,  ///< they stay, as the new owner's
};

struct OwnershipRequest {
  GrantTarget target;
  std::string role;
  CurrentGrants current_grants = CurrentGrants::kMustBeNone;
};

/// For who owns the object or manages grants. The former may give it only to a role that they have,
/// since procedures, views and tasks run with their owner's rights; copying needs that the new
/// owner is among the active roles, or to manage grants. In a schema with managed access the new
/// owner must be a role of the schema's owner. Started tasks must be suspended; those of a
/// container, and with COPY, are.
StatementResult<> GrantOwnership(Transaction& transaction, const Caller& caller,
                                 const OwnershipRequest& request);

}  // namespace tarn::warehouse
