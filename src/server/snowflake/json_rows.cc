// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/json_rows.h"

#include <charconv>
#include <cmath>

#include "base/uuid.h"
#include "iceberg/json/json_text.h"
#include "server/postgres/text_form.h"
#include "server/snowflake/column_values.h"
#include "server/snowflake/shown_column.h"

namespace tarn::server::snowflake {
namespace {

using sql::DataTypeKind;
using warehouse::ResultColumn;

std::string DecimalText(Int128 value, int32_t scale) {
  char text[postgres::kTextFormMax];
  return {text, static_cast<size_t>(postgres::WriteDecimal(text, value, scale) - text)};
}

std::string DoubleText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char text[postgres::kTextFormMax];
  return {text, static_cast<size_t>(std::to_chars(text, text + sizeof(text), value).ptr - text)};
}

std::string HexText(std::string_view bytes) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text += kHex[static_cast<uint8_t>(c) >> 4];
    text += kHex[static_cast<uint8_t>(c) & 15];
  }
  return text;
}

std::string MomentText(const ResultColumn& column, const ColumnView& view, int64_t row) {
  const Moment moment = MomentAt(column, view, row);
  const int32_t scale = column.type.precision;
  const Int128 units = Int128{moment.seconds} * PowerOfTen(scale) +
                       moment.nanoseconds / (kNanosPerSecond / PowerOfTen(scale));
  std::string text = DecimalText(units, scale);
  if (column.type.kind == DataTypeKind::kTimestampTz) {
    text += ' ' + std::to_string(moment.offset_minutes + kOffsetBias);
  }
  return text;
}

void WriteValue(const ResultColumn& column, const ColumnView& view, int64_t row,
                iceberg::JsonText& json) {
  if (view.is_null(row) || column.type.kind == DataTypeKind::kNull) return json.Raw("null");
  switch (column.type.kind) {
    case DataTypeKind::kNumber:
      return json.String(DecimalText(NumberAt(column, view, row), column.type.scale));
    case DataTypeKind::kFloat:
      return json.String(DoubleText(LoadValue<double>(view, row)));
    case DataTypeKind::kBoolean:
      return json.String(BitAt(view, row) ? "1" : "0");
    case DataTypeKind::kDate:
      return json.String(std::to_string(LoadValue<int32_t>(view, row)));
    case DataTypeKind::kTime:
      return json.String(DecimalText(TimeOfDayAt(column, view, row), column.type.precision));
    case DataTypeKind::kTimestampNtz:
    case DataTypeKind::kTimestampLtz:
    case DataTypeKind::kTimestampTz:
      return json.String(MomentText(column, view, row));
    case DataTypeKind::kBinary:
      return json.String(HexText(BytesAt(view, row)));
    case DataTypeKind::kUuid: {
      Uuid uuid;
      std::memcpy(uuid.bytes.data(), view.values + row * 16, uuid.bytes.size());
      return json.String(uuid.ToString());
    }
    default:
      return json.String(BytesAt(view, row));
  }
}

}  // namespace

Result<std::string> JsonRowsOf(const SpooledResult& result, const ResultPart& part) {
  std::string rows;
  const auto& columns = result.columns();
  TARN_TRY(result.ForEachBatch(part, [&](const BatchView& batch) {
    for (int64_t row = 0; row < batch.rows; ++row) {
      if (!rows.empty()) rows += ',';
      iceberg::JsonText json(&rows);
      json.BeginArray();
      for (size_t i = 0; i < columns.size(); ++i) {
        WriteValue(columns[i], batch.columns[i], row, json);
      }
      json.EndArray();
    }
  }));
  return rows;
}

}  // namespace tarn::server::snowflake
