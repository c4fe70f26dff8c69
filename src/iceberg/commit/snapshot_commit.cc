// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/snapshot_commit.h"

#include <algorithm>
#include <limits>

#include "base/saturating.h"
#include "iceberg/commit/file_removal.h"
#include "iceberg/commit/row_numbering.h"
#include "iceberg/commit/validation.h"
#include "iceberg/model/table_properties.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kLineageVersion = 3;

bool AddsFiles(const ChangeSet& changes) {
  return std::ranges::any_of(changes.appended_manifests, [](const ManifestFile& manifest) {
    return manifest.added_files_count > 0;
  });
}

/// Whether rows from before an upgrade wait for ids: a change that rewrites manifests gives them.
bool LacksRowIds(const ChangeSet& changes, const TableMetadata& metadata, const Snapshot* parent) {
  return changes.merge_manifests && metadata.format_version >= kLineageVersion &&
         parent != nullptr && !parent->first_row_id;
}

}  // namespace

Result<const Snapshot*> BranchHead(const TableMetadata& metadata, const std::string& branch) {
  const auto ref = metadata.refs.find(branch);
  if (branch == kMainBranch || ref == metadata.refs.end()) return metadata.current_snapshot();
  if (ref->second.is_tag) {
    return Fail(ErrorKind::kInvalidArgument, "\"{}\" of table \"{}\" is a tag, which can't move",
                branch, metadata.location);
  }
  const Snapshot* head = metadata.FindSnapshot(ref->second.snapshot_id);
  if (head != nullptr) return head;
  return Fail(ErrorKind::kCorruption, "branch \"{}\" of table \"{}\" has no snapshot {}", branch,
              metadata.location, ref->second.snapshot_id.value());
}

Result<SequenceNumber> NextSequenceNumber(const TableMetadata& metadata) {
  if (metadata.format_version == 1) return SequenceNumber(0);
  const int64_t last = metadata.last_sequence_number.value();
  if (last == std::numeric_limits<int64_t>::max()) {
    return Fail(ErrorKind::kInvalidArgument, "table \"{}\" has no sequence number left",
                metadata.location);
  }
  return SequenceNumber(last + 1);
}

SnapshotCommit::SnapshotCommit(const CommitContext& context, const TableMetadata& metadata,
                               const Snapshot* parent, SnapshotId snapshot_id,
                               SequenceNumber sequence, const CommitFileNames& names,
                               CommitFiles& files)
    : context_(context),
      metadata_(metadata),
      parent_(parent),
      snapshot_id_(snapshot_id),
      sequence_(sequence),
      names_(names),
      files_(files),
      written_(context, metadata, snapshot_id, sequence_, names, files),
      counters_(metadata.current_schema()) {}

Result<std::optional<Snapshot>> SnapshotCommit::Build(const ChangeSet& changes,
                                                      const MergePolicy& merge,
                                                      int64_t timestamp_ms) {
  TARN_TRY(CheckDeletes(metadata_, changes));
  TARN_TRY(ValidateChanges(*context_.cache, metadata_, parent_, changes));
  TARN_TRY(LoadParent());
  changes_data_ = AddsFiles(changes);
  TARN_TRY(changes.replace_all ? DeleteParent(merge) : CarryParent(changes, merge));
  if (!changes_data_ && !LacksRowIds(changes, metadata_, parent_)) return std::nullopt;
  TARN_TRY(AddAppended(changes));
  TARN_ASSIGN(Snapshot snapshot, MakeSnapshot(changes, timestamp_ms));
  return snapshot;
}

Result<> SnapshotCommit::LoadParent() {
  if (parent_ == nullptr) return {};
  TARN_ASSIGN(const auto list, context_.cache->SnapshotManifests(*parent_));
  manifests_.reserve(list->size() + 1);
  for (const ManifestFile& line : *list) {
    TARN_ASSIGN(ManifestFile manifest, context_.cache->WithCounts(line));
    // What only tells of deletions in earlier snapshots has no meaning in this one.
    if (manifest.live_files_count() > 0) manifests_.push_back(std::move(manifest));
  }
  return {};
}

