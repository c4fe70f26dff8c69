// SPDX-License-Identifier: Apache-2.0
// The first metadata of a table, and reading metadata from a location.
#include <array>
#include <random>

#include "iceberg/commit/commit.h"
#include "iceberg/update/table_metadata_builder.h"

namespace tarn::iceberg {
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
                                       int64_t now_ms, int32_t format_version) {
  if (location.empty() || location.ends_with('/')) {
    return Fail(ErrorKind::kInvalidArgument, "invalid table location \"{}\"", location);
  }
  TableMetadataBuilder builder(nullptr, "", now_ms);
  const std::array<MetadataUpdate, 10> updates = {
      AssignUuid{table_uuid},
      UpgradeFormatVersion{format_version},
      SetLocation{std::move(location)},
      AddSchema{std::move(schema)},
      SetCurrentSchema{},
      AddPartitionSpec{std::move(spec)},
      SetDefaultSpec{},
      AddSortOrder{},
      SetDefaultSortOrder{},
      SetProperties{std::move(properties)},
  };
  TARN_TRY(builder.Apply(updates));
  TARN_ASSIGN(const UpdateResult result, builder.Build());
  return *result.metadata;
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
