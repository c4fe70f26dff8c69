// SPDX-License-Identifier: Apache-2.0
// What must be true of a table for a commit to apply, as the Iceberg REST specification has it
// ("TableRequirement").
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/result.h"
#include "base/uuid.h"
#include "iceberg/model/table_metadata.h"

namespace tarn::iceberg {

/// The table does not exist. Stands alone.
struct AssertCreate {};

struct AssertTableUuid {
  Uuid uuid;
};

/// The reference is at the snapshot, or does not exist.
struct AssertRefSnapshotId {
  std::string ref;
  std::optional<SnapshotId> snapshot_id;
};

struct AssertLastAssignedFieldId {
  FieldId last_assigned_field_id;
};

struct AssertCurrentSchemaId {
  SchemaId current_schema_id;
};

struct AssertLastAssignedPartitionId {
  PartitionFieldId last_assigned_partition_id;
};

struct AssertDefaultSpecId {
  SpecId default_spec_id;
};

struct AssertDefaultSortOrderId {
  SortOrderId default_sort_order_id;
};

using TableRequirement =
    std::variant<AssertCreate, AssertTableUuid, AssertRefSnapshotId, AssertLastAssignedFieldId,
                 AssertCurrentSchemaId, AssertLastAssignedPartitionId, AssertDefaultSpecId,
                 AssertDefaultSortOrderId>;

/// In order; reports the first that does not hold: Conflict, "Requirement failed: …" in the words
/// that clients compare. `current` is null where there is no table: NotFound unless the creation is
/// asserted. InvalidArgument when the assertion of a creation stands beside others.
Result<> CheckRequirements(const TableMetadata* current,
                           std::span<const TableRequirement> requirements);

}  // namespace tarn::iceberg