Result<> SnapshotCommit::CarryParent(const ChangeSet& changes, const MergePolicy& merge) {
  FileRemoval removal(changes, written_, counters_);
  TARN_TRY(removal.RemoveFrom(manifests_));
  changes_data_ = changes_data_ || removal.removed_any();
  if (changes.merge_manifests) {
    TARN_TRY(MergeAll(merge));
    changes_data_ = changes_data_ || merged_away_ > 0;
  } else if (changes_data_) {
    TARN_TRY(MergeOnce(merge));
  }
  return {};
}

/// The lowest full tier of what this commit did not touch becomes one. The merged manifest takes
/// the place of its first input: rows keep the order of their insertion as far as tiers allow.
Result<> SnapshotCommit::MergeOnce(const MergePolicy& merge) {
  std::vector<ManifestFile> untouched;
  std::vector<size_t> place;
  for (size_t i = 0; i < manifests_.size(); ++i) {
    if (manifests_[i].added_snapshot_id == snapshot_id_) continue;
    untouched.push_back(manifests_[i]);
    place.push_back(i);
  }
  const std::vector<size_t> inputs = ChooseManifestsToMerge(untouched, merge);
  if (inputs.empty()) return {};
  std::vector<ManifestFile> chosen;
  for (const size_t input : inputs) chosen.push_back(untouched[input]);
  TARN_ASSIGN(std::optional<ManifestFile> merged, written_.Merge(chosen));
  if (!merged) return {};
  manifests_[place[inputs.front()]] = *std::move(merged);
  for (auto input = inputs.rbegin(); input != inputs.rend() - 1; ++input) {
    manifests_.erase(manifests_.begin() + static_cast<std::ptrdiff_t>(place[*input]));
  }
  merged_away_ += static_cast<int64_t>(inputs.size());
  return {};
}

Result<> SnapshotCommit::MergeAll(const MergePolicy& merge) {
  std::vector<ManifestFile> result;
  std::map<std::pair<ManifestContent, SpecId>, std::vector<ManifestFile>> bins;
  const auto flush = [&](std::vector<ManifestFile>& bin) -> Result<> {
    std::optional<ManifestFile> merged;
    if (bin.size() >= 2) {
      TARN_ASSIGN(merged, written_.Merge(bin));
    }
    if (merged) {
      result.push_back(*std::move(merged));
      merged_away_ += static_cast<int64_t>(bin.size());
    } else {
      std::ranges::move(bin, std::back_inserter(result));
    }
    bin.clear();
    return {};
  };
  for (ManifestFile& manifest : manifests_) {
    const bool full = manifest.manifest_length_bytes >= merge.target_size_bytes;
    if (full || manifest.added_snapshot_id == snapshot_id_) {
      result.push_back(std::move(manifest));
      continue;
    }
    std::vector<ManifestFile>& bin = bins[{manifest.content, manifest.partition_spec_id}];
    int64_t bytes = manifest.manifest_length_bytes;
    for (const ManifestFile& member : bin) {
      bytes = SaturatingAdd(bytes, member.manifest_length_bytes);
    }
    if (bytes > merge.target_size_bytes) TARN_TRY(flush(bin));
    bin.push_back(std::move(manifest));
  }
  for (auto& [key, bin] : bins) TARN_TRY(flush(bin));
  manifests_ = std::move(result);
  return {};
}

