// SPDX-License-Identifier: Apache-2.0
#include "server/capture_metrics.h"

#include <string>
#include <vector>

#include "base/clock.h"
#include "warehouse/connector/capture_board.h"

namespace tarn::server {
namespace {

using capture::CaptureStatus;
using capture::TableStatus;

constexpr double kMsPerSecond = 1000;

struct NamedCapture {
  std::string name;
  CaptureStatus status;
};

/// What cannot be asked now shows as a gap.
std::vector<NamedCapture> CapturesOf(warehouse::Account& account) {
  std::vector<NamedCapture> captures;
  const auto snapshot = account.metastore().Read();
  if (!snapshot) return captures;
  for (auto& [id, status] : account.captures().Read()) {
    const auto source = warehouse::FindDataSource(**snapshot, id);
    if (source && *source) captures.push_back({(*source)->name, std::move(status)});
  }
  return captures;
}

class CaptureFamilies {
 public:
  CaptureFamilies(const std::vector<NamedCapture>& captures, MetricsText& text)
      : captures_(captures), text_(text) {}

  /// `value` of a status: a number, or an optional one.
  template <typename Value>
  void OfSources(std::string_view name, std::string_view type, std::string_view help,
                 const Value& value) {
    text_.Family(name, type, help);
    for (const NamedCapture& capture : captures_) {
      Sample(value(capture.status), MetricLabels({{"source", capture.name}}));
    }
  }

  template <typename Value>
  void OfTables(std::string_view name, std::string_view type, std::string_view help,
                const Value& value) {
    text_.Family(name, type, help);
    ForEachTable([&](const NamedCapture& capture, const TableStatus& table) {
      Sample(value(table), MetricLabels({{"source", capture.name},
                                         {"schema", table.name.schema},
                                         {"table", table.name.table}}));
    });
  }

  void Rows() {
    text_.Family("tarn_capture_table_rows_total", "counter",
                 "Rows that are committed, since the capture was started; of copies, those read.");
    ForEachTable([&](const NamedCapture& capture, const TableStatus& table) {
      for (const auto& [change, rows] :
           {std::pair("copied", table.rows_copied), std::pair("inserted", table.rows_inserted),
            std::pair("updated", table.rows_updated), std::pair("deleted", table.rows_deleted)}) {
        text_.Sample(rows, MetricLabels({{"source", capture.name},
                                         {"schema", table.name.schema},
                                         {"table", table.name.table},
                                         {"change", change}}));
      }
    });
  }

  void States() {
    text_.Family("tarn_capture_table_state", "gauge", "1 of the state that the table is in.");
    ForEachTable([&](const NamedCapture& capture, const TableStatus& table) {
      text_.Sample(1, MetricLabels({{"source", capture.name},
                                    {"schema", table.name.schema},
                                    {"table", table.name.table},
                                    {"state", WordOf(table.stage)}}));
    });
  }

 private:
  template <typename Visit>
  void ForEachTable(const Visit& visit) const {
    for (const NamedCapture& capture : captures_) {
      for (const TableStatus& table : capture.status.tables) visit(capture, table);
    }
  }
  template <typename Number>
  void Sample(const std::optional<Number>& value, const std::string& labels) {
    if (value) text_.Sample(*value, labels);
  }
  void Sample(int64_t value, const std::string& labels) { text_.Sample(value, labels); }

  const std::vector<NamedCapture>& captures_;
  MetricsText& text_;
};

std::optional<double> SecondsBehind(const std::optional<int64_t>& as_of_ms) {
  const auto lag_ms = capture::LagMs(as_of_ms, NowMs());
  if (!lag_ms) return std::nullopt;
  return static_cast<double>(*lag_ms) / kMsPerSecond;
}

}  // namespace

void AddCaptureMetrics(warehouse::Account& account, MetricsText& text) {
  const std::vector<NamedCapture> captures = CapturesOf(account);
  CaptureFamilies families(captures, text);
  families.OfSources("tarn_capture_connected", "gauge", "Whether the source is reached.",
                     [](const CaptureStatus& status) -> int64_t { return status.connected; });
  families.OfSources("tarn_capture_failures_total", "counter",
                     "Connections to the source that ended with an error.",
                     [](const CaptureStatus& status) { return status.failures; });
  families.OfSources("tarn_capture_lag_bytes", "gauge",
                     "Of the source's log, from what is committed here to its end.",
                     [](const CaptureStatus& status) { return status.lag_bytes; });
  families.OfSources("tarn_capture_lag_seconds", "gauge",
                     "Age of the state of the source that is committed here.",
                     [](const CaptureStatus& status) { return SecondsBehind(status.as_of_ms); });
  families.OfSources("tarn_capture_slot_retained_bytes", "gauge",
                     "Of the source's log, kept for the replication slot.",
                     [](const CaptureStatus& status) { return status.slot_retained_bytes; });
  families.OfSources("tarn_capture_tables_copying", "gauge", "Tables whose first copy is not done.",
                     [](const CaptureStatus& status) { return status.tables_copying; });
  families.OfTables("tarn_capture_table_lag_seconds", "gauge",
                    "Age of the state of the source's table that is committed here.",
                    [](const TableStatus& table) { return SecondsBehind(table.as_of_ms); });
  families.OfTables("tarn_capture_table_lag_bytes", "gauge",
                    "Of the source's log, from the first change that waits.",
                    [](const TableStatus& table) { return table.lag_bytes; });
  families.Rows();
  families.States();
}

}  // namespace tarn::server
