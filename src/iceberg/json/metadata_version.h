// SPDX-License-Identifier: Apache-2.0
// What differs between the format versions of table metadata: one stateless adapter per version, so
// that the codec itself asks for no version. Everything not named here is the same in all of them.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/model/snapshot.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

/// Thread-safe.
class MetadataVersion {
 public:
  virtual ~MetadataVersion() = default;

  /// Identity, numbering of commits and rows, schemas, partition specs and sort orders.
  virtual Result<> ReadTable(const JsonMembers& in, TableMetadata& out) const = 0;
  /// Sequence number and row ids of a snapshot; the rest is read.
  virtual Result<> ReadSnapshot(const JsonMembers& in, Snapshot& out) const = 0;

  virtual void WriteTableNumbers(const TableMetadata& metadata, JsonText& out) const = 0;
  virtual void WriteSnapshotNumbers(const Snapshot& snapshot, JsonText& out) const = 0;
};

/// Optional where later versions require; single `schema` and `partition-spec`; no sequence
/// numbers.
class MetadataV1 : public MetadataVersion {
 public:
  Result<> ReadTable(const JsonMembers& in, TableMetadata& out) const override;
  Result<> ReadSnapshot(const JsonMembers& in, Snapshot& out) const override;
  void WriteTableNumbers(const TableMetadata& metadata, JsonText& out) const override;
  void WriteSnapshotNumbers(const Snapshot& snapshot, JsonText& out) const override;
};

class MetadataV2 : public MetadataVersion {
 public:
  Result<> ReadTable(const JsonMembers& in, TableMetadata& out) const override;
  Result<> ReadSnapshot(const JsonMembers& in, Snapshot& out) const override;
  void WriteTableNumbers(const TableMetadata& metadata, JsonText& out) const override;
  void WriteSnapshotNumbers(const Snapshot& snapshot, JsonText& out) const override;
};

/// Version 2 and row lineage.
class MetadataV3 : public MetadataV2 {
 public:
  Result<> ReadTable(const JsonMembers& in, TableMetadata& out) const override;
  Result<> ReadSnapshot(const JsonMembers& in, Snapshot& out) const override;
  void WriteTableNumbers(const TableMetadata& metadata, JsonText& out) const override;
  void WriteSnapshotNumbers(const Snapshot& snapshot, JsonText& out) const override;
};

/// Null for a version that this module does not know. Static; never deleted.
const MetadataVersion* FindMetadataVersion(int32_t format_version);

/// The arrays that all versions may have; absent ones stay empty.
Result<> ReadSchemas(const JsonMembers& in, TableMetadata& out);
Result<> ReadPartitionSpecs(const JsonMembers& in, TableMetadata& out);
Result<> ReadSortOrders(const JsonMembers& in, TableMetadata& out);
Result<> ReadTableUuid(const JsonMembers& in, TableMetadata& out);

}  // namespace tarn::iceberg
