// SPDX-License-Identifier: Apache-2.0
// Every change of a table's metadata as a value, as the Iceberg REST specification has them
// ("BaseUpdate" and its kinds; views have their own in view/view_update.h). What they mean is in
// table_metadata_builder.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/uuid.h"
#include "iceberg/model/encrypted_key.h"
#include "iceberg/model/ids.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"
#include "iceberg/model/snapshot.h"
#include "iceberg/model/statistics_file.h"

namespace tarn::iceberg {

/// In the place of an id: what was added last by the same list of updates.
inline constexpr int32_t kLastAdded = -1;

struct AssignUuid {
  Uuid uuid;
};

struct UpgradeFormatVersion {
  int32_t format_version = 0;
};

/// The id of the schema counts for nothing: an equal schema's is reused, else the next is given.
struct AddSchema {
  Schema schema;
};

struct SetCurrentSchema {
  SchemaId schema_id{kLastAdded};
};

/// The id of the spec counts for nothing. Fields of the id kUnassignedPartitionFieldId get one.
struct AddPartitionSpec {
  PartitionSpec spec;
};

struct SetDefaultSpec {
  SpecId spec_id{kLastAdded};
};

/// The id of the order counts for nothing, but for 0: no fields.
struct AddSortOrder {
  SortOrder order;
};

struct SetDefaultSortOrder {
  SortOrderId order_id{kLastAdded};
};

/// Moves no reference.
struct AddSnapshot {
  Snapshot snapshot;
};

struct SetSnapshotRef {
  std::string name;
  SnapshotRef ref;
};

struct RemoveSnapshotRef {
  std::string name;
};

/// Unknown ids are passed over.
struct RemoveSnapshots {
  std::vector<SnapshotId> snapshot_ids;
};

struct SetLocation {
  std::string location;
};

struct SetProperties {
  std::map<std::string, std::string> updates;
};

struct RemoveProperties {
  std::vector<std::string> removals;
};

/// Replaces what the snapshot had.
struct SetStatistics {
  StatisticsFile statistics;
};

struct RemoveStatistics {
  SnapshotId snapshot_id;
};

struct SetPartitionStatistics {
  StatisticsFile statistics;
};

struct RemovePartitionStatistics {
  SnapshotId snapshot_id;
};

struct RemovePartitionSpecs {
  std::vector<SpecId> spec_ids;
};

struct RemoveSchemas {
  std::vector<SchemaId> schema_ids;
};

struct AddEncryptionKey {
  EncryptedKey key;
};

struct RemoveEncryptionKey {
  std::string key_id;
};

using MetadataUpdate =
    std::variant<AssignUuid, UpgradeFormatVersion, AddSchema, SetCurrentSchema, AddPartitionSpec,
                 SetDefaultSpec, AddSortOrder, SetDefaultSortOrder, AddSnapshot, SetSnapshotRef,
                 RemoveSnapshotRef, RemoveSnapshots, SetLocation, SetProperties, RemoveProperties,
                 SetStatistics, RemoveStatistics, SetPartitionStatistics, RemovePartitionStatistics,
                 RemovePartitionSpecs, RemoveSchemas, AddEncryptionKey, RemoveEncryptionKey>;

}  // namespace tarn::iceberg
