// SPDX-License-Identifier: Apache-2.0
#include "cli/row_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "base/value.h"
#include "iceberg/json/json_text.h"
#include "iceberg/values/value_text.h"

namespace tarn::cli {
namespace {

using iceberg::JsonText;

template <typename T>
T Read(const ColumnView& column, int64_t row) {
  T value;
  std::memcpy(&value, column.values + static_cast<size_t>(row) * sizeof(T), sizeof(T));
  return value;
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return text;
}

std::string UuidText(std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += fmt::format("{:02x}", static_cast<uint8_t>(bytes[i]));
  }
  return text;
}

std::string_view BytesOf(const Type& type, const ColumnView& column, int64_t row) {
  const auto* values = reinterpret_cast<const char*>(column.values);
  if (column.offsets == nullptr) {
    const size_t width = FixedWidthBytes(type);
    return {values + static_cast<size_t>(row) * width, width};
  }
  const int32_t begin = column.offsets[row];
  return {values + begin, static_cast<size_t>(column.offsets[row + 1] - begin)};
}

/// Of values that are text in JSON too.
std::string TextOf(const Type& type, const ColumnView& column, int64_t row) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return iceberg::DecimalText(Read<Int128>(column, row), type.scale);
    case TypeKind::kDate:
      return iceberg::DateText(Read<int32_t>(column, row));
    case TypeKind::kTime:
      return iceberg::TimeText(Read<int64_t>(column, row));
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
      return iceberg::TimestampText(Read<int64_t>(column, row),
                                    iceberg::TimestampFormOf(type.kind));
    case TypeKind::kUuid:
      return UuidText(BytesOf(type, column, row));
    case TypeKind::kString:
      return std::string(BytesOf(type, column, row));
    default:
      return Hex(BytesOf(type, column, row));
  }
}

template <typename T>
void WriteFloat(T value, JsonText& json) {
  if (std::isnan(value)) {
    json.String("NaN");
  } else if (std::isinf(value)) {
    json.String(value < 0 ? "-Infinity" : "Infinity");
  } else {
    json.Raw(fmt::format("{}", value));
  }
}

void WriteValue(const Type& type, const ColumnView& column, int64_t row, JsonText& json);

void WriteNested(const Type& type, const ColumnView& column, int64_t row, JsonText& json) {
  if (type.kind == TypeKind::kStruct) {
    json.BeginObject();
    for (size_t i = 0; i < type.children.size(); ++i) {
      json.EscapedKey(type.children[i].name);
      WriteValue(type.children[i].type, column.children[i], row, json);
    }
    json.EndObject();
    return;
  }
  const Type entry = type.kind == TypeKind::kMap
                         ? Type{.kind = TypeKind::kStruct, .children = type.children}
                         : type.children[0].type;
  json.BeginArray();
  for (int32_t i = column.offsets[row]; i < column.offsets[row + 1]; ++i) {
    WriteValue(entry, column.children[0], i, json);
  }
  json.EndArray();
}

void WriteValue(const Type& type, const ColumnView& column, int64_t row, JsonText& json) {
  if (column.is_null(row)) {
    json.Raw("null");
    return;
  }
  switch (type.kind) {
    case TypeKind::kBoolean:
      json.Bool((column.values[row >> 3] >> (row & 7) & 1) != 0);
      break;
    case TypeKind::kInt:
      json.Int(Read<int32_t>(column, row));
      break;
    case TypeKind::kLong:
      json.Int(Read<int64_t>(column, row));
      break;
    case TypeKind::kFloat:
      WriteFloat(Read<float>(column, row), json);
      break;
    case TypeKind::kDouble:
      WriteFloat(Read<double>(column, row), json);
      break;
    case TypeKind::kStruct:
    case TypeKind::kList:
    case TypeKind::kMap:
      WriteNested(type, column, row, json);
      break;
    default:
      json.String(TextOf(type, column, row));
      break;
  }
}

void AppendCsvText(std::string_view text, std::string& out) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

void AppendJsonRow(const std::vector<Field>& fields, const BatchView& batch, int64_t row,
                   std::string& out) {
  JsonText json(&out);
  json.BeginObject();
  for (size_t i = 0; i < fields.size(); ++i) {
    json.EscapedKey(fields[i].name);
    WriteValue(fields[i].type, batch.columns[i], row, json);
  }
  json.EndObject();
  out += '\n';
}

void AppendCsvHeader(const std::vector<Field>& fields, std::string& out) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    AppendCsvText(fields[i].name, out);
  }
  out += '\n';
}

void AppendCsvRow(const std::vector<Field>& fields, const BatchView& batch, int64_t row,
                  std::string& out) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    if (batch.columns[i].is_null(row)) continue;
    std::string text;
    JsonText json(&text);
    WriteValue(fields[i].type, batch.columns[i], row, json);
    const bool is_text = !fields[i].type.is_nested() && text.starts_with('"');
    const bool is_number =
        fields[i].type.kind == TypeKind::kFloat || fields[i].type.kind == TypeKind::kDouble;
    if (is_text && is_number) {
      text = text.substr(1, text.size() - 2);
    } else if (is_text) {
      text = TextOf(fields[i].type, batch.columns[i], row);
    }
    AppendCsvText(text, out);
  }
  out += '\n';
}

}  // namespace tarn::cli
