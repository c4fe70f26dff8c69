// SPDX-License-Identifier: Apache-2.0
#include "iceberg/update/table_metadata_builder.h"

#include <algorithm>
#include <limits>

#include "iceberg/update/definition_checks.h"
#include "iceberg/update/metadata_logs.h"
#include "iceberg/update/reserved_properties.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kSupportedFormatVersion = 3;
constexpr int32_t kRowLineageVersion = 3;
constexpr int32_t kFirstPartitionFieldId = 1000;

/// One more than the highest; `first` if there are none.
template <typename Items, typename Id>
Result<Id> NextId(const Items& items, Id first, std::string_view what) {
  int64_t next = first.value();
  for (const auto& item : items) next = std::max<int64_t>(next, int64_t{item.id.value()} + 1);
  if (next > std::numeric_limits<int32_t>::max()) {
    return Fail(ErrorKind::kInvalidArgument, "no {} id is left", what);
  }
  return Id(static_cast<int32_t>(next));
}

/// The same partitioning under whatever ids.
bool SamePartitioning(const PartitionSpec& a, const PartitionSpec& b) {
  return std::ranges::equal(
      a.fields, b.fields, [](const PartitionField& x, const PartitionField& y) {
        return x.source_ids == y.source_ids && x.transform == y.transform && x.name == y.name;
      });
}

Result<> CheckRetention(const std::string& name, const SnapshotRef& ref) {
  if (ref.is_tag && name == kMainBranch) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot set main to a tag: it must be a branch");
  }
  if (ref.is_tag && ref.min_snapshots_to_keep) {
    return Fail(ErrorKind::kInvalidArgument, "Tags do not support setting minSnapshotsToKeep");
  }
  if (ref.is_tag && ref.max_snapshot_age_ms) {
    return Fail(ErrorKind::kInvalidArgument, "Tags do not support setting maxSnapshotAgeMs");
  }
  if (ref.min_snapshots_to_keep.value_or(1) <= 0) {
    return Fail(ErrorKind::kInvalidArgument, "Min snapshots to keep must be greater than 0");
  }
  if (ref.max_snapshot_age_ms.value_or(1) <= 0) {
    return Fail(ErrorKind::kInvalidArgument, "Max snapshot age must be greater than 0 ms");
  }
  if (ref.max_ref_age_ms.value_or(1) <= 0) {
    return Fail(ErrorKind::kInvalidArgument, "Max reference age must be greater than 0");
  }
  return {};
}

bool SetStatisticsIn(std::vector<StatisticsFile>& files, const StatisticsFile& file) {
  const auto found = std::ranges::find(files, file.snapshot_id, &StatisticsFile::snapshot_id);
  if (found == files.end()) {
    files.push_back(file);
  } else {
    *found = file;
  }
  return true;
}

template <typename Gone>
bool RemoveStatisticsFrom(std::vector<StatisticsFile>& files, const Gone& is_gone) {
  return std::erase_if(files,
                       [&](const StatisticsFile& file) { return is_gone(file.snapshot_id); }) > 0;
}

}  // namespace

TableMetadataBuilder::TableMetadataBuilder(std::shared_ptr<const TableMetadata> base,
                                           std::string_view base_metadata_location, int64_t now_ms,
                                           int64_t previous_files_max)
    : base_(std::move(base)),
      base_metadata_location_(base_metadata_location),
      // Clocks go back; the history of a table does not.
      now_ms_(base_ == nullptr ? now_ms : std::max(now_ms, base_->last_updated_ms)),
      previous_files_max_(previous_files_max) {
  if (base_ != nullptr) metadata_ = *base_;
}

Result<> TableMetadataBuilder::Apply(const MetadataUpdate& update) {
  return std::visit([this](const auto& kind) { return Do(kind); }, update);
}

