// SPDX-License-Identifier: Apache-2.0
#include "engine/file_constants.h"

#include <algorithm>
#include <optional>
#include <string>

#include "engine/duckdb_type.h"
#include "iceberg/model/metadata_columns.h"
#include "iceberg/values/partition_tuple.h"
#include "iceberg/values/single_value.h"

namespace tarn::engine {

namespace {

namespace metadata_column = iceberg::metadata_column;

Result<duckdb::Value> PartitionValue(const iceberg::ScanFile& file, const Field& field,
                                     const Value& value) {
  Value promoted = Promoted(field.type, value);
  if (!iceberg::IsOfType(field.type, promoted)) {
    return Fail(ErrorKind::kCorruption,
                "partition value of column \"{}\" in the entry of \"{}\" is not of its type",
                field.name, file.file().file_path);
  }
  return ToDuckdbValue(field.type, promoted);
}

/// The place in the tuple of the identity partition over a column.
std::optional<size_t> IdentityOf(const iceberg::ScanFile& file, FieldId column) {
  const auto& fields = file.manifest->header.spec.fields;
  const auto found = std::ranges::find_if(fields, [&](const iceberg::PartitionField& field) {
    return field.transform.kind == iceberg::TransformKind::kIdentity &&
           field.source_ids == std::vector{column};
  });
  const auto place = static_cast<size_t>(found - fields.begin());
  if (found == fields.end() || place >= file.file().partition.size()) return std::nullopt;
  return place;
}

/// A struct over the fields of all specs, by their ids; null where the file's spec lacks one.
Result<duckdb::Value> PartitionStruct(const iceberg::ScanFile& file, const Field& column) {
  const auto& fields = file.manifest->header.spec.fields;
  duckdb::child_list_t<duckdb::Value> children;
  for (const Field& child : column.type.children) {
    const auto found = std::ranges::find(fields, child.id.value(),
                                         [](const auto& field) { return field.id.value(); });
    const auto place = static_cast<size_t>(found - fields.begin());
    Value value;
    if (place < std::min(fields.size(), file.file().partition.size())) {
      value = file.file().partition[place];
    }
    TARN_ASSIGN(duckdb::Value converted, PartitionValue(file, child, value));
    children.emplace_back(child.name, std::move(converted));
  }
  return duckdb::Value::STRUCT(std::move(children));
}

duckdb::Value BigintOrNull(const std::optional<int64_t>& value) {
  return value ? duckdb::Value::BIGINT(*value) : duckdb::Value(duckdb::LogicalType::BIGINT);
}

}  // namespace

Value Promoted(const Type& type, Value value) {
  if (const auto* number = std::get_if<int32_t>(&value); number && type.kind == TypeKind::kLong) {
    return int64_t{*number};
  }
  if (const auto* number = std::get_if<float>(&value); number && type.kind == TypeKind::kDouble) {
    return static_cast<double>(*number);
  }
  return value;
}

Result<Constants> FileConstants(const iceberg::ScanFile& file, std::span<const Field> fields) {
  Constants constants;
  for (const Field& field : fields) {
    const FieldId id = field.id;
    if (id == metadata_column::kFile) {
      constants.emplace_back(kFileConstant, duckdb::Value(file.file().file_path));
    } else if (id == metadata_column::kSpecId) {
      constants.emplace_back(kSpecIdConstant, duckdb::Value::INTEGER(file.spec_id.value()));
    } else if (id == metadata_column::kPartition) {
      TARN_ASSIGN(duckdb::Value value, PartitionStruct(file, field));
      constants.emplace_back(kPartitionConstant, std::move(value));
    } else if (id == metadata_column::kRowId || id == metadata_column::kLastUpdatedSequence) {
      if (std::ranges::find(constants, kFirstRowIdConstant, &Constants::value_type::first) !=
          constants.end()) {
        continue;
      }
      constants.emplace_back(kFirstRowIdConstant, BigintOrNull(file.file().first_row_id));
      const auto& sequence = file.entry->sequence_number;
      constants.emplace_back(
          kSequenceConstant,
          BigintOrNull(sequence ? std::optional(sequence->value()) : std::nullopt));
    } else if (const auto place = IdentityOf(file, id)) {
      TARN_ASSIGN(duckdb::Value value, PartitionValue(file, field, file.file().partition[*place]));
      constants.emplace_back(id, std::move(value));
    }
  }
  return constants;
}

Result<duckdb::Value> InitialDefault(const Field& field) {
  TARN_ASSIGN(const duckdb::LogicalType type, ToDuckdbType(field.type));
  if (!field.initial_default || field.type.is_nested()) return duckdb::Value(type);
  TARN_ASSIGN(const Value value,
              iceberg::DecodeSingleValueJson(field.type, *field.initial_default));
  return ToDuckdbValue(field.type, value);
}

}  // namespace tarn::engine
