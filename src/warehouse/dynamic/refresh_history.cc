// SPDX-License-Identifier: Apache-2.0
// INFORMATION_SCHEMA.DYNAMIC_TABLE_REFRESH_HISTORY and DYNAMIC_TABLE_GRAPH_HISTORY.
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

#include "sql/syntax/name.h"
#include "warehouse/catalogue/authority.h"
#include "warehouse/dynamic/refresh.h"
#include "warehouse/dynamic/refresh_schedule.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/history_columns.h"

namespace tarn::warehouse {
namespace {

using Json = nlohmann::json;

constexpr int64_t kRunsMax = 10'000;

const std::vector<MadeColumn>& HistoryColumns() {
  const auto text = TextColumnOfHistory;
  const auto time = TimeColumnOfHistory;
  const auto number = NumberColumnOfHistory;
  static const std::vector<MadeColumn> kColumns = {text("NAME"),
                                                   text("SCHEMA_NAME"),
                                                   text("DATABASE_NAME"),
                                                   text("STATE"),
                                                   text("STATE_CODE"),
                                                   text("STATE_MESSAGE"),
                                                   text("QUERY_ID"),
                                                   time("DATA_TIMESTAMP"),
                                                   time("REFRESH_START_TIME"),
                                                   time("REFRESH_END_TIME"),
                                                   time("COMPLETION_TARGET"),
                                                   text("QUALIFIED_NAME"),
                                                   text("LAST_COMPLETED_DEPENDENCY"),
                                                   text("STATISTICS"),
                                                   text("REFRESH_ACTION"),
                                                   text("REINIT_REASON"),
                                                   text("REFRESH_TRIGGER"),
                                                   number("TARGET_LAG_SEC"),
                                                   time("GRAPH_HISTORY_VALID_FROM")};
  return kColumns;
}

const std::vector<MadeColumn>& GraphColumns() {
  const auto text = TextColumnOfHistory;
  const auto time = TimeColumnOfHistory;
  static const std::vector<MadeColumn> kColumns = {text("NAME"),
                                                   text("SCHEMA_NAME"),
                                                   text("DATABASE_NAME"),
                                                   text("QUALIFIED_NAME"),
                                                   text("INPUTS"),
                                                   text("TARGET_LAG_TYPE"),
                                                   NumberColumnOfHistory("TARGET_LAG_SEC"),
                                                   text("QUERY_TEXT"),
                                                   time("VALID_FROM"),
                                                   time("VALID_TO"),
                                                   text("SCHEDULING_STATE"),
                                                   text("ALTER_TRIGGER")};
  return kColumns;
}

/// Its owner, and who may monitor or operate it.
StatementResult<bool> Sees(const Authority& authority, const ObjectHead& table) {
  bool sees = false;
  for (const std::string_view privilege : {kMonitor, kOperate}) {
    if (sees) return true;
    STATEMENT_ASSIGN(sees, authority.Has(table, privilege));
  }
  return sees;
}

/// Names of schema and database.
StatementResult<std::pair<std::string, std::string>> PlaceOf(const Snapshot& snapshot,
                                                             const ObjectHead& table) {
  STATEMENT_ASSIGN(const auto schema, snapshot.FindHead(table.container));
  if (!schema) return NoSuchObject(table.name);
  STATEMENT_ASSIGN(const auto database, snapshot.FindHead(schema->container));
  if (!database) return NoSuchObject(table.name);
  return std::pair{schema->name, database->name};
}

StatementResult<std::vector<Value>> HistoryRow(const Snapshot& snapshot, const RunRecord& run,
                                               const ObjectHead& table) {
  STATEMENT_ASSIGN(const auto place, PlaceOf(snapshot, table));
  STATEMENT_ASSIGN(const auto dynamic, snapshot.Find<DynamicTable>(table.id));
  const Json details = Json::parse(run.details, nullptr, false);
  const bool told = details.is_object();
  const auto text = [&](const char* key) -> Value {
    if (!told || !details.contains(key)) return {};
    const auto value = details[key].get<std::string>();
    return value.empty() ? Value() : Value(value);
  };
  Value statistics, data_timestamp = TimeOrNull(run.scheduled_ms);
  if (told) {
    data_timestamp = TimeOrNull(details.value("data_timestamp_ms", run.scheduled_ms));
    statistics = Json{{"numInsertedRows", details.value("numInsertedRows", 0)},
                      {"numDeletedRows", details.value("numDeletedRows", 0)}}
                     .dump();
  }
  Value lag;
  if (dynamic && dynamic->target_lag_seconds) lag = *dynamic->target_lag_seconds;
  return std::vector<Value>{table.name,
                            place.first,
                            place.second,
                            run.state,
                            run.error_code.empty()
                                ? Value(run.state == "SUCCEEDED" ? "SUCCESS" : "")
                                : Value(run.error_code),
                            TextOrNull(run.error_message),
                            TextOrNull(run.query_id),
                            data_timestamp,
                            TimeOrNull(run.started_ms),
                            TimeOrNull(run.ended_ms),
                            Value(),
                            run.object_name,
                            Value(),
                            statistics,
                            text("action"),
                            text("reinit_reason"),
                            run.trigger,
                            lag,
                            Value()};
}

StatementResult<std::string> NamedIn(const TableCall& call, const char* argument) {
  const auto* written = FindArgument(call, argument, SIZE_MAX);
  if (written == nullptr) return std::string();
  const auto* text = std::get_if<std::string>(&written->constant);
  if (text == nullptr) return InvalidParameterValue(argument, "the argument");
  return sql::syntax::UpperCase(*text);
}

StatementResult<MadeRows> RefreshHistory(const TableCall& call) {
  for (const char* refused : {"DATA_TIMESTAMP_START", "DATA_TIMESTAMP_END"}) {
    if (FindArgument(call, refused, SIZE_MAX) != nullptr) {
      return UnsupportedFeature(fmt::format("{} of DYNAMIC_TABLE_REFRESH_HISTORY", refused));
    }
  }
  STATEMENT_ASSIGN(const int64_t limit, ResultLimit(call, SIZE_MAX));
  STATEMENT_ASSIGN(const std::string name, NamedIn(call, "NAME"));
  STATEMENT_ASSIGN(const std::string prefix, NamedIn(call, "NAME_PREFIX"));
  const auto* errors = FindArgument(call, "ERROR_ONLY", SIZE_MAX);
  const auto* error_only = errors == nullptr ? nullptr : std::get_if<bool>(&errors->constant);
  const Snapshot& snapshot = *call.moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  STATEMENT_ASSIGN(const auto runs, RunsOf(snapshot, kRefreshRun, ObjectId(), 0,
                                           std::numeric_limits<int64_t>::max(), kRunsMax));
  std::vector<std::vector<Value>> rows;
  for (const RunRecord& run : runs) {
    if (static_cast<int64_t>(rows.size()) == limit) break;
    if (error_only != nullptr && *error_only && run.state != "FAILED") continue;
    STATEMENT_ASSIGN(const auto table, snapshot.FindHead(run.object));
    if (!table) continue;
    const std::string qualified = sql::syntax::UpperCase(run.object_name);
    const bool named =
        name.empty() || name == qualified || name == sql::syntax::UpperCase(table->name);
    if (!named || !qualified.starts_with(prefix)) continue;
    STATEMENT_ASSIGN(const bool sees, Sees(authority, *table));
    if (!sees) continue;
    STATEMENT_ASSIGN(auto row, HistoryRow(snapshot, run, *table));
    rows.push_back(std::move(row));
  }
  return MakeRows(HistoryColumns(), rows);
}

StatementResult<std::vector<Value>> GraphRow(const Snapshot& snapshot,
                                             const DynamicGraph::Node& node) {
  const ObjectHead& head = node.table.head;
  const DynamicTable& table = node.table.value;
  STATEMENT_ASSIGN(const auto place, PlaceOf(snapshot, head));
  STATEMENT_ASSIGN(std::string qualified, snapshot.QualifiedName(head.id));
  Json inputs = Json::array();
  for (const ObjectId source : node.reads) {
    STATEMENT_ASSIGN(const auto read, snapshot.FindHead(source));
    if (!read) continue;
    STATEMENT_ASSIGN(std::string name, snapshot.QualifiedName(source));
    inputs.push_back({{"name", std::move(name)},
                      {"kind", FactsOf(read->kind).sql},
                      {"insideRefreshBoundary", true}});
  }
  Json state{{"state", table.scheduling_state}};
  if (!table.state_reason_code.empty()) {
    state["reason_code"] = table.state_reason_code;
    state["reason_message"] = table.state_reason_message;
  }
  return std::vector<Value>{head.name,
                            place.first,
                            place.second,
                            std::move(qualified),
                            inputs.dump(),
                            std::string(table.target_lag_seconds ? "USER_DEFINED" : "DOWNSTREAM"),
                            table.target_lag_seconds ? Value(*table.target_lag_seconds) : Value(),
                            table.query,
                            TimeOrNull(head.created_ms),
                            Value(),
                            state.dump(),
                            std::string("[\"NONE\"]")};
}

StatementResult<MadeRows> GraphHistory(const TableCall& call) {
  if (!call.arguments.empty()) {
    return UnsupportedFeature("arguments of DYNAMIC_TABLE_GRAPH_HISTORY");
  }
  const Snapshot& snapshot = *call.moment.snapshot;
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, call.caller));
  STATEMENT_ASSIGN(const DynamicGraph graph, ReadDynamicGraph(*call.moment.tables, snapshot));
  std::vector<std::vector<Value>> rows;
  for (const auto& [id, node] : graph.nodes) {
    STATEMENT_ASSIGN(const bool sees, Sees(authority, node.table.head));
    if (!sees) continue;
    STATEMENT_ASSIGN(auto row, GraphRow(snapshot, node));
    rows.push_back(std::move(row));
  }
  return MakeRows(GraphColumns(), rows);
}

constexpr std::array kFunctions = {TableFunction{"DYNAMIC_TABLE_REFRESH_HISTORY", RefreshHistory},
                                   TableFunction{"DYNAMIC_TABLE_GRAPH_HISTORY", GraphHistory}};

}  // namespace

std::span<const TableFunction> DynamicTableFunctions() { return kFunctions; }

}  // namespace tarn::warehouse
