// SPDX-License-Identifier: Apache-2.0
#include "warehouse/lake_tables/foreign_columns.h"

#include <map>

#include "sql/syntax/name.h"

namespace tarn::warehouse {
namespace {

using sql::DataType;
using sql::DataTypeKind;

constexpr int32_t kIntDigits = 10;
constexpr int32_t kLongDigits = 19;
constexpr int32_t kMicroseconds = 6;
constexpr int32_t kNanoseconds = 9;

DataType Number(int32_t precision, int32_t scale) {
  return {.kind = DataTypeKind::kNumber, .precision = precision, .scale = scale};
}

DataType Of(DataTypeKind kind, int32_t precision = 0) {
  return {.kind = kind, .precision = precision};
}

Result<DataType> NestedTypeOf(const Type& type) {
  DataType shown;
  shown.kind = type.kind == TypeKind::kStruct ? DataTypeKind::kObject
               : type.kind == TypeKind::kList ? DataTypeKind::kArray
                                              : DataTypeKind::kMap;
  for (const ::tarn::Field& child : type.children) {
    TARN_ASSIGN(DataType inner, ShownTypeOf(child.type));
    shown.fields.push_back(
        {.name = child.name, .type = std::move(inner), .nullable = !child.required});
  }
  return shown;
}

}  // namespace

Result<DataType> ShownTypeOf(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return Of(DataTypeKind::kBoolean);
    case TypeKind::kInt:
      return Number(kIntDigits, 0);
    case TypeKind::kLong:
      return Number(kLongDigits, 0);
    case TypeKind::kFloat:
    case TypeKind::kDouble:
      return Of(DataTypeKind::kFloat);
    case TypeKind::kDecimal:
      return Number(type.precision, type.scale);
    case TypeKind::kDate:
      return Of(DataTypeKind::kDate);
    case TypeKind::kTime:
      return Of(DataTypeKind::kTime, kMicroseconds);
    case TypeKind::kTimestamp:
      return Of(DataTypeKind::kTimestampNtz, kMicroseconds);
    case TypeKind::kTimestampTz:
      return Of(DataTypeKind::kTimestampLtz, kMicroseconds);
    case TypeKind::kTimestampNs:
      return Of(DataTypeKind::kTimestampNtz, kNanoseconds);
    case TypeKind::kTimestampTzNs:
      return Of(DataTypeKind::kTimestampLtz, kNanoseconds);
    case TypeKind::kString:
      return DataType{.kind = DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault};
    case TypeKind::kUuid:
      return Of(DataTypeKind::kUuid);
    case TypeKind::kFixed:
      return DataType{.kind = DataTypeKind::kBinary, .length = type.length};
    case TypeKind::kBinary:
      return DataType{.kind = DataTypeKind::kBinary, .length = sql::kBinaryLengthDefault};
    case TypeKind::kVariant:
      return Of(DataTypeKind::kVariant);
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      return NestedTypeOf(type);
    case TypeKind::kUnknown:
    case TypeKind::kGeometry:
    case TypeKind::kGeography:
      break;
  }
  return Fail(ErrorKind::kUnsupported, "type {} is not supported",
              iceberg::PrimitiveTypeName(type));
}

Result<std::vector<Column>> ColumnsOfSchema(const iceberg::Schema& schema) {
  std::map<std::string, int> uses;
  for (const ::tarn::Field& field : schema.fields) ++uses[sql::syntax::UpperCase(field.name)];
  std::vector<Column> columns;
  for (const ::tarn::Field& field : schema.fields) {
    Column& column = columns.emplace_back();
    column.name = sql::syntax::UpperCase(field.name);
    if (uses[column.name] > 1) column.name = field.name;
    column.field_id = field.id.value();
    auto type = ShownTypeOf(field.type);
    if (!type) {
      return Fail(ErrorKind::kUnsupported, "column \"{}\": {}", field.name, type.error().message);
    }
    column.type = *std::move(type);
    column.nullable = !field.required;
    column.comment = field.doc.value_or("");
  }
  return columns;
}

}  // namespace tarn::warehouse