Result<> TableMetadataBuilder::Apply(std::span<const MetadataUpdate> updates) {
  for (const MetadataUpdate& update : updates) TARN_TRY(Apply(update));
  return {};
}

Result<> TableMetadataBuilder::Do(const AssignUuid& update) {
  if (update.uuid.is_nil()) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot set uuid to null");
  }
  changed_ |= metadata_.table_uuid != update.uuid;
  metadata_.table_uuid = update.uuid;
  return {};
}

Result<> TableMetadataBuilder::Do(const UpgradeFormatVersion& update) {
  const int32_t version = update.format_version;
  if (version > kSupportedFormatVersion) {
    return Fail(ErrorKind::kInvalidArgument,
                "Cannot upgrade table to unsupported format version: v{} (supported: v{})", version,
                kSupportedFormatVersion);
  }
  // The first one that a creation names is where the table begins.
  const bool begins = base_ == nullptr && !format_version_is_given_;
  format_version_is_given_ = true;
  if (version < 1 || (version < metadata_.format_version && !begins)) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot downgrade v{} table to v{}",
                metadata_.format_version, version);
  }
  if (version == metadata_.format_version) return {};
  metadata_.format_version = version;
  // Their texts are kept for one version.
  for (CommittedSnapshot& snapshot : metadata_.snapshots) snapshot = CommittedSnapshot(*snapshot);
  if (version >= kRowLineageVersion) metadata_.next_row_id = metadata_.next_row_id.value_or(0);
  changed_ = true;
  return {};
}

Result<> TableMetadataBuilder::Do(const AddSchema& update) {
  const Schema& schema = update.schema;
  TARN_TRY(CheckSchemaFits(schema, metadata_.format_version));
  for (const Schema& known : metadata_.schemas) {
    if (known.SameFields(schema)) {
      last_added_schema_ = known.id;
      return {};
    }
  }
  TARN_ASSIGN(const SchemaId id, NextId(metadata_.schemas, SchemaId(0), "schema"));
  metadata_.schemas.push_back(schema);
  metadata_.schemas.back().id = id;
  metadata_.last_column_id = std::max(metadata_.last_column_id, schema.HighestFieldId());
  last_added_schema_ = id;
  changed_ = true;
  return {};
}

Result<> TableMetadataBuilder::Do(const SetCurrentSchema& update) {
  SchemaId id = update.schema_id;
  if (id.value() == kLastAdded) {
    if (!last_added_schema_) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Cannot set last added schema: no schema has been added");
    }
    id = *last_added_schema_;
  }
  if (metadata_.FindSchema(id) == nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot set current schema to unknown schema: {}",
                id.value());
  }
  if (metadata_.current_schema_id != id) changed_ = definitions_changed_ = true;
  metadata_.current_schema_id = id;
  return {};
}

Result<const Schema*> TableMetadataBuilder::SchemaToBindTo(std::string_view what) const {
  const Schema* schema = metadata_.FindSchema(metadata_.current_schema_id);
  if (schema != nullptr) return schema;
  return Fail(ErrorKind::kInvalidArgument, "Cannot add {} before a schema is added", what);
}

Result<> TableMetadataBuilder::AssignFieldIds(PartitionSpec& spec) const {
  int64_t next = int64_t{metadata_.last_partition_id.value()} + 1;
  for (size_t i = 0; i < spec.fields.size(); ++i) {
    PartitionField& field = spec.fields[i];
    if (field.id != kUnassignedPartitionFieldId) continue;
    if (metadata_.format_version == 1) {
      field.id = PartitionFieldId(kFirstPartitionFieldId + static_cast<int32_t>(i));
      continue;
    }
    const PartitionField* equal = nullptr;
    for (const PartitionSpec& known : metadata_.partition_specs) {
      const auto found = std::ranges::find_if(known.fields, [&](const PartitionField& other) {
        return other.source_ids == field.source_ids && other.transform == field.transform;
      });
      if (found != known.fields.end()) equal = &*found;
    }
    if (equal != nullptr) {
      field.id = equal->id;
      continue;
    }
    if (next > std::numeric_limits<int32_t>::max()) {
      return Fail(ErrorKind::kInvalidArgument, "no partition field id is left");
    }
    field.id = PartitionFieldId(static_cast<int32_t>(next++));
  }
  return {};
}