Result<> SnapshotCommit::DeleteParent(const MergePolicy& merge) {
  struct Batch {
    std::vector<ManifestEntry> entries;
    std::shared_ptr<const Manifest> last;
    int64_t bytes = 0;
  };
  const std::vector<ManifestFile> parents = std::move(manifests_);
  manifests_.clear();
  std::map<std::pair<ManifestContent, SpecId>, Batch> batches;
  const auto flush = [&](ManifestContent content, SpecId spec, Batch& batch) -> Result<> {
    if (batch.entries.empty()) return {};
    TARN_ASSIGN(ManifestFile manifest,
                written_.Write(content, spec, batch.last->header.schema, std::move(batch.entries)));
    manifests_.push_back(std::move(manifest));
    batch = Batch{};
    return {};
  };
  for (const ManifestFile& file : parents) {
    Batch& batch = batches[{file.content, file.partition_spec_id}];
    TARN_ASSIGN(const PartitionSpec* spec, written_.SpecOf(file.partition_spec_id));
    TARN_ASSIGN(batch.last, written_.Read(file));
    for (const ManifestEntry& entry : batch.last->entries) {
      if (!IsLive(entry)) continue;
      counters_.Remove(*spec, entry.data_file);
      // The snapshot that deletes, and the numbers that the file had.
      batch.entries.push_back(entry);
      batch.entries.back().status = EntryStatus::kDeleted;
      batch.entries.back().snapshot_id = snapshot_id_;
    }
    batch.bytes = SaturatingAdd(batch.bytes, file.manifest_length_bytes);
    if (batch.bytes >= merge.target_size_bytes) {
      TARN_TRY(flush(file.content, file.partition_spec_id, batch));
    }
  }
  for (auto& [key, batch] : batches) TARN_TRY(flush(key.first, key.second, batch));
  changes_data_ = changes_data_ || !counters_.removed().empty();
  return {};
}

Result<> SnapshotCommit::AddAppended(const ChangeSet& changes) {
  TARN_TRY(CountAppended(changes));
  const SequenceNumber oldest =
      std::min(changes.data_sequence_number.value_or(sequence_), sequence_);
  for (ManifestFile manifest : changes.appended_manifests) {
    if (manifest.added_files_count == 0) continue;
    if (manifest.added_snapshot_id != snapshot_id_ ||
        metadata_.FindPartitionSpec(manifest.partition_spec_id) == nullptr) {
      return Fail(ErrorKind::kInvalidArgument,
                  "manifest \"{}\" was written for another snapshot or partition spec",
                  manifest.manifest_path);
    }
    manifest.sequence_number = sequence_;
    manifest.min_sequence_number = manifest.content == ManifestContent::kData ? oldest : sequence_;
    manifests_.push_back(std::move(manifest));
  }
  return {};
}

/// Data files of unpartitioned specs by what the manifests' lines say, so that a plain append reads
/// nothing back.
Result<> SnapshotCommit::CountAppended(const ChangeSet& changes) {
  FileCounters lines{.bytes = changes.appended_bytes};
  std::vector<const ManifestFile*> partitioned;
  for (const ManifestFile& manifest : changes.appended_manifests) {
    if (manifest.content != ManifestContent::kData || manifest.added_files_count == 0) continue;
    TARN_ASSIGN(const PartitionSpec* spec, written_.SpecOf(manifest.partition_spec_id));
    if (!spec->fields.empty()) partitioned.push_back(&manifest);
    lines.data_files += manifest.added_files_count;
    lines.records = SaturatingAdd(lines.records, manifest.added_rows_count);
  }
  if (partitioned.empty() && lines.data_files > 0) counters_.AddUnpartitioned(lines);
  for (const ManifestFile* file : partitioned) {
    TARN_ASSIGN(const Manifest manifest, written_.ReadAppended(*file));
    for (const ManifestEntry& entry : manifest.entries) {
      counters_.Add(manifest.header.spec, entry.data_file);
    }
  }
  for (const AddedDelete& deletes : changes.added_deletes) {
    TARN_ASSIGN(const PartitionSpec* spec, written_.SpecOf(deletes.partition_spec_id));
    counters_.Add(*spec, deletes.file);
  }
  return {};
}

