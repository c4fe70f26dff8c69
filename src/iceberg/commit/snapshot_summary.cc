// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/snapshot_summary.h"

#include <charconv>
#include <optional>

namespace tarn::iceberg {
namespace {

using Summary = std::map<std::string, std::string>;

void PutPositive(Summary& summary, const char* key, int64_t value) {
  if (value > 0) summary[key] = std::to_string(value);
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

void CarryTotal(Summary& summary, const Snapshot* parent, const char* key, int64_t change) {
  const std::optional<int64_t> previous = PreviousTotal(parent, key);
  // A negative total means that an earlier one was wrong: none is better.
  if (previous && *previous + change >= 0) summary[key] = std::to_string(*previous + change);
}

void PutTotals(Summary& summary, const Snapshot* parent, std::span<const ManifestFile> manifests,
               const FileCounters& added, const FileCounters& removed) {
  int64_t files[2] = {0, 0};
  int64_t rows[2] = {0, 0};
  for (const ManifestFile& manifest : manifests) {
    files[static_cast<size_t>(manifest.content)] += manifest.live_files_count();
    rows[static_cast<size_t>(manifest.content)] += manifest.live_rows_count();
  }
  summary["total-data-files"] = std::to_string(files[0]);
  summary["total-records"] = std::to_string(rows[0]);
  summary["total-delete-files"] = std::to_string(files[1]);
  if (files[0] + files[1] == 0) {
    summary["total-files-size"] = "0";
  } else {
    CarryTotal(summary, parent, "total-files-size", added.bytes - removed.bytes);
  }
  if (files[1] == 0) {
    summary["total-position-deletes"] = "0";
    summary["total-equality-deletes"] = "0";
    return;
  }
  CarryTotal(summary, parent, "total-position-deletes",
             added.position_deletes - removed.position_deletes);
  CarryTotal(summary, parent, "total-equality-deletes",
             added.equality_deletes - removed.equality_deletes);
}

}  // namespace

void FileCounters::Count(const DataFile& file) {
  bytes += file.file_size_bytes;
  switch (file.content) {
    case FileContent::kData:
      ++data_files;
      records += file.record_count;
      break;
    case FileContent::kPositionDeletes:
      ++position_delete_files;
      position_deletes += file.record_count;
      break;
    case FileContent::kEqualityDeletes:
      ++equality_delete_files;
      equality_deletes += file.record_count;
      break;
  }
}

std::map<std::string, std::string> SummarizeSnapshot(
    const Snapshot* parent, std::span<const ManifestFile> manifests, const FileCounters& added,
    const FileCounters& removed, const std::map<std::string, std::string>& extra) {
  Summary summary;
  PutPositive(summary, "added-data-files", added.data_files);
  PutPositive(summary, "added-records", added.records);
  PutPositive(summary, "added-files-size", added.bytes);
  PutPositive(summary, "deleted-data-files", removed.data_files);
  PutPositive(summary, "deleted-records", removed.records);
  PutPositive(summary, "removed-files-size", removed.bytes);
  PutPositive(summary, "removed-delete-files",
              removed.position_delete_files + removed.equality_delete_files);
  PutPositive(summary, "removed-position-delete-files", removed.position_delete_files);
  PutPositive(summary, "removed-position-deletes", removed.position_deletes);
  PutPositive(summary, "removed-equality-delete-files", removed.equality_delete_files);
  PutPositive(summary, "removed-equality-deletes", removed.equality_deletes);
  PutTotals(summary, parent, manifests, added, removed);
  for (const auto& [key, value] : extra) {
    if (key != "operation") summary.try_emplace(key, value);
  }
  return summary;
}

}  // namespace tarn::iceberg
