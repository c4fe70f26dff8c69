// SPDX-License-Identifier: Apache-2.0
// What all manifests of a snapshot say together, and all snapshots of a table.
#include <charconv>
#include <map>
#include <string>

#include "iceberg/fsck/run.h"

namespace tarn::iceberg::fsck {
namespace {

int64_t SaturatedSum(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

/// Counters by summary key.
class Totals {
 public:
  void Count(const ManifestEntry& entry, SnapshotId snapshot) {
    const DataFile& file = entry.data_file;
    if (entry.status != EntryStatus::kDeleted) {
      CountFile(file, "total-data-files", "total-records", "total-delete-files",
                "total-files-size");
      if (file.content != FileContent::kData) {
        Add(file.content == FileContent::kPositionDeletes ? "total-position-deletes"
                                                          : "total-equality-deletes",
            file.record_count);
      }
    }
    if (entry.snapshot_id != snapshot) return;
    if (entry.status == EntryStatus::kAdded) {
      CountFile(file, "added-data-files", "added-records", "added-delete-files",
                "added-files-size");
    } else if (entry.status == EntryStatus::kDeleted) {
      CountFile(file, "deleted-data-files", "deleted-records", "removed-delete-files",
                "removed-files-size");
    }
  }

  int64_t operator[](const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? 0 : found->second;
  }

 private:
  void CountFile(const DataFile& file, const char* data_files, const char* records,
                 const char* delete_files, const char* bytes) {
    if (file.content == FileContent::kData) {
      Add(data_files, 1);
      Add(records, file.record_count);
    } else {
      Add(delete_files, 1);
    }
    // Of a deletion vector its blob counts: the file is shared.
    Add(bytes, file.content_size_bytes.value_or(file.file_size_bytes));
  }
  void Add(const char* key, int64_t value) {
    int64_t& total = values_[key];
    total = SaturatedSum(total, value);
  }

  std::map<std::string, int64_t> values_;
};

constexpr const char* kTotalKeys[] = {
    "total-data-files",       "total-records",          "total-delete-files", "total-files-size",
    "total-position-deletes", "total-equality-deletes", "added-data-files",   "added-records",
    "added-delete-files",     "added-files-size",       "deleted-data-files", "deleted-records",
    "removed-delete-files",   "removed-files-size",
};

void CheckSummary(Run& run, const Snapshot& snapshot, const Totals& totals) {
  const std::string place =
      fmt::format("{} snapshot {}", run.metadata_location, snapshot.id.value());
  for (const std::string key : kTotalKeys) {
    const auto stated = snapshot.summary.find(key);
    if (stated == snapshot.summary.end()) continue;
    if (stated->second != std::to_string(totals[key])) {
      run.Error("summary-" + key, place, "its summary says {} = {}, its manifests give {}", key,
                stated->second, totals[key]);
    }
  }
}

void CheckOperation(Run& run, const Snapshot& snapshot, const Totals& totals) {
  const bool removes = totals["deleted-data-files"] > 0;
  const bool adds = totals["added-data-files"] > 0;
  const bool wrong = (snapshot.operation == SnapshotOperation::kAppend && removes) ||
                     (snapshot.operation == SnapshotOperation::kDelete && adds);
  if (wrong) {
    run.Error("snapshot-operation",
              fmt::format("{} snapshot {}", run.metadata_location, snapshot.id.value()),
              "its operation does not fit: it adds {} and removes {} data files",
              totals["added-data-files"], totals["deleted-data-files"]);
  }
}

}  // namespace

void CheckSnapshotContent(Run& run, const Snapshot& snapshot,
                          const std::vector<ListedManifest>& manifests) {
  Totals totals;
  std::map<std::string_view, std::string_view> live;
  bool complete = true;
  for (const ListedManifest& listed : manifests) {
    complete = complete && listed.content->readable;
    for (const ManifestEntry& entry : listed.content->manifest.entries) {
      totals.Count(entry, snapshot.id);
      const std::string& path = entry.data_file.file_path;
      // Several deletion vectors share one Puffin file: a delete is known by its place in it.
      if (entry.status == EntryStatus::kDeleted || entry.data_file.content_offset) continue;
      const auto [other, is_new] = live.emplace(path, listed.line.manifest_path);
      if (!is_new) {
        run.Error("file-live-twice", path, "snapshot {} lists it in \"{}\" and again in \"{}\"",
                  snapshot.id.value(), other->second, listed.line.manifest_path);
      }
    }
  }
  // Numbers that follow from unreadable files would only repeat those findings.
  if (!complete) return;
  CheckSummary(run, snapshot, totals);
  CheckOperation(run, snapshot, totals);
}

void CheckAddedOnce(Run& run) {
  std::map<std::string_view, std::string_view> added;
  for (const auto& [location, checked] : run.manifests) {
    for (const ManifestEntry& entry : checked.manifest.entries) {
      if (entry.status != EntryStatus::kAdded || entry.data_file.content_offset) continue;
      const auto [other, is_new] = added.emplace(entry.data_file.file_path, location);
      if (!is_new) {
        run.Error("file-added-twice", entry.data_file.file_path,
                  "it is added by manifest \"{}\" and again by \"{}\"", other->second, location);
      }
    }
  }
}

}  // namespace tarn::iceberg::fsck
