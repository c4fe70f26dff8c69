// SPDX-License-Identifier: Apache-2.0
// Expected values are what PostgreSQL 17 prints; tests/server compares more of them with a server.
#include "server/postgres/text_form.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "server/postgres/binary_form.h"
#include "server/postgres/datetime_reader.h"

namespace tarn::server::postgres {
namespace {

template <typename F>
std::string Written(F form) {
  char text[kTextFormMax];
  return {text, form(text)};
}

std::string Decimal(Int128 value, int32_t scale) {
  return Written([&](char* out) { return WriteDecimal(out, value, scale); });
}

std::string NumericBytes(Int128 value, int32_t scale) {
  MessageWriter out;
  WriteNumeric(value, scale, out);
  return {reinterpret_cast<const char*>(out.bytes().data()), out.bytes().size()};
}

TEST(TextForm, DecimalsOfAnySize) {
  EXPECT_EQ(Decimal(0, 0), "0");
  EXPECT_EQ(Decimal(0, 2), "0.00");
  EXPECT_EQ(Decimal(-5, 3), "-0.005");
  EXPECT_EQ(Decimal(100, 2), "1.00");
  Int128 widest = 1;
  for (int i = 0; i < 38; ++i) widest *= 10;
  EXPECT_EQ(Decimal(widest - 1, 0), std::string(38, '9'));
  EXPECT_EQ(Decimal(1 - widest, 37), "-9." + std::string(37, '9'));
  EXPECT_EQ(Decimal(widest - 1, 38), "0." + std::string(38, '9'));
  EXPECT_EQ(Decimal(Int128{1'000'000'000'000'000'000}, 18), "1.000000000000000000");
}

TEST(TextForm, DaysBeforeAndAfterChrist) {
  const auto date = [](int32_t days) {
    return Written([days](char* out) { return WriteDate(out, days); });
  };
  EXPECT_EQ(date(0), "1970-01-01");
  EXPECT_EQ(date(-1), "1969-12-31");
  EXPECT_EQ(date(11'016), "2000-02-29");
  EXPECT_EQ(date(-719'162), "0001-01-01");
  EXPECT_EQ(date(-719'163), "0001-12-31 BC");
  EXPECT_EQ(date(2'932'897), "10000-01-01");
  for (int64_t days = -800'000; days < 800'000; days += 97) {
    EXPECT_EQ(DaysFromCivil(CivilFromDays(days)), days);
  }
}

TEST(TextForm, DistancesFromUtc) {
  const auto moment = [](int64_t micros, int32_t offset) {
    return Written([&](char* out) { return WriteTimestampTz(out, micros, offset); });
  };
  EXPECT_EQ(moment(0, 0), "1970-01-01 00:00:00+00");
  EXPECT_EQ(moment(-1, 19'800), "1970-01-01 05:29:59.999999+05:30");
  EXPECT_EQ(moment(0, -2'670), "1969-12-31 23:15:30-00:44:30");
}

TEST(BinaryForm, NumericAlignsItsGroupsAtThePoint) {
  using namespace std::string_literals;
  EXPECT_EQ(NumericBytes(0, 2), "\0\0\0\0\0\0\0\2"s);
  EXPECT_EQ(NumericBytes(1, 6), "\0\1\xff\xfe\0\0\0\6\0\x64"s);  // 0.000001
  EXPECT_EQ(NumericBytes(-1'234'567, 2), "\0\3\0\1\x40\0\0\2\0\1\x09\x29\x1a\x2c"s);
  EXPECT_EQ(NumericBytes(100'000'000, 0), "\0\1\0\2\0\0\0\0\0\1"s);
}

TEST(BinaryForm, NumericReadsWhatItWrites) {
  Int128 value = 7;
  for (int i = 0; i < 37; ++i, value = value * 10 + i % 10) {
    for (int32_t scale = 0; scale <= 38; ++scale) {
      const auto read = ReadNumeric(NumericBytes(-value, scale));
      ASSERT_TRUE(read.has_value());
      EXPECT_EQ(*read, Decimal(-value, scale));
    }
  }
  EXPECT_FALSE(ReadNumeric("\0\1\0\0\0\0\0\0"));
}

TEST(DateTimeReader, TakesWhatClientsWrite) {
  const auto read = ReadDateTime("2020-01-02T03:04:05.678901Z");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read->days, 18'263);
  EXPECT_EQ(*read->micros, 11'045'678'901);
  EXPECT_EQ(*read->offset_seconds, 0);
  EXPECT_EQ(*ReadDateTime("1970-01-01 +00")->days, 0);
  EXPECT_EQ(*ReadDateTime("2020-01-02 03:04:05-05:30")->offset_seconds, -19'800);
  EXPECT_EQ(*ReadDateTime("2020-01-02 03:04:05+0130")->offset_seconds, 5'400);
  EXPECT_EQ(*ReadDateTime("0044-03-15 BC")->days, -735'160);
  EXPECT_EQ(*ReadDateTime("00:00:00.0000005")->micros, 1);
  for (const char* const bad : {"", "2020", "2021-02-29", "2020-13-01", "2020-01-02 25:00:00", "x",
                                "2020-01-02 03:04:05 Europe/Berlin", "2020-01-02 03:60:00"}) {
    EXPECT_FALSE(ReadDateTime(bad)) << bad;
  }
}

}  // namespace
}  // namespace tarn::server::postgres
