// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/validation.h"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "iceberg/commit/commit_manifests.h"
#include "iceberg/plan/delete_matching.h"
#include "iceberg/plan/file_pruning.h"
#include "iceberg/plan/partition_pruning.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kDeletesVersion = 2;
constexpr int32_t kVectorsVersion = 3;

/// What the change depends on, to look entries up in.
class Dependencies {
 public:
  Dependencies(const TableMetadata& table, const ChangeSet& changes)
      : table_(table), changes_(changes) {
    for (const RemovedFile& removed : changes.removed_data_files) {
      removed_.emplace(removed.file.file_path);
      removed_partitions_.insert(KeyOf(removed.partition_spec_id, removed.file));
    }
    for (const RemovedFile& removed : changes.removed_delete_files) {
      removed_deletes_.insert(DeleteIdentity(removed.file));
    }
    const auto& referenced = changes.validation.referenced_data_files;
    referenced_.insert(referenced.begin(), referenced.end());
    for (const AddedDelete& added : changes.added_deletes) {
      if (added.file.referenced_data_file) referenced_.insert(*added.file.referenced_data_file);
    }
  }

  bool empty() const {
    const Validation& validation = changes_.validation;
    return removed_.empty() && removed_deletes_.empty() && referenced_.empty() &&
           !validation.no_new_data && !validation.no_new_deletes &&
           !(changes_.replace_all && changes_.read_snapshot);
  }

  Result<> CheckData(const Snapshot& by, const Manifest& manifest,
                     const ManifestEntry& entry) const;
  Result<> CheckDelete(const Snapshot& by, const ManifestFile& line, const Manifest& manifest,
                       const ManifestEntry& entry) const;
  bool MustRead(const Snapshot& by, const ManifestFile& line) const;

 private:
  std::string KeyOf(SpecId spec_id, const DataFile& file) const {
    const PartitionSpec* spec = table_.FindPartitionSpec(spec_id);
    return PartitionKey(spec_id, spec != nullptr ? *spec : PartitionSpec(), file.partition);
  }
  bool MayMatchConflict(const Manifest& manifest, const DataFile& file) const {
    const auto& filter = changes_.validation.conflict_filter;
    return !filter ||
           (file.record_count > 0 && MatchFile(file, table_.current_schema(), manifest.header.spec,
                                               *filter) != FileMatch::kNone);
  }
  Result<> CheckPositionDelete(const Snapshot& by, const ManifestFile& line,
                               const ManifestEntry& entry) const;
  Result<> CheckEqualityDelete(const Snapshot& by, const ManifestFile& line,
                               const ManifestEntry& entry) const;
  std::unexpected<Error> Conflict(const Snapshot& by, std::string what, std::string detail) const;

  const TableMetadata& table_;
  const ChangeSet& changes_;
  std::unordered_set<std::string> removed_;             ///< data files
  std::unordered_set<std::string> removed_partitions_;  ///< theirs
  std::unordered_set<std::string> removed_deletes_;     ///< identities
  std::unordered_set<std::string> referenced_;          ///< data files
};

std::unexpected<Error> Dependencies::Conflict(const Snapshot& by, std::string what,
                                              std::string detail) const {
  return std::unexpected(Error{
      ErrorKind::kConflict, fmt::format("table \"{}\" changed: {}", table_.location, what),
      fmt::format("Snapshot {} {}.", by.id.value(), detail), "Read the table again and retry."});
}

bool Dependencies::MustRead(const Snapshot& by, const ManifestFile& line) const {
  if (line.added_snapshot_id != by.id) return false;
  // Removals and references are looked up in all; a filter alone prunes.
  const bool only_filter = removed_.empty() && removed_deletes_.empty() && referenced_.empty();
  const auto& filter = changes_.validation.conflict_filter;
  const PartitionSpec* spec = table_.FindPartitionSpec(line.partition_spec_id);
  return !only_filter || !filter || spec == nullptr ||
         MayMatchSummaries(line.partitions, table_.current_schema(), *spec, *filter);
}

