// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "iceberg/json/committed_snapshot.h"
#include "iceberg/model/encrypted_key.h"
#include "iceberg/model/ids.h"
#include "iceberg/model/partition_spec.h"
#include "iceberg/model/schema.h"
#include "iceberg/model/snapshot.h"
#include "iceberg/model/statistics_file.h"

namespace tarn::iceberg {

struct SnapshotLogEntry {
  int64_t timestamp_ms = 0;
  SnapshotId snapshot_id;
};

struct MetadataLogEntry {
  int64_t timestamp_ms = 0;
  std::string metadata_file;
};

/// A whole table (spec, "Table Metadata Fields"). A plain value; shared as
/// std::shared_ptr<const TableMetadata> once built. Members of the JSON that this version does not
/// know are kept in `unknown_members` and written back.
struct TableMetadata {
  int32_t format_version = 2;
  Uuid table_uuid;
  std::string location;
  SequenceNumber last_sequence_number;
  int64_t last_updated_ms = 0;
  FieldId last_column_id;
  std::vector<Schema> schemas;
  SchemaId current_schema_id;
  std::vector<PartitionSpec> partition_specs;
  SpecId default_spec_id;
  PartitionFieldId last_partition_id{999};
  std::vector<SortOrder> sort_orders;
  SortOrderId default_sort_order_id;
  std::map<std::string, std::string> properties;
  std::optional<SnapshotId> current_snapshot_id;
  std::vector<CommittedSnapshot> snapshots;
  std::vector<SnapshotLogEntry> snapshot_log;
  std::vector<MetadataLogEntry> metadata_log;
  std::map<std::string, SnapshotRef> refs;
  std::vector<StatisticsFile> statistics;            ///< one per snapshot
  std::vector<StatisticsFile> partition_statistics;  ///< one per snapshot
  std::optional<int64_t> next_row_id;                ///< v3
  std::vector<EncryptedKey> encryption_keys;         ///< v3
  std::string unknown_members_json;                  ///< JSON object as text, "" = none

  const Schema* FindSchema(SchemaId id) const;
  const Schema& current_schema() const;  ///< REQUIRES: parsed or built by this module
  const Snapshot* FindSnapshot(SnapshotId id) const;
  const Snapshot* current_snapshot() const;  ///< null if none
  const PartitionSpec* FindPartitionSpec(SpecId id) const;
  const SortOrder* FindSortOrder(SortOrderId id) const;
};

/// Reads v1, v2 and v3; Unsupported above; Corruption with the member's name when something
/// required is missing or malformed. Gzip is recognised by its magic.
Result<TableMetadata> ParseTableMetadata(std::string_view bytes);

/// JSON in the format of `metadata.format_version`.
Result<std::string> SerializeTableMetadata(const TableMetadata& metadata);

}  // namespace tarn::iceberg
