// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "iceberg/commit/commit.h"
#include "iceberg/commit/commit_files.h"
#include "iceberg/commit/snapshot_commit.h"
#include "iceberg/maintenance/snapshot_expiry.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kOldestWrittenVersion = 2;
constexpr int32_t kNewestWrittenVersion = 3;
/// Names that turn out to be taken, or writes whose outcome nobody knows, before giving up.
constexpr int32_t kAttempts = 4;

bool IsCreation(const LoadedTable& base) { return base.metadata_location.empty(); }

Result<> CheckFits(const LoadedTable& base, SnapshotId snapshot_id) {
  // Whoever repeats a commit of unknown outcome must not apply it twice.
  if (base.metadata->FindSnapshot(snapshot_id) != nullptr) {
    return Fail(ErrorKind::kAlreadyExists, "snapshot {} of table \"{}\" is committed already",
                snapshot_id.value(), base.metadata->location);
  }
  const int32_t version = base.metadata->format_version;
  if (version < kOldestWrittenVersion || version > kNewestWrittenVersion) {
    return Fail(ErrorKind::kUnsupported, "tables of format version {} can't be written", version);
  }
  return {};
}

/// The schema with these fields that the table has already, or a new one with the next id.
void AdoptSchema(TableMetadata& metadata, Schema schema) {
  metadata.last_column_id = std::max(metadata.last_column_id, schema.HighestFieldId());
  SchemaId next{0};
  for (const Schema& known : metadata.schemas) {
    if (known.SameFields(schema)) {
      metadata.current_schema_id = known.id;
      return;
    }
    next = std::max(next, SchemaId(known.id.value() + 1));
  }
  schema.id = next;
  metadata.current_schema_id = next;
  metadata.schemas.push_back(std::move(schema));
}

Result<> ApplySchema(TableMetadata& metadata, const Schema& wanted, bool creation) {
  if (metadata.current_schema().SameFields(wanted)) return {};
  if (creation) {
    // Nothing was ever published: the wanted schema is the first one.
    TARN_TRY(ValidateSchema(wanted, metadata.format_version));
    const SchemaId id = metadata.current_schema_id;
    metadata.schemas = {wanted};
    metadata.schemas.front().id = id;
    metadata.last_column_id = std::max(metadata.last_column_id, wanted.HighestFieldId());
    return {};
  }
  TARN_ASSIGN(Schema schema, EvolveSchema(metadata.current_schema(), wanted,
                                          metadata.last_column_id, metadata.format_version));
  if (!metadata.current_schema().SameFields(schema)) AdoptSchema(metadata, std::move(schema));
  return {};
}

void ApplyProperties(TableMetadata& metadata, const ChangeSet& changes) {
  for (const auto& [key, value] : changes.set_properties) metadata.properties[key] = value;
  for (const std::string& key : changes.removed_properties) metadata.properties.erase(key);
}

bool SameDefinition(const TableMetadata& a, const TableMetadata& b) {
  return a.current_schema_id == b.current_schema_id && a.schemas.size() == b.schemas.size() &&
         a.properties == b.properties;
}

MergePolicy MergePolicyOf(const TableMetadata& metadata, const CommitPolicy& policy) {
  MergePolicy merge{
      .min_count_to_merge = NumberProperty(metadata, "commit.manifest.min-count-to-merge",
                                           policy.manifest_min_count_to_merge),
      .target_size_bytes = NumberProperty(metadata, "commit.manifest.target-size-bytes",
                                          policy.manifest_target_size_bytes)};
  const auto enabled = metadata.properties.find("commit.manifest-merge.enabled");
  if (enabled != metadata.properties.end() && enabled->second == "false") {
    merge.target_size_bytes = 0;  // every manifest counts as full
  }
  return merge;
}

void PublishSnapshot(TableMetadata& metadata, const std::string& branch, Snapshot snapshot) {
  metadata.last_sequence_number = snapshot.sequence_number;
  if (snapshot.added_rows) metadata.next_row_id = *snapshot.first_row_id + *snapshot.added_rows;
  metadata.refs[branch].snapshot_id = snapshot.id;
  if (branch == kMainBranch) {
    metadata.current_snapshot_id = snapshot.id;
    metadata.snapshot_log.push_back({snapshot.timestamp_ms, snapshot.id});
  }
  metadata.snapshots.emplace_back(std::move(snapshot));
}

/// Adds the base to the metadata log; returns the files that fell out of it.
std::vector<std::string> LogBase(TableMetadata& metadata, const LoadedTable& base,
                                 const CommitPolicy& policy) {
  if (!IsCreation(base)) {
    metadata.metadata_log.push_back({base.metadata->last_updated_ms, base.metadata_location});
  }
  const int64_t max_files = std::max<int64_t>(
      NumberProperty(metadata, "write.metadata.previous-versions-max", policy.max_metadata_files),
      1);
  std::vector<std::string> dropped;
  auto& log = metadata.metadata_log;
  const auto excess = static_cast<int64_t>(log.size()) - max_files;
  for (int64_t i = 0; i < excess; ++i) dropped.push_back(log[static_cast<size_t>(i)].metadata_file);
  if (excess > 0) log.erase(log.begin(), log.begin() + excess);
  const auto gc = metadata.properties.find("gc.enabled");
  if (gc != metadata.properties.end() && gc->second == "false") dropped.clear();
  return dropped;
}

Result<PreparedTable> Attempt(const CommitContext& context, const LoadedTable& base,
                              const ChangeSet& changes, SnapshotId snapshot_id,
                              const CommitPolicy& policy, const BeforeAppearing& before_appearing,
                              int32_t attempt) {
  TableMetadata metadata = *base.metadata;
  ApplyProperties(metadata, changes);
  if (changes.schema) TARN_TRY(ApplySchema(metadata, *changes.schema, IsCreation(base)));

  const CommitFileNames names(metadata.location, context.transaction, snapshot_id,
                              SequenceNumber(metadata.last_sequence_number.value() + 1), attempt);
  CommitFiles files(context);
  TARN_ASSIGN(const Snapshot* parent, HeadOfBranch(metadata, changes.branch));
  SnapshotCommit commit(context, metadata, parent, snapshot_id, names, files);
  // Clocks go back; the history of a table does not.
  const int64_t now_ms = std::max(context.now_ms, base.metadata->last_updated_ms);
  TARN_ASSIGN(std::optional<Snapshot> snapshot,
              commit.Build(changes, MergePolicyOf(metadata, policy), now_ms));
  if (!snapshot && !IsCreation(base) && SameDefinition(metadata, *base.metadata)) {
    return PreparedTable{.table = base};
  }
  metadata.last_updated_ms = now_ms;
  if (snapshot) PublishSnapshot(metadata, changes.branch, *std::move(snapshot));
  ExpiredHistory expired = ExpireSnapshots(metadata, policy, now_ms);

  PreparedTable prepared;
  prepared.expired_snapshots = std::move(expired.snapshots);
  prepared.expired_manifest_lists = std::move(expired.manifest_lists);
  prepared.expired_metadata_files = LogBase(metadata, base, policy);
  std::ranges::move(expired.statistics_files, std::back_inserter(prepared.expired_metadata_files));
  TARN_ASSIGN(std::string bytes, SerializeTableMetadata(metadata));
  prepared.table.metadata_location = names.Metadata(base.metadata_location);
  prepared.table.metadata = std::make_shared<const TableMetadata>(std::move(metadata));
  TARN_TRY(files.Publish(prepared.table.metadata_location, std::move(bytes), [&] {
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