Result<> Dependencies::CheckData(const Snapshot& by, const Manifest& manifest,
                                 const ManifestEntry& entry) const {
  const DataFile& file = entry.data_file;
  const bool replaces = by.operation == SnapshotOperation::kReplace;
  if (entry.status == EntryStatus::kAdded) {
    if (!changes_.validation.no_new_data || replaces || !MayMatchConflict(manifest, file)) {
      return {};
    }
    return Conflict(by, "found a conflicting data file",
                    fmt::format("added \"{}\", which may hold rows that the change depends on",
                                file.file_path));
  }
  if (removed_.contains(file.file_path) || referenced_.contains(file.file_path)) {
    return Conflict(by, "a data file that the change depends on is missing",
                    fmt::format("{} \"{}\"", replaces ? "rewrote" : "removed", file.file_path));
  }
  const bool by_filter = changes_.validation.no_new_deletes && changes_.removed_rows && !replaces;
  if (by_filter && MayMatchConflict(manifest, file)) {
    return Conflict(by, "found a conflicting removal",
                    fmt::format("removed \"{}\", which may have held rows that the change "
                                "depends on",
                                file.file_path));
  }
  return {};
}

Result<> Dependencies::CheckDelete(const Snapshot& by, const ManifestFile& line,
                                   const Manifest& manifest, const ManifestEntry& entry) const {
  const DataFile& file = entry.data_file;
  if (entry.status == EntryStatus::kDeleted) {
    if (!removed_deletes_.contains(DeleteIdentity(file))) return {};
    return Conflict(by, "a delete file that the change replaces is missing",
                    fmt::format("removed \"{}\"", file.file_path));
  }
  TARN_TRY(file.content == FileContent::kEqualityDeletes ? CheckEqualityDelete(by, line, entry)
                                                         : CheckPositionDelete(by, line, entry));
  const bool replaces = by.operation == SnapshotOperation::kReplace;
  if (!changes_.validation.no_new_deletes || replaces || !MayMatchConflict(manifest, file)) {
    return {};
  }
  return Conflict(by, "found a conflicting delete file",
                  fmt::format("added \"{}\", which may delete rows that the change depends on",
                              file.file_path));
}

Result<> Dependencies::CheckPositionDelete(const Snapshot& by, const ManifestFile& line,
                                           const ManifestEntry& entry) const {
  const DataFile& deletes = entry.data_file;
  const bool replaces = by.operation == SnapshotOperation::kReplace;
  const auto conflict = [&](const std::string& path, bool removes) {
    return Conflict(by,
                    removes ? "found a new delete for a removed data file"
                            : "rows of a data file were deleted concurrently",
                    fmt::format("added {} \"{}\" for \"{}\"",
                                IsDeletionVector(deletes) ? "a deletion vector in" : "the deletes",
                                deletes.file_path, path));
  };
  if (deletes.referenced_data_file) {
    const std::string& path = *deletes.referenced_data_file;
    if (removed_.contains(path) && !replaces) return conflict(path, true);
    // A compaction deletes nothing anew, but of two vectors of one file only one can be.
    if (referenced_.contains(path) && (!replaces || IsDeletionVector(deletes))) {
      return conflict(path, false);
    }
    return {};
  }
  // Deletes of several files: whichever the bounds allow.
  if (replaces) return {};
  for (const std::string& path : removed_) {
    if (MayDeleteFrom(deletes, path) &&
        removed_partitions_.contains(KeyOf(line.partition_spec_id, deletes))) {
      return conflict(path, true);
    }
  }
  for (const std::string& path : referenced_) {
    if (MayDeleteFrom(deletes, path)) return conflict(path, false);
  }
  return {};
}

Result<> Dependencies::CheckEqualityDelete(const Snapshot& by, const ManifestFile& line,
                                           const ManifestEntry& entry) const {
  const bool still_reached = changes_.is_rewrite && changes_.data_sequence_number.has_value();
  if (removed_.empty() || still_reached || by.operation == SnapshotOperation::kReplace) return {};
  const PartitionSpec* spec = table_.FindPartitionSpec(line.partition_spec_id);
  const bool everywhere = spec != nullptr && IsUnpartitioned(*spec);
  if (!everywhere &&
      !removed_partitions_.contains(KeyOf(line.partition_spec_id, entry.data_file))) {
    return {};
  }
  return Conflict(by, "found a new delete for a removed data file",
                  fmt::format("added the equality deletes \"{}\"", entry.data_file.file_path));
}

}  // namespace

