// SPDX-License-Identifier: Apache-2.0
#include "engine/duckdb_type.h"

#include <duckdb/common/types/uuid.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>

#include <string>
#include <utility>

#include "engine/member_names.h"
#include "iceberg/model/schema.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

Result<LogicalType> NestedType(const Type& type) {
  duckdb::child_list_t<LogicalType> children;
  const std::vector<std::string> names = MemberNames(type.children);
  for (size_t i = 0; i < names.size(); ++i) {
    TARN_ASSIGN(LogicalType child_type, ToDuckdbType(type.children[i].type));
    children.emplace_back(names[i], std::move(child_type));
  }
  switch (type.kind) {
    case TypeKind::kList:
      return LogicalType::LIST(children.at(0).second);
    case TypeKind::kMap:
      return LogicalType::MAP(children.at(0).second, children.at(1).second);
    default:
      if (children.empty()) return Fail(ErrorKind::kUnsupported, "struct without fields");
      return LogicalType::STRUCT(std::move(children));
  }
}

Field Unidentified(std::string name, Type type) {
  return Field{.name = std::move(name), .type = std::move(type)};
}

Result<Type> FromNestedType(const LogicalType& type) {
  Type result;
  if (type.id() == LogicalTypeId::STRUCT) {
    result.kind = TypeKind::kStruct;
    for (const auto& [name, child] : duckdb::StructType::GetChildTypes(type)) {
      TARN_ASSIGN(Type child_type, FromDuckdbType(child));
      result.children.push_back(Unidentified(name, std::move(child_type)));
    }
    return result;
  }
  if (type.id() == LogicalTypeId::LIST) {
    TARN_ASSIGN(Type element, FromDuckdbType(duckdb::ListType::GetChildType(type)));
    result.kind = TypeKind::kList;
    result.children.push_back(Unidentified("element", std::move(element)));
    return result;
  }
  TARN_ASSIGN(Type key, FromDuckdbType(duckdb::MapType::KeyType(type)));
  TARN_ASSIGN(Type value, FromDuckdbType(duckdb::MapType::ValueType(type)));
  result.kind = TypeKind::kMap;
  result.children.push_back(Unidentified("key", std::move(key)));
  result.children.push_back(Unidentified("value", std::move(value)));
  return result;
}

duckdb::hugeint_t ToHugeint(Int128 value) {
  duckdb::hugeint_t result;
  result.lower = static_cast<uint64_t>(value);
  result.upper = static_cast<int64_t>(value >> 64);
  return result;
}

Int128 FromHugeint(duckdb::hugeint_t value) {
  return static_cast<Int128>(value.upper) << 64 | static_cast<Int128>(value.lower);
}

duckdb::Value DecimalValue(const Type& type, Int128 unscaled) {
  const auto width = static_cast<uint8_t>(type.precision);
  const auto scale = static_cast<uint8_t>(type.scale);
  if (type.precision <= 4)
    return duckdb::Value::DECIMAL(static_cast<int16_t>(unscaled), width, scale);
  if (type.precision <= 9)
    return duckdb::Value::DECIMAL(static_cast<int32_t>(unscaled), width, scale);
  if (type.precision <= 18)
    return duckdb::Value::DECIMAL(static_cast<int64_t>(unscaled), width, scale);
  return duckdb::Value::DECIMAL(ToHugeint(unscaled), width, scale);
}

Int128 UnscaledValue(const duckdb::Value& value) {
  switch (value.type().InternalType()) {
    case duckdb::PhysicalType::INT16:
      return value.GetValueUnsafe<int16_t>();
    case duckdb::PhysicalType::INT32:
      return value.GetValueUnsafe<int32_t>();
    case duckdb::PhysicalType::INT64:
      return value.GetValueUnsafe<int64_t>();
    default:
      return FromHugeint(value.GetValueUnsafe<duckdb::hugeint_t>());
  }
}

}  // namespace

Result<LogicalType> ToDuckdbType(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return LogicalType::BOOLEAN;
    case TypeKind::kInt:
      return LogicalType::INTEGER;
    case TypeKind::kLong:
      return LogicalType::BIGINT;
    case TypeKind::kFloat:
      return LogicalType::FLOAT;
    case TypeKind::kDouble:
      return LogicalType::DOUBLE;
    case TypeKind::kDecimal:
      return LogicalType::DECIMAL(static_cast<uint8_t>(type.precision),
                                  static_cast<uint8_t>(type.scale));
    case TypeKind::kDate:
      return LogicalType::DATE;
    case TypeKind::kTime:
      return LogicalType::TIME;
    case TypeKind::kTimestamp:
      return LogicalType::TIMESTAMP;
    case TypeKind::kTimestampTz:
      return LogicalType::TIMESTAMP_TZ;
    case TypeKind::kTimestampNs:
      return LogicalType::TIMESTAMP_NS;
    case TypeKind::kUnknown:
      return LogicalType::BOOLEAN;  // no file has it: all null
    case TypeKind::kString:
      return LogicalType::VARCHAR;
    case TypeKind::kUuid:
      return LogicalType::UUID;
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return LogicalType::BLOB;
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      return NestedType(type);
    case TypeKind::kTimestampTzNs:
      // It would read nanoseconds of instants as microseconds, without a word.
      return Fail(
          ErrorKind::kUnsupported,
          "columns of type timestamptz_ns cannot be read: DuckDB keeps microseconds of them");
    default:
      return Fail(ErrorKind::kUnsupported, "columns of type {} cannot be read or written yet",
                  iceberg::PrimitiveTypeName(type));
  }
}

