// SPDX-License-Identifier: Apache-2.0
#include "base/batch.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

#include "base/batch_selection.h"

namespace tarn {
namespace {

Field Named(const char* name, Type type) { return Field{.name = name, .type = std::move(type)}; }

Type ListOf(Type element) {
  return Type{.kind = TypeKind::kList, .children = {Named("element", std::move(element))}};
}

/// int, string, boolean, struct {long, list of string}, map string → int; three rows.
struct Sample {
  int32_t ints[3] = {7, -1, 2147483647};
  uint8_t int_validity[1] = {0b101};
  int32_t string_offsets[4] = {0, 0, 3, 5};
  char strings[6] = "abcde";
  uint8_t bits[1] = {0b110};
  int64_t longs[3] = {1, 2, 3};
  int32_t list_offsets[4] = {0, 2, 2, 3};
  int32_t element_offsets[4] = {0, 1, 2, 2};
  int32_t map_offsets[4] = {0, 0, 1, 2};
  int32_t key_offsets[3] = {0, 1, 2};
  int32_t map_values[2] = {40, 50};

  template <typename T, size_t n>
  static ColumnView Fixed(const T (&values)[n], int64_t rows) {
    return {.rows = rows,
            .values = reinterpret_cast<const uint8_t*>(values),
            .values_bytes = sizeof values};
  }
  ColumnView Text(const int32_t* offsets, int64_t rows) const {
    return {.rows = rows,
            .values = reinterpret_cast<const uint8_t*>(strings),
            .values_bytes = 5,
            .offsets = offsets};
  }

  BatchView View() const {
    ColumnView integer = Fixed(ints, 3);
    integer.validity = int_validity;
    ColumnView list{.rows = 3, .offsets = list_offsets, .children = {Text(element_offsets, 3)}};
    ColumnView record{.rows = 3, .children = {Fixed(longs, 3), list}};
    ColumnView entries{.rows = 2, .children = {Text(key_offsets, 2), Fixed(map_values, 2)}};
    ColumnView map{.rows = 3, .offsets = map_offsets, .children = {entries}};
    return {.rows = 3, .columns = {integer, Text(string_offsets, 3), Fixed(bits, 3), record, map}};
  }

  static std::vector<Type> Types() {
    const Type text = Type::Primitive(TypeKind::kString);
    const Type integer = Type::Primitive(TypeKind::kInt);
    Type record{.kind = TypeKind::kStruct};
    record.children = {Named("l", Type::Primitive(TypeKind::kLong)), Named("t", ListOf(text))};
    Type map{.kind = TypeKind::kMap, .children = {Named("key", text), Named("value", integer)}};
    return {integer, text, Type::Primitive(TypeKind::kBoolean), record, map};
  }
};

std::string TextAt(const ColumnView& column, int64_t row) {
  const int32_t begin = column.offsets[row];
  return {reinterpret_cast<const char*>(column.values) + begin,
          static_cast<size_t>(column.offsets[row + 1] - begin)};
}

std::vector<uint8_t> Encoded(const BatchView& view) {
  std::vector<uint8_t> bytes;
  EncodeBatch(view, bytes);
  return bytes;
}

/// Touches every value that the contract lets a reader touch, so that a sanitizer sees a wild read.
uint64_t Digest(const ColumnView& column, const Type& type) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < column.rows; ++i) sum += column.is_null(i) ? 1 : 2;
  const size_t width = FixedWidthBytes(type);
  for (size_t i = 0; i < width * static_cast<size_t>(column.rows); ++i) sum += column.values[i];
  if (type.kind == TypeKind::kBoolean) {
    for (int64_t i = 0; i < column.rows; ++i) sum += column.values[i >> 3] >> (i & 7) & 1;
  }
  if (type.kind == TypeKind::kString) {
    for (int64_t i = 0; i < column.rows; ++i) {
      for (const char c : TextAt(column, i)) sum += static_cast<uint8_t>(c);
    }
  }
  if (type.kind == TypeKind::kList) sum += Digest(column.children[0], type.children[0].type);
  const ColumnView& fields = type.kind == TypeKind::kMap ? column.children[0] : column;
  if (type.kind == TypeKind::kMap || type.kind == TypeKind::kStruct) {
    for (size_t i = 0; i < type.children.size(); ++i) {
      sum += Digest(fields.children[i], type.children[i].type);
    }
  }
  return sum;
}

