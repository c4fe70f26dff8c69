// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "warehouse/catalogue/grant.h"
#include "warehouse/show/row_set.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// SHOW GRANTS ON ACCOUNT, ON <object>; of OnContents, SHOW FUTURE GRANTS IN <container>.
StatementResult<RowSet> ShowGrantsOn(const Snapshot& snapshot, const Caller& caller,
                                     const GrantTarget& target);
/// SHOW GRANTS TO ROLE: privileges and, as USAGE, roles.
StatementResult<RowSet> ShowGrantsToRole(const Snapshot& snapshot, const std::string& role);
/// SHOW GRANTS TO USER; absent: the caller's.
StatementResult<RowSet> ShowGrantsToUser(const Snapshot& snapshot, const Caller& caller,
                                         const std::optional<std::string>& user);
/// SHOW GRANTS OF ROLE.
StatementResult<RowSet> ShowGrantsOf(const Snapshot& snapshot, const std::string& role);
StatementResult<RowSet> ShowFutureGrantsTo(const Snapshot& snapshot, const std::string& role);

}  // namespace tarn::warehouse
