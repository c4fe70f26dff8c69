// SPDX-License-Identifier: Apache-2.0
#include "iceberg/plan/snapshot_difference.h"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "iceberg/plan/delete_matching.h"
#include "iceberg/plan/partition_pruning.h"

namespace tarn::iceberg {
namespace {

using ManifestPtr = std::shared_ptr<const Manifest>;

bool IsLive(const ManifestEntry& entry) { return entry.status != EntryStatus::kDeleted; }

/// A delete that only one of the states has.
struct ChangedDelete {
  const ManifestFile* line = nullptr;
  ManifestPtr manifest;
  const ManifestEntry* entry = nullptr;

  const DataFile& file() const { return entry->data_file; }
  SequenceNumber sequence() const { return entry->sequence_number.value_or(SequenceNumber()); }
};

/// One state: its manifests, and what those hold that the other state does not list.
struct State {
  std::vector<ManifestFile> lines;
  std::unordered_map<std::string, ScanFile> data;  ///< by path
  std::unordered_map<std::string, ChangedDelete> deletes;
  ScanPlan plan;  ///< files that differ
};

class Comparison {
 public:
  Comparison(const CommitContext& context, std::shared_ptr<const TableMetadata> metadata)
      : cache_(*context.cache), metadata_(std::move(metadata)) {}

  Result<SnapshotDifference> Run(std::optional<SnapshotId> from, SnapshotId to) {
    if (from) TARN_TRY(Load(*from, before_));
    TARN_TRY(Load(to, after_));
    TARN_TRY(ReadOwn(before_, after_));
    TARN_TRY(ReadOwn(after_, before_));
    DropSharedDeletes();
    ChooseFiles();
    TARN_TRY(AddTouchedFiles());
    TARN_TRY(MatchDeletes(before_));
    TARN_TRY(MatchDeletes(after_));
    return Difference();
  }

 private:
  Result<> Load(SnapshotId id, State& state);
  Result<> ReadOwn(State& state, const State& other);
  void DropSharedDeletes();
  void ChooseFiles();
  Result<> AddTouchedFiles();
  bool MayTouch(const ManifestFile& line) const;
  bool Touches(const ChangedDelete& deletes, const ScanFile& file) const;
  void AddIfTouched(const ScanFile& before, const ScanFile& after);
  Result<> MatchDeletes(State& state);
  SnapshotDifference Difference();

