// SPDX-License-Identifier: Apache-2.0
#include "iceberg/update/table_requirement.h"

#include <algorithm>

namespace tarn::iceberg {
namespace {

template <typename Id>
Result<> CheckId(Id expected, Id actual, std::string_view what) {
  if (expected == actual) return {};
  return Fail(ErrorKind::kConflict, "Requirement failed: {} changed: expected id {} != {}", what,
              expected.value(), actual.value());
}

Result<> Check(const TableMetadata&, const AssertCreate&) {
  return Fail(ErrorKind::kConflict, "Requirement failed: table already exists");
}

Result<> Check(const TableMetadata& table, const AssertTableUuid& required) {
  if (required.uuid == table.table_uuid) return {};
  return Fail(ErrorKind::kConflict, "Requirement failed: UUID does not match: expected {} != {}",
              table.table_uuid.ToString(), required.uuid.ToString());
}

Result<> Check(const TableMetadata& table, const AssertRefSnapshotId& required) {
  const auto found = table.refs.find(required.ref);
  if (found == table.refs.end()) {
    if (!required.snapshot_id) return {};
    return Fail(ErrorKind::kConflict,
                "Requirement failed: branch or tag {} is missing, expected {}", required.ref,
                required.snapshot_id->value());
  }
  const std::string_view kind = found->second.is_tag ? "tag" : "branch";
  if (!required.snapshot_id) {
    return Fail(ErrorKind::kConflict, "Requirement failed: {} {} was created concurrently", kind,
                required.ref);
  }
  if (*required.snapshot_id != found->second.snapshot_id) {
    return Fail(ErrorKind::kConflict, "Requirement failed: {} {} has changed: expected id {} != {}",
                kind, required.ref, required.snapshot_id->value(),
                found->second.snapshot_id.value());
  }
  return {};
}

Result<> Check(const TableMetadata& table, const AssertLastAssignedFieldId& required) {
  return CheckId(required.last_assigned_field_id, table.last_column_id, "last assigned field id");
}

Result<> Check(const TableMetadata& table, const AssertCurrentSchemaId& required) {
  return CheckId(required.current_schema_id, table.current_schema_id, "current schema");
}

Result<> Check(const TableMetadata& table, const AssertLastAssignedPartitionId& required) {
  return CheckId(required.last_assigned_partition_id, table.last_partition_id,
                 "last assigned partition id");
}

Result<> Check(const TableMetadata& table, const AssertDefaultSpecId& required) {
  return CheckId(required.default_spec_id, table.default_spec_id, "default partition spec");
}

Result<> Check(const TableMetadata& table, const AssertDefaultSortOrderId& required) {
  return CheckId(required.default_sort_order_id, table.default_sort_order_id, "default sort order");
}

bool AssertsCreation(const TableRequirement& requirement) {
  return std::holds_alternative<AssertCreate>(requirement);
}

}  // namespace

Result<> CheckRequirements(const TableMetadata* current,
                           std::span<const TableRequirement> requirements) {
  const bool creates = std::ranges::any_of(requirements, AssertsCreation);
  if (creates && !std::ranges::all_of(requirements, AssertsCreation)) {
    return Fail(ErrorKind::kInvalidArgument,
                "Invalid create requirements: assert-create must stand alone");
  }
  if (current == nullptr) {
    if (creates) return {};
    return Fail(ErrorKind::kNotFound, "table does not exist");
  }
  for (const TableRequirement& requirement : requirements) {
    TARN_TRY(
        std::visit([&](const auto& required) { return Check(*current, required); }, requirement));
  }
  return {};
}

}  // namespace tarn::iceberg
