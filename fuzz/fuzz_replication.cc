// SPDX-License-Identifier: Apache-2.0
// What a PostgreSQL server sends to whoever replicates it. The first byte chooses the reader.
#include "capture/source/copy_frames.h"
#include "capture/source/pgoutput.h"
#include "capture/source/standby_message.h"
#include "capture/values/type_oids.h"
#include "capture/values/value_decoder.h"
#include "fuzz/target.h"

namespace {

using namespace tarn;           // NOLINT
using namespace tarn::capture;  // NOLINT

/// numeric(12,3), as a modifier.
constexpr int32_t kNumericModifier = (12 << 16 | 3) + 4;

struct Column {
  SourceType source;
  TypeKind stored;
};

Column MakeColumn(uint32_t oid, TypeKind stored, int32_t modifier = -1) {
  Column column{{}, stored};
  column.source.oid = TypeOid(oid);
  column.source.modifier = modifier;
  return column;
}

const std::vector<Column>& Columns() {
  static const std::vector<Column> columns = {
      MakeColumn(type_oid::kInt4, TypeKind::kDecimal),
      MakeColumn(type_oid::kInt8, TypeKind::kDecimal),
      MakeColumn(type_oid::kNumeric, TypeKind::kDecimal, kNumericModifier),
      MakeColumn(type_oid::kNumeric, TypeKind::kString),
      MakeColumn(type_oid::kFloat8, TypeKind::kDouble),
      MakeColumn(type_oid::kBool, TypeKind::kBoolean),
      MakeColumn(type_oid::kText, TypeKind::kString),
      MakeColumn(type_oid::kVarchar, TypeKind::kString, 9),
      MakeColumn(type_oid::kChar, TypeKind::kString),
      MakeColumn(type_oid::kUuid, TypeKind::kString),
      MakeColumn(type_oid::kBytea, TypeKind::kBinary),
      MakeColumn(type_oid::kDate, TypeKind::kDate),
      MakeColumn(type_oid::kTime, TypeKind::kTime),
      MakeColumn(type_oid::kTimetz, TypeKind::kTime),
      MakeColumn(type_oid::kTimestamp, TypeKind::kTimestamp),
      MakeColumn(type_oid::kTimestamptz, TypeKind::kStruct),
      MakeColumn(type_oid::kJson, TypeKind::kString),
      MakeColumn(type_oid::kJsonb, TypeKind::kString),
      MakeColumn(type_oid::kMoney, TypeKind::kString, 2)};
  return columns;
}

Type StoredType(const Column& column, const TargetType& target) {
  if (column.stored == TypeKind::kDecimal) return Type::Decimal(target.precision, target.scale);
  Type type = Type::Primitive(column.stored);
  if (column.stored != TypeKind::kStruct) return type;
  for (const TypeKind kind : {TypeKind::kLong, TypeKind::kInt, TypeKind::kInt}) {
    type.children.emplace_back().type = Type::Primitive(kind);
  }
  return type;
}

/// A value that is refused leaves nothing behind.
void Value(const Column& source, std::string_view value, bool binary) {
  const TargetType target = ConnectorTypeOf(source.source).value();
  const auto decoder = MakeValueDecoder(source.source, target).value();
  ColumnBuilder column(StoredType(source, target));
  const bool appended = binary ? decoder->AppendBinary(value, column).has_value()
                               : decoder->AppendText(value, column).has_value();
  if (column.rows() != (appended ? 1 : 0)) __builtin_trap();
  (void)column.View();
}

void Messages(std::string_view bytes) {
  pgoutput::Decoder decoder;
  // Lengths in front of messages, so that one can follow the other.
  while (!bytes.empty()) {
    const auto length = std::min<size_t>(static_cast<uint8_t>(bytes[0]), bytes.size() - 1);
    (void)decoder.Decode(bytes.substr(1, length));
    bytes.remove_prefix(length + 1);
  }
}

void Copy(std::string_view bytes) {
  CopyFrames frames(2);
  for (size_t at = 0, piece = 1; at < bytes.size(); at += piece, piece = piece * 2 % 13 + 1) {
    const std::string held(bytes.substr(at, piece));
    frames.Append(held);
    while (true) {
      const auto fields = frames.Next();
      if (!fields) return;
      if (*fields == nullptr) break;
      for (const CopyField& field : **fields) (void)std::string(field.bytes);
    }
  }
}

}  // namespace

std::vector<std::string> SeedInputs() {
  using namespace std::string_literals;  // NOLINT
  std::vector<std::string> seeds = {
      "\0\x15"
      "B\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\1"
      "\x10I\0\0\x40\1N\0\2nt\0\0\0\1a"
      "\x1aU\0\0\x40\1K\0\1t\0\0\0\1aN\0\1b\0\0\0\1b"s,
      "\0\x1fR\0\0\x40\1s\0t\0d\0\1\1id\0\0\0\0\x17\xff\xff\xff\xff\0\0\0\0\0\0\0\0\0"s,
      "\0\6S\0\0\0\1\1\x11I\0\0\0\1\0\0\x40\1N\0\1t\0\0\0\0\1E\x09"
      "A\0\0\0\1\0\0\0\2"s,
      "\0\x0eT\0\0\0\2\1\0\0\0\1\0\0\0\2\0"s,
      "\1PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\2\0\0\0\3abc\377\377\377\377\377\377"s,
      "\2w\0\0\0\1\0\0\0\2\0\0\0\1\0\0\0\3\0\0\0\0\0\0\0\0x"s,
      "\2k\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0\0\1"s};
  const std::vector<std::string> values = {"\0\0\0\1"s,
                                           "\0\0\0\0\0\0\0\1"s,
                                           "\0\2\0\0\x40\0\0\2\0\1\0\x32"s,
                                           "-123.4567",
                                           "t",
                                           "plain text ä",
                                           "2024-02-29",
                                           "0044-03-15 12:00:00.5+05:30:15 BC",
                                           "23:59:59.999999-08",
                                           "\1{\"a\": [1, \"x\\\" \"]}",
                                           "\\x00ff",
                                           "-$1,234.50",
                                           "infinity"};
  for (size_t column = 0; column < Columns().size(); ++column) {
    for (const std::string& value : values) {
      seeds.push_back(std::string(1, static_cast<char>(3 + 2 * column)) + value);
      seeds.push_back(std::string(1, static_cast<char>(4 + 2 * column)) + value);
    }
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0]) {
    case 0:
      Messages(bytes);
      break;
    case 1:
      Copy(bytes);
      break;
    case 2:
      (void)ReadServerMessage(bytes);
      break;
    default:
      Value(Columns()[(data[0] - 3U) / 2 % Columns().size()], bytes, data[0] % 2 == 0);
      break;
  }
  return 0;
}
