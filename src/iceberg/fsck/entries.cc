// SPDX-License-Identifier: Apache-2.0
// One manifest entry by itself, as it stands in the file.
#include <algorithm>
#include <functional>

#include "iceberg/fsck/run.h"
#include "iceberg/values/partition_tuple.h"

namespace tarn::iceberg::fsck {
namespace {

/// Spec, "Sequence Number Inheritance": only ADDED entries may leave their numbers out.
void CheckNumbers(Run& run, const ManifestFile& line, const ManifestEntry& entry,
                  const std::string& place) {
  const bool numbered_format = line.sequence_number.value() > 0;
  const bool added = entry.status == EntryStatus::kAdded;
  if (!added && !entry.snapshot_id) {
    run.Error("entry-snapshot-id-missing", place, "it is not new, but has no snapshot id");
  }
  if (!added && numbered_format && (!entry.sequence_number || !entry.file_sequence_number)) {
    run.Error("entry-sequence-number-missing", place, "it is not new, but has no sequence numbers");
  }
  const bool above = entry.sequence_number.value_or(SequenceNumber()) > line.sequence_number ||
                     entry.file_sequence_number.value_or(SequenceNumber()) > line.sequence_number;
  if (above) {
    run.Error("entry-sequence-number", place, "a sequence number is above {} of the manifest",
              line.sequence_number.value());
  }
  if (added && entry.file_sequence_number && numbered_format &&
      *entry.file_sequence_number != line.sequence_number) {
    run.Error("entry-sequence-number", place,
              "it was added here, but its file sequence number is {}, not {}",
              entry.file_sequence_number->value(), line.sequence_number.value());
  }
  if (added && entry.snapshot_id && *entry.snapshot_id != line.added_snapshot_id) {
    run.Error("added-entry-snapshot", place, "it was added by snapshot {}, not {} of the manifest",
              entry.snapshot_id->value(), line.added_snapshot_id.value());
  }
  if (entry.status == EntryStatus::kDeleted && entry.snapshot_id &&
      *entry.snapshot_id != line.added_snapshot_id) {
    run.Error("deleted-entry-snapshot", place, "it carries snapshot {}, not {}, which deleted it",
              entry.snapshot_id->value(), line.added_snapshot_id.value());
  }
}

void CheckContent(Run& run, const ManifestFile& line, const DataFile& file,
                  const std::string& place) {
  const bool data = file.content == FileContent::kData;
  if (data != (line.content == ManifestContent::kData)) {
    run.Error("entry-content", place, "data and delete files do not share a manifest");
  }
  if (data && !file.equality_ids.empty()) {
    run.Error("entry-equality-ids", place, "a data file has equality ids");
  }
  if (file.content == FileContent::kEqualityDeletes && file.equality_ids.empty()) {
    run.Error("entry-equality-ids", place, "an equality delete file has no equality ids");
  }
  if (file.content == FileContent::kPositionDeletes &&
      file.sort_order_id.value_or(SortOrderId()) != SortOrderId()) {
    run.Error("entry-sort-order", place, "a position delete file has a sort order");
  }
}

void CheckFile(Run& run, const DataFile& file, const std::string& place) {
  if (file.file_path.empty()) run.Error("entry-path", place, "the path is empty");
  if (file.record_count < 0) {
    run.Error("entry-record-count", place, "record count {}", file.record_count);
  }
  if (file.file_size_bytes <= 0) {
    run.Error("entry-file-size", place, "file size {}", file.file_size_bytes);
  }
  constexpr std::string_view kFormats[] = {"PARQUET", "ORC", "AVRO", "PUFFIN"};
  if (std::ranges::find(kFormats, file.file_format) == std::end(kFormats)) {
    run.Error("entry-file-format", place, "file format \"{}\"", file.file_format);
  }
  // The unsorted order needs no place in the table's list.
  const SortOrderId sort_order = file.sort_order_id.value_or(SortOrderId());
  if (sort_order != SortOrderId() &&
      std::ranges::none_of(run.metadata.sort_orders,
                           [&](const auto& order) { return order.id == sort_order; })) {
    run.Error("entry-sort-order", place, "sort order {} is not in the table", sort_order.value());
  }
  const bool ascending = std::ranges::adjacent_find(file.split_offsets, std::greater_equal()) ==
                         file.split_offsets.end();
  const bool inside = file.split_offsets.empty() ||
                      (file.split_offsets.front() >= 0 &&
                       file.split_offsets.back() < std::max<int64_t>(file.file_size_bytes, 0));
  if (!ascending || !inside) {
    run.Error("split-offsets", place, "split offsets do not ascend within the file");
  }
}

void CheckPartition(Run& run, const ManifestHeader& header, const DataFile& file,
                    const std::string& place) {
  const auto types = PartitionTypes(header.schema, header.spec);
  if (!types) return;
  if (file.partition.size() != types->size()) {
    run.Error("entry-partition", place, "the partition tuple has {} values, the spec {} fields",
              file.partition.size(), types->size());
    return;
  }
  for (size_t i = 0; i < types->size(); ++i) {
    if (!IsOfType((*types)[i], file.partition[i])) {
      run.Error("entry-partition", place, "value {} of the partition tuple is of another type", i);
    }
  }
}

}  // namespace

void CheckEntry(Run& run, const ManifestFile& line, const ManifestHeader& header,
                const ManifestEntry& entry, const std::string& place) {
  CheckNumbers(run, line, entry, place);
  CheckContent(run, line, entry.data_file, place);
  CheckDeleteEntry(run, header, entry, place);
  CheckFile(run, entry.data_file, place);
  CheckPartition(run, header, entry.data_file, place);
  if (entry.data_file.content == FileContent::kData) CheckMetrics(run, entry.data_file, place);
}

}  // namespace tarn::iceberg::fsck
