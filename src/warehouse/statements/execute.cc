// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/execute.h"

#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/actions.h"
#include "warehouse/statements/copy_into.h"
#include "warehouse/statements/owners_rights.h"
#include "warehouse/statements/postgres_instances.h"
#include "warehouse/statements/routines.h"
#include "warehouse/statements/stages.h"

namespace tarn::warehouse {

namespace syntax = sql::syntax;

StatementOutcome Executed() { return {.status = "Statement executed successfully."}; }

StatementResult<StatementOutcome> ExecuteStatement(StatementContext& context,
                                                   const syntax::Statement& statement) {
  STATEMENT_TRY(CheckOwnersStatement(context, statement));
  return std::visit(
      [&]<typename Node>(const Node& node) -> Outcome {
        if constexpr (requires { Act(context, node); }) {
          return Act(context, node);
        } else {
          return UnsupportedFeature(CommandOf(statement));
        }
      },
      statement.value);
}

StatementResult<std::vector<ResultColumn>> DescribeStatement(StatementContext& context,
                                                             const syntax::Statement& statement) {
  if (const auto* columns = InstanceColumns(statement)) {
    return ResultColumnsOf(RowSet{.columns = *columns, .rows = {}});
  }
  if (const auto rows = StageColumnsOf(statement)) return ResultColumnsOf(*rows);
  if (std::holds_alternative<syntax::CopyIntoTable>(statement.value)) {
    return ResultColumnsOf(LoadColumns());
  }
  if (const auto* unload = std::get_if<syntax::CopyIntoLocation>(&statement.value)) {
    STATEMENT_ASSIGN(const RowSet rows, UnloadColumnsOf(context, *unload));
    return ResultColumnsOf(rows);
  }
  if (const auto columns = RoutineColumns(context, statement)) return *columns;
  const bool shows = std::holds_alternative<syntax::Show>(statement.value) ||
                     std::holds_alternative<syntax::Describe>(statement.value);
  if (!shows) return std::vector<ResultColumn>();
  STATEMENT_ASSIGN(const StatementOutcome outcome, ExecuteStatement(context, statement));
  if (!outcome.rows) return std::vector<ResultColumn>();
  return ResultColumnsOf(*outcome.rows);
}

}  // namespace tarn::warehouse
