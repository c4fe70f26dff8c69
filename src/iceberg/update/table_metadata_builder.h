// SPDX-License-Identifier: Apache-2.0
// (base metadata, updates) → new metadata: the one way in which metadata changes. Follows the
// behaviour of Apache's Java library, on which clients of REST catalogs rely: which ids are given
// and reused, what enters the logs, which defaults and limits hold, and the words of refusals.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "iceberg/model/table_metadata.h"
#include "iceberg/update/metadata_update.h"

namespace tarn::iceberg {

/// Default of write.metadata.previous-versions-max.
inline constexpr int64_t kPreviousFilesMax = 100;

struct UpdateResult {
  std::shared_ptr<const TableMetadata> metadata;
  /// False: no update had an effect, `metadata` is the base, and nothing is to be written.
  bool changed = false;

  /// What the base reached and the new metadata does not. Whether any of it may be deleted is the
  /// caller's policy.
  std::vector<std::string> dropped_metadata_files;    ///< fell out of the metadata log
  std::vector<CommittedSnapshot> removed_snapshots;   ///< their lists, manifests, data
  std::vector<std::string> dropped_statistics_files;  ///< that no entry names any more
};

/// Applies the updates in order to a copy of `base` (null: to nothing, which creates a table).
/// `base_metadata_location` enters the metadata log; empty where the base was never written.
/// `now_ms` becomes the time of the last update. Nothing is read or written.
///
/// Conflict: the base moved on in a way that a new attempt of the caller's can heal (a sequence
/// number or row id was taken). InvalidArgument: the updates do not fit; no retry helps.
/// Thread-safe. Costs a pointer for each snapshot of the base, and the updates.
Result<UpdateResult> ApplyUpdates(std::shared_ptr<const TableMetadata> base,
                                  std::string_view base_metadata_location,
                                  std::span<const MetadataUpdate> updates, int64_t now_ms);

/// The same step by step, for callers whose later updates depend on what the earlier ones gave.
/// After a failure only destruction is allowed. Used by one thread.
class TableMetadataBuilder {
 public:
  /// `previous_files_max`: length of the metadata log where write.metadata.previous-versions-max
  /// does not say.
  TableMetadataBuilder(std::shared_ptr<const TableMetadata> base,
                       std::string_view base_metadata_location, int64_t now_ms,
                       int64_t previous_files_max = kPreviousFilesMax);

  Result<> Apply(const MetadataUpdate& update);
  Result<> Apply(std::span<const MetadataUpdate> updates);

  /// As the updates so far left it; not checked as a whole, logs not yet trimmed.
  const TableMetadata& metadata() const { return metadata_; }
  bool changed() const { return changed_; }
  /// The time of the update: never before that of the base.
  int64_t now_ms() const { return now_ms_; }

  /// Checks the whole and closes the logs. To be called once.
  Result<UpdateResult> Build();

 private:
  Result<> Do(const AssignUuid& update);
  Result<> Do(const UpgradeFormatVersion& update);
  Result<> Do(const AddSchema& update);
  Result<> Do(const SetCurrentSchema& update);
  Result<> Do(const AddPartitionSpec& update);
  Result<> Do(const SetDefaultSpec& update);
  Result<> Do(const AddSortOrder& update);
  Result<> Do(const SetDefaultSortOrder& update);
  Result<> Do(const AddSnapshot& update);
  Result<> Do(const SetSnapshotRef& update);
  Result<> Do(const RemoveSnapshotRef& update);
  Result<> Do(const RemoveSnapshots& update);
  Result<> Do(const SetLocation& update);
  Result<> Do(const SetProperties& update);
  Result<> Do(const RemoveProperties& update);
  Result<> Do(const SetStatistics& update);
  Result<> Do(const RemoveStatistics& update);
  Result<> Do(const SetPartitionStatistics& update);
  Result<> Do(const RemovePartitionStatistics& update);
  Result<> Do(const RemovePartitionSpecs& update);
  Result<> Do(const RemoveSchemas& update);
  Result<> Do(const AddEncryptionKey& update);
  Result<> Do(const RemoveEncryptionKey& update);

  Result<const Schema*> SchemaToBindTo(std::string_view what) const;
  Result<> AssignFieldIds(PartitionSpec& spec) const;
  Result<> CheckNewSnapshot(const Snapshot& snapshot) const;
  Result<> CountRows(const Snapshot& snapshot);
  void RemoveRef(const std::string& name);
  Result<> CheckWhole() const;

  std::shared_ptr<const TableMetadata> base_;
  std::string base_metadata_location_;
  int64_t now_ms_;
  int64_t previous_files_max_;
  TableMetadata metadata_;
  bool changed_ = false;
  bool definitions_changed_ = false;  ///< schemas, specs, orders or which of them is in use

  bool format_version_is_given_ = false;
  std::optional<SchemaId> last_added_schema_;
  std::optional<SpecId> last_added_spec_;
  std::optional<SortOrderId> last_added_order_;
  std::unordered_set<SnapshotId> added_snapshots_;
  std::vector<SnapshotId> added_and_set_as_main_;
  std::vector<CommittedSnapshot> removed_snapshots_;
};

}  // namespace tarn::iceberg
