// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/metadata_version.h"

namespace tarn::iceberg {

Result<> MetadataV2::ReadTable(const JsonMembers& in, TableMetadata& out) const {
  TARN_TRY(ReadTableUuid(in, out));
  TARN_ASSIGN(const int64_t sequence, in.Int64(field::kLastSequenceNumber));
  out.last_sequence_number = SequenceNumber(sequence);
  TARN_TRY(ReadSchemas(in, out));
  if (out.schemas.empty()) return in.Missing(field::kSchemas);
  if (!in.Has(field::kPartitionSpecs)) return in.Missing(field::kPartitionSpecs);
  TARN_TRY(ReadPartitionSpecs(in, out));
  // Some writers leave out what is unpartitioned; the default's id then has to be 0.
  if (out.partition_specs.empty()) out.partition_specs.emplace_back();
  if (!in.Has(field::kSortOrders)) return in.Missing(field::kSortOrders);
  TARN_TRY(ReadSortOrders(in, out));

  TARN_ASSIGN(const int32_t schema_id, in.Int32(field::kCurrentSchemaId));
  out.current_schema_id = SchemaId(schema_id);
  TARN_ASSIGN(const int32_t spec_id, in.Int32(field::kDefaultSpecId));
  out.default_spec_id = SpecId(spec_id);
  TARN_ASSIGN(const int32_t partition_id, in.Int32(field::kLastPartitionId));
  out.last_partition_id = PartitionFieldId(partition_id);
  TARN_ASSIGN(const int32_t order_id, in.Int32(field::kDefaultSortOrderId));
  out.default_sort_order_id = SortOrderId(order_id);
  // Order 0 is unsorted by definition, listed or not.
  if (out.sort_orders.empty()) out.sort_orders.emplace_back();
  return {};
}

Result<> MetadataV2::ReadSnapshot(const JsonMembers& in, Snapshot& out) const {
  // Snapshots from before an upgrade from version 1 have no number: they came before all others.
  TARN_ASSIGN(const auto sequence, in.OptionalInt64(field::kSequenceNumber));
  out.sequence_number = SequenceNumber(sequence.value_or(0));
  return {};
}

void MetadataV2::WriteTableNumbers(const TableMetadata& metadata, JsonText& out) const {
  out.Member(field::kLastSequenceNumber, metadata.last_sequence_number.value());
}

void MetadataV2::WriteSnapshotNumbers(const Snapshot& snapshot, JsonText& out) const {
  out.Member(field::kSequenceNumber, snapshot.sequence_number.value());
}

}  // namespace tarn::iceberg
