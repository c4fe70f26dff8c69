// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/snapshot_commit.h"

#include <algorithm>
#include <limits>
#include <map>

#include "base/saturating.h"
#include "iceberg/commit/entry_schema.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kRowLineageVersion = 3;

bool IsLive(const ManifestEntry& entry) { return entry.status != EntryStatus::kDeleted; }

/// Smallest data sequence number of live files; that of the commit if there are none.
SequenceNumber MinSequence(const std::vector<ManifestEntry>& entries, SequenceNumber commit) {
  SequenceNumber smallest = commit;
  for (const ManifestEntry& entry : entries) {
    if (IsLive(entry)) smallest = std::min(smallest, entry.sequence_number.value_or(commit));
  }
  return smallest;
}

SnapshotOperation OperationOf(const FileCounters& added, const FileCounters& removed) {
  const bool removes =
      removed.data_files + removed.position_delete_files + removed.equality_delete_files > 0;
  if (!removes) return SnapshotOperation::kAppend;
  return added.data_files > 0 ? SnapshotOperation::kOverwrite : SnapshotOperation::kDelete;
}

}  // namespace

Result<const Snapshot*> BranchHead(const TableMetadata& metadata, const std::string& branch) {
  const auto ref = metadata.refs.find(branch);
  if (ref == metadata.refs.end()) return metadata.current_snapshot();
  if (ref->second.is_tag) {
    return Fail(ErrorKind::kInvalidArgument, "\"{}\" of table \"{}\" is a tag, which can't move",
                branch, metadata.location);
  }
  return metadata.FindSnapshot(ref->second.snapshot_id);
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
      files_(files) {}

Result<bool> SnapshotCommit::ChangesData(const ChangeSet& changes) {
  for (const ManifestFile& manifest : changes.appended_manifests) {
    if (manifest.added_files_count > 0) return true;
  }
  if (!changes.replace_all) return false;
  TARN_TRY(LoadParent());
  return !parent_manifests_.empty();
}

Result<> SnapshotCommit::LoadParent() {
  if (parent_loaded_) return {};
  parent_loaded_ = true;
  if (parent_ == nullptr) return {};
  TARN_ASSIGN(const auto list, context_.cache->SnapshotManifests(*parent_));
  parent_manifests_.reserve(list->size());
  for (const ManifestFile& line : *list) {
    TARN_ASSIGN(ManifestFile manifest, context_.cache->WithCounts(line));
    // What only tells of deletions in earlier snapshots has no meaning in this one.
    if (manifest.live_files_count() > 0) parent_manifests_.push_back(std::move(manifest));
  }
  return {};
}

Result<Snapshot> SnapshotCommit::Build(const ChangeSet& changes, const MergePolicy& merge,
                                       int64_t timestamp_ms) {
  TARN_TRY(LoadParent());
  TARN_TRY(changes.replace_all ? DeleteParent(merge) : CarryParent(merge));
  TARN_TRY(AddAppended(changes));

  Snapshot snapshot;
  snapshot.id = snapshot_id_;
  if (parent_ != nullptr) snapshot.parent_id = parent_->id;
  snapshot.sequence_number = sequence_;
  snapshot.timestamp_ms = timestamp_ms;
  snapshot.operation = OperationOf(added_, removed_);
  snapshot.summary = SummarizeSnapshot(parent_, manifests_, added_, removed_, changes.summary);
  snapshot.schema_id = metadata_.current_schema_id;
  snapshot.manifest_list = names_.ManifestList();
  TARN_TRY(AssignRowIds(snapshot));
  TARN_TRY(AddManifestList(snapshot.manifest_list, snapshot.parent_id));
  return snapshot;
}

Result<> SnapshotCommit::CarryParent(const MergePolicy& merge) {
  const std::vector<size_t> inputs = ChooseManifestsToMerge(parent_manifests_, merge);
  std::optional<ManifestFile> merged;
  if (!inputs.empty()) {
    TARN_ASSIGN(merged, MergeParents(inputs));
  }
  if (!merged) {
    manifests_ = parent_manifests_;
    return {};
  }
  // The merged manifest takes the place of its first input: rows keep the order of their insertion
  // as far as tiers allow.
  for (size_t i = 0; i < parent_manifests_.size(); ++i) {
    if (i == inputs.front()) manifests_.push_back(*merged);
    if (!std::ranges::binary_search(inputs, i)) manifests_.push_back(parent_manifests_[i]);
  }
  return {};
}

Result<std::optional<ManifestFile>> SnapshotCommit::MergeParents(
    const std::vector<size_t>& inputs) {
  const ManifestFile& first = parent_manifests_[inputs.front()];
  std::vector<ManifestEntry> entries;
  std::shared_ptr<const Manifest> manifest;
  for (const size_t input : inputs) {
    TARN_ASSIGN(manifest, context_.cache->ReadManifest(parent_manifests_[input]));
    for (const ManifestEntry& entry : manifest->entries) {
      if (!IsLive(entry)) continue;
      // Snapshot id and sequence numbers were inherited on reading and are written out from now on.
      entries.push_back(entry);
      entries.back().status = EntryStatus::kExisting;
    }
  }
  return AddManifest(first.content, first.partition_spec_id, manifest->header.schema,
                     std::move(entries));
}

Result<> SnapshotCommit::DeleteParent(const MergePolicy& merge) {
  struct Batch {
    std::vector<ManifestEntry> entries;
    std::shared_ptr<const Manifest> last;
    int64_t bytes = 0;
  };
  std::map<std::pair<ManifestContent, SpecId>, Batch> batches;
  const auto flush = [&](ManifestContent content, SpecId spec, Batch& batch) -> Result<> {
    if (batch.entries.empty()) return {};
    TARN_ASSIGN(std::optional<ManifestFile> manifest,
                AddManifest(content, spec, batch.last->header.schema, std::move(batch.entries)));
    if (!manifest) {
      return Fail(ErrorKind::kUnsupported,
                  "files of partition spec {} of table \"{}\" can't be removed: its transforms are "
                  "unknown",
                  spec.value(), metadata_.location);
    }
    manifests_.push_back(*std::move(manifest));
    batch = Batch{};
    return {};
  };
  for (const ManifestFile& file : parent_manifests_) {
    Batch& batch = batches[{file.content, file.partition_spec_id}];
    TARN_ASSIGN(batch.last, context_.cache->ReadManifest(file));
    for (const ManifestEntry& entry : batch.last->entries) {
      if (!IsLive(entry)) continue;
      removed_.Count(entry.data_file);
      // The snapshot that deletes, and the numbers that the file had.
      batch.entries.push_back(entry);
      batch.entries.back().status = EntryStatus::kDeleted;
      batch.entries.back().snapshot_id = snapshot_id_;
    }
    batch.bytes += file.manifest_length_bytes;
    if (batch.bytes >= merge.target_size_bytes) {
      TARN_TRY(flush(file.content, file.partition_spec_id, batch));
    }
  }
  for (auto& [key, batch] : batches) TARN_TRY(flush(key.first, key.second, batch));
  return {};
}

Result<> SnapshotCommit::AddAppended(const ChangeSet& changes) {
  for (ManifestFile manifest : changes.appended_manifests) {
    if (manifest.added_files_count == 0) continue;
    if (manifest.added_snapshot_id != snapshot_id_ ||
        metadata_.FindPartitionSpec(manifest.partition_spec_id) == nullptr) {
      return Fail(ErrorKind::kInvalidArgument,
                  "manifest \"{}\" was written for another snapshot or partition spec",
                  manifest.manifest_path);
    }
    manifest.sequence_number = sequence_;
    manifest.min_sequence_number = sequence_;
    added_.data_files += manifest.added_files_count;
    added_.records = SaturatingAdd(added_.records, manifest.added_rows_count);
    manifests_.push_back(std::move(manifest));
  }
  added_.bytes = changes.appended_bytes;
  return {};
}

Result<std::optional<ManifestFile>> SnapshotCommit::AddManifest(
    ManifestContent content, SpecId spec_id, const Schema& written,
    std::vector<ManifestEntry> entries) {
  const PartitionSpec* spec = metadata_.FindPartitionSpec(spec_id);
  if (spec == nullptr) {
    return Fail(ErrorKind::kCorruption, "table \"{}\" lacks partition spec {}, which manifests use",
                metadata_.location, spec_id.value());
  }
  std::optional<Schema> schema = SchemaOfEntries(metadata_, *spec, written, entries);
  if (!schema) return std::nullopt;
  ManifestHeader header{.schema = *std::move(schema),
                        .spec = *spec,
                        .content = content,
                        .format_version = metadata_.format_version};
  TARN_ASSIGN(std::string bytes, EncodeManifest(header, entries));
  ManifestFile file = SummarizeManifest(header, entries, snapshot_id_);
  file.manifest_path = names_.Manifest(next_ordinal_++);
  file.manifest_length_bytes = static_cast<int64_t>(bytes.size());
  file.sequence_number = sequence_;
  file.min_sequence_number = MinSequence(entries, sequence_);
  files_.Add(file.manifest_path, std::move(bytes));
  if (file.live_files_count() > 0) {
    merged_.push_back({file, Manifest{std::move(header), std::move(entries)}});
  }
  return file;
}

/// Rows of manifests that have no row id yet take theirs behind all that were given before (spec,
/// "First Row ID Inheritance").
Result<> SnapshotCommit::AssignRowIds(Snapshot& snapshot) {
  if (metadata_.format_version < kRowLineageVersion) return {};
  int64_t next = metadata_.next_row_id.value_or(0);
  snapshot.first_row_id = next;
  for (ManifestFile& manifest : manifests_) {
    if (manifest.content != ManifestContent::kData || manifest.first_row_id) continue;
    manifest.first_row_id = next;
    if (__builtin_add_overflow(next, manifest.live_rows_count(), &next)) {
      return Fail(ErrorKind::kInvalidArgument, "table \"{}\" has no row ids left for \"{}\"",
                  metadata_.location, manifest.manifest_path);
    }
  }
  snapshot.added_rows = next - *snapshot.first_row_id;
  return {};
}

Result<> SnapshotCommit::AddManifestList(std::string location, std::optional<SnapshotId> parent) {
  const ManifestListHeader header{.snapshot_id = snapshot_id_,
                                  .parent_snapshot_id = parent,
                                  .sequence_number = sequence_,
                                  .format_version = metadata_.format_version};
  TARN_ASSIGN(std::string bytes, EncodeManifestList(header, manifests_));
  list_location_ = location;
  files_.Add(std::move(location), std::move(bytes));
  return {};
}

void SnapshotCommit::FillCache() {
  for (WrittenManifest& written : merged_) {
    context_.cache->AddManifest(written.file, std::move(written.manifest));
  }
  if (!list_location_.empty()) {
    context_.cache->AddManifestList(list_location_, std::move(manifests_));
  }
}

}  // namespace tarn::iceberg
