// SPDX-License-Identifier: Apache-2.0
// One column for each type and carrier that a session may send.
#include "server/testing/scripted_statement.h"

namespace tarn::server {
namespace {

using sql::DataType;
using sql::DataTypeKind;
using warehouse::ResultColumn;

Type Seconds(bool zoned) {
  Type type = Type::Primitive(TypeKind::kStruct);
  const auto add = [&type](const char* name, TypeKind kind) {
    type.children.push_back({.id = FieldId(1), .name = name, .type = Type::Primitive(kind)});
  };
  add("seconds", TypeKind::kLong);
  add("nanoseconds", TypeKind::kInt);
  if (zoned) add("offset", TypeKind::kInt);
  return type;
}

struct Sample {
  ResultColumn column;
  Cell cell;
};

Sample Make(const char* name, DataType type, Type carrier, Value value) {
  return {{.name = name, .type = std::move(type), .carrier = std::move(carrier)},
          {false, std::move(value), {}}};
}

Sample MakeParts(const char* name, DataType type, Type carrier, std::vector<int64_t> parts) {
  return {{.name = name, .type = std::move(type), .carrier = std::move(carrier)},
          {false, {}, std::move(parts)}};
}

std::vector<Sample> Samples() {
  const auto primitive = Type::Primitive;
  const int64_t seconds = 946'782'245;  // 2000-01-02 03:04:05
  const int64_t micros = seconds * 1'000'000 + 120'000;
  const DataType number{DataTypeKind::kNumber, 38, 2};
  return {
      Make("n_int", {DataTypeKind::kNumber, 9}, primitive(TypeKind::kInt), int32_t{-7}),
      Make("n_long", {DataTypeKind::kNumber, 18}, primitive(TypeKind::kLong), int64_t{1} << 40),
      Make("n_wide", {DataTypeKind::kNumber, 38}, Type::Decimal(38, 0), Int128{12'345}),
      Make("n_scale", number, Type::Decimal(38, 2), Int128{-1'234'567}),
      Make("f", {.kind = DataTypeKind::kFloat}, primitive(TypeKind::kDouble), 0.1),
      Make("s", {.kind = DataTypeKind::kVarchar, .length = 10}, primitive(TypeKind::kString),
           std::string("hé'\"")),
      Make("b", {.kind = DataTypeKind::kBinary, .length = 8}, primitive(TypeKind::kBinary),
           std::string("\x00\xff", 2)),
      Make("bo", {.kind = DataTypeKind::kBoolean}, primitive(TypeKind::kBoolean), true),
      Make("d", {.kind = DataTypeKind::kDate}, primitive(TypeKind::kDate), int32_t{10'958}),
      Make("t", {DataTypeKind::kTime, 6}, primitive(TypeKind::kTime), int64_t{3'723'500'000}),
      Make("t9", {DataTypeKind::kTime, 9}, primitive(TypeKind::kLong), int64_t{3'723'500'000'999}),
      Make("ntz", {DataTypeKind::kTimestampNtz, 6}, primitive(TypeKind::kTimestamp), micros),
      MakeParts("ntz9", {DataTypeKind::kTimestampNtz, 9}, Seconds(false), {seconds, 120'000'999}),
      Make("ltz", {DataTypeKind::kTimestampLtz, 6}, primitive(TypeKind::kTimestampTz), micros),
      MakeParts("tz", {DataTypeKind::kTimestampTz, 9}, Seconds(true), {seconds, 0, 330}),
      Make("v", {.kind = DataTypeKind::kVariant}, primitive(TypeKind::kString),
           std::string("{\"a\": [1, \"x\"]}")),
      Make("u", {.kind = DataTypeKind::kUuid}, primitive(TypeKind::kUuid),
           std::string("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 16)),
      Make("nothing", {}, primitive(TypeKind::kUnknown), {}),
  };
}

}  // namespace

std::vector<ResultColumn> EveryType() {
  std::vector<ResultColumn> columns;
  for (Sample& sample : Samples()) columns.push_back(std::move(sample.column));
  return columns;
}

std::vector<std::vector<Cell>> EveryTypeRows() {
  std::vector<Cell> row;
  for (Sample& sample : Samples()) {
    sample.cell.null = sample.column.type.kind == DataTypeKind::kNull;
    row.push_back(std::move(sample.cell));
  }
  return {row, std::vector<Cell>(row.size())};
}

}  // namespace tarn::server
