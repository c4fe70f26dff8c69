// SPDX-License-Identifier: Apache-2.0
// Expected values: spec, Appendix D; dates from Python's datetime.
#include "iceberg/values/single_value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "iceberg/values/calendar.h"

namespace tarn::iceberg {
namespace {

using namespace std::string_literals;

Type Of(TypeKind kind) { return Type::Primitive(kind); }

const std::string kUuidBytes = "\xf7\x9c\x3e\x09\x67\x7c\x4b\xbd\xa4\x79\x3f\x34\x9c\xb7\x85\xe7"s;

struct BinaryCase {
  Type type;
  Value value;
  std::string bytes;
};

TEST(SingleValue, BinaryForms) {
  const BinaryCase cases[] = {
      {Of(TypeKind::kBoolean), true, "\1"s},
      {Of(TypeKind::kBoolean), false, "\0"s},
      {Of(TypeKind::kInt), int32_t{1}, "\1\0\0\0"s},
      {Of(TypeKind::kInt), int32_t{-2}, "\xfe\xff\xff\xff"s},
      {Of(TypeKind::kLong), int64_t{258}, "\2\1\0\0\0\0\0\0"s},
      {Of(TypeKind::kFloat), -4.5F, "\0\0\x90\xc0"s},
      {Of(TypeKind::kDouble), 6.0, "\0\0\0\0\0\0\x18\x40"s},
      {Of(TypeKind::kDate), int32_t{1000}, "\xe8\3\0\0"s},
      {Of(TypeKind::kTime), int64_t{10000}, "\x10\x27\0\0\0\0\0\0"s},
      {Of(TypeKind::kTimestamp), int64_t{400000}, "\x80\x1a\6\0\0\0\0\0"s},
      {Of(TypeKind::kString), "ABC"s, "ABC"s},
      {Of(TypeKind::kString), ""s, ""s},
      {Of(TypeKind::kUuid), kUuidBytes, kUuidBytes},
      {Type::Fixed(2), "ab"s, "ab"s},
      {Of(TypeKind::kBinary), "Z\0"s, "Z\0"s},
      {Type::Decimal(9, 2), Int128{345}, "\1\x59"s},
      {Type::Decimal(9, 2), Int128{123456}, "\1\xe2\x40"s},
      {Type::Decimal(9, 2), Int128{0}, "\0"s},
      {Type::Decimal(9, 2), Int128{-1}, "\xff"s},
      {Type::Decimal(9, 2), Int128{127}, "\x7f"s},
      {Type::Decimal(9, 2), Int128{128}, "\0\x80"s},
      {Type::Decimal(9, 2), Int128{-128}, "\x80"s},
      {Type::Decimal(9, 2), Int128{-129}, "\xff\x7f"s},
  };
  for (const BinaryCase& item : cases) {
    EXPECT_EQ(EncodeSingleValue(item.type, item.value), item.bytes);
    const auto decoded = DecodeSingleValue(item.type, item.bytes);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(*decoded, item.value);
  }
}

TEST(SingleValue, LargestDecimals) {
  Int128 largest = 1;
  for (int i = 0; i < 38; ++i) largest *= 10;
  --largest;
  for (const Int128 value : {largest, static_cast<Int128>(-largest)}) {
    const std::string bytes = EncodeSingleValue(Type::Decimal(38, 0), value);
    EXPECT_EQ(bytes.size(), 16U);
    EXPECT_EQ(*DecodeSingleValue(Type::Decimal(38, 0), bytes), Value(value));
  }
}

TEST(SingleValue, PromotedColumnsKeepNarrowBounds) {
  EXPECT_EQ(*DecodeSingleValue(Of(TypeKind::kLong), "\xfe\xff\xff\xff"), Value(int64_t{-2}));
  EXPECT_EQ(*DecodeSingleValue(Of(TypeKind::kDouble), "\0\0\x90\xc0"s), Value(-4.5));
  EXPECT_EQ(*DecodeSingleValue(Of(TypeKind::kTimestamp), "\1\0\0\0"s), Value(int64_t{86400000000}));
  EXPECT_EQ(*DecodeSingleValue(Of(TypeKind::kTimestampNs), "\xff\xff\xff\xff"s),
            Value(int64_t{-86400000000000}));
}

TEST(SingleValue, WrongLengthsAreCorruption) {
  const struct {
    Type type;
    std::string bytes;
  } cases[] = {
      {Of(TypeKind::kBoolean), ""s},
      {Of(TypeKind::kBoolean), "\1\1"s},
      {Of(TypeKind::kInt), "\1\0\0"s},
      {Of(TypeKind::kInt), "\1\0\0\0\0\0\0\0"s},
      {Of(TypeKind::kLong), "\1\0\0\0\0"s},
      {Of(TypeKind::kTime), "\1\0\0\0"s},
      {Of(TypeKind::kFloat), "\0\0\0\0\0\0\0\0"s},
      {Of(TypeKind::kDouble), ""s},
      {Of(TypeKind::kUuid), "short"s},
      {Type::Fixed(3), "ab"s},
      {Type::Decimal(9, 2), ""s},
      {Type::Decimal(9, 2), std::string(17, '\1')},
      {Of(TypeKind::kTimestampNs), "\xff\xff\xff\x7f"s},  // a date beyond nanoseconds
  };
  for (const auto& item : cases) {
    const auto decoded = DecodeSingleValue(item.type, item.bytes);
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().kind, ErrorKind::kCorruption);
  }
}

struct JsonCase {
  Type type;
  Value value;
  std::string json;
};

TEST(SingleValue, JsonForms) {
  const JsonCase cases[] = {
      {Of(TypeKind::kBoolean), true, "true"},
      {Of(TypeKind::kInt), int32_t{34}, "34"},
      {Of(TypeKind::kLong), int64_t{9007199254740993}, "9007199254740993"},
      {Of(TypeKind::kFloat), 1.5F, "1.5"},
      {Of(TypeKind::kDouble), 0.1, "0.1"},
      {Of(TypeKind::kDouble), 1.0, "1.0"},
      {Of(TypeKind::kDouble), -0.0, "-0.0"},
      {Type::Decimal(9, 2), Int128{1420}, "\"14.20\""},
      {Type::Decimal(9, 2), Int128{-5}, "\"-0.05\""},
      {Type::Decimal(9, 0), Int128{7}, "\"7\""},
      {Of(TypeKind::kDate), int32_t{17486}, "\"2017-11-16\""},
      {Of(TypeKind::kDate), int32_t{-719162}, "\"0001-01-01\""},
      {Of(TypeKind::kTime), int64_t{81068123456}, "\"22:31:08.123456\""},
      {Of(TypeKind::kTimestamp), int64_t{1510871468123456}, "\"2017-11-16T22:31:08.123456\""},
      {Of(TypeKind::kTimestampTz), int64_t{1510871468123456},
       "\"2017-11-16T22:31:08.123456+00:00\""},
      {Of(TypeKind::kTimestampNs), int64_t{1510871468123456789},
       "\"2017-11-16T22:31:08.123456789\""},
      {Of(TypeKind::kTimestamp), int64_t{-1}, "\"1969-12-31T23:59:59.999999\""},
      {Of(TypeKind::kString), "iceberg \"\n"s, R"("iceberg \"\u000a")"},
      {Of(TypeKind::kUuid), kUuidBytes, "\"f79c3e09-677c-4bbd-a479-3f349cb785e7\""},
      {Type::Fixed(4), "\0\1\2\3"s, "\"00010203\""},
      {Of(TypeKind::kBinary), "\0\1\2\xff"s, "\"000102ff\""},
      {Of(TypeKind::kInt), Value(), "null"},
  };
  for (const JsonCase& item : cases) {
    const auto json = EncodeSingleValueJson(item.type, item.value);
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ(*json, item.json);
    const auto value = DecodeSingleValueJson(item.type, item.json);
    ASSERT_TRUE(value) << value.error().message;
    EXPECT_EQ(*value, item.value) << item.json;
  }
}

TEST(SingleValue, JsonOfOtherWriters) {
  EXPECT_EQ(*DecodeSingleValueJson(Of(TypeKind::kTimestamp), "\"2017-11-16T22:31:08\""),
            Value(int64_t{1510871468000000}));
  EXPECT_EQ(*DecodeSingleValueJson(Of(TypeKind::kTimestampTz), "\"2017-11-16T22:31:08.5Z\""),
            Value(int64_t{1510871468500000}));
  EXPECT_EQ(*DecodeSingleValueJson(Of(TypeKind::kBinary), "\"0A\""), Value("\n"s));
  EXPECT_EQ(*DecodeSingleValueJson(Of(TypeKind::kDouble), "1"), Value(1.0));
}

TEST(SingleValue, MalformedJsonIsCorruption) {
  const struct {
    Type type;
    const char* json;
  } cases[] = {
      {Of(TypeKind::kInt), "2147483648"},
      {Of(TypeKind::kLong), "9223372036854775808"},
      {Of(TypeKind::kInt), "1.5"},
      {Of(TypeKind::kBoolean), "1"},
      {Type::Decimal(4, 2), "\"123.45\""},
      {Type::Decimal(9, 2), "\"1.2\""},
      {Type::Decimal(9, 2), "14.20"},
      {Of(TypeKind::kDate), "\"2017-02-29\""},
      {Of(TypeKind::kDate), "\"2017-11-16x\""},
      {Of(TypeKind::kTime), "\"24:00:00\""},
      {Of(TypeKind::kTimestamp), "\"2017-11-16T22:31:08+00:00\""},
      {Of(TypeKind::kTimestampTz), "\"2017-11-16T22:31:08\""},
      {Of(TypeKind::kTimestampTz), "\"2017-11-16T22:31:08+01:00\""},
      {Of(TypeKind::kUuid), "\"f79c3e09\""},
      {Type::Fixed(2), "\"000102\""},
      {Of(TypeKind::kBinary), "\"0\""},
      {Of(TypeKind::kBinary), "\"zz\""},
      {Of(TypeKind::kString), "{"},
  };
  for (const auto& item : cases) {
    const auto value = DecodeSingleValueJson(item.type, item.json);
    ASSERT_FALSE(value) << item.json;
    EXPECT_EQ(value.error().kind, ErrorKind::kCorruption) << item.json;
  }
  EXPECT_FALSE(EncodeSingleValueJson(Of(TypeKind::kDouble), std::nan("")));
}

TEST(Calendar, DaysOfKnownDates) {
  const struct {
    CivilDate date;
    int64_t days;
  } cases[] = {{{1969, 12, 31}, -1},      {{1970, 1, 1}, 0},      {{1960, 2, 29}, -3594},
               {{1900, 3, 1}, -25508},    {{2000, 2, 29}, 11016}, {{2017, 11, 16}, 17486},
               {{9999, 12, 31}, 2932896}, {{1, 1, 1}, -719162}};
  for (const auto& item : cases) {
    EXPECT_EQ(DaysFromCivil(item.date), item.days);
    const CivilDate back = CivilFromDays(item.days);
    EXPECT_EQ(back.year, item.date.year);
    EXPECT_EQ(back.month, item.date.month);
    EXPECT_EQ(back.day, item.date.day);
  }
}

TEST(Calendar, EveryDayFollowsTheOneBefore) {
  CivilDate last = CivilFromDays(-800000);
  for (int64_t day = -799999; day < 800000; ++day) {
    const CivilDate date = CivilFromDays(day);
    ASSERT_TRUE(IsValidDate(date)) << day;
    ASSERT_EQ(DaysFromCivil(date), day);
    const bool next_day =
        date.year == last.year && date.month == last.month && date.day == last.day + 1;
    ASSERT_TRUE(next_day || date.day == 1) << day;
    last = date;
  }
}

TEST(CompareValues, OrdersAsBoundsDo) {
  const auto compare = [](TypeKind kind, const Value& a, const Value& b) {
    const int forward = CompareValues(Of(kind), a, b);
    EXPECT_EQ(CompareValues(Of(kind), b, a), -forward);
    return forward;
  };
  EXPECT_EQ(compare(TypeKind::kInt, int32_t{-1}, int32_t{1}), -1);
  EXPECT_EQ(compare(TypeKind::kDouble, -0.0, 0.0), -1);
  EXPECT_EQ(compare(TypeKind::kDouble, std::numeric_limits<double>::infinity(), std::nan("")), -1);
  EXPECT_EQ(compare(TypeKind::kDouble, std::nan(""), std::nan("")), 0);
  EXPECT_EQ(compare(TypeKind::kString, "a"s, "\xc3\xa4"s), -1);  // bytes are unsigned
  EXPECT_EQ(compare(TypeKind::kString, "a"s, "ab"s), -1);
  EXPECT_EQ(compare(TypeKind::kDecimal, Int128{-5}, Int128{3}), -1);
  EXPECT_EQ(compare(TypeKind::kBoolean, false, true), -1);
}

TEST(Bounds, LowerIsCutAtCodePoints) {
  const Type text = Of(TypeKind::kString);
  EXPECT_EQ(TruncateLowerBound(text, "abcdef", 3), "abc");
  EXPECT_EQ(TruncateLowerBound(text, "äöü", 2), "äö");
  EXPECT_EQ(TruncateLowerBound(text, "ab", 3), "ab");
  EXPECT_EQ(TruncateLowerBound(Of(TypeKind::kBinary), "äöü", 3), "ä\xc3");
}

TEST(Bounds, UpperIsRoundedUp_ddb1022_go1645) {
  const Type text = Of(TypeKind::kString);
  EXPECT_EQ(TruncateUpperBound(text, "abc", 3), "abc");
  EXPECT_EQ(TruncateUpperBound(text, "abcdef", 3), "abd");
  EXPECT_EQ(TruncateUpperBound(text,
                               "ab\x7f"
                               "def",
                               3),
            "ab\xc2\x80");
  EXPECT_EQ(TruncateUpperBound(text, "äöü", 2), "ä\xc3\xb7");
  // U+D7FF is followed by U+E000: what lies between are surrogates.
  EXPECT_EQ(TruncateUpperBound(text, "\xed\x9f\xbfz", 1), "\xee\x80\x80");
  EXPECT_EQ(TruncateUpperBound(text, "\xef\xbf\xbfz", 1), "\xf0\x90\x80\x80");
  // U+10FFFF has no successor: the code point before it takes the step.
  EXPECT_EQ(TruncateUpperBound(text, "a\xf4\x8f\xbf\xbfz", 2), "b");
  EXPECT_EQ(TruncateUpperBound(text, "\xf4\x8f\xbf\xbf\xf4\x8f\xbf\xbfz", 2), std::nullopt);
}

TEST(Bounds, UpperOfBytesIsRoundedUp_ice16880) {
  const Type binary = Of(TypeKind::kBinary);
  EXPECT_EQ(TruncateUpperBound(binary, "\1\2\3\4", 2), "\1\3");
  EXPECT_EQ(TruncateUpperBound(binary, "\1\xff\3", 2), "\2");
  EXPECT_EQ(TruncateUpperBound(binary, "\xff\xff\3", 2), std::nullopt);
}

}  // namespace
}  // namespace tarn::iceberg
