// SPDX-License-Identifier: Apache-2.0
#include "iceberg/model/table_metadata.h"

#include <algorithm>
#include <cassert>

namespace tarn::iceberg {
namespace {

template <typename Items, typename Id>
auto FindById(const Items& items, Id id) -> decltype(items.data()) {
  const auto found = std::ranges::find_if(items, [&](const auto& item) { return item.id == id; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

const Schema* TableMetadata::FindSchema(SchemaId id) const { return FindById(schemas, id); }

const Schema& TableMetadata::current_schema() const {
  const Schema* schema = FindSchema(current_schema_id);
  assert(schema != nullptr);
  return *schema;
}

const Snapshot* TableMetadata::FindSnapshot(SnapshotId id) const {
  // From the end: the current snapshot is asked for most, and is the last as a rule.
  const auto found = std::find_if(snapshots.rbegin(), snapshots.rend(),
                                  [&](const auto& snapshot) { return snapshot->id == id; });
  return found == snapshots.rend() ? nullptr : found->get();
}

const Snapshot* TableMetadata::current_snapshot() const {
  return current_snapshot_id ? FindSnapshot(*current_snapshot_id) : nullptr;
}

const PartitionSpec* TableMetadata::FindPartitionSpec(SpecId id) const {
  return FindById(partition_specs, id);
}

const SortOrder* TableMetadata::FindSortOrder(SortOrderId id) const {
  return FindById(sort_orders, id);
}

}  // namespace tarn::iceberg
