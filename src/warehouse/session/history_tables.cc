// SPDX-License-Identifier: Apache-2.0
// INFORMATION_SCHEMA.QUERY_HISTORY and QUERY_HISTORY_BY_SESSION, _USER and _WAREHOUSE.
#include <array>

#include "sql/syntax/name.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/argument_values.h"
#include "warehouse/session/history_columns.h"
#include "warehouse/session/statement_log.h"
#include "warehouse/session/table_functions.h"

namespace tarn::warehouse {
namespace {

const std::vector<MadeColumn>& Columns() {
  const auto text = TextColumnOfHistory;
  const auto time = TimeColumnOfHistory;
  const auto number = NumberColumnOfHistory;
  static const std::vector<MadeColumn> kColumns = {
      text("QUERY_ID"),         text("QUERY_TEXT"),
      text("DATABASE_NAME"),    text("SCHEMA_NAME"),
      text("QUERY_TYPE"),       text("SESSION_ID"),
      text("USER_NAME"),        text("ROLE_NAME"),
      text("WAREHOUSE_NAME"),   text("QUERY_TAG"),
      text("EXECUTION_STATUS"), text("ERROR_CODE"),
      text("ERROR_MESSAGE"),    time("START_TIME"),
      time("END_TIME"),         number("TOTAL_ELAPSED_TIME"),
      number("ROWS_PRODUCED")};
  return kColumns;
}

std::vector<Value> RowOf(const QueryRecord& record) {
  const auto ended = record.ended_ms;
  return {record.query_id.ToString(),
          record.text,
          TextOrNull(record.database_name),
          TextOrNull(record.schema_name),
          record.command,
          record.session_id,
          record.user_name,
          TextOrNull(record.role_name),
          TextOrNull(record.warehouse_name),
          record.query_tag,
          record.state,
          TextOrNull(record.error_code),
          TextOrNull(record.error_message),
          TimeOrNull(record.started_ms),
          TimeOrNull(ended),
          ended ? Value(*ended - record.started_ms) : Value(),
          record.rows};
}

/// What stands in an argument, or the fallback. A name in double quotes is exact.
StatementResult<std::string> NameArgument(const TableCall& call, std::string_view name,
                                          std::string fallback, bool folds) {
  const auto* argument = FindArgument(call, name, 0);
  if (argument == nullptr) return fallback;
  const auto* text = std::get_if<std::string>(&argument->constant);
  if (text == nullptr) return InvalidParameterValue(name, "the argument");
  if (!folds) return *text;
  if (text->size() >= 2 && text->front() == '"' && text->back() == '"') {
    return text->substr(1, text->size() - 2);
  }
  return sql::syntax::UpperCase(*text);
}

/// Statements of the user, and of warehouses that the role may watch.
StatementResult<> AddVisible(const TableCall& call, QueryFilter& filter) {
  const Snapshot& snapshot = *call.moment.snapshot;
  filter.visible_to_user = call.moment.session->user;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  STATEMENT_ASSIGN(
      const auto warehouses,
      snapshot.Heads("WHERE o.kind = ? AND o.dropped_ms IS NULL", ObjectKind::kWarehouse));
  for (const ObjectHead& warehouse : warehouses) {
    STATEMENT_ASSIGN(const bool monitors, authority.Has(warehouse, kMonitor));
    STATEMENT_ASSIGN(const bool operates, authority.Has(warehouse, kOperate));
    if (!monitors && !operates) continue;
    filter.visible_warehouses.emplace_back(warehouse.name, warehouse.created_ms);
  }
  return {};
}

/// `first`: the place of the arguments that all of them have, where they have no name.
StatementResult<MadeRows> List(const TableCall& call, QueryFilter filter, size_t first) {
  if (call.moment.session->as_owner) {
    return UnsupportedFeature("QUERY_HISTORY in a stored procedure with owner's rights");
  }
  if (const auto* from = FindArgument(call, "END_TIME_RANGE_START", first)) {
    STATEMENT_ASSIGN(filter.ended_from_ms,
                     InstantArgument(call.moment, "END_TIME_RANGE_START", *from));
  }
  if (const auto* before = FindArgument(call, "END_TIME_RANGE_END", first + 1)) {
    STATEMENT_ASSIGN(filter.ended_before_ms,
                     InstantArgument(call.moment, "END_TIME_RANGE_END", *before));
  }
  STATEMENT_ASSIGN(filter.limit, ResultLimit(call, first + 2));
  STATEMENT_TRY(AddVisible(call, filter));
  STATEMENT_ASSIGN(const auto records, call.moment.session->log->history().List(filter));
  std::vector<std::vector<Value>> rows;
  for (const QueryRecord& record : records) rows.push_back(RowOf(record));
  return MakeRows(Columns(), rows);
}

StatementResult<MadeRows> All(const TableCall& call) { return List(call, {}, 0); }

StatementResult<MadeRows> BySession(const TableCall& call) {
  QueryFilter filter;
  STATEMENT_ASSIGN(filter.session_id,
                   NameArgument(call, "SESSION_ID", call.moment.session->id.ToString(), false));
  return List(call, std::move(filter), 1);
}

StatementResult<MadeRows> ByUser(const TableCall& call) {
  QueryFilter filter;
  STATEMENT_ASSIGN(filter.user_name,
                   NameArgument(call, "USER_NAME", call.moment.session->user, true));
  return List(call, std::move(filter), 1);
}

StatementResult<MadeRows> ByWarehouse(const TableCall& call) {
  QueryFilter filter;
  STATEMENT_ASSIGN(filter.warehouse_name,
                   NameArgument(call, "WAREHOUSE_NAME", call.moment.session->warehouse, true));
  return List(call, std::move(filter), 1);
}

constexpr std::array kFunctions = {TableFunction{"QUERY_HISTORY", All},
                                   TableFunction{"QUERY_HISTORY_BY_SESSION", BySession},
                                   TableFunction{"QUERY_HISTORY_BY_USER", ByUser},
                                   TableFunction{"QUERY_HISTORY_BY_WAREHOUSE", ByWarehouse}};

}  // namespace

std::span<const TableFunction> HistoryTableFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