Result<> TableMetadataBuilder::Do(const AddPartitionSpec& update) {
  for (const PartitionSpec& known : metadata_.partition_specs) {
    if (SamePartitioning(known, update.spec)) {
      last_added_spec_ = known.id;
      return {};
    }
  }
  TARN_ASSIGN(const Schema* schema, SchemaToBindTo("partition spec"));
  PartitionSpec spec = update.spec;
  TARN_TRY(AssignFieldIds(spec));
  TARN_TRY(CheckNewSpec(spec, *schema, metadata_.format_version));
  TARN_ASSIGN(spec.id, NextId(metadata_.partition_specs, SpecId(0), "partition spec"));
  for (const PartitionField& field : spec.fields) {
    metadata_.last_partition_id = std::max(metadata_.last_partition_id, field.id);
  }
  last_added_spec_ = spec.id;
  metadata_.partition_specs.push_back(std::move(spec));
  changed_ = true;
  return {};
}

Result<> TableMetadataBuilder::Do(const SetDefaultSpec& update) {
  SpecId id = update.spec_id;
  if (id.value() == kLastAdded) {
    if (!last_added_spec_) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Cannot set last added spec: no spec has been added");
    }
    id = *last_added_spec_;
  }
  if (metadata_.FindPartitionSpec(id) == nullptr) {
    return Fail(ErrorKind::kInvalidArgument,
                "Cannot set default partition spec to unknown spec: {}", id.value());
  }
  if (metadata_.default_spec_id != id) changed_ = definitions_changed_ = true;
  metadata_.default_spec_id = id;
  return {};
}

Result<> TableMetadataBuilder::Do(const AddSortOrder& update) {
  SortOrder order = update.order;
  const SortOrderId unsorted{0};
  if (order.id == unsorted && !order.fields.empty()) {
    return Fail(ErrorKind::kInvalidArgument, "Sort order ID 0 is reserved for unsorted order");
  }
  for (const SortOrder& known : metadata_.sort_orders) {
    if (order.fields.empty() ? known.id == unsorted : known.fields == order.fields) {
      last_added_order_ = known.id;
      return {};
    }
  }
  order.id = unsorted;
  if (!order.fields.empty()) {
    TARN_ASSIGN(const Schema* schema, SchemaToBindTo("sort order"));
    TARN_TRY(CheckSortOrderSources(order, *schema));
    TARN_ASSIGN(order.id, NextId(metadata_.sort_orders, SortOrderId(1), "sort order"));
  }
  last_added_order_ = order.id;
  metadata_.sort_orders.push_back(std::move(order));
  changed_ = true;
  return {};
}

Result<> TableMetadataBuilder::Do(const SetDefaultSortOrder& update) {
  SortOrderId id = update.order_id;
  if (id.value() == kLastAdded) {
    if (!last_added_order_) {
      return Fail(ErrorKind::kInvalidArgument,
                  "Cannot set last added sort order: no sort order has been added");
    }
    id = *last_added_order_;
  }
  if (metadata_.FindSortOrder(id) == nullptr) {
    return Fail(ErrorKind::kInvalidArgument,
                "Cannot set default sort order to unknown sort order: {}", id.value());
  }
  if (metadata_.default_sort_order_id != id) changed_ = definitions_changed_ = true;
  metadata_.default_sort_order_id = id;
  return {};
}

