// SPDX-License-Identifier: Apache-2.0
// Row ids of version 3 (spec, "Row Lineage").
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "iceberg/fsck/run.h"

namespace tarn::iceberg::fsck {
namespace {

/// The row ids that a live file was given, [begin, end).
struct Range {
  int64_t begin = 0;
  int64_t end = 0;
  std::string_view path;
};

void CheckDisjoint(Run& run, SnapshotId snapshot, std::vector<Range> ranges) {
  std::ranges::sort(ranges, {}, &Range::begin);
  for (size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin >= ranges[i - 1].end) continue;
    run.Error("row-id-overlap", ranges[i].path,
              "its row ids from {} on are also those of \"{}\" in snapshot {}", ranges[i].begin,
              ranges[i - 1].path, snapshot.value());
  }
}

void CheckManifestLine(Run& run, const Snapshot& snapshot, const ManifestFile& line) {
  if (line.content != ManifestContent::kData) return;
  if (!line.first_row_id) {
    run.Error("manifest-row-id-missing", line.manifest_path,
              "snapshot {} has row ids, but this data manifest has no first_row_id",
              snapshot.id.value());
    return;
  }
  const int64_t begin = *snapshot.first_row_id;
  const int64_t end = begin + *snapshot.added_rows;
  if (line.added_snapshot_id == snapshot.id &&
      (*line.first_row_id < begin || *line.first_row_id > end)) {
    run.Error("manifest-row-id-range", line.manifest_path,
              "its first_row_id {} is not among those of its snapshot, {} to {}",
              *line.first_row_id, begin, end);
  }
}

}  // namespace

void CheckRowLineage(Run& run, const Snapshot& snapshot,
                     const std::vector<ListedManifest>& manifests) {
  if (run.metadata.format_version < 3 || !snapshot.first_row_id || !snapshot.added_rows) return;
  const int64_t next = run.metadata.next_row_id.value_or(0);
  std::vector<Range> ranges;
  for (const ListedManifest& listed : manifests) {
    CheckManifestLine(run, snapshot, listed.line);
    for (const ManifestEntry& entry : listed.content->manifest.entries) {
      const DataFile& file = entry.data_file;
      if (entry.status == EntryStatus::kDeleted || file.content != FileContent::kData) continue;
      if (!file.first_row_id) continue;
      const int64_t begin = *file.first_row_id;
      if (begin < 0 || file.record_count > next - begin) {
        run.Error("row-id-beyond-next", file.file_path,
                  "its {} row ids from {} on reach beyond next-row-id {}", file.record_count, begin,
                  next);
        continue;
      }
      if (file.record_count > 0) {
        ranges.push_back({begin, begin + file.record_count, file.file_path});
      }
    }
  }
  CheckDisjoint(run, snapshot.id, std::move(ranges));
}

void CheckRowIdHistory(Run& run) {
  std::vector<const Snapshot*> numbered;
  for (const auto& snapshot : run.metadata.snapshots) {
    if (snapshot->first_row_id && snapshot->added_rows) numbered.push_back(&*snapshot);
  }
  std::ranges::sort(numbered, {}, &Snapshot::sequence_number);
  for (size_t i = 1; i < numbered.size(); ++i) {
    const Snapshot& earlier = *numbered[i - 1];
    if (*numbered[i]->first_row_id >= *earlier.first_row_id + *earlier.added_rows) continue;
    run.Error("row-id-order", run.metadata_location,
              "snapshot {} gives row ids from {} on, which snapshot {} gave before",
              numbered[i]->id.value(), *numbered[i]->first_row_id, earlier.id.value());
  }
  // A file keeps the row ids that it was given.
  std::map<std::string_view, int64_t> given;
  for (const auto& [location, checked] : run.manifests) {
    for (const ManifestEntry& entry : checked.manifest.entries) {
      const DataFile& file = entry.data_file;
      if (file.content != FileContent::kData || !file.first_row_id) continue;
      const auto [known, is_new] = given.emplace(file.file_path, *file.first_row_id);
      if (is_new || known->second == *file.first_row_id) continue;
      run.Error("row-id-changed", file.file_path,
                "its first_row_id is {} in one manifest, {} in \"{}\"", known->second,
                *file.first_row_id, location);
    }
  }
}

}  // namespace tarn::iceberg::fsck
