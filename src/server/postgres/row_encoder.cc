// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/row_encoder.h"

#include <bit>
#include <cstring>

#include "server/postgres/binary_form.h"
#include "server/postgres/text_form.h"

namespace tarn::server::postgres {
namespace {

using sql::DataTypeKind;
using Column = RowEncoder::Column;

constexpr int64_t kNanosPerMicro = 1'000;
constexpr int64_t kEpochMicros = kPostgresEpochDays * kSecondsPerDay * kMicrosPerSecond;
constexpr size_t kLengthBytes = 4;

template <typename T>
T Load(const ColumnView& values, int64_t row) {
  T value;
  std::memcpy(&value, values.values + static_cast<size_t>(row) * sizeof(T), sizeof(T));
  return value;
}

bool LoadBit(const ColumnView& values, int64_t row) {
  return (values.values[row >> 3] >> (row & 7) & 1) != 0;
}

Int128 LoadNumber(const Column& column, const ColumnView& values, int64_t row) {
  switch (column.carrier.kind) {
    case TypeKind::kInt:
      return Load<int32_t>(values, row);
    case TypeKind::kLong:
      return Load<int64_t>(values, row);
    default:
      return Load<Int128>(values, row);
  }
}

/// Microseconds since 1970 from the carriers of timestamps; nanoseconds are cut off.
int64_t LoadMicros(const Column& column, const ColumnView& values, int64_t row) {
  if (column.carrier.kind != TypeKind::kStruct) return Load<int64_t>(values, row);
  return Load<int64_t>(values.children[0], row) * kMicrosPerSecond +
         Load<int32_t>(values.children[1], row) / kNanosPerMicro;
}

int64_t LoadTimeOfDay(const Column& column, const ColumnView& values, int64_t row) {
  const auto value = Load<int64_t>(values, row);
  return column.carrier.kind == TypeKind::kLong ? value / kNanosPerMicro : value;
}

std::string_view LoadBytes(const ColumnView& values, int64_t row) {
  return {reinterpret_cast<const char*>(values.values) + values.offsets[row],
          static_cast<size_t>(values.offsets[row + 1] - values.offsets[row])};
}

/// A text with its length in front: `form` writes it and returns its end.
template <typename F>
void Text(MessageWriter& out, F form) {
  uint8_t* const start = out.Reserve(kLengthBytes + kTextFormMax);
  char* const text = reinterpret_cast<char*>(start) + kLengthBytes;
  const auto length = static_cast<size_t>(form(text) - text);
  MessageWriter::PutInt32(start, static_cast<int32_t>(length));
  out.Advance(kLengthBytes + length);
}

void Int64(MessageWriter& out, int64_t value) {
  uint8_t* const start = out.Reserve(kLengthBytes + 8);
  MessageWriter::PutInt32(start, 8);
  MessageWriter::PutInt64(start + kLengthBytes, value);
  out.Advance(kLengthBytes + 8);
}

void Bytes(MessageWriter& out, std::string_view bytes) {
  out.Int32(static_cast<int32_t>(bytes.size()));
  out.Bytes(bytes);
}

void IntegerText(const Column& column, const ColumnView& values, int64_t row, MessageWriter& out) {
  const Int128 value = LoadNumber(column, values, row);
  Text(out, [value](char* text) { return WriteDecimal(text, value, 0); });
}

void Int32Text(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  Text(out, [&](char* text) { return WriteInteger(text, Load<int32_t>(values, row)); });
}

void Int64Text(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  Text(out, [&](char* text) { return WriteInteger(text, Load<int64_t>(values, row)); });
}

void IntegerBinary(const Column& column, const ColumnView& values, int64_t row,
                   MessageWriter& out) {
  Int64(out, static_cast<int64_t>(LoadNumber(column, values, row)));
}

void DecimalText(const Column& column, const ColumnView& values, int64_t row, MessageWriter& out) {
  const Int128 value = LoadNumber(column, values, row);
  Text(out, [&](char* text) { return WriteDecimal(text, value, column.scale); });
}

void DecimalBinary(const Column& column, const ColumnView& values, int64_t row,
                   MessageWriter& out) {
  const size_t start = out.size();
  out.Int32(0);
  WriteNumeric(LoadNumber(column, values, row), column.scale, out);
  out.EndValue(start);
}

void DoubleText(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  Text(out, [&](char* text) { return WriteDouble(text, Load<double>(values, row)); });
}

void DoubleBinary(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  Int64(out, std::bit_cast<int64_t>(Load<double>(values, row)));
}

void BoolText(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  Bytes(out, LoadBit(values, row) ? "t" : "f");
}

void BoolBinary(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  out.Int32(1);
  out.Byte(LoadBit(values, row) ? 1 : 0);
}

void StringBytes(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  Bytes(out, LoadBytes(values, row));
}

void ByteaText(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  constexpr char kHex[] = "0123456789abcdef";
  const std::string_view bytes = LoadBytes(values, row);
  const size_t length = 2 + 2 * bytes.size();
  uint8_t* text = out.Reserve(kLengthBytes + length);
  MessageWriter::PutInt32(text, static_cast<int32_t>(length));
  text += kLengthBytes;
  *text++ = '\\';
  *text++ = 'x';
  for (const char c : bytes) {
    *text++ = static_cast<uint8_t>(kHex[static_cast<uint8_t>(c) >> 4]);
    *text++ = static_cast<uint8_t>(kHex[static_cast<uint8_t>(c) & 15]);
  }
  out.Advance(kLengthBytes + length);
}

void DateText(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  Text(out, [&](char* text) { return WriteDate(text, Load<int32_t>(values, row)); });
}

void DateBinary(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  out.Int32(4);
  out.Int32(Load<int32_t>(values, row) - kPostgresEpochDays);
}

void TimeText(const Column& column, const ColumnView& values, int64_t row, MessageWriter& out) {
  const int64_t micros = LoadTimeOfDay(column, values, row);
  Text(out, [micros](char* text) { return WriteTime(text, micros); });
}

void TimeBinary(const Column& column, const ColumnView& values, int64_t row, MessageWriter& out) {
  Int64(out, LoadTimeOfDay(column, values, row));
}

void TimestampText(const Column& column, const ColumnView& values, int64_t row,
                   MessageWriter& out) {
  const int64_t micros = LoadMicros(column, values, row);
  Text(out, [micros](char* text) { return WriteTimestamp(text, micros); });
}

void TimestampBinary(const Column& column, const ColumnView& values, int64_t row,
                     MessageWriter& out) {
  Int64(out, LoadMicros(column, values, row) - kEpochMicros);
}

int64_t FloorSeconds(int64_t micros) {
  return micros / kMicrosPerSecond - (micros % kMicrosPerSecond < 0 ? 1 : 0);
}

/// In the session's zone, as PostgreSQL shows timestamptz.
void LocalTimestampText(const Column& column, const ColumnView& values, int64_t row,
                        MessageWriter& out) {
  const int64_t micros = LoadMicros(column, values, row);
  const int32_t offset = column.zone->OffsetAt(FloorSeconds(micros));
  Text(out, [&](char* text) { return WriteTimestampTz(text, micros, offset); });
}

/// With the value's own distance from UTC.
void ZonedTimestampText(const Column& column, const ColumnView& values, int64_t row,
                        MessageWriter& out) {
  const int64_t micros = LoadMicros(column, values, row);
  const int32_t offset = Load<int32_t>(values.children[2], row) * 60;
  Text(out, [&](char* text) { return WriteTimestampTz(text, micros, offset); });
}

void UuidText(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  Text(out, [&](char* text) { return WriteUuid(text, values.values + row * 16); });
}

void UuidBinary(const Column&, const ColumnView& values, int64_t row, MessageWriter& out) {
  Bytes(out, {reinterpret_cast<const char*>(values.values) + row * 16, 16});
}

void Null(const Column&, const ColumnView&, int64_t, MessageWriter& out) { out.Int32(-1); }

using Writer = decltype(Column::write);

Writer NumberWriter(const Column& column, uint32_t type_oid, bool binary) {
  if (type_oid == oid::kNumeric) return binary ? DecimalBinary : DecimalText;
  if (binary) return IntegerBinary;
  if (column.carrier.kind == TypeKind::kInt) return Int32Text;
  return column.carrier.kind == TypeKind::kLong ? Int64Text : IntegerText;
}

Writer WriterOf(const Column& column, DataTypeKind kind, uint32_t type_oid, bool binary) {
  switch (kind) {
    case DataTypeKind::kNumber:
      return NumberWriter(column, type_oid, binary);
    case DataTypeKind::kFloat:
      return binary ? DoubleBinary : DoubleText;
    case DataTypeKind::kBinary:
      return binary ? StringBytes : ByteaText;
    case DataTypeKind::kBoolean:
      return binary ? BoolBinary : BoolText;
    case DataTypeKind::kDate:
      return binary ? DateBinary : DateText;
    case DataTypeKind::kTime:
      return binary ? TimeBinary : TimeText;
    case DataTypeKind::kTimestampNtz:
      return binary ? TimestampBinary : TimestampText;
    case DataTypeKind::kTimestampLtz:
      return binary ? TimestampBinary : LocalTimestampText;
    case DataTypeKind::kTimestampTz:
      return binary ? TimestampBinary : ZonedTimestampText;
    case DataTypeKind::kUuid:
      return binary ? UuidBinary : UuidText;
    case DataTypeKind::kNull:
      return Null;
    case DataTypeKind::kVarchar:
    case DataTypeKind::kVariant:
    case DataTypeKind::kObject:
    case DataTypeKind::kArray:
    case DataTypeKind::kMap:
      break;
  }
  return StringBytes;
}

Format FormatOf(std::span<const Format> formats, size_t column) {
  if (formats.empty()) return Format::kText;
  return formats.size() == 1 ? formats[0] : formats[column];
}

}  // namespace

void WriteRowDescription(std::span<const SentColumn> columns, std::span<const Format> formats,
                         const TypeChoices& choices, MessageWriter& out) {
  out.Begin('T');
  out.Int16(static_cast<int16_t>(columns.size()));
  for (size_t i = 0; i < columns.size(); ++i) {
    const SentColumn& column = columns[i];
    const WireType type = column.relayed ? *column.relayed : WireTypeOf(column.type, choices);
    out.CString(column.name);
    out.Int32(static_cast<int32_t>(column.table_id));
    out.Int16(static_cast<int16_t>(column.column_number));
    out.Int32(static_cast<int32_t>(type.oid));
    out.Int16(type.length);
    out.Int32(type.typmod);
    out.Int16(static_cast<int16_t>(column.written_as.value_or(FormatOf(formats, i))));
  }
  out.End();
}

RowEncoder::RowEncoder(std::span<const SentColumn> columns, std::span<const Format> formats,
                       const TypeChoices& choices, std::shared_ptr<const TimeZone> zone)
    : zone_(std::move(zone)) {
  for (size_t i = 0; i < columns.size(); ++i) {
    Column column{
        .carrier = columns[i].carrier, .scale = columns[i].type.scale, .zone = zone_.get()};
    column.write = WriterOf(column, columns[i].type.kind, WireTypeOf(columns[i].type, choices).oid,
                            FormatOf(formats, i) == Format::kBinary);
    columns_.push_back(std::move(column));
  }
}

void RowEncoder::EncodeValue(size_t column, const ColumnView& values, int64_t row,
                             MessageWriter& out) const {
  if (values.is_null(row)) {
    out.Int32(-1);
  } else {
    columns_[column].write(columns_[column], values, row, out);
  }
}

int64_t RowEncoder::Encode(const RowRange& range, size_t full, MessageWriter& out) const {
  const auto count = static_cast<int16_t>(columns_.size());
  int64_t row = range.begin;
  for (; row < range.end && out.size() < full; ++row) {
    out.Begin('D');
    out.Int16(count);
    for (size_t i = 0; i < columns_.size(); ++i) EncodeValue(i, range.batch->columns[i], row, out);
    out.End();
  }
  return row;
}

}  // namespace tarn::server::postgres