TEST(BatchTest, ValuesComeBack) {
  const Sample sample;
  const std::vector<uint8_t> bytes = Encoded(sample.View());
  const auto decoded = DecodeBatch(bytes, Sample::Types());
  ASSERT_TRUE(decoded) << decoded.error().message;
  ASSERT_EQ(decoded->rows, 3);
  const ColumnView& integer = decoded->columns[0];
  EXPECT_FALSE(integer.is_null(0));
  EXPECT_TRUE(integer.is_null(1));
  EXPECT_EQ(reinterpret_cast<const int32_t*>(integer.values)[2], 2147483647);
  EXPECT_EQ(TextAt(decoded->columns[1], 0), "");
  EXPECT_EQ(TextAt(decoded->columns[1], 1), "abc");
  EXPECT_EQ(TextAt(decoded->columns[1], 2), "de");
  EXPECT_EQ(decoded->columns[2].values[0] & 7, 0b110);
  const ColumnView& list = decoded->columns[3].children[1];
  EXPECT_EQ(list.offsets[1], 2);
  EXPECT_EQ(TextAt(list.children[0], 1), "b");
  const ColumnView& entries = decoded->columns[4].children[0];
  EXPECT_EQ(entries.rows, 2);
  EXPECT_EQ(TextAt(entries.children[0], 1), "b");
  EXPECT_EQ(reinterpret_cast<const int32_t*>(entries.children[1].values)[1], 50);
}

TEST(BatchTest, LayoutIsAsDocumented) {
  const int32_t values[2] = {0x11223344, 5};
  const BatchView view{.rows = 2, .columns = {Sample::Fixed(values, 2)}};
  const std::vector<uint8_t> bytes = Encoded(view);
  ASSERT_EQ(bytes.size(), 16u + 56u + 8u);
  EXPECT_EQ(std::memcmp(bytes.data(), "TBAT\x01\0\0\0\x02\0\0\0\0\0\0\0", 16), 0);
  uint64_t node[7];
  std::memcpy(node, bytes.data() + 16, 56);
  const uint64_t expected[7] = {2, 0, 0, 72, 8, 0, 0};
  EXPECT_EQ(std::memcmp(node, expected, 56), 0);
  EXPECT_EQ(bytes[72], 0x44);
}

TEST(BatchTest, TruncatedBatchesKeepTheirFirstRows) {
  const Sample sample;
  BatchView view = sample.View();
  TruncateBatch(view, 2);
  const std::vector<uint8_t> bytes = Encoded(view);
  const auto decoded = DecodeBatch(bytes, Sample::Types());
  ASSERT_TRUE(decoded) << decoded.error().message;
  ASSERT_EQ(decoded->rows, 2);
  EXPECT_EQ(reinterpret_cast<const int32_t*>(decoded->columns[0].values)[0], 7);
  EXPECT_TRUE(decoded->columns[0].is_null(1));
  EXPECT_EQ(TextAt(decoded->columns[1], 1), "abc");
  EXPECT_EQ(decoded->columns[1].values_bytes, 3u);
  EXPECT_EQ(decoded->columns[3].children[1].children[0].rows, 2);
  EXPECT_EQ(decoded->columns[4].children[0].rows, 1);
  EXPECT_EQ(TextAt(decoded->columns[4].children[0].children[0], 0), "a");
}

TEST(BatchTest, SelectedRowsAreCopiedWithAllTheyHold) {
  const Sample sample;
  const std::vector<Type> types = Sample::Types();
  const std::vector<int32_t> rows = {2, 0};
  const BatchSelection selection(sample.View(), types, rows);
  const BatchView& view = selection.view();
  EXPECT_EQ(view.rows, 2);
  const auto ints = reinterpret_cast<const int32_t*>(view.columns[0].values);
  EXPECT_EQ(ints[0], 2147483647);
  EXPECT_EQ(ints[1], 7);
  EXPECT_FALSE(view.columns[0].is_null(0));
  const ColumnView& text = view.columns[1];
  EXPECT_EQ(text.offsets[1], 2);  // "de", then ""
  EXPECT_EQ(text.offsets[2], 2);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(text.values), 2), "de");
  EXPECT_EQ(view.columns[2].values[0] & 3, 0b01);
  const ColumnView& list = view.columns[3].children[1];
  EXPECT_EQ(list.offsets[1], 1);  // {third element}, then the first two
  EXPECT_EQ(list.offsets[2], 3);
  EXPECT_EQ(list.children[0].rows, 3);
  EXPECT_EQ(list.children[0].offsets[1], 0);
  EXPECT_EQ(list.children[0].offsets[3], 2);
  const ColumnView& map = view.columns[4];
  EXPECT_EQ(map.offsets[1], 1);
  EXPECT_EQ(map.offsets[2], 1);
  EXPECT_EQ(reinterpret_cast<const int32_t*>(map.children[0].children[1].values)[0], 50);
  // It can be encoded as any batch.
  std::vector<uint8_t> bytes;
  EncodeBatch(view, bytes);
  EXPECT_TRUE(DecodeBatch(bytes, types));
}

