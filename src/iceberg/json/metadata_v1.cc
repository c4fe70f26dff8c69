// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "iceberg/json/metadata_fields.h"
#include "iceberg/json/metadata_version.h"
#include "iceberg/model/schema_tree.h"

namespace tarn::iceberg {
namespace {

/// The current one, which stands among the others too where there are several.
Result<> ReadSingleSchema(const JsonMembers& in, TableMetadata& out) {
  const Json* schema_json = in.Find(field::kSchema);
  if (schema_json == nullptr) return in.Missing(field::kSchemas);
  TARN_ASSIGN(Schema schema, ParseSchemaTree(*schema_json, in.PlaceOf(field::kSchema)));
  out.current_schema_id = schema.id;
  if (out.FindSchema(schema.id) == nullptr) out.schemas.push_back(std::move(schema));
  return {};
}

Result<> ReadSinglePartitionSpec(const JsonMembers& in, TableMetadata& out) {
  PartitionSpec spec;
  if (const Json* fields = in.Find(field::kPartitionSpec)) {
    TARN_ASSIGN(spec.fields, ParsePartitionFieldsTree(*fields, in.PlaceOf(field::kPartitionSpec)));
  }
  out.partition_specs.push_back(std::move(spec));
  return {};
}

PartitionFieldId HighestPartitionFieldId(const TableMetadata& metadata) {
  PartitionFieldId highest{999};
  for (const PartitionSpec& spec : metadata.partition_specs) {
    for (const PartitionField& field : spec.fields) highest = std::max(highest, field.id);
  }
  return highest;
}

}  // namespace

Result<> MetadataV1::ReadTable(const JsonMembers& in, TableMetadata& out) const {
  if (in.Has(field::kTableUuid)) TARN_TRY(ReadTableUuid(in, out));
  out.last_sequence_number = SequenceNumber(0);
  TARN_TRY(ReadSchemas(in, out));
  TARN_ASSIGN(const auto schema_id, in.OptionalInt32(field::kCurrentSchemaId));
  if (schema_id) out.current_schema_id = SchemaId(*schema_id);
  if (out.schemas.empty() || !schema_id) TARN_TRY(ReadSingleSchema(in, out));
  TARN_TRY(ReadPartitionSpecs(in, out));
  if (out.partition_specs.empty()) TARN_TRY(ReadSinglePartitionSpec(in, out));
  TARN_TRY(ReadSortOrders(in, out));
  if (out.sort_orders.empty()) out.sort_orders.emplace_back();

  TARN_ASSIGN(const auto spec_id, in.OptionalInt32(field::kDefaultSpecId));
  out.default_spec_id = spec_id ? SpecId(*spec_id) : out.partition_specs.back().id;
  TARN_ASSIGN(const auto order_id, in.OptionalInt32(field::kDefaultSortOrderId));
  out.default_sort_order_id = order_id ? SortOrderId(*order_id) : out.sort_orders.back().id;
  TARN_ASSIGN(const auto partition_id, in.OptionalInt32(field::kLastPartitionId));
  out.last_partition_id =
      partition_id ? PartitionFieldId(*partition_id) : HighestPartitionFieldId(out);
  return {};
}

Result<> MetadataV1::ReadSnapshot(const JsonMembers&, Snapshot& out) const {
  out.sequence_number = SequenceNumber(0);
  return {};
}

void MetadataV1::WriteTableNumbers(const TableMetadata& metadata, JsonText& out) const {
  // What readers of before there were several of each look for.
  out.Key(field::kSchema);
  WriteSchema(metadata.current_schema(), out);
  out.Key(field::kPartitionSpec);
  const PartitionSpec* spec = metadata.FindPartitionSpec(metadata.default_spec_id);
  WritePartitionFields(spec == nullptr ? PartitionSpec() : *spec, out);
}

void MetadataV1::WriteSnapshotNumbers(const Snapshot&, JsonText&) const {}

}  // namespace tarn::iceberg
