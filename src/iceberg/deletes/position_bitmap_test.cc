// SPDX-License-Identifier: Apache-2.0
#include "iceberg/deletes/position_bitmap.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <vector>

#include "base/testing/source_directory.h"

namespace tarn::iceberg {
namespace {

std::string Fixture(const std::string& name) {
  std::ifstream in(std::string(SourceDirectory()) + "/tests/data/deletes/" + name,
                   std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<int64_t> Positions(const PositionBitmap& bitmap) {
  std::vector<int64_t> result;
  bitmap.ForEach([&](int64_t position) { result.push_back(position); });
  return result;
}

std::vector<int64_t> Range(int64_t begin, int64_t end) {
  std::vector<int64_t> result;
  for (int64_t i = begin; i < end; ++i) result.push_back(i);
  return result;
}

TEST(PositionBitmapTest, ReadsAndRewritesJavasMaps) {
  std::vector<int64_t> spread;
  for (int64_t key = 0; key < 10; ++key) {
    for (const int64_t low : Range(0, 10)) spread.push_back(key << 32 | low);
  }
  const std::pair<const char*, std::vector<int64_t>> cases[] = {
      {"64mapempty.bin", {}},
      {"64map32bitvals.bin", Range(0, 10)},
      {"64mapspreadvals.bin", spread}};
  for (const auto& [name, expected] : cases) {
    const std::string bytes = Fixture(name);
    ASSERT_FALSE(bytes.empty()) << name;
    const auto bitmap = PositionBitmap::Deserialize(bytes);
    ASSERT_TRUE(bitmap) << name << ": " << bitmap.error().message;
    EXPECT_EQ(Positions(*bitmap), expected) << name;
    const auto again = PositionBitmap::Deserialize(bitmap->Serialize());
    ASSERT_TRUE(again);
    EXPECT_EQ(*again, *bitmap);
  }
}

TEST(PositionBitmapTest, RefusesPositionsThatNoFileHas) {
  // Keys up to 2^32 - 1: a map of unsigned numbers, not of positions.
  const auto bitmap = PositionBitmap::Deserialize(Fixture("64maphighvals.bin"));
  ASSERT_FALSE(bitmap);
  EXPECT_EQ(bitmap.error().kind, ErrorKind::kCorruption);
  PositionBitmap highest;
  highest.Add(PositionBitmap::kMaxPosition);
  EXPECT_TRUE(PositionBitmap::Deserialize(highest.Serialize()));
}

TEST(PositionBitmapTest, RefusesMalformedMaps) {
  PositionBitmap bitmap;
  bitmap.Add(std::vector<int64_t>{1, 3, 70'000});
  const std::string good = bitmap.Serialize();
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(PositionBitmap::Deserialize(good.substr(0, length))) << length;
  }
  EXPECT_FALSE(PositionBitmap::Deserialize(good + '\0')) << "a byte too many";
  std::string unordered = good;
  // u64 count, u32 key, cookie, container count, 2 × (key, cardinality - 1), 2 offsets, {1, 3}.
  const size_t array = 8 + 4 + 4 + 4 + 8 + 8;
  ASSERT_EQ(unordered[array], 1);
  ASSERT_EQ(unordered[array + 2], 3);
  std::swap(unordered[array], unordered[array + 2]);
  EXPECT_FALSE(PositionBitmap::Deserialize(unordered)) << "values that descend";
  std::string offset = good;
  offset[8 + 4 + 4 + 4 + 8] ^= 2;
  EXPECT_FALSE(PositionBitmap::Deserialize(offset)) << "an offset elsewhere";
}

TEST(PositionBitmapTest, AgreesWithASetOfNumbers) {
  std::mt19937_64 random(7);
  PositionBitmap bitmap;
  std::set<int64_t> expected;
  const auto draw = [&] {
    const int64_t key = static_cast<int64_t>(random() % 3) << 32;
    return key | static_cast<int64_t>(random() % 200'000);
  };
  for (int i = 0; i < 5'000; ++i) {
    const int64_t position = draw();
    bitmap.Add(position);
    expected.insert(position);
  }
  const int64_t edge = int64_t{1} << 32;
  bitmap.AddRange(edge - 70'000, edge + 70'000);
  for (int64_t i = edge - 70'000; i < edge + 70'000; ++i) expected.insert(i);
  EXPECT_EQ(bitmap.cardinality(), static_cast<int64_t>(expected.size()));
  EXPECT_EQ(Positions(bitmap), std::vector<int64_t>(expected.begin(), expected.end()));
  EXPECT_EQ(bitmap.lowest(), *expected.begin());
  EXPECT_EQ(bitmap.highest(), *expected.rbegin());
  for (int i = 0; i < 200; ++i) {
    const int64_t begin = draw();
    const int64_t end = begin + static_cast<int64_t>(random() % 5'000);
    const auto from = expected.lower_bound(begin);
    const auto until = expected.lower_bound(end);
    std::vector<int64_t> part;
    bitmap.ForEachIn(begin, end, [&](int64_t position) { part.push_back(position); });
    EXPECT_EQ(part, std::vector<int64_t>(from, until));
    EXPECT_EQ(bitmap.CountIn(begin, end), std::distance(from, until));
    EXPECT_EQ(bitmap.Contains(begin), expected.contains(begin));
  }
  const auto again = PositionBitmap::Deserialize(bitmap.Serialize());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, bitmap);
}

TEST(PositionBitmapTest, UnionAndDifferenceLeaveNothingEmptyBehind) {
  PositionBitmap a;
  a.Add(std::vector<int64_t>{1, 2, int64_t{5} << 32});
  PositionBitmap b;
  b.Add(std::vector<int64_t>{2, 3, int64_t{5} << 32});
  PositionBitmap both = a;
  both.UnionWith(b);
  EXPECT_EQ(Positions(both), (std::vector<int64_t>{1, 2, 3, int64_t{5} << 32}));
  PositionBitmap rest = a;
  rest.Subtract(b);
  EXPECT_EQ(Positions(rest), std::vector<int64_t>{1});
  PositionBitmap only;
  only.Add(1);
  EXPECT_EQ(rest, only);
  rest.Subtract(only);
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(rest.highest(), std::nullopt);
  EXPECT_EQ(Positions(a).size(), 3U) << "a copy was changed, not the original";
}

}  // namespace
}  // namespace tarn::iceberg
