// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/refresh_choice.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "iceberg/commit/validation.h"
#include "sql/syntax/parser.h"

namespace tarn::warehouse {
namespace {

/// A changed row is read, netted, joined with its group and looked up.
constexpr double kRowsOfAChange = 2;
/// Beyond so many times the largest change that was measured, nobody knows.
constexpr int64_t kExtrapolated = 10;

int64_t NumberOf(const std::map<std::string, std::string>& summary, const char* key) {
  const auto found = summary.find(key);
  int64_t number = 0;
  if (found == summary.end()) return number;
  const std::string& text = found->second;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Absent: the history between the two is not whole.
std::optional<int64_t> ChangedBetween(const iceberg::TableMetadata& metadata,
                                      const TableVersion& from) {
  const auto snapshots =
      iceberg::SnapshotsSince(metadata, metadata.current_snapshot(), from.snapshot);
  if (!snapshots) return std::nullopt;
  int64_t rows = 0;
  for (const iceberg::Snapshot* const snapshot : *snapshots) {
    if (snapshot->operation == iceberg::SnapshotOperation::kReplace) continue;
    for (const char* const key : {"added-records", "deleted-records", "added-position-deletes"}) {
      rows += NumberOf(snapshot->summary, key);
    }
  }
  return rows;
}

}  // namespace

SourceRows CountSourceRows(const DefinedTable& defined, const Frontier& before) {
  SourceRows rows;
  std::set<ObjectId> counted;
  for (const sql::BoundTable& bound : defined.bound.query.tables) {
    const auto& pinned = *static_cast<const PinnedTable*>(bound.table.handle.get());
    if (pinned.loaded.metadata == nullptr || !counted.insert(pinned.head.id).second) continue;
    const iceberg::TableMetadata& metadata = *pinned.loaded.metadata;
    if (metadata.current_snapshot_id) {
      const auto* const snapshot = metadata.FindSnapshot(*metadata.current_snapshot_id);
      if (snapshot != nullptr) rows.all += NumberOf(snapshot->summary, "total-records");
    }
    const auto source = std::ranges::find(before.sources, pinned.head.id, &FrontierSource::id);
    if (source == before.sources.end()) continue;
    rows.changed += ChangedBetween(metadata, source->version).value_or(0);
  }
  return rows;
}

std::vector<MeasuredRefresh> MeasuredRefreshes(const std::vector<RunRecord>& runs) {
  std::vector<MeasuredRefresh> measured;
  for (const RunRecord& run : runs) {
    if (run.state != "SUCCEEDED") continue;
    const auto details = nlohmann::json::parse(run.details, nullptr, false);
    if (!details.is_object() || !details.contains("executionUs")) continue;
    const std::string action = details.value("action", "");
    // A change for which the groups had to be read first tells nothing of the next.
    if (action == "NO_DATA" || details.value("madeGroups", false)) continue;
    measured.push_back({.whole = action != "INCREMENTAL",
                        .rows = {.changed = details.value("changedRows", int64_t{0}),
                                 .all = details.value("sourceRows", int64_t{0})},
                        .microseconds = details.value("executionUs", int64_t{0})});
  }
  return measured;
}

bool WholeIsFaster(const std::vector<MeasuredRefresh>& history, const SourceRows& rows) {
  const auto whole = std::ranges::find(history, true, &MeasuredRefresh::whole);
  if (whole == history.end() || rows.changed == 0) return false;
  const auto all = static_cast<double>(std::max<int64_t>(rows.all, 1));
  const double grown = whole->rows.all > 0 ? all / static_cast<double>(whole->rows.all) : 1.0;
  const double whole_us = static_cast<double>(whole->microseconds) * std::max(grown, 1e-3);
  double fixed_us = 0;
  double row_us = kRowsOfAChange * whole_us / all;
  const MeasuredRefresh* largest = nullptr;
  for (const MeasuredRefresh& each : history) {
    if (each.whole) continue;
    const auto took = static_cast<double>(each.microseconds);
    if (largest == nullptr || took < fixed_us) fixed_us = took;
    if (largest == nullptr || each.rows.changed > largest->rows.changed) largest = &each;
  }
  if (largest != nullptr && largest->rows.changed >= rows.changed / kExtrapolated &&
      largest->rows.changed > 0) {
    row_us = (static_cast<double>(largest->microseconds) - fixed_us) /
             static_cast<double>(largest->rows.changed);
    // One change alone says nothing of a row.
    if (row_us <= 0) row_us = fixed_us / static_cast<double>(largest->rows.changed);
  }
  return fixed_us + row_us * static_cast<double>(rows.changed) > whole_us;
}

bool MayChoose(const DynamicTable& table) {
  if (table.refresh_mode != "INCREMENTAL") return table.refresh_mode == "ADAPTIVE";
  const auto statement = sql::syntax::ParseStatement(table.text);
  if (!statement) return false;
  const auto* const create = std::get_if<sql::syntax::CreateTable>(&statement->value);
  if (create == nullptr) return false;
  const auto mode = std::ranges::find(create->options, "REFRESH_MODE", &sql::syntax::Option::key);
  if (mode == create->options.end() || !mode->value) return true;
  const sql::syntax::Span span = mode->span;
  const std::string written =
      sql::syntax::UpperCase(table.text.substr(span.begin, span.end - span.begin));
  return written.find("INCREMENTAL") == std::string::npos;
}

}  // namespace tarn::warehouse
