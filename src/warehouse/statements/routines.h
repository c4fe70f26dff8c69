// SPDX-License-Identifier: Apache-2.0
// Inside of statements/: functions, procedures and what calls give.
#pragma once

#include <optional>
#include <vector>

#include "sql/syntax/statement_object.h"
#include "warehouse/objects/routine.h"
#include "warehouse/statements/actions.h"
#include "warehouse/statements/execute.h"

namespace tarn::warehouse {

/// Of CALL and of a block, before it runs: one column. Absent: another statement, or a procedure
/// that gives a table.
std::optional<std::vector<ResultColumn>> RoutineColumns(StatementContext& context,
                                                        const sql::syntax::Statement& statement);

/// What is between the parentheses of CREATE FUNCTION and PROCEDURE.
StatementResult<std::vector<Argument>> ArgumentsOf(const StatementContext& context,
                                                   const sql::syntax::CreateRoutine& create);
/// RETURNS, as the routine keeps it.
StatementResult<> ReadReturns(const sql::syntax::CreateRoutine& create, Routine& routine);

Outcome CreateFunction(StatementContext& context, const sql::syntax::CreateRoutine& create);
Outcome AlterFunction(StatementContext& context, const sql::syntax::AlterObject& alter);

}  // namespace tarn::warehouse
