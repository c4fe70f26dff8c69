// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sql/duckdb_text/print.h"

namespace tarn::sql {

namespace {

std::string DecimalText(Int128 unscaled, int32_t scale) {
  const bool negative = unscaled < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(unscaled)
                       : static_cast<unsigned __int128>(unscaled);
  std::string text;
  for (int32_t i = 0; rest > 0 || i <= scale; ++i) {
    if (i == scale && scale > 0) text.push_back('.');
    text.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  if (negative) text.push_back('-');
  std::ranges::reverse(text);
  return text;
}

std::string HexText(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02X}", static_cast<uint8_t>(c));
  return text;
}

std::string Cast(const std::string& text, const Type& carrier) {
  return "CAST(" + text + " AS " + DuckdbTypeName(carrier) + ")";
}

}  // namespace

std::string QuoteForDuckdb(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\0') {
      // DuckDB's parser ends at a NUL.
      quoted += "' || chr(0) || '";
      continue;
    }
    quoted.push_back(c);
    if (c == '\'') quoted.push_back('\'');
  }
  quoted.push_back('\'');
  return text.find('\0') == std::string_view::npos ? quoted : "(" + quoted + ")";
}

std::string DuckdbTypeName(const Type& carrier) {
  switch (carrier.kind) {
    case TypeKind::kBoolean:
    case TypeKind::kUnknown:
      return "BOOLEAN";
    case TypeKind::kInt:
      return "INTEGER";
    case TypeKind::kLong:
      return "BIGINT";
    case TypeKind::kFloat:
      return "FLOAT";
    case TypeKind::kDouble:
      return "DOUBLE";
    case TypeKind::kDecimal:
      return fmt::format("DECIMAL({},{})", carrier.precision, carrier.scale);
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kTime:
      return "TIME";
    case TypeKind::kTimestamp:
      return "TIMESTAMP";
    case TypeKind::kTimestampTz:
      return "TIMESTAMPTZ";
    case TypeKind::kTimestampNs:
      return "TIMESTAMP_NS";
    case TypeKind::kUuid:
      return "UUID";
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return "BLOB";
    case TypeKind::kStruct: {
      // Members are named by their places, as the engine names those without field ids.
      std::string members;
      for (size_t i = 0; i < carrier.children.size(); ++i) {
        members +=
            fmt::format("{}p{} {}", i > 0 ? ", " : "", i, DuckdbTypeName(carrier.children[i].type));
      }
      return "STRUCT(" + members + ")";
    }
    default:
      return "VARCHAR";
  }
}

/// Every constant says its type: a bare number would be a place in GROUP BY and ORDER BY.
std::string PrintConstant(const Value& value, const Type& carrier) {
  if (std::holds_alternative<std::monostate>(value)) return Cast("NULL", carrier);
  switch (carrier.kind) {
    case TypeKind::kBoolean:
      return std::get<bool>(value) ? "TRUE" : "FALSE";
    case TypeKind::kInt:
      return Cast(fmt::format("{}", std::get<int32_t>(value)), carrier);
    case TypeKind::kLong:
      return Cast(fmt::format("'{}'", std::get<int64_t>(value)), carrier);
    case TypeKind::kDouble: {
      const double number = std::get<double>(value);
      if (std::isnan(number)) return Cast("'nan'", carrier);
      if (std::isinf(number)) return Cast(number < 0 ? "'-inf'" : "'inf'", carrier);
      return Cast(fmt::format("'{:.17g}'", number), carrier);
    }
    case TypeKind::kDecimal:
      return Cast("'" + DecimalText(std::get<Int128>(value), carrier.scale) + "'", carrier);
    case TypeKind::kDate:
      return fmt::format("(DATE '1970-01-01' + CAST({} AS INTEGER))", std::get<int32_t>(value));
    case TypeKind::kTime:
      return fmt::format("(TIME '00:00:00' + to_microseconds(CAST('{}' AS BIGINT)))",
                         std::get<int64_t>(value));
    case TypeKind::kTimestamp:
      return fmt::format("make_timestamp(CAST('{}' AS BIGINT))", std::get<int64_t>(value));
    case TypeKind::kTimestampTz:
      return fmt::format("make_timestamptz(CAST('{}' AS BIGINT))", std::get<int64_t>(value));
    case TypeKind::kBinary:
    case TypeKind::kFixed:
      return "unhex('" + HexText(std::get<std::string>(value)) + "')";
    default:
      return QuoteForDuckdb(std::get<std::string>(value));
  }
}

}  // namespace tarn::sql
