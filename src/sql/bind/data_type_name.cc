// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/data_type_name.h"

#include <charconv>
#include <map>
#include <string_view>

#include "sql/bind/coercion.h"

namespace tarn::sql {

namespace {

const std::map<std::string_view, DataTypeKind>& KindsByName() {
  using enum DataTypeKind;
  static const std::map<std::string_view, DataTypeKind> kNames = {
      {"NUMBER", kNumber},
      {"DECIMAL", kNumber},
      {"DEC", kNumber},
      {"NUMERIC", kNumber},
      {"INT", kNumber},
      {"INTEGER", kNumber},
      {"BIGINT", kNumber},
      {"SMALLINT", kNumber},
      {"TINYINT", kNumber},
      {"BYTEINT", kNumber},
      {"FLOAT", kFloat},
      {"FLOAT4", kFloat},
      {"FLOAT8", kFloat},
      {"DOUBLE", kFloat},
      {"DOUBLE PRECISION", kFloat},
      {"REAL", kFloat},
      {"VARCHAR", kVarchar},
      {"STRING", kVarchar},
      {"TEXT", kVarchar},
      {"CHAR", kVarchar},
      {"CHARACTER", kVarchar},
      {"NCHAR", kVarchar},
      {"NVARCHAR", kVarchar},
      {"NVARCHAR2", kVarchar},
      {"CHAR VARYING", kVarchar},
      {"CHARACTER VARYING", kVarchar},
      {"NCHAR VARYING", kVarchar},
      {"BINARY", kBinary},
      {"VARBINARY", kBinary},
      {"BOOLEAN", kBoolean},
      {"BOOL", kBoolean},
      {"DATE", kDate},
      {"TIME", kTime},
      {"DATETIME", kTimestampNtz},
      {"TIMESTAMP", kTimestampNtz},
      {"TIMESTAMP_NTZ", kTimestampNtz},
      {"TIMESTAMPNTZ", kTimestampNtz},
      {"TIMESTAMP_LTZ", kTimestampLtz},
      {"TIMESTAMPLTZ", kTimestampLtz},
      {"TIMESTAMP_TZ", kTimestampTz},
      {"TIMESTAMPTZ", kTimestampTz},
      {"VARIANT", kVariant},
      {"OBJECT", kObject},
      {"ARRAY", kArray},
      {"MAP", kMap},
      {"UUID", kUuid},
  };
  return kNames;
}

std::unexpected<SqlError> Refuse(const char* code, const char* sqlstate, std::string message,
                                 syntax::Span span) {
  return std::unexpected(SqlError{
      {ErrorKind::kInvalidArgument, std::move(message), {}, {}}, code, sqlstate, span.begin});
}

/// The i-th number in parentheses; absent: not written. −1: no number.
int64_t Argument(const syntax::DataType& type, size_t i, int64_t absent) {
  if (i >= type.arguments.size()) return absent;
  const std::string& text = type.arguments[i];
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

SqlResult<DataType> Structured(const syntax::DataType& type, DataTypeKind kind) {
  DataType result{.kind = kind};
  for (const syntax::TypeField& field : type.fields) {
    auto inner = ResolveDataType(field.type);
    if (!inner) return std::unexpected(inner.error());
    result.fields.push_back({.name = field.name ? field.name->Canonical() : std::string(),
                             .type = *std::move(inner),
                             .nullable = !field.type.not_null});
  }
  return result;
}

}  // namespace

SqlResult<DataType> ResolveDataType(const syntax::DataType& type) {
  const std::string name = type.name.parts.size() == 1 ? type.name.parts[0].Canonical() : "";
  const auto found = KindsByName().find(name);
  if (found == KindsByName().end()) {
    return Refuse("002040", "42601",
                  fmt::format("SQL compilation error:\nUnsupported data type '{}'.", name),
                  type.span);
  }
  DataTypeKind kind = found->second;
  if (type.suffix == "WITH TIME ZONE" && kind == DataTypeKind::kTimestampNtz) {
    kind = DataTypeKind::kTimestampTz;
  } else if (type.suffix == "WITH LOCAL TIME ZONE" && kind == DataTypeKind::kTimestampNtz) {
    kind = DataTypeKind::kTimestampLtz;
  }
  const auto outside = [&](int64_t value, int64_t low, int64_t high) {
    return value < low || value > high;
  };
  switch (kind) {
    case DataTypeKind::kNumber: {
      const bool fixed = name.ends_with("INT") || name == "INTEGER";
      const int64_t precision = fixed ? 38 : Argument(type, 0, 38);
      const int64_t scale = fixed ? 0 : Argument(type, 1, 0);
      if (outside(precision, 1, 38) || outside(scale, 0, std::min<int64_t>(37, precision))) {
        return Refuse("002133", "42601", "SQL compilation error:\ninvalid precision or scale",
                      type.span);
      }
      return NumberType(static_cast<int32_t>(precision), static_cast<int32_t>(scale));
    }
    case DataTypeKind::kVarchar: {
      const bool single = name == "CHAR" || name == "CHARACTER" || name == "NCHAR";
      const int64_t length = Argument(type, 0, single ? 1 : kVarcharLengthDefault);
      if (outside(length, 1, kVarcharLengthMax)) {
        return Refuse("002133", "42601", "SQL compilation error:\ninvalid length", type.span);
      }
      return VarcharType(length);
    }
    case DataTypeKind::kBinary:
      return DataType{.kind = kind, .length = Argument(type, 0, kBinaryLengthDefault)};
    case DataTypeKind::kTime:
    case DataTypeKind::kTimestampNtz:
    case DataTypeKind::kTimestampLtz:
    case DataTypeKind::kTimestampTz: {
      const int64_t digits = Argument(type, 0, 9);
      if (outside(digits, 0, 9)) {
        return Refuse("002133", "42601", "SQL compilation error:\ninvalid precision", type.span);
      }
      return TypeOfKind(kind, static_cast<int32_t>(digits));
    }
    case DataTypeKind::kObject:
    case DataTypeKind::kArray:
    case DataTypeKind::kMap:
      return Structured(type, kind);
    default:
      return TypeOfKind(kind);
  }
}

}  // namespace tarn::sql
