// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "iceberg/manifests/manifest_codec.h"
#include "iceberg/plan/filter_outcome.h"
#include "iceberg/values/partition_tuple.h"
#include "iceberg/values/single_value.h"

namespace tarn::iceberg {
namespace {

/// Rows of files that nobody checked yet may add up to anything.
void AddRows(int64_t& total, int64_t rows) {
  if (__builtin_add_overflow(total, rows, &total)) total = INT64_MAX;
}

FieldSummary SummarizeField(const Type& type, size_t field,
                            std::span<const ManifestEntry> entries) {
  FieldSummary summary;
  summary.contains_nan = false;
  const Value* lower = nullptr;
  const Value* upper = nullptr;
  for (const ManifestEntry& entry : entries) {
    const Value& value = entry.data_file.partition[field];
    if (std::holds_alternative<std::monostate>(value)) {
      summary.contains_null = true;
    } else if (IsNan(value)) {
      summary.contains_nan = true;
    } else {
      if (lower == nullptr || CompareValues(type, value, *lower) < 0) lower = &value;
      if (upper == nullptr || CompareValues(type, value, *upper) > 0) upper = &value;
    }
  }
  if (lower != nullptr) summary.lower_bound = EncodeSingleValue(type, *lower);
  if (upper != nullptr) summary.upper_bound = EncodeSingleValue(type, *upper);
  return summary;
}

/// No summaries rather than wrong ones when a tuple does not fit the spec: EncodeManifest refuses
/// it anyway.
std::vector<FieldSummary> SummarizePartitions(const ManifestHeader& header,
                                              std::span<const ManifestEntry> entries) {
  const auto types = PartitionTypes(header.schema, header.spec);
  if (!types) return {};
  for (const ManifestEntry& entry : entries) {
    const std::vector<Value>& tuple = entry.data_file.partition;
    if (tuple.size() != types->size()) return {};
    for (size_t i = 0; i < tuple.size(); ++i) {
      if (!IsOfType((*types)[i], tuple[i])) return {};
    }
  }
  std::vector<FieldSummary> summaries;
  for (size_t i = 0; i < types->size(); ++i) {
    summaries.push_back(SummarizeField((*types)[i], i, entries));
  }
  return summaries;
}

}  // namespace

ManifestFile SummarizeManifest(const ManifestHeader& header, std::span<const ManifestEntry> entries,
                               SnapshotId added_snapshot_id) {
  ManifestFile file;
  file.partition_spec_id = header.spec.id;
  file.content = header.content;
  file.added_snapshot_id = added_snapshot_id;
  std::optional<SequenceNumber> min_sequence_number;
  for (const ManifestEntry& entry : entries) {
    const int64_t rows = entry.data_file.record_count;
    switch (entry.status) {
      case EntryStatus::kAdded:
        ++file.added_files_count;
        AddRows(file.added_rows_count, rows);
        break;
      case EntryStatus::kExisting:
        ++file.existing_files_count;
        AddRows(file.existing_rows_count, rows);
        break;
      case EntryStatus::kDeleted:
        ++file.deleted_files_count;
        AddRows(file.deleted_rows_count, rows);
        continue;  // the minimum is over live files
    }
    if (entry.sequence_number &&
        (!min_sequence_number || *entry.sequence_number < *min_sequence_number)) {
      min_sequence_number = entry.sequence_number;
    }
  }
  file.min_sequence_number = min_sequence_number.value_or(SequenceNumber());
  file.partitions = SummarizePartitions(header, entries);
  return file;
}

}  // namespace tarn::iceberg
