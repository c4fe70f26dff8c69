// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "iceberg/commit/commit.h"
#include "iceberg/commit/commit_files.h"
#include "iceberg/commit/snapshot_commit.h"
#include "iceberg/json/gzip.h"
#include "iceberg/maintenance/snapshot_expiry.h"
#include "iceberg/model/table_properties.h"
#include "iceberg/update/table_metadata_builder.h"

namespace tarn::iceberg {
namespace {

/// Names that turn out to be taken, or writes whose outcome nobody knows, before giving up.
constexpr int32_t kAttempts = 4;

bool IsCreation(const LoadedTable& base) { return base.metadata_location.empty(); }

Result<> CheckFits(const LoadedTable& base, SnapshotId snapshot_id) {
  // Whoever repeats a commit of unknown outcome must not apply it twice.
  if (base.metadata->FindSnapshot(snapshot_id) != nullptr) {
    return Fail(ErrorKind::kAlreadyExists, "snapshot {} of table \"{}\" is committed already",
                snapshot_id.value(), base.metadata->location);
  }
  return {};
}

/// The difference between the columns read and those wanted; none where the table has it already.
Result<std::vector<MetadataUpdate>> SchemaUpdates(const TableMetadata& base,
                                                  const SchemaChange& change) {
  const Schema& current = base.current_schema();
  const bool is_newest = current.SameFields(change.read);
  const FieldId last_column = is_newest ? base.last_column_id : change.read.HighestFieldId();
  TARN_ASSIGN(Schema wanted, EvolveSchema(change.read, Schema{.fields = change.fields}, last_column,
                                          base.format_version));
  if (wanted.SameFields(change.read) || wanted.SameFields(current)) {
    return std::vector<MetadataUpdate>();
  }
  if (!is_newest) {
    return Fail(ErrorKind::kConflict, "the columns of table \"{}\" changed since they were read",
                base.location);
  }
  return std::vector<MetadataUpdate>{AddSchema{std::move(wanted)}, SetCurrentSchema{}};
}

/// Only what differs: setting a property to what it is counts as a change elsewhere.
std::vector<MetadataUpdate> PropertyUpdates(const TableMetadata& base, const ChangeSet& changes) {
  SetProperties set;
  for (const auto& [key, value] : changes.set_properties) {
    const auto known = base.properties.find(key);
    if (known == base.properties.end() || known->second != value) set.updates.emplace(key, value);
  }
  RemoveProperties removed;
  for (const std::string& key : changes.removed_properties) {
    if (base.properties.contains(key)) removed.removals.push_back(key);
  }
  std::vector<MetadataUpdate> updates;
  if (!set.updates.empty()) updates.emplace_back(std::move(set));
  if (!removed.removals.empty()) updates.emplace_back(std::move(removed));
  return updates;
}

/// Everything but the snapshot.
Result<> ApplyDefinitions(TableMetadataBuilder& builder, const ChangeSet& changes) {
  TARN_TRY(builder.Apply(PropertyUpdates(builder.metadata(), changes)));
  // Before the columns, which may have what a later version alone allows.
  std::vector<MetadataUpdate> first, rest;
  for (const MetadataUpdate& update : changes.updates) {
    (std::holds_alternative<UpgradeFormatVersion>(update) ? first : rest).push_back(update);
  }
  TARN_TRY(builder.Apply(first));
  if (changes.schema) {
    TARN_ASSIGN(const auto updates, SchemaUpdates(builder.metadata(), *changes.schema));
    TARN_TRY(builder.Apply(updates));
  }
  return builder.Apply(rest);
}

MergePolicy MergePolicyOf(const TableMetadata& metadata, const ChangeSet& changes,
                          const CommitPolicy& policy) {
  MergePolicy merge{
      .min_count_to_merge = NumberProperty(metadata, "commit.manifest.min-count-to-merge",
                                           policy.manifest_min_count_to_merge),
      .target_size_bytes = NumberProperty(metadata, "commit.manifest.target-size-bytes",
                                          policy.manifest_target_size_bytes)};
  // Said of merges by the way, not of those that are asked for.
  if (!changes.merge_manifests && !BoolProperty(metadata, "commit.manifest-merge.enabled", true)) {
    merge.target_size_bytes = 0;  // every manifest counts as full
  }
  return merge;
}

Result<> AddToBranch(TableMetadataBuilder& builder, Snapshot snapshot, const std::string& branch) {
  const auto known = builder.metadata().refs.find(branch);
  SnapshotRef ref = known == builder.metadata().refs.end() ? SnapshotRef() : known->second;
  ref.snapshot_id = snapshot.id;
  TARN_TRY(builder.Apply(AddSnapshot{std::move(snapshot)}));
  return builder.Apply(SetSnapshotRef{branch, std::move(ref)});
}

/// What may be deleted once the new metadata is the table's.
void ReportExpired(UpdateResult& result, const CommitPolicy& policy, PreparedTable& prepared) {
  const TableMetadata& metadata = *result.metadata;
  if (!BoolProperty(metadata, "gc.enabled", true)) return;
  for (const CommittedSnapshot& snapshot : result.removed_snapshots) {
    prepared.expired_snapshots.push_back(snapshot->id);
    if (!snapshot->has_manifest_array()) {
      prepared.expired_manifest_lists.push_back(snapshot->manifest_list);
    }
  }
  if (BoolProperty(metadata, "write.metadata.delete-after-commit.enabled",
                   policy.delete_dropped_metadata)) {
    prepared.expired_metadata_files = std::move(result.dropped_metadata_files);
  }
  std::ranges::move(result.dropped_statistics_files,
                    std::back_inserter(prepared.expired_metadata_files));
}

struct MetadataBytes {
  std::string bytes;
  bool is_gzip = false;
};

Result<MetadataBytes> EncodeMetadata(const TableMetadata& metadata, const CommitPolicy& policy) {
  TARN_ASSIGN(std::string json, SerializeTableMetadata(metadata));
  const auto codec = metadata.properties.find("write.metadata.compression-codec");
  const bool gzip = codec == metadata.properties.end()
                        ? static_cast<int64_t>(json.size()) >= policy.metadata_gzip_from_bytes
                        : codec->second == "gzip";
  if (!gzip) return MetadataBytes{std::move(json)};
  TARN_ASSIGN(std::string packed, Gzip(json));
  return MetadataBytes{std::move(packed), true};
}

Result<PreparedTable> Attempt(const CommitContext& context, const LoadedTable& base,
                              const ChangeSet& changes, SnapshotId snapshot_id,
                              const CommitPolicy& policy, const BeforeAppearing& before_appearing,
                              int32_t attempt) {
  TableMetadataBuilder builder(base.metadata, base.metadata_location, context.now_ms,
                               policy.max_metadata_files);
  TARN_TRY(ApplyDefinitions(builder, changes));

  const TableMetadata& metadata = builder.metadata();
  TARN_ASSIGN(const SequenceNumber sequence, NextSequenceNumber(metadata));
  const CommitFileNames names(MetadataDirectory(metadata, policy), context.transaction, snapshot_id,
                              sequence, attempt);
  CommitFiles files(context);
  TARN_ASSIGN(const Snapshot* parent, BranchHead(metadata, changes.branch));
  SnapshotCommit commit(context, metadata, parent, snapshot_id, sequence, names, files);
  TARN_ASSIGN(std::optional<Snapshot> snapshot,
              commit.Build(changes, MergePolicyOf(metadata, changes, policy), builder.now_ms()));
  const auto expires = [&] {
    return changes.expire_snapshots && !ExpiryUpdates(metadata, policy, builder.now_ms()).empty();
  };
  if (!snapshot && !IsCreation(base) && !builder.changed() && !expires()) {
    return PreparedTable{.table = base};
  }
  if (snapshot) TARN_TRY(AddToBranch(builder, *std::move(snapshot), changes.branch));
  TARN_TRY(builder.Apply(ExpiryUpdates(metadata, policy, builder.now_ms())));
  TARN_ASSIGN(UpdateResult result, builder.Build());

  PreparedTable prepared;
  ReportExpired(result, policy, prepared);
  TARN_ASSIGN(MetadataBytes encoded, EncodeMetadata(*result.metadata, policy));
  prepared.table.metadata_location = names.Metadata(base.metadata_location, encoded.is_gzip);
  prepared.table.metadata = std::move(result.metadata);
  TARN_TRY(files.Publish(prepared.table.metadata_location, std::move(encoded.bytes), [&] {
    return before_appearing == nullptr ? Result<>() : before_appearing(prepared);
  }));
  prepared.written_files = files.written();
  commit.FillCache();
  return prepared;
}

}  // namespace

Result<PreparedTable> PrepareCommit(const CommitContext& context, const LoadedTable& base,
                                    const ChangeSet& changes, SnapshotId snapshot_id,
                                    const CommitPolicy& policy,
                                    const BeforeAppearing& before_appearing) {
  TARN_TRY(CheckFits(base, snapshot_id));
  for (int32_t attempt = 0;; ++attempt) {
    Result<PreparedTable> prepared =
        Attempt(context, base, changes, snapshot_id, policy, before_appearing,
                context.attempt * kAttempts + attempt);
    if (prepared) return prepared;
    // Nothing refers to the files of a failed attempt, so an unknown outcome of writing one is no
    // unknown outcome of the commit: other names settle it.
    const ErrorKind kind = prepared.error().kind;
    const bool unknown = kind == ErrorKind::kCommitStateUnknown;
    if (attempt + 1 < kAttempts && (unknown || kind == ErrorKind::kAlreadyExists)) continue;
    if (unknown) prepared.error().kind = ErrorKind::kUnavailable;
    return prepared;
  }
}

}  // namespace tarn::iceberg
