// SPDX-License-Identifier: Apache-2.0
// What the writer says of a file, and what examining the file says: both against values written
// down here.
#include <limits>

#include "engine/testing/test_engine.h"

// g++ 12 warns wrongly of variants in long initialiser lists.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace tarn::engine {
namespace {

using namespace std::string_literals;

const Type kInt = Type::Primitive(TypeKind::kInt);
const Type kString = Type::Primitive(TypeKind::kString);
const Type kDouble = Type::Primitive(TypeKind::kDouble);

template <typename T>
std::string Bytes(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

class DataFileTest : public EngineTest {
 protected:
  const Field* Find(const std::vector<Field>& fields, int32_t id) const {
    for (const Field& field : fields) {
      if (field.id == FieldId(id)) return &field;
    }
    return nullptr;
  }

  iceberg::DataFileFacts::Column ExamineColumn(const iceberg::DataFile& file, int32_t id) {
    const auto facts = engine_->data_file_reader().Examine(file.file_path, true).value();
    for (const auto& column : facts.columns) {
      if (column.id == FieldId(id)) return column;
    }
    ADD_FAILURE() << "no column " << id;
    return {};
  }
};

TEST_F(DataFileTest, CountsAndBoundsOfPrimitives) {
  const std::vector<Field> fields = {MakeField(1, "i", kInt),
                                     MakeField(2, "d", kDouble),
                                     MakeField(3, "s", kString),
                                     MakeField(4, "n", Type::Decimal(20, 2)),
                                     MakeField(5, "b", Type::Primitive(TypeKind::kBinary)),
                                     MakeField(6, "t", Type::Primitive(TypeKind::kBoolean))};
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto file = WriteFile(
      fields, std::vector<Row>{
                  {Value(-5), Value(-0.0), Value("a string of more than sixteen"s),
                   Value(Int128{-129}), Value("\xff\xff"s + std::string(20, '\x01')), Value(true)},
                  {Cell(), Value(nan), Cell(), Value(Int128{1}), Cell(), Cell()},
                  {Value(300), Value(0.0), Value("b string of more than sixteen"s), Cell(),
                   Value(std::string(30, '\xff')), Value(false)},
                  {Value(7), Cell(), Value("aa"s), Value(Int128{255}), Value(""s), Value(true)}});
  EXPECT_EQ(file.record_count, 4);
  for (int32_t id = 1; id <= 6; ++id) EXPECT_EQ(file.value_counts.at(FieldId(id)), 4) << id;
  for (int32_t id = 1; id <= 6; ++id) EXPECT_EQ(file.null_value_counts.at(FieldId(id)), 1) << id;
  EXPECT_EQ(file.nan_value_counts, (iceberg::FieldMap<int64_t>{{FieldId(2), 1}}));
  const auto& lower = file.lower_bounds;
  const auto& upper = file.upper_bounds;
  EXPECT_EQ(lower.at(FieldId(1)), Bytes(int32_t{-5}));
  EXPECT_EQ(upper.at(FieldId(1)), Bytes(int32_t{300}));
  EXPECT_EQ(lower.at(FieldId(2)), Bytes(-0.0));
  EXPECT_EQ(upper.at(FieldId(2)), Bytes(0.0));
  EXPECT_EQ(lower.at(FieldId(3)), "a string of more");
  EXPECT_EQ(upper.at(FieldId(3)), "b string of morf");  // rounded up
  EXPECT_EQ(lower.at(FieldId(4)), "\xff\x7f"s);         // -129 in two bytes, big-endian
  EXPECT_EQ(upper.at(FieldId(4)), "\x00\xff"s);         // 255 needs a sign bit
  EXPECT_EQ(lower.at(FieldId(5)), "");
  EXPECT_FALSE(upper.contains(FieldId(5)));  // nothing is above sixteen 0xff
  EXPECT_EQ(lower.at(FieldId(6)), "\x00"s);
  EXPECT_EQ(upper.at(FieldId(6)), "\x01"s);

  const auto number = ExamineColumn(file, 4);
  EXPECT_EQ(number.lower, Value(Int128{-129}));
  EXPECT_EQ(number.upper, Value(Int128{255}));
  EXPECT_EQ(number.type, Type::Decimal(20, 2));
  EXPECT_EQ(number.deviations,
            (std::vector<std::string>{"decimal(20, 2) stored in 16 bytes, not 9"}));
  const auto text = ExamineColumn(file, 3);
  EXPECT_EQ(text.upper, Value("b string of more than sixteen"s));
  EXPECT_TRUE(text.deviations.empty());
  EXPECT_EQ(ExamineColumn(file, 2).nan_count, 1);
}

TEST_F(DataFileTest, OnlyNansAndOnlyNullsHaveNoBounds) {
  const auto file =
      WriteFile({MakeField(1, "nan", kDouble), MakeField(2, "null", kInt)},
                std::vector<Row>{{Value(std::numeric_limits<double>::quiet_NaN()), Cell()}});
  EXPECT_TRUE(file.lower_bounds.empty());
  EXPECT_TRUE(file.upper_bounds.empty());
  EXPECT_EQ(file.nan_value_counts.at(FieldId(1)), 1);
}

/// Counts of nested leaves are Parquet's, which the footer states independently: nulls and empty
/// lists are entries.
TEST_F(DataFileTest, CountsOfNestedLeavesAgreeWithTheFooter) {
  const Type list{.kind = TypeKind::kList, .children = {MakeField(10, "element", kInt)}};
  const Type structure{.kind = TypeKind::kStruct,
                       .children = {MakeField(11, "x", kInt), MakeField(12, "l", list)}};
  const Type map{.kind = TypeKind::kMap,
                 .children = {MakeField(13, "key", kString), MakeField(14, "value", kDouble)}};
  const std::vector<Field> fields = {MakeField(1, "s", structure), MakeField(2, "m", map)};
  const auto file =
      WriteFile(fields, std::vector<Row>{{Cell::Of({Value(4), Cell::Of({Value(1), {}, Value(2)})}),
                                          Cell::Of({Cell::Of({Value("k"s), Cell()})})},
                                         {Cell(), Cell()},
                                         {Cell::Of({Cell(), Cell()}), Cell::Of({})},
                                         {Cell::Of({Value(-9), Cell::Of({})}),
                                          Cell::Of({Cell::Of({Value("a"s), Value(1.0)}),
                                                    Cell::Of({Value("b"s), Cell()})})}});
  EXPECT_EQ(file.value_counts.at(FieldId(10)), 6);  // three elements, three placeholders
  EXPECT_EQ(file.null_value_counts.at(FieldId(10)), 4);
  EXPECT_EQ(file.value_counts.at(FieldId(14)), 5);
  EXPECT_EQ(file.null_value_counts.at(FieldId(14)), 4);
  EXPECT_EQ(file.lower_bounds.at(FieldId(11)), Bytes(int32_t{-9}));
  EXPECT_EQ(file.upper_bounds.at(FieldId(11)), Bytes(int32_t{4}));
  for (const int32_t id : {10, 13, 14}) EXPECT_FALSE(file.lower_bounds.contains(FieldId(id))) << id;
  const auto footer = engine_->data_file_reader().Examine(file.file_path, false).value();
  ASSERT_EQ(footer.columns.size(), 7U);
  for (const auto& column : footer.columns) {
    if (column.type.is_nested()) continue;
    EXPECT_EQ(file.value_counts.at(column.id), column.value_count) << column.path;
    EXPECT_EQ(file.null_value_counts.at(column.id), column.null_count) << column.path;
  }
  EXPECT_EQ(footer.columns[2].path, "s.l");
  EXPECT_EQ(footer.columns[3].path, "s.l.element");
  EXPECT_EQ(footer.row_group_offsets, file.split_offsets);
}

TEST_F(DataFileTest, SizesAddUp) {
  std::vector<Row> rows;
  for (int32_t i = 0; i < 10'000; ++i) rows.push_back({Value(i), Value(std::to_string(i * 77))});
  const auto file = WriteFile({MakeField(1, "i", kInt), MakeField(2, "s", kString)}, rows,
                              {.row_group_rows = 4096});
  EXPECT_EQ(file.file_size_bytes, storage_->Head(file.file_path).value().size_bytes);
  ASSERT_EQ(file.split_offsets.size(), 3U);
  EXPECT_EQ(file.split_offsets[0], 4);  // behind the magic
  const int64_t columns =
      file.column_sizes_bytes.at(FieldId(1)) + file.column_sizes_bytes.at(FieldId(2));
  EXPECT_GT(columns, 0);
  EXPECT_LT(columns, file.file_size_bytes);
}

TEST_F(DataFileTest, NothingRemainsWithoutClose) {
  const std::string location = NewLocation();
  {
    const std::vector<Field> fields = {MakeField(1, "i", kInt)};
    auto writer = engine_->CreateDataFile(location, fields, {.row_group_rows = 2048}).value();
    std::vector<Row> rows(10'000, Row{Value(1)});
    const auto bytes = EncodeRows(fields, rows);
    ASSERT_TRUE(writer->Append(Decode(fields, *bytes)));
    EXPECT_EQ(writer->rows(), 10'000);
  }
  EXPECT_EQ(storage_->Head(location).error().kind, ErrorKind::kNotFound);
}

TEST_F(DataFileTest, ExaminingWhatIsNoParquetFile) {
  ASSERT_TRUE(storage_->Put("s3://bucket/text", "PAR1 this is no Parquet file at all",
                            storage::PutMode::kIfAbsent));
  const auto facts = engine_->data_file_reader().Examine("s3://bucket/text", true);
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().kind, ErrorKind::kCorruption);
  EXPECT_NE(facts.error().message.find("s3://bucket/text"), std::string::npos);
  EXPECT_EQ(engine_->data_file_reader().Examine("s3://bucket/absent", true).error().kind,
            ErrorKind::kNotFound);
}

}  // namespace
}  // namespace tarn::engine
