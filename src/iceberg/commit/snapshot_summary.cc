// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/snapshot_summary.h"

#include <charconv>
#include <limits>
#include <optional>

#include "base/saturating.h"
#include "iceberg/plan/delete_file.h"
#include "iceberg/values/partition_path.h"

namespace tarn::iceberg {
namespace {

using Summary = std::map<std::string, std::string>;

/// Sums of numbers from outside end there: they are not known.
bool IsKnown(int64_t sum) {
  return sum != std::numeric_limits<int64_t>::max() && sum != std::numeric_limits<int64_t>::min();
}

void PutPositive(Summary& summary, const char* key, int64_t value) {
  if (value > 0 && IsKnown(value)) summary[key] = std::to_string(value);
}

std::optional<int64_t> PreviousTotal(const Snapshot* parent, const char* key) {
  if (parent == nullptr) return 0;
  const auto found = parent->summary.find(key);
  if (found == parent->summary.end()) return std::nullopt;
  int64_t value = 0;
  const std::string& text = found->second;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

void CarryTotal(Summary& summary, const Snapshot* parent, const char* key, int64_t added,
                int64_t removed) {
  const std::optional<int64_t> previous = PreviousTotal(parent, key);
  if (!previous || !IsKnown(added) || !IsKnown(removed)) return;
  // A total below 0 or beyond 64 bits means that an earlier one was wrong: none is better.
  const int64_t total = SaturatingAdd(*previous, SaturatingSubtract(added, removed));
  if (total >= 0 && IsKnown(total)) summary[key] = std::to_string(total);
}

void PutCounters(Summary& summary, const FileCounters& added, const FileCounters& removed) {
  PutPositive(summary, "added-data-files", added.data_files);
  PutPositive(summary, "added-records", added.records);
  PutPositive(summary, "added-files-size", added.bytes);
  PutPositive(summary, "added-delete-files", added.delete_files());
  PutPositive(summary, "added-position-delete-files", added.position_delete_files);
  PutPositive(summary, "added-dvs", added.deletion_vectors);
  PutPositive(summary, "added-position-deletes", added.position_deletes);
  PutPositive(summary, "added-equality-delete-files", added.equality_delete_files);
  PutPositive(summary, "added-equality-deletes", added.equality_deletes);
  PutPositive(summary, "deleted-data-files", removed.data_files);
  PutPositive(summary, "deleted-records", removed.records);
  PutPositive(summary, "removed-files-size", removed.bytes);
  PutPositive(summary, "removed-delete-files", removed.delete_files());
  PutPositive(summary, "removed-position-delete-files", removed.position_delete_files);
  PutPositive(summary, "removed-dvs", removed.deletion_vectors);
  PutPositive(summary, "removed-position-deletes", removed.position_deletes);
  PutPositive(summary, "removed-equality-delete-files", removed.equality_delete_files);
  PutPositive(summary, "removed-equality-deletes", removed.equality_deletes);
}

/// "key=value,…", as the reference implementation joins them.
std::string Joined(const Summary& entries) {
  std::string text;
  for (const auto& [key, value] : entries) {
    if (!text.empty()) text += ',';
    text += key + '=' + value;
  }
  return text;
}

}  // namespace

int64_t ContentSizeBytes(const DataFile& file) {
  return IsDeletionVector(file) ? file.content_size_bytes.value_or(0) : file.file_size_bytes;
}

void FileCounters::Count(const DataFile& file) {
  bytes = SaturatingAdd(bytes, ContentSizeBytes(file));
  switch (file.content) {
    case FileContent::kData:
      ++data_files;
      records = SaturatingAdd(records, file.record_count);
      break;
    case FileContent::kPositionDeletes:
      ++(IsDeletionVector(file) ? deletion_vectors : position_delete_files);
      position_deletes = SaturatingAdd(position_deletes, file.record_count);
      break;
    case FileContent::kEqualityDeletes:
      ++equality_delete_files;
      equality_deletes = SaturatingAdd(equality_deletes, file.record_count);
      break;
  }
}

SnapshotCounters::Partition& SnapshotCounters::PartitionOf(const PartitionSpec& spec,
                                                           const DataFile& file) {
  return partitions_[PartitionPath(schema_, spec, file.partition)];
}

void SnapshotCounters::Add(const PartitionSpec& spec, const DataFile& file) {
  added_.Count(file);
  PartitionOf(spec, file).added.Count(file);
}

void SnapshotCounters::Remove(const PartitionSpec& spec, const DataFile& file) {
  removed_.Count(file);
  PartitionOf(spec, file).removed.Count(file);
}

void SnapshotCounters::AddUnpartitioned(const FileCounters& files) {
  const auto add = [&](FileCounters& to) {
    to.data_files += files.data_files;
    to.records = SaturatingAdd(to.records, files.records);
    to.bytes = SaturatingAdd(to.bytes, files.bytes);
  };
  add(added_);
  add(partitions_[""].added);
}

void SnapshotCounters::Put(Summary& summary, int64_t partition_limit) const {
  PutCounters(summary, added_, removed_);
  const auto count = static_cast<int64_t>(partitions_.size());
  PutPositive(summary, "changed-partition-count", count);
  if (count == 0 || count > partition_limit) return;
  summary["partition-summaries-included"] = "true";
  for (const auto& [path, partition] : partitions_) {
    Summary entries;
    PutCounters(entries, partition.added, partition.removed);
    summary["partitions." + path] = Joined(entries);
  }
}

void PutTotals(Summary& summary, const Snapshot* parent, std::span<const ManifestFile> manifests,
               const SnapshotCounters& counters) {
  const FileCounters& added = counters.added();
  const FileCounters& removed = counters.removed();
  int64_t files[2] = {0, 0};
  int64_t rows[2] = {0, 0};
  for (const ManifestFile& manifest : manifests) {
    files[static_cast<size_t>(manifest.content)] += manifest.live_files_count();
    int64_t& sum = rows[static_cast<size_t>(manifest.content)];
    sum =
        SaturatingAdd(SaturatingAdd(sum, manifest.added_rows_count), manifest.existing_rows_count);
  }
  summary["total-data-files"] = std::to_string(files[0]);
  if (IsKnown(rows[0])) summary["total-records"] = std::to_string(rows[0]);
  summary["total-delete-files"] = std::to_string(files[1]);
  if (files[0] + files[1] == 0) {
    summary["total-files-size"] = "0";
  } else {
    CarryTotal(summary, parent, "total-files-size", added.bytes, removed.bytes);
  }
  if (files[1] == 0) {
    summary["total-position-deletes"] = "0";
    summary["total-equality-deletes"] = "0";
    return;
  }
  CarryTotal(summary, parent, "total-position-deletes", added.position_deletes,
             removed.position_deletes);
  CarryTotal(summary, parent, "total-equality-deletes", added.equality_deletes,
             removed.equality_deletes);
}

}  // namespace tarn::iceberg
