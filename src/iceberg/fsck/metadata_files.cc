// SPDX-License-Identifier: Apache-2.0
// Files that the metadata names beside data: earlier metadata files and statistics.
#include <algorithm>
#include <set>

#include "iceberg/fsck/run.h"

namespace tarn::iceberg::fsck {
namespace {

bool Exists(Run& run, const std::string& location) {
  ++run.report.files_checked;
  return run.storage.Head(location).has_value();
}

/// What may never go back from one metadata file to the next.
void CheckSuccession(Run& run, const TableMetadata& previous, const std::string& location) {
  const TableMetadata& table = run.metadata;
  if (previous.table_uuid != table.table_uuid) {
    run.Error("table-uuid-changed", run.metadata_location, "\"{}\" has the uuid {}, not {}",
              location, previous.table_uuid.ToString(), table.table_uuid.ToString());
  }
  if (previous.format_version > table.format_version) {
    run.Error("format-version-lowered", run.metadata_location, "\"{}\" is of version {}", location,
              previous.format_version);
  }
  if (previous.last_column_id > table.last_column_id) {
    run.Error("last-column-id-lowered", run.metadata_location, "\"{}\" has last-column-id {}",
              location, previous.last_column_id.value());
  }
  if (previous.last_sequence_number > table.last_sequence_number) {
    run.Error("last-sequence-number-lowered", run.metadata_location,
              "\"{}\" has last-sequence-number {}", location,
              previous.last_sequence_number.value());
  }
  if (previous.next_row_id.value_or(0) > table.next_row_id.value_or(0)) {
    run.Error("next-row-id-lowered", run.metadata_location, "\"{}\" has next-row-id {}", location,
              *previous.next_row_id);
  }
}

void CheckStatisticsFiles(Run& run, const std::vector<StatisticsFile>& files,
                          std::string_view what) {
  std::set<SnapshotId> described;
  for (const StatisticsFile& file : files) {
    run.reachable.insert(file.path);
    if (!described.insert(file.snapshot_id).second) {
      run.Error("statistics-duplicate", run.metadata_location, "{} has two entries for snapshot {}",
                what, file.snapshot_id.value());
    }
    if (run.metadata.FindSnapshot(file.snapshot_id) == nullptr) {
      run.Error("statistics-snapshot-missing", run.metadata_location,
                "\"{}\" in {} belongs to a snapshot that the table lacks", file.path, what);
    }
    if (!Exists(run, file.path)) {
      run.Error("statistics-file-missing", file.path, "the statistics file does not exist");
    }
  }
}

}  // namespace

void CheckMetadataLog(Run& run) {
  int64_t previous_ms = 0;
  std::set<std::string> seen = {run.metadata_location};
  for (const MetadataLogEntry& entry : run.metadata.metadata_log) {
    run.reachable.insert(entry.metadata_file);
    if (entry.timestamp_ms < previous_ms) {
      run.Error("metadata-log-order", run.metadata_location,
                "the metadata log goes back in time at \"{}\"", entry.metadata_file);
    }
    previous_ms = std::max(previous_ms, entry.timestamp_ms);
    if (!seen.insert(entry.metadata_file).second) {
      run.Error("metadata-log-duplicate", run.metadata_location,
                "the metadata log names \"{}\" twice, or names the current file",
                entry.metadata_file);
    }
    if (!Exists(run, entry.metadata_file)) {
      run.Error("metadata-log-file-missing", entry.metadata_file,
                "the metadata log of \"{}\" names it, but it does not exist",
                run.metadata_location);
    }
  }
  if (previous_ms > run.metadata.last_updated_ms) {
    run.Error("metadata-log-order", run.metadata_location,
              "the metadata log ends after last-updated-ms {}", run.metadata.last_updated_ms);
  }
  if (run.metadata.metadata_log.empty()) return;
  const std::string& newest = run.metadata.metadata_log.back().metadata_file;
  const auto bytes = run.storage.Read(newest);
  if (!bytes) return;  // reported above
  if (const auto previous = ParseTableMetadata(*bytes)) {
    CheckSuccession(run, *previous, newest);
  } else {
    run.Error("previous-metadata-invalid", newest, "{}", previous.error().message);
  }
}

void CheckStatistics(Run& run) {
  CheckStatisticsFiles(run, run.metadata.statistics, "statistics");
  CheckStatisticsFiles(run, run.metadata.partition_statistics, "partition-statistics");
}

}  // namespace tarn::iceberg::fsck
