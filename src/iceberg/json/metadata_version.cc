// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/metadata_version.h"

#include "iceberg/json/metadata_fields.h"
#include "iceberg/model/schema_tree.h"

namespace tarn::iceberg {

const MetadataVersion* FindMetadataVersion(int32_t format_version) {
  static const MetadataV1 kV1;
  static const MetadataV2 kV2;
  static const MetadataV3 kV3;
  switch (format_version) {
    case 1:
      return &kV1;
    case 2:
      return &kV2;
    case 3:
      return &kV3;
    default:
      return nullptr;
  }
}

Result<> ReadSchemas(const JsonMembers& in, TableMetadata& out) {
  TARN_ASSIGN(const Json* array, in.OptionalArray(field::kSchemas));
  if (array == nullptr) return {};
  for (size_t i = 0; i < array->size(); ++i) {
    TARN_ASSIGN(Schema schema, ParseSchemaTree((*array)[i], in.PlaceOf(field::kSchemas, i)));
    out.schemas.push_back(std::move(schema));
  }
  return {};
}

Result<> ReadPartitionSpecs(const JsonMembers& in, TableMetadata& out) {
  TARN_ASSIGN(const Json* array, in.OptionalArray(field::kPartitionSpecs));
  if (array == nullptr) return {};
  for (size_t i = 0; i < array->size(); ++i) {
    TARN_ASSIGN(PartitionSpec spec,
                ParsePartitionSpecTree((*array)[i], in.PlaceOf(field::kPartitionSpecs, i)));
    out.partition_specs.push_back(std::move(spec));
  }
  return {};
}

Result<> ReadSortOrders(const JsonMembers& in, TableMetadata& out) {
  TARN_ASSIGN(const Json* array, in.OptionalArray(field::kSortOrders));
  if (array == nullptr) return {};
  for (size_t i = 0; i < array->size(); ++i) {
    TARN_ASSIGN(SortOrder order,
                ParseSortOrderTree((*array)[i], in.PlaceOf(field::kSortOrders, i)));
    out.sort_orders.push_back(std::move(order));
  }
  return {};
}

Result<> ReadTableUuid(const JsonMembers& in, TableMetadata& out) {
  TARN_ASSIGN(const std::string text, in.String(field::kTableUuid));
  const Result<Uuid> uuid = Uuid::Parse(text);
  if (!uuid) return in.Malformed(field::kTableUuid, "a uuid");
  out.table_uuid = *uuid;
  return {};
}

}  // namespace tarn::iceberg