Result<> TableMetadataBuilder::CheckNewSnapshot(const Snapshot& snapshot) const {
  const auto missing = [](std::string_view what) {
    return Fail(ErrorKind::kInvalidArgument, "Attempting to add a snapshot before a {} is added",
                what);
  };
  if (metadata_.schemas.empty()) return missing("schema");
  if (metadata_.partition_specs.empty()) return missing("partition spec");
  if (metadata_.sort_orders.empty()) return missing("sort order");
  if (metadata_.FindSnapshot(snapshot.id) != nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "Snapshot already exists for id: {}",
                snapshot.id.value());
  }
  const int64_t sequence = snapshot.sequence_number.value();
  if (metadata_.format_version == 1) {
    if (sequence == 0) return {};
    return Fail(ErrorKind::kInvalidArgument, "Sequence number must be 0 in v1: {}", sequence);
  }
  if (sequence < 0) {
    return Fail(ErrorKind::kInvalidArgument, "Invalid sequence number: {}", sequence);
  }
  if (snapshot.sequence_number > metadata_.last_sequence_number || !snapshot.parent_id) return {};
  return Fail(ErrorKind::kConflict,
              "Cannot add snapshot with sequence number {} older than last sequence number {}",
              sequence, metadata_.last_sequence_number.value());
}

/// The rows of the snapshot take their ids behind all that were given before.
Result<> TableMetadataBuilder::CountRows(const Snapshot& snapshot) {
  if (metadata_.format_version < kRowLineageVersion) return {};
  if (!snapshot.first_row_id) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot add a snapshot: first-row-id is null");
  }
  if (!snapshot.added_rows) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot add a snapshot: added-rows is null");
  }
  const int64_t next = metadata_.next_row_id.value_or(0);
  if (*snapshot.first_row_id < next) {
    return Fail(ErrorKind::kConflict,
                "Cannot add a snapshot, first-row-id is behind table next-row-id: {} < {}",
                *snapshot.first_row_id, next);
  }
  int64_t after = 0;
  if (*snapshot.added_rows < 0 || __builtin_add_overflow(next, *snapshot.added_rows, &after)) {
    return Fail(ErrorKind::kInvalidArgument,
                "Cannot add a snapshot with added-rows {} at row id {}", *snapshot.added_rows,
                next);
  }
  metadata_.next_row_id = after;
  return {};
}

Result<> TableMetadataBuilder::Do(const AddSnapshot& update) {
  const Snapshot& snapshot = update.snapshot;
  TARN_TRY(CheckNewSnapshot(snapshot));
  TARN_TRY(CountRows(snapshot));
  metadata_.last_sequence_number =
      std::max(metadata_.last_sequence_number, snapshot.sequence_number);
  metadata_.snapshots.emplace_back(snapshot);
  added_snapshots_.insert(snapshot.id);
  changed_ = true;
  return {};
}

Result<> TableMetadataBuilder::Do(const SetSnapshotRef& update) {
  TARN_TRY(CheckRetention(update.name, update.ref));
  const Snapshot* snapshot = metadata_.FindSnapshot(update.ref.snapshot_id);
  if (snapshot == nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot set {} to unknown snapshot: {}", update.name,
                update.ref.snapshot_id.value());
  }
  SnapshotRef ref = update.ref;
  const auto known = metadata_.refs.find(update.name);
  if (known != metadata_.refs.end()) {
    // Whoever moves a reference does not mean what it can't see.
    if (ref.unknown_members_json.empty()) {
      ref.unknown_members_json = known->second.unknown_members_json;
    }
    if (known->second == ref) return {};
  }
  if (update.name == kMainBranch) {
    const bool is_added = added_snapshots_.contains(snapshot->id);
    if (is_added) added_and_set_as_main_.push_back(snapshot->id);
    metadata_.current_snapshot_id = snapshot->id;
    metadata_.snapshot_log.push_back({is_added ? snapshot->timestamp_ms : now_ms_, snapshot->id});
  }
  metadata_.refs[update.name] = std::move(ref);
  changed_ = true;
  return {};
}