SnapshotOperation SnapshotCommit::Operation(const ChangeSet& changes) const {
  const FileCounters& added = counters_.added();
  const FileCounters& removed = counters_.removed();
  const bool only_merges = added.empty() && removed.empty();
  if (changes.is_rewrite || only_merges) return SnapshotOperation::kReplace;
  const bool adds_deletes = added.delete_files() > 0;
  if (added.data_files > 0) {
    return adds_deletes || !removed.empty() ? SnapshotOperation::kOverwrite
                                            : SnapshotOperation::kAppend;
  }
  // Deletes that leave without others in their place bring rows back.
  return adds_deletes || removed.data_files > 0 ? SnapshotOperation::kDelete
                                                : SnapshotOperation::kOverwrite;
}

std::map<std::string, std::string> SnapshotCommit::Summary(const ChangeSet& changes) const {
  std::map<std::string, std::string> summary;
  counters_.Put(summary, NumberProperty(metadata_, "write.summary.partition-limit", 0));
  PutTotals(summary, parent_, manifests_, counters_);
  if (changes.merge_manifests) {
    const auto created = written_.written_count();
    summary["manifests-created"] = std::to_string(created);
    summary["manifests-kept"] = std::to_string(static_cast<int64_t>(manifests_.size()) - created);
    summary["manifests-replaced"] = std::to_string(merged_away_);
    summary["entries-processed"] = std::to_string(written_.merged_entries());
  }
  for (const auto& [key, value] : changes.summary) {
    if (key != "operation") summary.try_emplace(key, value);
  }
  return summary;
}

Result<Snapshot> SnapshotCommit::MakeSnapshot(const ChangeSet& changes, int64_t timestamp_ms) {
  Snapshot snapshot;
  snapshot.id = snapshot_id_;
  if (parent_ != nullptr) snapshot.parent_id = parent_->id;
  snapshot.sequence_number = sequence_;
  snapshot.timestamp_ms = timestamp_ms;
  snapshot.operation = Operation(changes);
  if (changes.is_rewrite && counters_.added().records > counters_.removed().records) {
    return Fail(ErrorKind::kInvalidArgument,
                "a rewrite of table \"{}\" adds {} rows in the place of {}", metadata_.location,
                counters_.added().records, counters_.removed().records);
  }
  snapshot.summary = Summary(changes);
  snapshot.schema_id = metadata_.current_schema_id;
  snapshot.manifest_list = names_.ManifestList();
  if (metadata_.format_version >= kLineageVersion) TARN_TRY(NumberRows(snapshot));
  TARN_TRY(AddManifestList(snapshot));
  return snapshot;
}

Result<> SnapshotCommit::NumberRows(Snapshot& snapshot) {
  snapshot.first_row_id = metadata_.next_row_id.value_or(0);
  TARN_ASSIGN(snapshot.added_rows, AssignRowIds(manifests_, *snapshot.first_row_id));
  return {};
}

Result<> SnapshotCommit::AddManifestList(const Snapshot& snapshot) {
  ManifestListHeader header{.snapshot_id = snapshot_id_,
                            .parent_snapshot_id = snapshot.parent_id,
                            .sequence_number = sequence_,
                            .first_row_id = snapshot.first_row_id,
                            .format_version = metadata_.format_version};
  for (const PartitionSpec& spec : metadata_.partition_specs) {
    if (spec.fields.empty()) header.unpartitioned_specs.push_back(spec.id);
  }
  TARN_ASSIGN(std::string bytes, EncodeManifestList(header, manifests_));
  list_location_ = snapshot.manifest_list;
  files_.Add(list_location_, std::move(bytes));
  return {};
}

void SnapshotCommit::FillCache() {
  written_.FillCache(manifests_);
  if (!list_location_.empty()) {
    context_.cache->AddManifestList(list_location_, std::move(manifests_));
  }
}

}  // namespace tarn::iceberg