Result<Type> FromDuckdbType(const LogicalType& type) {
  switch (type.id()) {
    case LogicalTypeId::BOOLEAN:
      return Type::Primitive(TypeKind::kBoolean);
    case LogicalTypeId::TINYINT:
    case LogicalTypeId::SMALLINT:
    case LogicalTypeId::INTEGER:
      return Type::Primitive(TypeKind::kInt);
    case LogicalTypeId::BIGINT:
      return Type::Primitive(TypeKind::kLong);
    case LogicalTypeId::FLOAT:
      return Type::Primitive(TypeKind::kFloat);
    case LogicalTypeId::DOUBLE:
      return Type::Primitive(TypeKind::kDouble);
    case LogicalTypeId::DECIMAL:
      return Type::Decimal(duckdb::DecimalType::GetWidth(type),
                           duckdb::DecimalType::GetScale(type));
    case LogicalTypeId::DATE:
      return Type::Primitive(TypeKind::kDate);
    case LogicalTypeId::TIME:
      return Type::Primitive(TypeKind::kTime);
    case LogicalTypeId::TIMESTAMP:
      return Type::Primitive(TypeKind::kTimestamp);
    case LogicalTypeId::TIMESTAMP_TZ:
      return Type::Primitive(TypeKind::kTimestampTz);
    case LogicalTypeId::TIMESTAMP_NS:
      return Type::Primitive(TypeKind::kTimestampNs);
    case LogicalTypeId::VARCHAR:
      return Type::Primitive(TypeKind::kString);
    case LogicalTypeId::UUID:
      return Type::Primitive(TypeKind::kUuid);
    case LogicalTypeId::BLOB:
      return Type::Primitive(TypeKind::kBinary);
    case LogicalTypeId::STRUCT:
    case LogicalTypeId::LIST:
    case LogicalTypeId::MAP:
      return FromNestedType(type);
    default:
      return Fail(ErrorKind::kUnsupported, "type {} has no counterpart in Iceberg",
                  type.ToString());
  }
}

duckdb::Value ToDuckdbValue(const Type& type, const Value& value) {
  if (std::holds_alternative<std::monostate>(value))
    return duckdb::Value(ToDuckdbType(type).value());
  switch (type.kind) {
    case TypeKind::kBoolean:
      return duckdb::Value::BOOLEAN(std::get<bool>(value));
    case TypeKind::kInt:
      return duckdb::Value::INTEGER(std::get<int32_t>(value));
    case TypeKind::kDate:
      return duckdb::Value::DATE(duckdb::date_t(std::get<int32_t>(value)));
    case TypeKind::kLong:
      return duckdb::Value::BIGINT(std::get<int64_t>(value));
    case TypeKind::kTime:
      return duckdb::Value::TIME(duckdb::dtime_t(std::get<int64_t>(value)));
    case TypeKind::kTimestamp:
      return duckdb::Value::TIMESTAMP(duckdb::timestamp_t(std::get<int64_t>(value)));
    case TypeKind::kTimestampTz:
      return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(std::get<int64_t>(value)));
    case TypeKind::kTimestampNs:
      return duckdb::Value::TIMESTAMPNS(duckdb::timestamp_ns_t(std::get<int64_t>(value)));
    case TypeKind::kFloat:
      return duckdb::Value::FLOAT(std::get<float>(value));
    case TypeKind::kDouble:
      return duckdb::Value::DOUBLE(std::get<double>(value));
    case TypeKind::kDecimal:
      return DecimalValue(type, std::get<Int128>(value));
    case TypeKind::kString:
      return duckdb::Value(std::get<std::string>(value));
    case TypeKind::kUuid:
      return duckdb::Value::UUID(duckdb::BaseUUID::FromBlob(
          reinterpret_cast<duckdb::const_data_ptr_t>(std::get<std::string>(value).data())));
    default:
      return duckdb::Value::BLOB_RAW(std::get<std::string>(value));
  }
}

Value FromDuckdbValue(const Type& type, const duckdb::Value& value) {
  if (value.IsNull()) return {};
  switch (type.kind) {
    case TypeKind::kBoolean:
      return value.GetValueUnsafe<bool>();
    case TypeKind::kInt:
    case TypeKind::kDate:
      return value.GetValueUnsafe<int32_t>();
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestampNs:
      return value.GetValueUnsafe<int64_t>();
    case TypeKind::kFloat:
      return value.GetValueUnsafe<float>();
    case TypeKind::kDouble:
      return value.GetValueUnsafe<double>();
    case TypeKind::kDecimal:
      return UnscaledValue(value);
    case TypeKind::kUuid: {
      std::string bytes(16, '\0');
      duckdb::BaseUUID::ToBlob(value.GetValueUnsafe<duckdb::hugeint_t>(),
                               reinterpret_cast<duckdb::data_ptr_t>(bytes.data()));
      return bytes;
    }
    default:
      return duckdb::StringValue::Get(value);
  }
}

Result<duckdb::MultiFileColumnDefinition> ToColumnDefinition(const Field& field,
                                                             const std::string& name) {
  TARN_ASSIGN(LogicalType type, ToDuckdbType(field.type));
  duckdb::MultiFileColumnDefinition result(name, type);
  result.identifier = duckdb::Value::INTEGER(field.id.value());
  result.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(type));
  const std::vector<std::string> names = field.type.kind == TypeKind::kStruct
                                             ? MemberNames(field.type.children)
                                             : std::vector<std::string>();
  for (size_t i = 0; i < field.type.children.size(); ++i) {
    const Field& child = field.type.children[i];
    TARN_ASSIGN(auto definition, ToColumnDefinition(child, names.empty() ? child.name : names[i]));
    result.children.push_back(std::move(definition));
  }
  return result;
}

}  // namespace tarn::engine
