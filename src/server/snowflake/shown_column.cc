// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/shown_column.h"

#include <algorithm>

#include "sql/syntax/name.h"

namespace tarn::server::snowflake {
namespace {

using sql::DataType;
using sql::DataTypeKind;

constexpr int64_t kBytesOfCharacter = 4;
constexpr int64_t kUuidLength = 36;
constexpr int32_t kTimeScaleOfInt32Max = 4;

int64_t LengthOf(const DataType& type) {
  if (type.kind == DataTypeKind::kUuid) return kUuidLength;
  if (type.kind == DataTypeKind::kBinary) {
    return type.length == 0 ? sql::kBinaryLengthDefault : type.length;
  }
  return type.length == 0 ? sql::kVarcharLengthDefault : type.length;
}

int64_t ByteLengthOf(const DataType& type) {
  if (type.kind == DataTypeKind::kBinary) return LengthOf(type);
  return std::min(LengthOf(type) * kBytesOfCharacter,
                  std::max(LengthOf(type), sql::kVarcharLengthDefault));
}

bool IsText(const DataType& type) {
  return type.kind == DataTypeKind::kVarchar || type.kind == DataTypeKind::kUuid ||
         type.kind == DataTypeKind::kNull;
}

bool HasFraction(const DataType& type) {
  switch (type.kind) {
    case DataTypeKind::kTime:
    case DataTypeKind::kTimestampNtz:
    case DataTypeKind::kTimestampLtz:
    case DataTypeKind::kTimestampTz:
      return true;
    default:
      return false;
  }
}

/// Digits of a second, or of a number's fraction.
int32_t ScaleOf(const DataType& type) { return HasFraction(type) ? type.precision : type.scale; }

void WriteColumn(const warehouse::ResultColumn& column, iceberg::JsonText& json) {
  const DataType& type = column.type;
  const auto number = [&json](const char* name, bool present, int64_t value) {
    json.Key(name);
    if (present) {
      json.Int(value);
    } else {
      json.Raw("null");
    }
  };
  const bool fixed = type.kind == DataTypeKind::kNumber, fraction = HasFraction(type);
  const bool sized = IsText(type) || type.kind == DataTypeKind::kBinary;
  json.BeginObject();
  json.Member("name", column.name);
  for (const char* origin : {"database", "schema", "table", "collation"}) {
    json.Key(origin);
    json.Raw("null");
  }
  json.Member("type", TypeNameOf(type));
  json.Key("nullable");
  json.Bool(column.nullable);
  number("length", sized, LengthOf(type));
  number("byteLength", sized, ByteLengthOf(type));
  number("precision", fixed || fraction, fixed ? type.precision : 0);
  number("scale", fixed || fraction, ScaleOf(type));
  json.EndObject();
}

ArrowField TimestampField(const DataType& type) {
  ArrowField field{.name = {}, .kind = ArrowKind::kInt64, .metadata = {}, .children = {}};
  const bool zoned = type.kind == DataTypeKind::kTimestampTz;
  const bool plain = type.precision <= (zoned ? kPlainZonedScaleMax : kPlainTimestampScaleMax);
  if (plain && !zoned) return field;
  field.kind = ArrowKind::kStruct;
  field.children.push_back(
      {.name = "epoch", .kind = ArrowKind::kInt64, .metadata = {}, .children = {}});
  if (!plain) {
    field.children.push_back(
        {.name = "fraction", .kind = ArrowKind::kInt32, .metadata = {}, .children = {}});
  }
  if (zoned) {
    field.children.push_back(
        {.name = "timezone", .kind = ArrowKind::kInt32, .metadata = {}, .children = {}});
    // By this clients tell the two forms apart.
    field.metadata.emplace_back("byteLength", plain ? "8" : "16");
  }
  return field;
}

ArrowField PlainField(ArrowKind kind) {
  return {.name = {}, .kind = kind, .metadata = {}, .children = {}};
}

ArrowField PhysicalField(const warehouse::ResultColumn& column, bool as_long) {
  const DataType& type = column.type;
  switch (type.kind) {
    case DataTypeKind::kNumber: {
      if (column.carrier.kind != TypeKind::kDecimal || as_long) {
        return PlainField(ArrowKind::kInt64);
      }
      ArrowField field = PlainField(ArrowKind::kDecimal);
      field.precision = type.precision;
      field.scale = type.scale;
      return field;
    }
    case DataTypeKind::kFloat:
      return PlainField(ArrowKind::kDouble);
    case DataTypeKind::kBoolean:
      return PlainField(ArrowKind::kBoolean);
    case DataTypeKind::kDate:
      return PlainField(ArrowKind::kDate);
    case DataTypeKind::kBinary:
      return PlainField(ArrowKind::kBinary);
    case DataTypeKind::kTime:
      return PlainField(type.precision <= kTimeScaleOfInt32Max ? ArrowKind::kInt32
                                                               : ArrowKind::kInt64);
    case DataTypeKind::kTimestampNtz:
    case DataTypeKind::kTimestampLtz:
    case DataTypeKind::kTimestampTz:
      return TimestampField(type);
    default:
      return PlainField(ArrowKind::kUtf8);
  }
}

}  // namespace

const char* TypeNameOf(const DataType& type) {
  switch (type.kind) {
    case DataTypeKind::kNumber:
      return "fixed";
    case DataTypeKind::kFloat:
      return "real";
    case DataTypeKind::kBinary:
      return "binary";
    case DataTypeKind::kBoolean:
      return "boolean";
    case DataTypeKind::kDate:
      return "date";
    case DataTypeKind::kTime:
      return "time";
    case DataTypeKind::kTimestampNtz:
      return "timestamp_ntz";
    case DataTypeKind::kTimestampLtz:
      return "timestamp_ltz";
    case DataTypeKind::kTimestampTz:
      return "timestamp_tz";
    case DataTypeKind::kVariant:
      return "variant";
    case DataTypeKind::kObject:
    case DataTypeKind::kMap:  // as text, as clients get it that ask for nothing else
      return "object";
    case DataTypeKind::kArray:
      return "array";
    case DataTypeKind::kVarchar:
    case DataTypeKind::kUuid:
    case DataTypeKind::kNull:
      break;
  }
  return "text";
}

void WriteRowType(std::span<const warehouse::ResultColumn> columns, iceberg::JsonText& json) {
  json.Key("rowtype");
  json.BeginArray();
  for (const auto& column : columns) WriteColumn(column, json);
  json.EndArray();
}

ArrowField ArrowFieldOf(const warehouse::ResultColumn& column, bool as_long) {
  ArrowField field = PhysicalField(column, as_long);
  const DataType& type = column.type;
  const bool fixed = type.kind == DataTypeKind::kNumber;
  const bool sized = IsText(type) || type.kind == DataTypeKind::kBinary;
  field.name = column.name;
  auto& metadata = field.metadata;
  metadata.emplace_back("logicalType", sql::syntax::UpperCase(TypeNameOf(type)));
  metadata.emplace_back("scale", std::to_string(fixed || HasFraction(type) ? ScaleOf(type) : 0));
  metadata.emplace_back("precision", std::to_string(fixed ? type.precision : 0));
  metadata.emplace_back("charLength", std::to_string(sized ? LengthOf(type) : 0));
  if (metadata.front().first != "byteLength") {
    metadata.emplace_back("byteLength", std::to_string(sized ? ByteLengthOf(type) : 0));
  }
  metadata.emplace_back("finalType", "T");
  return field;
}

}  // namespace tarn::server::snowflake