void TableMetadataBuilder::RemoveRef(const std::string& name) {
  if (name == kMainBranch) metadata_.current_snapshot_id.reset();
  if (metadata_.refs.erase(name) > 0) changed_ = true;
}

Result<> TableMetadataBuilder::Do(const RemoveSnapshotRef& update) {
  RemoveRef(update.name);
  return {};
}

Result<> TableMetadataBuilder::Do(const RemoveSnapshots& update) {
  const std::unordered_set<SnapshotId> ids(update.snapshot_ids.begin(), update.snapshot_ids.end());
  const size_t before = metadata_.snapshots.size();
  std::erase_if(metadata_.snapshots, [&](const CommittedSnapshot& snapshot) {
    if (!ids.contains(snapshot->id)) return false;
    removed_snapshots_.push_back(snapshot);
    return true;
  });
  if (metadata_.snapshots.size() == before) return {};
  changed_ = true;
  const auto is_gone = [&](SnapshotId id) { return ids.contains(id); };
  RemoveStatisticsFrom(metadata_.statistics, is_gone);
  RemoveStatisticsFrom(metadata_.partition_statistics, is_gone);
  std::vector<std::string> dangling;
  for (const auto& [name, ref] : metadata_.refs) {
    if (is_gone(ref.snapshot_id)) dangling.push_back(name);
  }
  for (const std::string& name : dangling) RemoveRef(name);
  return {};
}

Result<> TableMetadataBuilder::Do(const SetLocation& update) {
  std::string_view location = update.location;
  while (location.size() > 1 && location.ends_with('/') && !location.ends_with("://")) {
    location.remove_suffix(1);
  }
  if (location.empty()) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot set location to an empty string");
  }
  if (metadata_.location == location) return {};
  metadata_.location = location;
  changed_ = true;
  return {};
}

Result<> TableMetadataBuilder::Do(const SetProperties& update) {
  for (const auto& [key, value] : update.updates) {
    if (IsReservedProperty(key)) {
      return Fail(ErrorKind::kInvalidArgument, "Cannot set reserved property: {}", key);
    }
  }
  for (const auto& [key, value] : update.updates) metadata_.properties[key] = value;
  changed_ |= !update.updates.empty();
  return {};
}

Result<> TableMetadataBuilder::Do(const RemoveProperties& update) {
  for (const std::string& key : update.removals) metadata_.properties.erase(key);
  changed_ |= !update.removals.empty();
  return {};
}

Result<> TableMetadataBuilder::Do(const SetStatistics& update) {
  changed_ |= SetStatisticsIn(metadata_.statistics, update.statistics);
  return {};
}

Result<> TableMetadataBuilder::Do(const RemoveStatistics& update) {
  changed_ |= RemoveStatisticsFrom(metadata_.statistics,
                                   [&](SnapshotId id) { return id == update.snapshot_id; });
  return {};
}

Result<> TableMetadataBuilder::Do(const SetPartitionStatistics& update) {
  changed_ |= SetStatisticsIn(metadata_.partition_statistics, update.statistics);
  return {};
}

Result<> TableMetadataBuilder::Do(const RemovePartitionStatistics& update) {
  changed_ |= RemoveStatisticsFrom(metadata_.partition_statistics,
                                   [&](SnapshotId id) { return id == update.snapshot_id; });
  return {};
}

Result<> TableMetadataBuilder::Do(const RemovePartitionSpecs& update) {
  if (std::ranges::find(update.spec_ids, metadata_.default_spec_id) != update.spec_ids.end()) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot remove the default partition spec");
  }
  std::erase_if(metadata_.partition_specs, [&](const PartitionSpec& spec) {
    return std::ranges::find(update.spec_ids, spec.id) != update.spec_ids.end();
  });
  changed_ |= !update.spec_ids.empty();
  return {};
}

