// SPDX-License-Identifier: Apache-2.0
#include "sql/data_type.h"

#include <fmt/core.h>

namespace tarn::sql {

namespace {

std::string FieldsText(const DataType& type) {
  std::string text = "(";
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const DataTypeField& field = type.fields[i];
    if (i > 0) text += ", ";
    if (type.kind == DataTypeKind::kObject) text += field.name + " ";
    text += ToString(field.type);
    if (!field.nullable) text += " NOT NULL";
  }
  return text + ")";
}

std::string WithFields(std::string_view name, const DataType& type) {
  return std::string(name) + (type.fields.empty() ? std::string() : FieldsText(type));
}

}  // namespace

std::string ToString(const DataType& type) {
  switch (type.kind) {
    case DataTypeKind::kNull:
      return "NULL";
    case DataTypeKind::kNumber:
      return fmt::format("NUMBER({},{})", type.precision, type.scale);
    case DataTypeKind::kFloat:
      return "FLOAT";
    case DataTypeKind::kVarchar:
      return fmt::format("VARCHAR({})", type.length);
    case DataTypeKind::kBinary:
      return fmt::format("BINARY({})", type.length);
    case DataTypeKind::kBoolean:
      return "BOOLEAN";
    case DataTypeKind::kDate:
      return "DATE";
    case DataTypeKind::kTime:
      return fmt::format("TIME({})", type.precision);
    case DataTypeKind::kTimestampNtz:
      return fmt::format("TIMESTAMP_NTZ({})", type.precision);
    case DataTypeKind::kTimestampLtz:
      return fmt::format("TIMESTAMP_LTZ({})", type.precision);
    case DataTypeKind::kTimestampTz:
      return fmt::format("TIMESTAMP_TZ({})", type.precision);
    case DataTypeKind::kVariant:
      return "VARIANT";
    case DataTypeKind::kObject:
      return WithFields("OBJECT", type);
    case DataTypeKind::kArray:
      return WithFields("ARRAY", type);
    case DataTypeKind::kMap:
      return WithFields("MAP", type);
    case DataTypeKind::kUuid:
      return "UUID";
  }
  return {};
}

bool TravelsAs(const DataType& type, const Type& carrier) {
  const auto is = [&](TypeKind kind) { return carrier.kind == kind; };
  const auto is_struct_of = [&](size_t fields) {
    if (!is(TypeKind::kStruct) || carrier.children.size() != fields) return false;
    for (size_t i = 0; i < fields; ++i) {
      const TypeKind wanted = i == 0 ? TypeKind::kLong : TypeKind::kInt;
      if (carrier.children[i].type.kind != wanted) return false;
    }
    return true;
  };
  switch (type.kind) {
    case DataTypeKind::kNull:
      return is(TypeKind::kUnknown);
    case DataTypeKind::kNumber:
      if (is(TypeKind::kDecimal)) return carrier.scale == type.scale;
      return type.scale == 0 && (is(TypeKind::kInt) || is(TypeKind::kLong));
    case DataTypeKind::kFloat:
      return is(TypeKind::kDouble);
    case DataTypeKind::kBinary:
      return is(TypeKind::kBinary);
    case DataTypeKind::kBoolean:
      return is(TypeKind::kBoolean);
    case DataTypeKind::kDate:
      return is(TypeKind::kDate);
    case DataTypeKind::kUuid:
      return is(TypeKind::kUuid);
    case DataTypeKind::kTime:
      return is(type.precision <= 6 ? TypeKind::kTime : TypeKind::kLong);
    case DataTypeKind::kTimestampNtz:
      return type.precision <= 6 ? is(TypeKind::kTimestamp) : is_struct_of(2);
    case DataTypeKind::kTimestampLtz:
      return type.precision <= 6 ? is(TypeKind::kTimestampTz) : is_struct_of(2);
    case DataTypeKind::kTimestampTz:
      return is_struct_of(3);
    case DataTypeKind::kVarchar:
    case DataTypeKind::kVariant:
    case DataTypeKind::kObject:
    case DataTypeKind::kArray:
    case DataTypeKind::kMap:
      return is(TypeKind::kString);
  }
  return false;
}

}  // namespace tarn::sql
