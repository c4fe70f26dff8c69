// SPDX-License-Identifier: Apache-2.0
// Every type at its limits, through a file and back.
#include <limits>

#include "engine/testing/test_engine.h"

// g++ 12 warns wrongly of variants in long initialiser lists.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace tarn::engine {
namespace {

using namespace std::string_literals;

constexpr Int128 kMaxDecimal38 = [] {
  Int128 value = 1;
  for (int i = 0; i < 38; ++i) value *= 10;
  return value - 1;
}();

Type ListOf(int32_t id, Type element) {
  return Type{.kind = TypeKind::kList, .children = {MakeField(id, "element", std::move(element))}};
}

struct TypeCase {
  std::string name;
  Type type;
  std::vector<Cell> cells;
};

void PrintTo(const TypeCase& type_case, std::ostream* out) { *out << type_case.name; }

std::vector<TypeCase> Cases() {
  using Limits32 = std::numeric_limits<int32_t>;
  using Limits64 = std::numeric_limits<int64_t>;
  using LimitsF = std::numeric_limits<float>;
  using LimitsD = std::numeric_limits<double>;
  const auto primitive = [](TypeKind kind) { return Type::Primitive(kind); };
  const Type text = primitive(TypeKind::kString);
  const Type pair{
      .kind = TypeKind::kStruct,
      .children = {MakeField(101, "a", primitive(TypeKind::kInt)), MakeField(102, "b", text)}};
  const Type map{.kind = TypeKind::kMap,
                 .children = {MakeField(111, "key", text),
                              MakeField(112, "value", primitive(TypeKind::kLong))}};
  const auto pair_cell = [](Cell a, Cell b) { return Cell::Of({std::move(a), std::move(b)}); };
  return {
      {"boolean", primitive(TypeKind::kBoolean), {Value(true), Value(false), {}}},
      {"int",
       primitive(TypeKind::kInt),
       {Value(Limits32::min()), Value(Limits32::max()), Value(0), {}}},
      {"long",
       primitive(TypeKind::kLong),
       {Value(Limits64::min()), Value(Limits64::max()), Value(int64_t{0}), {}}},
      {"float",
       primitive(TypeKind::kFloat),
       {Value(LimitsF::lowest()),
        Value(LimitsF::max()),
        Value(LimitsF::denorm_min()),
        Value(-0.0F),
        Value(0.0F),
        Value(LimitsF::infinity()),
        Value(-LimitsF::infinity()),
        Value(LimitsF::quiet_NaN()),
        {}}},
      {"double",
       primitive(TypeKind::kDouble),
       {Value(LimitsD::lowest()),
        Value(LimitsD::max()),
        Value(LimitsD::denorm_min()),
        Value(-0.0),
        Value(0.0),
        Value(LimitsD::infinity()),
        Value(-LimitsD::infinity()),
        Value(LimitsD::quiet_NaN()),
        {}}},
      {"decimal4",
       Type::Decimal(4, 2),
       {Value(Int128{-9999}), Value(Int128{9999}), Value(Int128{0}), {}}},
      {"decimal9", Type::Decimal(9, 9), {Value(Int128{-999999999}), Value(Int128{999999999}), {}}},
      {"decimal18",
       Type::Decimal(18, 0),
       {Value(Int128{-999999999999999999}), Value(Int128{999999999999999999}), {}}},
      {"decimal38",
       Type::Decimal(38, 10),
       {Value(-kMaxDecimal38), Value(kMaxDecimal38), Value(Int128{-1}), {}}},
      {"date",
       primitive(TypeKind::kDate),
       {Value(Limits32::min()), Value(Limits32::max()), Value(-719528), Value(0), {}}},
      {"time", primitive(TypeKind::kTime), {Value(int64_t{0}), Value(int64_t{86'399'999'999}), {}}},
      {"timestamp",
       primitive(TypeKind::kTimestamp),
       {Value(Limits64::min()), Value(Limits64::max()), Value(int64_t{-1}), {}}},
      {"timestamptz",
       primitive(TypeKind::kTimestampTz),
       {Value(Limits64::min()), Value(Limits64::max()), Value(int64_t{-1}), {}}},
      {"string",
       text,
       {Value(""s),
        Value("a"s),
        Value("twelve bytes"s),
        Value("thirteen byte"s),
        Value(std::string(70'000, 'x')),
        Value("\xf0\x9f\x8d\x9e \xc3\xa9"s),
        Value("nul\0inside"s),
        {}}},
      {"binary",
       primitive(TypeKind::kBinary),
       {Value(""s), Value("\0\xff\xfe"s), Value(std::string(5000, '\xff')), {}}},
      {"uuid",
       primitive(TypeKind::kUuid),
       {Value(std::string(16, '\0')),
        Value(std::string(16, '\xff')),
        Value("\x80"
              "123456789abcdef"s),
        {}}},
      {"list",
       ListOf(100, primitive(TypeKind::kInt)),
       {Cell::Of({}), Cell::Of({Value(1), {}, Value(3)}), {}, Cell::Of({Cell()})}},
      {"list_of_list",
       ListOf(100, ListOf(101, text)),
       {Cell::Of({Cell::Of({Value("x"s)}), {}, Cell::Of({})}), Cell::Of({}), {}}},
      {"struct", pair, {pair_cell(Value(1), Value("one"s)), pair_cell({}, {}), {}}},
      {"list_of_struct",
       ListOf(100, pair),
       {Cell::Of({pair_cell(Value(7), {}), Cell(), pair_cell({}, Value("b"s))}), Cell::Of({}), {}}},
      {"map",
       map,
       {Cell::Of({pair_cell(Value("k"s), Value(int64_t{1})), pair_cell(Value("l"s), {})}),
        Cell::Of({}),
        {}}},
      {"list_of_decimal",
       ListOf(100, Type::Decimal(9, 2)),
       {Cell::Of({Value(Int128{-5}), {}}), {}}},
      {"list_of_uuid",
       ListOf(100, primitive(TypeKind::kUuid)),
       {Cell::Of({Value(std::string(16, '\x01')), {}}), {}}},
      {"list_of_boolean",
       ListOf(100, primitive(TypeKind::kBoolean)),
       {Cell::Of({Value(true), {}, Value(false)}), {}}},
  };
}

class RoundTripTest : public EngineTest, public testing::WithParamInterface<TypeCase> {};

/// Cases behind one another, often enough to fill more than one row group.
TEST_P(RoundTripTest, ComesBackAsItWas) {
  const std::vector<Field> fields = {MakeField(1, "row", Type::Primitive(TypeKind::kLong)),
                                     MakeField(2, "Value", GetParam().type)};
  const auto& cells = GetParam().cells;
  const size_t count = GetParam().name == "string" ? 500 : 9000;
  std::vector<Row> rows;
  for (size_t i = 0; i < count; ++i) {
    rows.push_back({Value(static_cast<int64_t>(i)), cells[i * 7 % cells.size()]});
  }
  const auto file = WriteFile(fields, rows, {.row_group_rows = 4096});
  EXPECT_EQ(file.record_count, static_cast<int64_t>(count));
  EXPECT_EQ(file.split_offsets.size(), (count + 4095) / 4096);
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file}), .columns = ColumnsOf(fields)}), rows));
}

/// The same rows from memory.
TEST_P(RoundTripTest, ComesBackFromABatch) {
  const std::vector<Field> fields = {MakeField(2, "Value", GetParam().type)};
  std::vector<Row> rows;
  for (size_t i = 0; i < 5000; ++i) rows.push_back({GetParam().cells[i % GetParam().cells.size()]});
  if (GetParam().name == "string") rows.resize(100);
  const auto bytes = EncodeRows(fields, rows);
  PendingRows pending;
  pending.batches.push_back({.owner = bytes,
                             .view = Decode(fields, *bytes),
                             .fields = std::make_shared<const std::vector<Field>>(fields),
                             .first_ordinal = 0});
  pending.visible = {{0, static_cast<int64_t>(rows.size())}};
  EXPECT_TRUE(SameRows(Scan({.pending = std::move(pending), .columns = ColumnsOf(fields)}), rows));
}

INSTANTIATE_TEST_SUITE_P(Types, RoundTripTest, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

TEST_F(EngineTest, ManyColumnsManyRowGroups) {
  std::vector<Field> fields;
  for (int32_t i = 0; i < 20; ++i)
    fields.push_back(MakeField(i + 1, "c" + std::to_string(i), Type::Primitive(TypeKind::kInt)));
  std::vector<Row> rows;
  for (int32_t i = 0; i < 20'000; ++i) {
    Row row;
    for (int32_t c = 0; c < 20; ++c) row.push_back(Value(i * 31 + c));
    rows.push_back(std::move(row));
  }
  const auto file = WriteFile(fields, rows, {.row_group_rows = 2048});
  EXPECT_EQ(file.split_offsets.size(), 10U);
  EXPECT_TRUE(SameRows(Scan({.plan = PlanOf({file}), .columns = ColumnsOf(fields)}), rows));
}

}  // namespace
}  // namespace tarn::engine
