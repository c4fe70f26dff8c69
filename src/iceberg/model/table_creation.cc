// SPDX-License-Identifier: Apache-2.0
// The first metadata of a table, and reading metadata from a location.
#include <algorithm>
#include <random>

#include "iceberg/commit/commit.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kFormatVersion = 2;

Result<> CheckPartitionSpec(const PartitionSpec& spec, const Schema& schema) {
  for (const PartitionField& field : spec.fields) {
    for (const FieldId source : field.source_ids) {
      const Field* column = schema.FindField(source);
      if (column == nullptr) {
        return Fail(ErrorKind::kInvalidArgument, "partition field \"{}\" has no source column {}",
                    field.name, source.value());
      }
      TARN_TRY(field.transform.ResultType(column->type));
    }
  }
  return {};
}

}  // namespace

Result<LoadedTable> LoadTable(storage::Storage& storage, std::string_view metadata_location) {
  TARN_ASSIGN(const std::string bytes, storage.Read(metadata_location));
  Result<TableMetadata> metadata = ParseTableMetadata(bytes);
  if (!metadata) {
    Error error = std::move(metadata).error();
    error.message = fmt::format("metadata file \"{}\": {}", metadata_location, error.message);
    return std::unexpected<Error>(std::move(error));
  }
  return LoadedTable{std::string(metadata_location),
                     std::make_shared<const TableMetadata>(*std::move(metadata))};
}

Result<TableMetadata> NewTableMetadata(Uuid table_uuid, std::string location, Schema schema,
                                       PartitionSpec spec,
                                       std::map<std::string, std::string> properties,
                                       int64_t now_ms) {
  if (location.empty() || location.ends_with('/')) {
    return Fail(ErrorKind::kInvalidArgument, "invalid table location \"{}\"", location);
  }
  TARN_TRY(ValidateSchema(schema, kFormatVersion));
  TARN_TRY(CheckPartitionSpec(spec, schema));
  TableMetadata metadata;
  metadata.format_version = kFormatVersion;
  metadata.table_uuid = table_uuid;
  metadata.location = std::move(location);
  metadata.last_updated_ms = now_ms;
  metadata.last_column_id = schema.HighestFieldId();
  schema.id = SchemaId(0);
  metadata.current_schema_id = schema.id;
  metadata.schemas.push_back(std::move(schema));
  spec.id = SpecId(0);
  for (const PartitionField& field : spec.fields) {
    metadata.last_partition_id = std::max(metadata.last_partition_id, field.id);
  }
  metadata.default_spec_id = spec.id;
  metadata.partition_specs.push_back(std::move(spec));
  metadata.sort_orders.emplace_back();
  metadata.properties = std::move(properties);
  return metadata;
}

SnapshotId NewSnapshotId(const TableMetadata* base) {
  thread_local std::mt19937_64 generator{[] {
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) | device();
  }()};
  std::uniform_int_distribution<int64_t> distribution(1, std::numeric_limits<int64_t>::max());
  SnapshotId id;
  do {
    id = SnapshotId(distribution(generator));
  } while (base != nullptr && base->FindSnapshot(id) != nullptr);
  return id;
}

}  // namespace tarn::iceberg
