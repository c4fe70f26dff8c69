// SPDX-License-Identifier: Apache-2.0
// Expected values: spec, "Partition Transforms" and Appendix B; dates from Python's datetime.
#include "iceberg/values/transform.h"

#include <gtest/gtest.h>

#include "base/uuid.h"
#include "iceberg/values/bucket_hash.h"

namespace tarn::iceberg {
namespace {

const Type kIntType = Type::Primitive(TypeKind::kInt);
const Type kLongType = Type::Primitive(TypeKind::kLong);
const Type kDateType = Type::Primitive(TypeKind::kDate);
const Type kTimestampType = Type::Primitive(TypeKind::kTimestamp);
const Type kTimestampNsType = Type::Primitive(TypeKind::kTimestampNs);
const Type kStringType = Type::Primitive(TypeKind::kString);
const Type kBinaryType = Type::Primitive(TypeKind::kBinary);

// 2017-11-16T22:31:08
constexpr int64_t kSpecMicros = 1510871468000000;

std::string Bytes(const Uuid& uuid) { return {uuid.bytes.begin(), uuid.bytes.end()}; }

Value Apply(std::string_view transform, const Type& type, const Value& value) {
  const auto result = Transform::Parse(transform)->Apply(type, value);
  EXPECT_TRUE(result) << result.error().message;
  return result ? *result : Value();
}

TEST(BucketHash, SpecVectors) {
  EXPECT_EQ(*BucketHash(kIntType, int32_t{34}), 2017239379);
  EXPECT_EQ(*BucketHash(kLongType, int64_t{34}), 2017239379);
  EXPECT_EQ(*BucketHash(Type::Decimal(9, 2), Int128{1420}), -500754589);
  EXPECT_EQ(*BucketHash(kDateType, int32_t{17486}), -653330422);
  EXPECT_EQ(*BucketHash(Type::Primitive(TypeKind::kTime), int64_t{81068000000}), -662762989);
  EXPECT_EQ(*BucketHash(kTimestampType, kSpecMicros), -2047944441);
  EXPECT_EQ(*BucketHash(kTimestampType, kSpecMicros + 1), -1207196810);
  EXPECT_EQ(*BucketHash(Type::Primitive(TypeKind::kTimestampTz), kSpecMicros), -2047944441);
  EXPECT_EQ(*BucketHash(kStringType, std::string("iceberg")), 1210000089);
  const Uuid uuid = *Uuid::Parse("f79c3e09-677c-4bbd-a479-3f349cb785e7");
  EXPECT_EQ(*BucketHash(Type::Primitive(TypeKind::kUuid), Bytes(uuid)), 1488055340);
  EXPECT_EQ(*BucketHash(Type::Fixed(4), std::string("\0\1\2\3", 4)), -188683207);
  EXPECT_EQ(*BucketHash(kBinaryType, std::string("\0\1\2\3", 4)), -188683207);
}

TEST(BucketHash, NanosecondsFloorToMicrosecondsFirst_go1529) {
  EXPECT_EQ(*BucketHash(kTimestampNsType, kSpecMicros * 1000), -2047944441);
  EXPECT_EQ(*BucketHash(kTimestampNsType, kSpecMicros * 1000 + 999), -2047944441);
  EXPECT_EQ(*BucketHash(kTimestampNsType, (kSpecMicros + 1) * 1000 - 1), -2047944441);
  // One nanosecond before 1970 is in the last microsecond before it, not in the first after it.
  EXPECT_EQ(*BucketHash(kTimestampNsType, int64_t{-1}), *BucketHash(kTimestampType, int64_t{-1}));
}

TEST(BucketHash, RefusesWhatCantBeHashed) {
  EXPECT_FALSE(BucketHash(Type::Primitive(TypeKind::kDouble), 1.0));
  EXPECT_FALSE(BucketHash(Type::Primitive(TypeKind::kBoolean), true));
}

TEST(Transform, BucketIsPositiveRemainder) {
  EXPECT_EQ(Apply("bucket[16]", kIntType, int32_t{34}), Value((2017239379) % 16));
  EXPECT_EQ(Apply("bucket[16]", kBinaryType, std::string("\0\1\2\3", 4)),
            Value(static_cast<int32_t>((static_cast<uint32_t>(-188683207) & 0x7fffffffU) % 16)));
}

TEST(Transform, TruncateSpecVectors) {
  EXPECT_EQ(Apply("truncate[10]", kIntType, int32_t{1}), Value(int32_t{0}));
  EXPECT_EQ(Apply("truncate[10]", kIntType, int32_t{-1}), Value(int32_t{-10}));
  EXPECT_EQ(Apply("truncate[10]", kLongType, int64_t{1}), Value(int64_t{0}));
  EXPECT_EQ(Apply("truncate[10]", kLongType, int64_t{-1}), Value(int64_t{-10}));
  EXPECT_EQ(Apply("truncate[50]", Type::Decimal(9, 2), Int128{1065}), Value(Int128{1050}));
  EXPECT_EQ(Apply("truncate[50]", Type::Decimal(9, 2), Int128{-1065}), Value(Int128{-1100}));
  EXPECT_EQ(Apply("truncate[3]", kStringType, std::string("iceberg")), Value(std::string("ice")));
  EXPECT_EQ(Apply("truncate[3]", kBinaryType, std::string("\1\2\3\4\5")),
            Value(std::string("\1\2\3")));
}

TEST(Transform, TruncateCountsCodePoints) {
  EXPECT_EQ(Apply("truncate[2]", kStringType, std::string("äöü")), Value(std::string("äö")));
  EXPECT_EQ(Apply("truncate[1]", kStringType, std::string("😀x")), Value(std::string("😀")));
  EXPECT_EQ(Apply("truncate[9]", kStringType, std::string("äöü")), Value(std::string("äöü")));
}

TEST(Transform, TruncateBelowTheSmallestNumberIsRefused) {
  const Transform transform = *Transform::Parse("truncate[10]");
  EXPECT_FALSE(transform.Apply(kIntType, std::numeric_limits<int32_t>::min()));
  EXPECT_FALSE(transform.Apply(kLongType, std::numeric_limits<int64_t>::min()));
}

TEST(Transform, SpecTimes) {
  EXPECT_EQ(Apply("year", kDateType, int32_t{17486}), Value(int32_t{47}));
  EXPECT_EQ(Apply("month", kDateType, int32_t{17486}), Value(int32_t{574}));
  EXPECT_EQ(Apply("day", kDateType, int32_t{17486}), Value(int32_t{17486}));
  EXPECT_EQ(Apply("year", kTimestampType, kSpecMicros), Value(int32_t{47}));
  EXPECT_EQ(Apply("month", kTimestampType, kSpecMicros), Value(int32_t{574}));
  EXPECT_EQ(Apply("day", kTimestampType, kSpecMicros), Value(int32_t{17486}));
  EXPECT_EQ(Apply("hour", kTimestampType, kSpecMicros), Value(int32_t{419686}));
}

struct TimeCase {
  const char* transform;
  Type type;
  Value value;
  int32_t expected;
};

TEST(Transform, TimeIsCutTowardsThePast_ddb699_ClickHouse119579) {
  constexpr int64_t kHour = 3'600'000'000;
  const TimeCase cases[] = {
      // One unit before 1970, at it and after it, for every unit and type.
      {"year", kDateType, int32_t{-1}, -1},
      {"year", kDateType, int32_t{0}, 0},
      {"year", kDateType, int32_t{364}, 0},
      {"year", kDateType, int32_t{365}, 1},
      {"year", kDateType, int32_t{-365}, -1},
      {"year", kDateType, int32_t{-366}, -2},
      {"month", kDateType, int32_t{-1}, -1},
      {"month", kDateType, int32_t{-31}, -1},
      {"month", kDateType, int32_t{-32}, -2},
      {"month", kDateType, int32_t{30}, 0},
      {"month", kDateType, int32_t{31}, 1},
      {"month", kDateType, int32_t{59}, 2},        // 1970-03-01: calendar months, not 30 days
      {"month", kDateType, int32_t{-3595}, -119},  // 1960-02-28
      {"month", kDateType, int32_t{-3594}, -119},  // 1960-02-29
      {"month", kDateType, int32_t{-3593}, -118},  // 1960-03-01
      {"day", kDateType, int32_t{-1}, -1},
      {"year", kTimestampType, int64_t{-1}, -1},
      {"month", kTimestampType, int64_t{-1}, -1},
      {"day", kTimestampType, int64_t{-1}, -1},
      {"hour", kTimestampType, int64_t{-1}, -1},
      {"year", kTimestampType, int64_t{0}, 0},
      {"hour", kTimestampType, int64_t{0}, 0},
      {"hour", kTimestampType, kHour - 1, 0},
      {"hour", kTimestampType, kHour, 1},
      {"hour", kTimestampType, -kHour, -1},
      {"hour", kTimestampType, -kHour - 1, -2},
      {"day", kTimestampType, -24 * kHour, -1},
      {"day", kTimestampType, -24 * kHour - 1, -2},
      {"year", Type::Primitive(TypeKind::kTimestampTz), int64_t{-1}, -1},
      {"hour", kTimestampNsType, int64_t{-1}, -1},
      {"day", kTimestampNsType, int64_t{-1}, -1},
      {"month", kTimestampNsType, int64_t{-1}, -1},
      {"year", kTimestampNsType, std::numeric_limits<int64_t>::min(), -293},  // 1677
      {"year", kTimestampNsType, std::numeric_limits<int64_t>::max(), 292},   // 2262
  };
  for (const TimeCase& item : cases) {
    EXPECT_EQ(Apply(item.transform, item.type, item.value), Value(item.expected))
        << item.transform << " expected " << item.expected;
  }
}

TEST(Transform, HoursBeyondAnIntAreRefused) {
  EXPECT_FALSE(
      Transform::Parse("hour")->Apply(kTimestampType, std::numeric_limits<int64_t>::max()));
}

TEST(Transform, NullInNullOut) {
  for (const char* text : {"identity", "bucket[4]", "truncate[4]", "void"}) {
    EXPECT_EQ(Apply(text, kIntType, Value()), Value()) << text;
  }
  EXPECT_EQ(Apply("day", kDateType, Value()), Value());
  EXPECT_EQ(Apply("void", kIntType, int32_t{7}), Value());
}

TEST(Transform, NamesRoundTrip) {
  for (const char* text : {"identity", "bucket[256]", "truncate[16]", "year", "month", "day",
                           "hour", "void", "zorder[3]"}) {
    EXPECT_EQ(Transform::Parse(text)->ToString(), text);
  }
  EXPECT_EQ(Transform::Parse("zorder[3]")->kind, TransformKind::kUnknown);
  for (const char* text : {"", "bucket[0]", "bucket[-1]", "bucket[x]", "bucket[4", "truncate[]",
                           "bucket[99999999999]"}) {
    EXPECT_FALSE(Transform::Parse(text)) << text;
  }
}

TEST(Transform, UnknownIsKeptAndNotApplied) {
  const Transform unknown = *Transform::Parse("zorder[3]");
  EXPECT_EQ(unknown, *Transform::Parse("zorder[3]"));
  EXPECT_FALSE(unknown.Apply(kIntType, int32_t{1}));
}

TEST(Transform, SourceTypes) {
  EXPECT_FALSE(Transform::Parse("hour")->ResultType(kDateType));
  EXPECT_FALSE(Transform::Parse("day")->ResultType(kStringType));
  EXPECT_FALSE(Transform::Parse("truncate[2]")->ResultType(Type::Primitive(TypeKind::kDouble)));
  EXPECT_FALSE(Transform::Parse("bucket[2]")->ResultType(Type::Primitive(TypeKind::kBoolean)));
  EXPECT_FALSE(Transform::Parse("identity")->ResultType(Type{.kind = TypeKind::kStruct}));
  EXPECT_EQ(*Transform::Parse("day")->ResultType(kTimestampType), kDateType);
  EXPECT_EQ(*Transform::Parse("bucket[2]")->ResultType(kStringType), kIntType);
}

}  // namespace
}  // namespace tarn::iceberg
