// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/capture_views.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/clock.h"
#include "base/time_units.h"

namespace tarn::warehouse {
namespace {

using capture::CaptureStatus;
using capture::TableStatus;
using sql::DataTypeKind;
using LiveRows = std::vector<std::vector<Value>>;

constexpr int32_t kPrecision = 38;
constexpr int32_t kMillisecondScale = 3;
constexpr const char* kFailedStatus = "FAILED";

MadeColumn OfText(const char* name) {
  return {name, {.kind = DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault}};
}
MadeColumn OfNumber(const char* name, int32_t scale = 0) {
  return {name, {.kind = DataTypeKind::kNumber, .precision = kPrecision, .scale = scale}};
}
MadeColumn OfTime(const char* name) {
  return {name, {.kind = DataTypeKind::kTimestampNtz, .precision = kMillisecondScale}};
}
MadeColumn OfTruth(const char* name) { return {name, {.kind = DataTypeKind::kBoolean}}; }

Value MillisOf(const std::optional<int64_t>& ms) { return ms ? Value(Int128{*ms}) : Value(); }
Value MomentOf(int64_t ms) { return ms == 0 ? Value() : Value(ms * kMicrosecondsPerMs); }
Value TextOrNull(const std::string& text) { return text.empty() ? Value() : Value(text); }
Value RateOf(double rate) { return static_cast<int64_t>(std::llround(rate)); }

const CaptureStatus* StatusOf(const CaptureStatuses& live, DataSourceId source) {
  const auto found = live.find(source);
  return found == live.end() ? nullptr : &found->second;
}

const TableStatus* StatusOf(const CaptureStatus* source, const CapturedTable& table) {
  if (source == nullptr) return nullptr;
  const auto found = std::ranges::find_if(source->tables, [&](const TableStatus& each) {
    return each.name.schema == table.schema && each.name.table == table.table;
  });
  return found == source->tables.end() ? nullptr : &*found;
}

std::string ErrorOf(const CaptureStatus& status) {
  if (!status.error) return {};
  return status.error->detail.empty() ? status.error->message
                                      : status.error->message + " " + status.error->detail;
}

bool HasFailed(const CapturedTable& table) {
  return table.introspection == kFailedStatus || table.snapshot == kFailedStatus ||
         table.incremental == kFailedStatus;
}

std::vector<Value> TableRow(const DataSource& source, const CapturedTable& table,
                            const TableStatus* status) {
  if (status == nullptr) {
    // Nobody captures it: as it was left.
    const std::string state = table.removing ? "REMOVING"
                              : HasFailed(table)
                                  ? kFailedStatus
                                  : std::string(WordOf(capture::TableStage::kWaiting));
    return {source.name, table.schema,
            table.table, state,
            int64_t{0},  Value(),
            int64_t{0},  int64_t{0},
            int64_t{0},  int64_t{0},
            Value(),     Value(),
            Value(),     TextOrNull(table.error)};
  }
  const bool streams = status->stage == capture::TableStage::kStreaming;
  return {source.name,
          table.schema,
          table.table,
          std::string(WordOf(status->stage)),
          status->rows_copied,
          status->rows_estimated < 0 ? Value() : Value(status->rows_estimated),
          status->rows_inserted,
          status->rows_updated,
          status->rows_deleted,
          RateOf(status->rows_per_second),
          streams ? Value(status->lag_bytes) : Value(),
          MillisOf(capture::LagMs(status->as_of_ms, NowMs())),
          MomentOf(status->last_commit_ms),
          TextOrNull(status->error)};
}

}  // namespace

std::vector<MadeColumn> CaptureSourcesColumns() {
  return {OfText("NAME"),
          OfText("MODE"),
          OfText("DESTINATION_DB_NAME"),
          OfTruth("CONNECTED"),
          OfNumber("TABLES"),
          OfNumber("TABLES_COPYING"),
          OfNumber("ROWS_PER_SECOND"),
          OfNumber("LAG_BYTES"),
          OfNumber("LAG_SECONDS", kMillisecondScale),
          OfNumber("SLOT_RETAINED_BYTES"),
          OfTime("LAST_COMMIT_AT"),
          OfNumber("FAILURES"),
          OfText("LAST_ERROR")};
}

Result<LiveRows> CaptureSourcesRows(const Snapshot& snapshot, ObjectId application,
                                    const CaptureStatuses& live) {
  TARN_ASSIGN(const auto sources, DataSourcesOf(snapshot, application));
  LiveRows rows;
  for (const DataSource& source : sources) {
    TARN_ASSIGN(const auto tables, CapturedTablesOf(snapshot, source.id));
    const CaptureStatus* const status = StatusOf(live, source.id);
    std::vector<Value> row{source.name, source.mode, source.database,
                           status != nullptr && status->connected, std::ssize(tables)};
    if (status == nullptr) {
      row.resize(CaptureSourcesColumns().size());
    } else {
      double rate = 0;
      for (const TableStatus& table : status->tables) rate += table.rows_per_second;
      const std::vector<Value> rest{status->tables_copying,
                                    RateOf(rate),
                                    status->lag_bytes,
                                    MillisOf(capture::LagMs(status->as_of_ms, NowMs())),
                                    status->slot_retained_bytes,
                                    MomentOf(status->last_commit_ms),
                                    status->failures,
                                    TextOrNull(ErrorOf(*status))};
      row.insert(row.end(), rest.begin(), rest.end());
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<MadeColumn> CaptureTablesColumns() {
  return {OfText("DATA_SOURCE_NAME"), OfText("SCHEMA_NAME"),
          OfText("TABLE_NAME"),       OfText("STATE"),
          OfNumber("ROWS_COPIED"),    OfNumber("ROWS_ESTIMATED"),
          OfNumber("ROWS_INSERTED"),  OfNumber("ROWS_UPDATED"),
          OfNumber("ROWS_DELETED"),   OfNumber("ROWS_PER_SECOND"),
          OfNumber("LAG_BYTES"),      OfNumber("LAG_SECONDS", kMillisecondScale),
          OfTime("LAST_COMMIT_AT"),   OfText("LAST_ERROR")};
}

Result<LiveRows> CaptureTablesRows(const Snapshot& snapshot, ObjectId application,
                                   const CaptureStatuses& live) {
  TARN_ASSIGN(const auto sources, DataSourcesOf(snapshot, application));
  LiveRows rows;
  for (const DataSource& source : sources) {
    TARN_ASSIGN(const auto tables, CapturedTablesOf(snapshot, source.id));
    const CaptureStatus* const status = StatusOf(live, source.id);
    for (const CapturedTable& table : tables) {
      rows.push_back(TableRow(source, table, StatusOf(status, table)));
    }
  }
  return rows;
}

}  // namespace tarn::warehouse
