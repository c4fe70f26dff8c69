// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: procedures and what calls give.
#pragma once

#include <optional>
#include <vector>

#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// Of CALL and of a block, before it runs: one column. Absent: another statement, or a procedure
/// that gives a table.
std::optional<std::vector<ResultColumn>> RoutineColumns(StatementContext& context,
                                                        const sql::syntax::Statement& statement);

}  // namespace tarn::warehouse
