// SPDX-License-Identifier: Apache-2.0
// (base, change set) → new metadata. Writes the manifest list, merged manifests and the metadata
// file; publishes nothing: that is the catalog's part (catalog/catalog.h).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "base/worker_pool.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/manifests/manifest_cache.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/table_metadata.h"
#include "storage/storage.h"

namespace tarn::iceberg {

/// A metadata file and what is in it.
struct LoadedTable {
  std::string metadata_location;
  std::shared_ptr<const TableMetadata> metadata;
};

/// Who writes: every file name carries `transaction`, so that files of dead transactions are known.
struct CommitContext {
  storage::Storage* storage = nullptr;
  ManifestCache* cache = nullptr;
  Uuid transaction;
  int64_t now_ms = 0;
  /// Told apart in the names of a transaction's files, since none may stand for two contents:
  /// counts the bases that one change was applied to.
  int32_t attempt = 0;
  WorkerPool* workers = nullptr;  ///< to write files beside each other; null: one by one
};

/// Snapshots that must stay whatever the policy says.
using IsPinned = std::function<bool(SnapshotId)>;

/// What somebody asks to go now: instead of the table's properties, but not of those of references.
struct AskedExpiry {
  std::optional<int64_t> older_than_ms;  ///< a time; absent: the property, else the policy's age
  /// Of a branch; absent: the property, else one where a time is given, else the policy's count.
  std::optional<int64_t> snapshots_to_keep;
};

/// Defaults of this product and of whoever commits, which properties of the table override
/// (history.expire.*, write.metadata.*, commit.manifest.*).
struct CommitPolicy {
  int64_t min_snapshots_to_keep = 100;
  int64_t max_snapshots_to_keep = 1000;
  int64_t max_snapshot_age_ms = 30 * 60 * 1000;
  int64_t max_metadata_files = 100;
  /// Whether files that fall out of the metadata log are reported as expired.
  bool delete_dropped_metadata = true;
  /// Metadata files from this size on are compressed.
  int64_t metadata_gzip_from_bytes = std::numeric_limits<int64_t>::max();
  int64_t manifest_min_count_to_merge = 100;
  int64_t manifest_target_size_bytes = 8 * 1024 * 1024;
  IsPinned is_pinned;
  std::optional<AskedExpiry> asked_expiry;
  /// Whether write.metadata.path is followed; no property sets it: where a caller finds the files
  /// that it owns by the table's location, they must lie there.
  bool follows_metadata_path = false;
};

struct PreparedTable {
  LoadedTable table;                       ///< the new state, metadata file written durably
  std::vector<std::string> written_files;  ///< by this call, the metadata file last
  /// No longer reachable from the new metadata; may be deleted only by the rules for dereferenced
  /// files.
  std::vector<SnapshotId> expired_snapshots;
  std::vector<std::string> expired_manifest_lists;
  std::vector<std::string> expired_metadata_files;  ///< and statistics files of expired snapshots
};

/// Told of a commit before its metadata file appears, while it is made durable. A failure stops the
/// commit. It may be told again, with other names, when names turn out to be taken.
using BeforeAppearing = std::function<Result<>(const PreparedTable&)>;

/// Parses the metadata file at the location. Not cached.
Result<LoadedTable> LoadTable(storage::Storage& storage, std::string_view metadata_location);

inline constexpr int32_t kDefaultFormatVersion = 2;

/// First metadata of a table, without a snapshot; `location` has no trailing slash. The ids of
/// columns and partition fields are the caller's. Not written.
Result<TableMetadata> NewTableMetadata(Uuid table_uuid, std::string location, Schema schema,
                                       PartitionSpec spec,
                                       std::map<std::string, std::string> properties,
                                       int64_t now_ms,
                                       int32_t format_version = kDefaultFormatVersion);

/// `<location>/metadata/<version, 5 digits>-<transaction uuid>.metadata.json`, `.gz` before the
/// last two where it is compressed; the version is one more than the base's, 0 without a base.
std::string MetadataFileLocation(std::string_view table_location,
                                 std::string_view base_metadata_location, const Uuid& transaction);

/// A manifest and its bytes, for the caller to write.
struct EncodedManifest {
  ManifestFile file;
  std::string bytes;
};

/// Files that a change adds: all data, or all deletes.
struct NewFiles {
  std::vector<DataFile> files;
  std::optional<SpecId> partition_spec_id;  ///< of their tuples; absent: the table's default
  std::optional<SequenceNumber> data_sequence_number;  ///< as ChangeSet's
};

/// A manifest for newly added files, `<location>/metadata/<transaction>-m<ordinal>.avro`. To be
/// written before any lock is taken.
Result<EncodedManifest> EncodeManifestOf(const CommitContext& context, const TableMetadata& table,
                                         const Schema& schema, NewFiles files,
                                         SnapshotId snapshot_id, int32_t ordinal);

/// The same, written.
Result<ManifestFile> WriteManifestOf(const CommitContext& context, const TableMetadata& table,
                                     const Schema& schema, NewFiles files, SnapshotId snapshot_id,
                                     int32_t ordinal);

/// Data files of the default partition spec.
Result<EncodedManifest> EncodeAppendManifest(const CommitContext& context,
                                             const TableMetadata& table, const Schema& schema,
                                             std::vector<DataFile> files, SnapshotId snapshot_id,
                                             int32_t ordinal);

/// The same, written.
Result<ManifestFile> WriteAppendManifest(const CommitContext& context, const TableMetadata& table,
                                         const Schema& schema, std::vector<DataFile> files,
                                         SnapshotId snapshot_id, int32_t ordinal);

/// Random, positive, not among the table's snapshots.
SnapshotId NewSnapshotId(const TableMetadata* base);

/// The change set applied to `base` as snapshot `snapshot_id` (the id that its manifests carry):
/// manifest list `snap-<snapshot>-<sequence number>-<transaction>.avro` (rebased, a commit never
/// gives one name two contents), merged manifests, metadata file. A failure leaves none of them
/// behind, as far as the storage allows. A change set that changes nothing visible returns `base`
/// with no written files. `create`: `base` has no metadata file yet (location empty). Conflict when
/// the change set does not fit the base any more; the caller retries with a newer base or gives up.
/// AlreadyExists when the base holds the snapshot: an earlier commit of unknown outcome took place.
Result<PreparedTable> PrepareCommit(const CommitContext& context, const LoadedTable& base,
                                    const ChangeSet& changes, SnapshotId snapshot_id,
                                    const CommitPolicy& policy,
                                    const BeforeAppearing& before_appearing = nullptr);

/// Whether every snapshot that deleted a file of the expired ones is among them or retained.
enum class Deletions : uint8_t {
  kAllTold,
  /// Some snapshot that told of a deletion may be gone: it expired before, while a pin or another
  /// process held an older one that had the file.
  kSomeForgotten,
};

/// Files that become unreachable with the expired manifest lists: data files that no retained
/// snapshot of `current` holds, then manifests, then the lists (so that a deletion that stopped
/// half-way can ask again). Lists that are gone already are passed over. Reads the expired lists;
/// cost follows what expired and the number of retained manifests, not the number of data files in
/// them, unless deletions were forgotten: then every retained manifest is read.
Result<std::vector<std::string>> DereferencedFiles(
    const CommitContext& context, const LoadedTable& current,
    const std::vector<std::string>& expired_manifest_lists,
    Deletions deletions = Deletions::kAllTold);

/// Every file that the metadata reaches: itself, metadata log, manifest lists, manifests, live data
/// files, statistics. A data file may be visited more than once.
Result<> VisitReachableFiles(const CommitContext& context, const LoadedTable& table,
                             const std::function<void(const std::string&)>& visit);

}  // namespace tarn::iceberg