  ManifestCache& cache_;
  std::shared_ptr<const TableMetadata> metadata_;
  State before_, after_;
  std::vector<ChangedDelete> changed_;
  std::unordered_set<std::string_view> changed_references_;
  size_t removed_files_ = 0;  ///< those of `before` alone; what follows is in both
  size_t added_files_ = 0;
};

Result<> Comparison::Load(SnapshotId id, State& state) {
  const Snapshot* snapshot = metadata_->FindSnapshot(id);
  if (snapshot == nullptr) {
    const auto oldest = std::ranges::min_element(
        metadata_->snapshots, {},
        [](const CommittedSnapshot& candidate) { return candidate->sequence_number; });
    const bool any = oldest != metadata_->snapshots.end();
    return std::unexpected(Error{
        ErrorKind::kNotFound,
        fmt::format("table \"{}\" has no snapshot {} any more", metadata_->location, id.value()),
        any ? fmt::format("The oldest snapshot that is left is {}.", (*oldest)->id.value())
            : "No snapshot is left.",
        {}});
  }
  TARN_ASSIGN(const auto lines, cache_.SnapshotManifests(*snapshot));
  state.lines = *lines;
  state.plan.metadata = metadata_;
  return {};
}

/// Manifests that both states list hold the same entries in both.
Result<> Comparison::ReadOwn(State& state, const State& other) {
  std::unordered_set<std::string_view> shared;
  for (const ManifestFile& line : other.lines) shared.insert(line.manifest_path);
  for (const ManifestFile& line : state.lines) {
    if (shared.contains(line.manifest_path)) continue;
    TARN_ASSIGN(const ManifestPtr manifest, cache_.ReadManifest(line));
    for (const ManifestEntry& entry : manifest->entries) {
      if (!IsLive(entry)) continue;
      if (line.content == ManifestContent::kData) {
        state.data.emplace(
            entry.data_file.file_path,
            ScanFile{.manifest = manifest, .entry = &entry, .spec_id = line.partition_spec_id});
      } else {
        state.deletes.emplace(DeleteIdentity(entry.data_file),
                              ChangedDelete{&line, manifest, &entry});
      }
    }
  }
  return {};
}

void Comparison::DropSharedDeletes() {
  const auto keep = [&](const State& state, const State& other) {
    for (const auto& [identity, deletes] : state.deletes) {
      if (other.deletes.contains(identity)) continue;
      changed_.push_back(deletes);
      if (deletes.file().referenced_data_file) {
        changed_references_.insert(*deletes.file().referenced_data_file);
      }
    }
  };
  keep(before_, after_);
  keep(after_, before_);
}

void Comparison::ChooseFiles() {
  for (const auto& [path, file] : before_.data) {
    if (!after_.data.contains(path)) before_.plan.files.push_back(file);
  }
  for (const auto& [path, file] : after_.data) {
    if (!before_.data.contains(path)) after_.plan.files.push_back(file);
  }
  removed_files_ = before_.plan.files.size();
  added_files_ = after_.plan.files.size();
}

/// Files of both states whose deletes changed: those that moved to another manifest, and those that
/// did not.
Result<> Comparison::AddTouchedFiles() {
  if (changed_.empty()) return {};
  for (const auto& [path, file] : before_.data) {
    const auto moved = after_.data.find(path);
    if (moved != after_.data.end()) AddIfTouched(file, moved->second);
  }
  std::unordered_set<std::string_view> listed;
  for (const ManifestFile& line : before_.lines) listed.insert(line.manifest_path);
  for (const ManifestFile& line : after_.lines) {
    if (line.content != ManifestContent::kData || !listed.contains(line.manifest_path)) continue;
    if (!MayTouch(line)) continue;
    TARN_ASSIGN(const ManifestPtr manifest, cache_.ReadManifest(line));
    for (const ManifestEntry& entry : manifest->entries) {
      const ScanFile file{.manifest = manifest, .entry = &entry, .spec_id = line.partition_spec_id};
      if (IsLive(entry)) AddIfTouched(file, file);
    }
  }
  return {};
}

bool Comparison::MayTouch(const ManifestFile& line) const {
  const PartitionSpec* spec = metadata_->FindPartitionSpec(line.partition_spec_id);
  return std::ranges::any_of(changed_, [&](const ChangedDelete& deletes) {
    if (line.min_sequence_number > deletes.sequence()) return false;
    const bool everywhere = deletes.file().content == FileContent::kEqualityDeletes &&
                            IsUnpartitioned(deletes.manifest->header.spec);
    if (everywhere || spec == nullptr) return true;
    return deletes.line->partition_spec_id == line.partition_spec_id &&
           MayHoldPartition(line.partitions, metadata_->current_schema(), *spec,
                            deletes.file().partition);
  });
}

/// Whether the delete may have a part in the rows of the file; DeleteMatcher decides.
bool Comparison::Touches(const ChangedDelete& deletes, const ScanFile& file) const {
  const DataFile& source = deletes.file();
  const auto sequence = file.entry->sequence_number.value_or(SequenceNumber());
  if (sequence > deletes.sequence()) return false;
  if (source.content == FileContent::kEqualityDeletes) {
    return IsUnpartitioned(deletes.manifest->header.spec) ||
           deletes.line->partition_spec_id == file.spec_id;
  }
  return !source.referenced_data_file && deletes.line->partition_spec_id == file.spec_id &&
         MayDeleteFrom(source, file.file().file_path);
}

void Comparison::AddIfTouched(const ScanFile& before, const ScanFile& after) {
  const bool touched =
      changed_references_.contains(before.file().file_path) ||
      std::ranges::any_of(changed_, [&](const auto& deletes) { return Touches(deletes, before); });
  if (!touched) return;
  before_.plan.files.push_back(before);
  after_.plan.files.push_back(after);
}

Result<> Comparison::MatchDeletes(State& state) {
  if (state.plan.files.empty()) return {};
  DeleteMatcher matcher(state.plan);
  for (const ManifestFile& line : state.lines) {
    if (line.content != ManifestContent::kDeletes) continue;
    TARN_ASSIGN(const ManifestPtr manifest, cache_.ReadManifest(line));
    TARN_TRY(matcher.Match(line, manifest));
  }
  return matcher.Finish();
}

/// Delete files by identity, where equality deletes have no part.
std::optional<std::set<std::string>> PositionDeletesOf(const ScanFile& file) {
  std::set<std::string> identities;
  if (file.deletes == nullptr) return identities;
  if (file.deletes->by_equality) return std::nullopt;
  if (file.deletes->vector) identities.insert(DeleteIdentity(file.deletes->vector->file()));
  for (const DeleteFile& deletes : file.deletes->positions) {
    identities.insert(DeleteIdentity(deletes.file()));
  }
  return identities;
}

SnapshotDifference Comparison::Difference() {
  SnapshotDifference difference{.metadata = metadata_};
  auto& before = before_.plan.files;
  auto& after = after_.plan.files;
  for (size_t i = 0; i < removed_files_; ++i) {
    difference.files.push_back({.before = std::move(before[i])});
  }
  for (size_t i = 0; i + removed_files_ < before.size(); ++i) {
    ScanFile& old = before[removed_files_ + i];
    ScanFile& now = after[added_files_ + i];
    const auto positions = PositionDeletesOf(old);
    if (positions && positions == PositionDeletesOf(now)) continue;
    difference.files.push_back({.before = std::move(old), .after = std::move(now)});
  }
  for (size_t i = 0; i < added_files_; ++i) {
    difference.files.push_back({.after = std::move(after[i])});
  }
  difference.equality_before = std::move(before_.plan.equality_deletes);
  difference.equality_after = std::move(after_.plan.equality_deletes);
  return difference;
}

}  // namespace

Result<SnapshotDifference> CompareSnapshots(const CommitContext& context,
                                            std::shared_ptr<const TableMetadata> metadata,
                                            std::optional<SnapshotId> from, SnapshotId to) {
  return Comparison(context, std::move(metadata)).Run(from, to);
}

}  // namespace tarn::iceberg
