// SPDX-License-Identifier: Apache-2.0
// Whole columns against Transform::Apply of each value, which transform_test.cc checks against the
// specification.
#include "iceberg/values/column_transform.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace tarn::iceberg {
namespace {

/// A column of values of one type, some of them null.
struct TestColumn {
  std::vector<uint8_t> validity, values;
  std::vector<int32_t> offsets;
  ColumnView view;

  TestColumn(const Type& type, const std::vector<Value>& items) {
    validity.assign(items.size() / 8 + 1, 0);
    const size_t width = FixedWidthBytes(type);
    if (width == 0 && type.kind != TypeKind::kBoolean) offsets.push_back(0);
    for (size_t row = 0; row < items.size(); ++row) Add(width, row, items[row]);
    if (type.kind == TypeKind::kBoolean) values.resize(items.size() / 8 + 1);
    view = {.rows = static_cast<int64_t>(items.size()),
            .validity = validity.data(),
            .values = values.data(),
            .values_bytes = values.size(),
            .offsets = offsets.empty() ? nullptr : offsets.data()};
  }

  void Add(size_t width, size_t row, const Value& item) {
    const bool null = std::holds_alternative<std::monostate>(item);
    if (!null) validity[row / 8] |= static_cast<uint8_t>(1U << (row % 8));
    if (const auto* text = std::get_if<std::string>(&item)) {
      values.insert(values.end(), text->begin(), text->end());
    } else if (null) {
      values.insert(values.end(), width, 0x80);  // what lies under a null must not matter
    } else if (const auto* truth = std::get_if<bool>(&item)) {
      values.resize(row / 8 + 1);
      values[row / 8] |= static_cast<uint8_t>(static_cast<unsigned>(*truth) << (row % 8));
    } else {
      std::visit(
          [this]<typename T>(const T& number) {
            if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, Int128>) {
              const auto* bytes = reinterpret_cast<const uint8_t*>(&number);
              values.insert(values.end(), bytes, bytes + sizeof number);
            }
          },
          item);
    }
    if (!offsets.empty()) offsets.push_back(static_cast<int32_t>(values.size()));
  }
};

class Values {
 public:
  explicit Values(uint32_t seed) : random_(seed) {}

  Value Next(const Type& type) {
    if (random_() % 7 == 0) return {};
    switch (type.kind) {
      case TypeKind::kBoolean:
        return random_() % 2 == 0;
      case TypeKind::kInt:
        return static_cast<int32_t>(Number() >> 32);
      case TypeKind::kDate:
        return static_cast<int32_t>(Number() % 1'000'000);
      case TypeKind::kFloat:
        return static_cast<float>(Number());
      case TypeKind::kDouble:
        return static_cast<double>(Number());
      case TypeKind::kDecimal:
        return Int128{Number()} * 1'000'003;
      case TypeKind::kString:
        return Text({"", "a", "äöü€", "😀x", "iceberg"});
      case TypeKind::kBinary:
        return Text({"", "\xff", "\x01\x02\x03\x04", "\xc3"});
      case TypeKind::kUuid:
        return Text({"0123456789abcdef", "fedcba9876543210"});
      case TypeKind::kFixed:
        return Text({"abc", "\x01\x02\xff"});
      // In the range of hours as integers.
      case TypeKind::kTimestamp:
      case TypeKind::kTimestampTz:
        return Number() / 8;
      default:
        return Number();
    }
  }

 private:
  /// Not the least: it has no truncation.
  int64_t Number() { return static_cast<int64_t>(random_()) >> (random_() % 40) | 1; }
  std::string Text(std::vector<std::string> choices) { return choices[random_() % choices.size()]; }

  std::mt19937_64 random_;
};

std::vector<Type> Types() {
  std::vector<Type> types = {Type::Decimal(30, 3), Type::Fixed(3)};
  for (const TypeKind kind :
       {TypeKind::kBoolean, TypeKind::kInt, TypeKind::kLong, TypeKind::kFloat, TypeKind::kDouble,
        TypeKind::kDate, TypeKind::kTime, TypeKind::kTimestamp, TypeKind::kTimestampTz,
        TypeKind::kTimestampNs, TypeKind::kTimestampTzNs, TypeKind::kString, TypeKind::kBinary,
        TypeKind::kUuid}) {
    types.push_back(Type::Primitive(kind));
  }
  return types;
}

TEST(ColumnTransform, GivesWhatTheTransformGivesForEachValue) {
  constexpr uint32_t kSeed = 7;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  Values values(kSeed);
  int compared = 0;
  for (const char* name : {"identity", "bucket[16]", "bucket[1]", "truncate[10]", "truncate[2]",
                           "year", "month", "day", "hour", "void"}) {
    const Transform transform = *Transform::Parse(name);
    for (const Type& type : Types()) {
      if (!transform.ResultType(type)) continue;
      std::vector<Value> items;
      for (int i = 0; i < 300; ++i) items.push_back(values.Next(type));
      const TestColumn column(type, items);
      const auto result = TransformColumn(transform, type, column.view);
      ASSERT_TRUE(result) << name << ": " << result.error().message;
      for (size_t row = 0; row < items.size(); ++row) {
        EXPECT_EQ(result->ValueAt(row), *transform.Apply(type, items[row]))
            << name << " of type " << static_cast<int>(type.kind) << ", row " << row;
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 10'000);
}

TEST(ColumnTransform, RefusesWhatHasNoResult) {
  const Type integer = Type::Primitive(TypeKind::kInt);
  const TestColumn least(integer, {int32_t{1}, std::numeric_limits<int32_t>::min()});
  EXPECT_FALSE(TransformColumn(*Transform::Parse("truncate[10]"), integer, least.view));
  EXPECT_TRUE(TransformColumn(*Transform::Parse("truncate[2]"), integer, least.view));
  const Type time = Type::Primitive(TypeKind::kTimestamp);
  const TestColumn far(time, {std::numeric_limits<int64_t>::max()});
  EXPECT_FALSE(TransformColumn(*Transform::Parse("hour"), time, far.view));
  EXPECT_TRUE(TransformColumn(*Transform::Parse("day"), time, far.view));
  EXPECT_FALSE(TransformColumn(*Transform::Parse("year"), integer, least.view));
  EXPECT_FALSE(TransformColumn(*Transform::Parse("new"), integer, least.view));
}

TEST(ColumnTransform, RowsThatAParentHidesAreNull) {
  const Type integer = Type::Primitive(TypeKind::kInt);
  const TestColumn column(integer, {int32_t{1}, Value(), int32_t{3}});
  const auto result =
      TransformColumn(*Transform::Parse("identity"), integer, column.view, {0, 1, 1});
  EXPECT_EQ(result->ValueAt(0), Value());
  EXPECT_EQ(result->ValueAt(1), Value());
  EXPECT_EQ(result->ValueAt(2), Value(3));
}

}  // namespace
}  // namespace tarn::iceberg
