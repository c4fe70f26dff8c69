// SPDX-License-Identifier: Apache-2.0
// Snapshots against each other, references and the snapshot log.
#include <set>

#include "base/saturating.h"
#include "iceberg/fsck/run.h"

namespace tarn::iceberg::fsck {
namespace {

// Clocks of several writers differ; Java allows a minute too.
constexpr int64_t kClockSkewMs = 60'000;

std::string PlaceOf(const Run& run, const Snapshot& snapshot) {
  return fmt::format("{} snapshot {}", run.metadata_location, snapshot.id.value());
}

void CheckSnapshot(Run& run, const Snapshot& snapshot) {
  const std::string place = PlaceOf(run, snapshot);
  const TableMetadata& table = run.metadata;
  if (snapshot.id.value() <= 0) run.Error("snapshot-id", place, "snapshot ids are positive");
  if (snapshot.sequence_number > table.last_sequence_number) {
    run.Error("sequence-number-above-last", place,
              "its sequence number {} is above last-sequence-number {}",
              snapshot.sequence_number.value(), table.last_sequence_number.value());
  }
  if (table.format_version == 1 && snapshot.sequence_number.value() != 0) {
    run.Error("sequence-number-in-v1", place, "version 1 has no sequence numbers, it has {}",
              snapshot.sequence_number.value());
  }
  if (snapshot.timestamp_ms > SaturatingAdd(table.last_updated_ms, kClockSkewMs)) {
    run.Error("last-updated-too-low", place, "its time {} is after last-updated-ms {}",
              snapshot.timestamp_ms, table.last_updated_ms);
  }
  if (snapshot.schema_id && table.FindSchema(*snapshot.schema_id) == nullptr) {
    run.Error("snapshot-schema-missing", place, "its schema {} is not in the table",
              snapshot.schema_id->value());
  }
  if (table.format_version >= 2 && !snapshot.operation) {
    run.Error("snapshot-operation-missing", place, "its summary names no operation");
  }
  if (table.format_version >= 3) {
    if (!snapshot.first_row_id || !snapshot.added_rows) {
      // Snapshots from before an upgrade have neither.
      run.Note("snapshot-row-ids-missing", place, "it has no first-row-id or added-rows");
    } else if (*snapshot.first_row_id < 0 || *snapshot.added_rows < 0 ||
               *snapshot.first_row_id >
                   SaturatingSubtract(table.next_row_id.value_or(0), *snapshot.added_rows)) {
      run.Error("next-row-id-too-low", place, "its rows reach beyond next-row-id {}",
                table.next_row_id.value_or(0));
    }
  }
  const Snapshot* parent = snapshot.parent_id ? table.FindSnapshot(*snapshot.parent_id) : nullptr;
  if (parent == nullptr || table.format_version < 2) return;
  // Both came before an upgrade from version 1, which numbers nothing.
  if (snapshot.sequence_number.value() == 0 && parent->sequence_number.value() == 0) return;
  if (parent->sequence_number >= snapshot.sequence_number) {
    run.Error("sequence-number-order", place,
              "its sequence number {} is not above {} of its parent",
              snapshot.sequence_number.value(), parent->sequence_number.value());
  }
}

void CheckSnapshotIds(Run& run) {
  std::set<SnapshotId> ids;
  std::set<SequenceNumber> numbers;
  for (const auto& snapshot : run.metadata.snapshots) {
    if (!ids.insert(snapshot->id).second) {
      run.Error("duplicate-snapshot-id", PlaceOf(run, *snapshot), "it is listed twice");
    }
    const bool numbered = snapshot->sequence_number.value() > 0;
    if (numbered && !numbers.insert(snapshot->sequence_number).second) {
      run.Error("duplicate-sequence-number", PlaceOf(run, *snapshot),
                "sequence number {} is used by another snapshot too",
                snapshot->sequence_number.value());
    }
  }
}

void CheckSnapshotLog(Run& run) {
  const TableMetadata& table = run.metadata;
  int64_t previous_ms = 0;
  for (const SnapshotLogEntry& entry : table.snapshot_log) {
    if (entry.timestamp_ms < SaturatingSubtract(previous_ms, kClockSkewMs)) {
      run.Error("snapshot-log-order", run.metadata_location,
                "the snapshot log goes back in time at snapshot {}", entry.snapshot_id.value());
    }
    previous_ms = entry.timestamp_ms;
    if (table.FindSnapshot(entry.snapshot_id) == nullptr) {
      run.Error("snapshot-log-unknown-snapshot", run.metadata_location,
                "the snapshot log names snapshot {}, which the table lacks",
                entry.snapshot_id.value());
    }
  }
  if (previous_ms > SaturatingAdd(table.last_updated_ms, kClockSkewMs)) {
    run.Error("snapshot-log-order", run.metadata_location,
              "the snapshot log ends after last-updated-ms");
  }
  if (table.current_snapshot_id && !table.snapshot_log.empty() &&
      table.snapshot_log.back().snapshot_id != *table.current_snapshot_id) {
    run.Error("snapshot-log-current", run.metadata_location,
              "the snapshot log ends with snapshot {}, the current one is {}",
              table.snapshot_log.back().snapshot_id.value(), table.current_snapshot_id->value());
  }
}

void CheckRefs(Run& run) {
  for (const auto& [name, ref] : run.metadata.refs) {
    if (run.metadata.FindSnapshot(ref.snapshot_id) == nullptr) {
      run.Error("ref-snapshot-missing", run.metadata_location,
                "reference \"{}\" names snapshot {}, which the table lacks", name,
                ref.snapshot_id.value());
    }
    if (name == kMainBranch && (ref.is_tag || ref.max_ref_age_ms)) {
      run.Error("main-ref", run.metadata_location, "main is a tag or may age out");
    }
    const bool retained = ref.min_snapshots_to_keep || ref.max_snapshot_age_ms;
    const bool positive = ref.min_snapshots_to_keep.value_or(1) > 0 &&
                          ref.max_snapshot_age_ms.value_or(1) > 0 &&
                          ref.max_ref_age_ms.value_or(1) > 0;
    if ((ref.is_tag && retained) || !positive) {
      run.Error("ref-retention", run.metadata_location,
                "reference \"{}\" has a retention that its kind does not allow", name);
    }
  }
}

}  // namespace

void CheckHistory(Run& run) {
  CheckSnapshotIds(run);
  for (const auto& snapshot : run.metadata.snapshots) CheckSnapshot(run, *snapshot);
  CheckSnapshotLog(run);
  CheckRefs(run);
}

}  // namespace tarn::iceberg::fsck
