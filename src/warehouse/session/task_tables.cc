// SPDX-License-Identifier: Apache-2.0
// INFORMATION_SCHEMA.TASK_HISTORY.
#include <array>
#include <limits>

#include "sql/syntax/name.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/history_columns.h"

namespace tarn::warehouse {
namespace {

/// How many of the newest runs are looked through.
constexpr int64_t kRunsMax = 10'000;

const std::vector<MadeColumn>& HistoryColumns() {
  const auto text = TextColumnOfHistory;
  const auto time = TimeColumnOfHistory;
  const auto number = NumberColumnOfHistory;
  static const std::vector<MadeColumn> kColumns = {text("QUERY_ID"),
                                                   text("NAME"),
                                                   text("DATABASE_NAME"),
                                                   text("SCHEMA_NAME"),
                                                   text("QUERY_TEXT"),
                                                   text("CONDITION_TEXT"),
                                                   text("STATE"),
                                                   text("ERROR_CODE"),
                                                   text("ERROR_MESSAGE"),
                                                   time("SCHEDULED_TIME"),
                                                   time("QUERY_START_TIME"),
                                                   time("COMPLETED_TIME"),
                                                   text("ROOT_TASK_ID"),
                                                   text("GRAPH_RUN_GROUP_ID"),
                                                   number("ATTEMPT_NUMBER"),
                                                   text("RETURN_VALUE"),
                                                   text("SCHEDULED_FROM")};
  return kColumns;
}

/// Its owner, who may monitor or operate it, and who monitors what runs in the account.
StatementResult<bool> SeesRuns(const Authority& authority, const ObjectHead& task) {
  STATEMENT_ASSIGN(bool sees, authority.HasOnAccount(kMonitorExecution));
  for (const std::string_view privilege : {kMonitor, kOperate}) {
    if (sees) return true;
    STATEMENT_ASSIGN(sees, authority.Has(task, privilege));
  }
  return sees;
}

StatementResult<std::vector<Value>> HistoryRow(const Snapshot& snapshot, const Authority& authority,
                                               const RunRecord& run, const ObjectHead& task) {
  STATEMENT_ASSIGN(const auto schema, snapshot.FindHead(task.container));
  STATEMENT_ASSIGN(const auto database, snapshot.FindHead(schema->container));
  STATEMENT_ASSIGN(bool enters, authority.Enters(*schema));
  if (enters) {
    STATEMENT_ASSIGN(enters, authority.Enters(*database));
  }
  return std::vector<Value>{TextOrNull(run.query_id),
                            task.name,
                            enters ? Value(database->name) : Value(),
                            enters ? Value(schema->name) : Value(),
                            run.text,
                            TextOrNull(run.condition),
                            run.state,
                            TextOrNull(run.error_code),
                            TextOrNull(run.error_message),
                            TimeOrNull(run.scheduled_ms),
                            TimeOrNull(run.started_ms),
                            TimeOrNull(run.ended_ms),
                            std::to_string(run.root.value()),
                            std::to_string(run.graph_run.value()),
                            run.attempt,
                            run.return_value ? Value(*run.return_value) : Value(),
                            run.trigger};
}

/// Runs of tasks that the caller may see, newest first.
StatementResult<MadeRows> TaskHistory(const TableCall& call) {
  for (const char* ignored :
       {"SCHEDULED_TIME_RANGE_START", "SCHEDULED_TIME_RANGE_END", "ERROR_ONLY", "ROOT_TASK_ID"}) {
    if (FindArgument(call, ignored, SIZE_MAX) != nullptr) {
      return UnsupportedFeature(fmt::format("{} of TASK_HISTORY", ignored));
    }
  }
  STATEMENT_ASSIGN(const int64_t limit, ResultLimit(call, 2));
  std::string name;
  if (const auto* written = FindArgument(call, "TASK_NAME", 3)) {
    const auto* text = std::get_if<std::string>(&written->constant);
    if (text == nullptr) return InvalidParameterValue("TASK_NAME", "the argument");
    name = *text;
  }
  const Snapshot& snapshot = *call.moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  STATEMENT_ASSIGN(const auto runs, RunsOf(snapshot, "task", ObjectId(), 0,
                                           std::numeric_limits<int64_t>::max(), kRunsMax));
  std::vector<std::vector<Value>> rows;
  for (const RunRecord& run : runs) {
    if (static_cast<int64_t>(rows.size()) == limit) break;
    STATEMENT_ASSIGN(const auto task, snapshot.FindHead(run.object));
    if (!task) continue;
    STATEMENT_ASSIGN(const bool sees, SeesRuns(authority, *task));
    if (!sees ||
        (!name.empty() && sql::syntax::UpperCase(task->name) != sql::syntax::UpperCase(name)))
      continue;
    STATEMENT_ASSIGN(auto row, HistoryRow(snapshot, authority, run, *task));
    rows.push_back(std::move(row));
  }
  return MakeRows(HistoryColumns(), rows);
}

constexpr std::array kFunctions = {TableFunction{"TASK_HISTORY", TaskHistory}};

}  // namespace

std::span<const TableFunction> TaskTableFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