Result<std::vector<const Snapshot*>> SnapshotsSince(const TableMetadata& table,
                                                    const Snapshot* head,
                                                    std::optional<SnapshotId> start) {
  std::vector<const Snapshot*> snapshots;
  std::unordered_set<SnapshotId> seen;
  for (const Snapshot* snapshot = head; snapshot != nullptr;) {
    if (start && snapshot->id == *start) return snapshots;
    if (!seen.insert(snapshot->id).second) {
      return Fail(ErrorKind::kCorruption, "snapshot {} of table \"{}\" is its own ancestor",
                  snapshot->id.value(), table.location);
    }
    snapshots.push_back(snapshot);
    if (!snapshot->parent_id) break;
    const SnapshotId parent = *snapshot->parent_id;
    snapshot = table.FindSnapshot(parent);
    if (snapshot == nullptr && !start) start = parent;  // which is what can't be reached
  }
  if (!start) return snapshots;
  return std::unexpected(
      Error{ErrorKind::kConflict,
            fmt::format("cannot tell what changed in table \"{}\" since snapshot {}",
                        table.location, start->value()),
            table.FindSnapshot(*start) == nullptr
                ? "The snapshot has expired or was never part of the table."
                : "The snapshot is not an ancestor of the branch's head.",
            "Read the table again and retry."});
}

Result<> CheckDeletes(const TableMetadata& table, const ChangeSet& changes) {
  size_t listed = 0;
  for (const ManifestFile& manifest : changes.appended_manifests) {
    if (manifest.content != ManifestContent::kDeletes) continue;
    listed += static_cast<size_t>(manifest.added_files_count);
  }
  if (listed != changes.added_deletes.size()) {
    return Fail(ErrorKind::kInvalidArgument,
                "a change of table \"{}\" describes {} delete files, its manifests list {}",
                table.location, changes.added_deletes.size(), listed);
  }
  if (listed == 0) return {};
  if (table.format_version < kDeletesVersion) {
    return Fail(ErrorKind::kUnsupported, "table \"{}\" has format version {} without row deletes",
                table.location, table.format_version);
  }
  std::unordered_set<std::string_view> removed;
  for (const RemovedFile& file : changes.removed_data_files) removed.insert(file.file.file_path);
  for (const AddedDelete& added : changes.added_deletes) {
    const DataFile& file = added.file;
    const bool vector = IsDeletionVector(file);
    if (vector && table.format_version < kVectorsVersion) {
      return Fail(ErrorKind::kInvalidArgument,
                  "deletion vector \"{}\" needs format version {}, table \"{}\" has {}",
                  file.file_path, kVectorsVersion, table.location, table.format_version);
    }
    if (!vector && file.content == FileContent::kPositionDeletes &&
        table.format_version >= kVectorsVersion) {
      return Fail(ErrorKind::kConflict,
                  "table \"{}\" takes position deletes as deletion vectors only, not \"{}\"",
                  table.location, file.file_path);
    }
    if (file.referenced_data_file && removed.contains(*file.referenced_data_file)) {
      return Fail(ErrorKind::kInvalidArgument, "\"{}\" deletes rows of \"{}\", which is removed",
                  file.file_path, *file.referenced_data_file);
    }
  }
  return {};
}

Result<> ValidateChanges(ManifestCache& cache, const TableMetadata& table, const Snapshot* head,
                         const ChangeSet& changes) {
  const Dependencies dependencies(table, changes);
  if (dependencies.empty()) return {};
  TARN_ASSIGN(const auto history, SnapshotsSince(table, head, changes.read_snapshot));
  for (const Snapshot* snapshot : history) {
    if (changes.replace_all && changes.read_snapshot) {
      return Fail(ErrorKind::kConflict, "table \"{}\" changed since its rows were read",
                  table.location);
    }
    // An append can't conflict but by its rows.
    if (snapshot->operation == SnapshotOperation::kAppend && !changes.validation.no_new_data) {
      continue;
    }
    TARN_ASSIGN(const auto list, cache.SnapshotManifests(*snapshot));
    for (const ManifestFile& line : *list) {
      if (!dependencies.MustRead(*snapshot, line)) continue;
      TARN_ASSIGN(const auto manifest, cache.ReadManifest(line));
      for (const ManifestEntry& entry : manifest->entries) {
        if (entry.status == EntryStatus::kExisting || entry.snapshot_id != snapshot->id) continue;
        TARN_TRY(line.content == ManifestContent::kData
                     ? dependencies.CheckData(*snapshot, *manifest, entry)
                     : dependencies.CheckDelete(*snapshot, line, *manifest, entry));
      }
    }
  }
  return {};
}

}  // namespace tarn::iceberg