Result<> TableMetadataBuilder::Do(const RemoveSchemas& update) {
  if (std::ranges::find(update.schema_ids, metadata_.current_schema_id) !=
      update.schema_ids.end()) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot remove the current schema");
  }
  std::erase_if(metadata_.schemas, [&](const Schema& schema) {
    return std::ranges::find(update.schema_ids, schema.id) != update.schema_ids.end();
  });
  changed_ |= !update.schema_ids.empty();
  return {};
}

Result<> TableMetadataBuilder::Do(const AddEncryptionKey& update) {
  const auto known =
      std::ranges::find(metadata_.encryption_keys, update.key.key_id, &EncryptedKey::key_id);
  if (known != metadata_.encryption_keys.end()) return {};
  metadata_.encryption_keys.push_back(update.key);
  changed_ = true;
  return {};
}

Result<> TableMetadataBuilder::Do(const RemoveEncryptionKey& update) {
  changed_ |= std::erase_if(metadata_.encryption_keys, [&](const EncryptedKey& key) {
                return key.key_id == update.key_id;
              }) > 0;
  return {};
}

/// What every reader takes for granted.
Result<> TableMetadataBuilder::CheckWhole() const {
  if (metadata_.format_version > 1 && metadata_.table_uuid.is_nil()) {
    return Fail(ErrorKind::kInvalidArgument, "UUID is required in format v{}",
                metadata_.format_version);
  }
  if (metadata_.location.empty()) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot create a table without a location");
  }
  const Schema* schema = metadata_.FindSchema(metadata_.current_schema_id);
  if (schema == nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot find current schema: {}",
                metadata_.current_schema_id.value());
  }
  const PartitionSpec* spec = metadata_.FindPartitionSpec(metadata_.default_spec_id);
  if (spec == nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot find default partition spec: {}",
                metadata_.default_spec_id.value());
  }
  // What an earlier writer left does not stand in the way of other updates.
  if (!definitions_changed_ && base_ != nullptr) return {};
  const SortOrder* order = metadata_.FindSortOrder(metadata_.default_sort_order_id);
  if (order == nullptr) {
    return Fail(ErrorKind::kInvalidArgument, "Cannot find default sort order: {}",
                metadata_.default_sort_order_id.value());
  }
  TARN_TRY(CheckSpecSources(*spec, *schema));
  return CheckSortOrderSources(*order, *schema);
}

Result<UpdateResult> TableMetadataBuilder::Build() {
  UpdateResult result;
  if (!changed_ && base_ != nullptr) {
    result.metadata = base_;
    return result;
  }
  metadata_.last_updated_ms = now_ms_;
  TARN_TRY(CheckWhole());
  const size_t old_entries = base_ == nullptr ? 0 : base_->snapshot_log.size();
  TARN_TRY(CheckNewLogEntries(metadata_, old_entries));
  if (!removed_snapshots_.empty() || !added_and_set_as_main_.empty()) {
    TARN_TRY(CloseSnapshotLog(metadata_, added_and_set_as_main_, !removed_snapshots_.empty()));
  }
  if (base_ != nullptr) {
    result.dropped_metadata_files =
        LogPreviousMetadata(metadata_, *base_, base_metadata_location_, previous_files_max_);
    result.dropped_statistics_files = StatisticsFilesOnlyIn(*base_, metadata_);
  }
  result.removed_snapshots = std::move(removed_snapshots_);
  result.changed = true;
  result.metadata = std::make_shared<const TableMetadata>(std::move(metadata_));
  return result;
}

Result<UpdateResult> ApplyUpdates(std::shared_ptr<const TableMetadata> base,
                                  std::string_view base_metadata_location,
                                  std::span<const MetadataUpdate> updates, int64_t now_ms) {
  TableMetadataBuilder builder(std::move(base), base_metadata_location, now_ms);
  TARN_TRY(builder.Apply(updates));
  return builder.Build();
}

}  // namespace tarn::iceberg
