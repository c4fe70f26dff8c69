// SPDX-License-Identifier: Apache-2.0
#include "iceberg/update/metadata_logs.h"

#include <algorithm>
#include <unordered_set>

#include "base/saturating.h"
#include "iceberg/model/table_properties.h"

namespace tarn::iceberg {
namespace {

constexpr int64_t kClockToleranceMs = 60'000;

/// By more than clocks differ.
bool IsBefore(int64_t a_ms, int64_t b_ms) {
  return a_ms < SaturatingSubtract(b_ms, kClockToleranceMs);
}

void AddPaths(const std::vector<StatisticsFile>& files, std::unordered_set<std::string>& paths) {
  for (const StatisticsFile& file : files) paths.insert(file.path);
}

}  // namespace

Result<> CheckNewLogEntries(const TableMetadata& metadata, size_t old_entries) {
  const auto& log = metadata.snapshot_log;
  if (log.size() == old_entries) return {};
  for (size_t i = std::max<size_t>(old_entries, 1); i < log.size(); ++i) {
    if (IsBefore(log[i].timestamp_ms, log[i - 1].timestamp_ms)) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Invalid snapshot timestamp {}: before last snapshot log entry at {}",
                  log[i].timestamp_ms, log[i - 1].timestamp_ms);
    }
  }
  if (IsBefore(metadata.last_updated_ms, log.back().timestamp_ms)) {
    return Fail(ErrorKind::kInvalidArgument,
                "Invalid update timestamp {}: before last snapshot log entry at {}",
                metadata.last_updated_ms, log.back().timestamp_ms);
  }
  return {};
}

Result<> CloseSnapshotLog(TableMetadata& metadata,
                          const std::vector<SnapshotId>& added_and_set_as_main,
                          bool snapshots_were_removed) {
  std::unordered_set<SnapshotId> passing(added_and_set_as_main.begin(),
                                         added_and_set_as_main.end());
  if (metadata.current_snapshot_id) passing.erase(*metadata.current_snapshot_id);
  if (passing.empty() && !snapshots_were_removed) return {};

  std::unordered_set<SnapshotId> present;
  present.reserve(metadata.snapshots.size());
  for (const CommittedSnapshot& snapshot : metadata.snapshots) present.insert(snapshot->id);
  std::vector<SnapshotLogEntry> log;
  log.reserve(metadata.snapshot_log.size());
  for (const SnapshotLogEntry& entry : metadata.snapshot_log) {
    if (!present.contains(entry.snapshot_id)) {
      if (snapshots_were_removed) log.clear();
    } else if (!passing.contains(entry.snapshot_id)) {
      log.push_back(entry);
    }
  }
  metadata.snapshot_log = std::move(log);
  const auto& kept = metadata.snapshot_log;
  if (metadata.current_snapshot_id && !kept.empty() &&
      kept.back().snapshot_id != *metadata.current_snapshot_id) {
    return Fail(ErrorKind::kInvalidArgument,
                "Cannot set invalid snapshot log: latest entry is not the current snapshot");
  }
  return {};
}

std::vector<std::string> LogPreviousMetadata(TableMetadata& metadata, const TableMetadata& base,
                                             std::string_view base_metadata_location,
                                             int64_t default_max) {
  if (base_metadata_location.empty()) return {};
  auto& log = metadata.metadata_log;
  log.push_back({base.last_updated_ms, std::string(base_metadata_location)});
  const int64_t max_files = std::max<int64_t>(
      NumberProperty(metadata, "write.metadata.previous-versions-max", default_max), 1);
  std::vector<std::string> dropped;
  const auto excess = static_cast<int64_t>(log.size()) - max_files;
  if (excess <= 0) return dropped;
  for (auto entry = log.begin(); entry != log.begin() + excess; ++entry) {
    dropped.push_back(std::move(entry->metadata_file));
  }
  log.erase(log.begin(), log.begin() + excess);
  return dropped;
}

std::vector<std::string> StatisticsFilesOnlyIn(const TableMetadata& before,
                                               const TableMetadata& after) {
  std::unordered_set<std::string> dropped;
  AddPaths(before.statistics, dropped);
  AddPaths(before.partition_statistics, dropped);
  if (dropped.empty()) return {};
  for (const auto* files : {&after.statistics, &after.partition_statistics}) {
    for (const StatisticsFile& file : *files) dropped.erase(file.path);
  }
  std::vector<std::string> sorted(dropped.begin(), dropped.end());
  std::ranges::sort(sorted);
  return sorted;
}

}  // namespace tarn::iceberg