TEST(BatchTest, EncodingOverALongerBatchLeavesNothingOfIt) {
  const Sample sample;
  std::vector<uint8_t> bytes(100'000, 0xAB);
  EncodeBatchOver(sample.View(), bytes);
  EXPECT_EQ(bytes, Encoded(sample.View()));
}

TEST(BatchTest, AppendsBehindWhatIsThere) {
  const Sample sample;
  std::vector<uint8_t> bytes(24, 0xAB);
  EncodeBatch(sample.View(), bytes);
  EXPECT_EQ(bytes[23], 0xAB);
  EXPECT_TRUE(DecodeBatch(std::span(bytes).subspan(24), Sample::Types()));
}

TEST(BatchTest, EmptyBatchesAndCounts) {
  const std::vector<Type> types = Sample::Types();
  BatchView none{.rows = 0, .columns = std::vector<ColumnView>(5)};
  none.columns[3].children = {ColumnView{}, ColumnView{.children = {ColumnView{}}}};
  none.columns[4].children = {ColumnView{.children = {ColumnView{}, ColumnView{}}}};
  const std::vector<uint8_t> empty = Encoded(none);
  const auto decoded = DecodeBatch(empty, types);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->columns[1].offsets[0], 0);

  const std::vector<uint8_t> counted = Encoded(BatchView{.rows = int64_t{1} << 40});
  const auto count = DecodeBatch(counted, {});
  ASSERT_TRUE(count);
  EXPECT_EQ(count->rows, int64_t{1} << 40);
}

void ExpectCorrupt(std::vector<uint8_t> bytes, size_t position, uint64_t number) {
  std::memcpy(bytes.data() + position, &number, 8);
  const auto decoded = DecodeBatch(bytes, Sample::Types());
  ASSERT_FALSE(decoded) << "position " << position << " number " << number;
  EXPECT_EQ(decoded.error().kind, ErrorKind::kCorruption);
}

TEST(BatchTest, MalformedIsCorruption) {
  const Sample sample;
  const std::vector<uint8_t> bytes = Encoded(sample.View());
  const size_t text_node = 16 + 56;
  ExpectCorrupt(bytes, 0, 0);                       // magic
  ExpectCorrupt(bytes, 8, ~uint64_t{0});            // rows -1
  ExpectCorrupt(bytes, 8, 4);                       // rows
  ExpectCorrupt(bytes, 16, 2);                      // rows of a node
  ExpectCorrupt(bytes, 16 + 16, ~uint64_t{0});      // validity bytes
  ExpectCorrupt(bytes, 16 + 24, bytes.size() - 8);  // values offset
  ExpectCorrupt(bytes, 16 + 24, ~uint64_t{7});      // offset + bytes overflows
  ExpectCorrupt(bytes, 16 + 32, 11);                // values too short
  ExpectCorrupt(bytes, text_node + 24 + 8, 4);      // string bytes shorter than offsets say
  ExpectCorrupt(bytes, text_node + 40 + 8, 15);     // offsets too short
  for (size_t size = 0; size < bytes.size(); size += 8) {
    EXPECT_FALSE(DecodeBatch(std::span(bytes).first(size), Sample::Types())) << size;
  }
  std::vector<Type> fewer = Sample::Types();
  fewer.pop_back();
  EXPECT_FALSE(DecodeBatch(bytes, fewer));
  std::vector<Type> more = Sample::Types();
  more.push_back(Type::Primitive(TypeKind::kInt));
  EXPECT_FALSE(DecodeBatch(bytes, more));
}

TEST(BatchTest, MutatedBytesNeverReadOutside) {
  const Sample sample;
  const std::vector<uint8_t> original = Encoded(sample.View());
  const std::vector<Type> types = Sample::Types();
  std::mt19937_64 random(20240607);
  int accepted = 0;
  int refused = 0;
  for (int round = 0; round < 50000; ++round) {
    // A heap block of exactly the size, so that the sanitizer guards its end.
    std::vector<uint8_t> bytes = original;
    const int mutations = 1 + static_cast<int>(random() % 3);
    for (int i = 0; i < mutations; ++i) {
      const size_t position = random() % bytes.size();
      bytes[position] = random() % 2
                            ? static_cast<uint8_t>(random())
                            : static_cast<uint8_t>(bytes[position] + (random() % 2 ? 1 : 255));
    }
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    const auto decoded = DecodeBatch(bytes, types);
    if (!decoded) {
      ASSERT_EQ(decoded.error().kind, ErrorKind::kCorruption);
      ++refused;
      continue;
    }
    ++accepted;
    uint64_t sum = 0;
    for (size_t i = 0; i < types.size(); ++i) sum += Digest(decoded->columns[i], types[i]);
    ASSERT_NE(sum, 0u);
  }
  EXPECT_GT(accepted, 1000);
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace tarn
