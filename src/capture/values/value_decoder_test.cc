// SPDX-License-Identifier: Apache-2.0
// What PostgreSQL itself would have to be bent for to send; the rest is in tests/capture.
#include "capture/values/value_decoder.h"

#include <gtest/gtest.h>

#include "capture/values/type_oids.h"

namespace tarn::capture {
namespace {

using namespace std::string_literals;  // NOLINT

constexpr int32_t NumericModifier(int32_t precision, int32_t scale) {
  return (precision << 16 | (scale & 0x7FF)) + 4;
}

SourceType Base(uint32_t oid, int32_t modifier = -1) {
  SourceType type;
  type.oid = TypeOid(oid);
  type.modifier = modifier;
  return type;
}

std::unique_ptr<ValueDecoder> DecoderFor(const SourceType& type) {
  return MakeValueDecoder(type, ConnectorTypeOf(type).value()).value();
}

Result<__int128> Decimal(const SourceType& type, std::string_view value, bool binary) {
  const TargetType target = ConnectorTypeOf(type).value();
  ColumnBuilder column(Type::Decimal(target.precision, target.scale));
  const auto decoder = DecoderFor(type);
  TARN_TRY(binary ? decoder->AppendBinary(value, column) : decoder->AppendText(value, column));
  __int128 number;
  std::memcpy(&number, column.View().values, sizeof(number));
  return number;
}

Result<std::string> Text(const SourceType& type, std::string_view value, bool binary = true) {
  ColumnBuilder column(Type::Primitive(TypeKind::kString));
  EXPECT_TRUE(column.AppendBytes("before").has_value());
  const auto decoder = DecoderFor(type);
  auto appended =
      binary ? decoder->AppendBinary(value, column) : decoder->AppendText(value, column);
  if (!appended) {
    // Nothing of it is there.
    EXPECT_EQ(column.rows(), 1);
    EXPECT_EQ(column.View().values_bytes, 6U);
    return std::unexpected(std::move(appended).error());
  }
  const ColumnView view = column.View();
  return std::string(reinterpret_cast<const char*>(view.values) + view.offsets[1],
                     static_cast<size_t>(view.offsets[2] - view.offsets[1]));
}

TEST(ValueDecoderTest, NumericsRoundHalfAwayFromZero) {
  const SourceType type = Base(type_oid::kNumeric, NumericModifier(6, 2));
  const std::vector<std::pair<const char*, int>> cases = {
      {"1.005", 101}, {"-1.005", -101}, {"1.00499", 100}, {"0.005", 1},
      {"-0.004", 0},  {"9999", 999900}, {"0", 0},         {"12", 1200}};
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(static_cast<int>(Decimal(type, text, false).value()), expected) << text;
  }
  // 1.0050 of base 10,000; 0.00005 | 0000: rounds by the digit behind.
  EXPECT_EQ(static_cast<int>(Decimal(type, "\0\2\0\0\0\0\0\4\0\1\0\x32"s, true).value()), 101);
  EXPECT_EQ(static_cast<int>(Decimal(type, "\0\2\0\0\x40\0\0\4\0\1\0\x31"s, true).value()), -100);
  EXPECT_EQ(static_cast<int>(Decimal(type, "\0\1\377\376\0\0\0\x8\x23\x28"s, true).value()), 0);
}

TEST(ValueDecoderTest, NumericsThatDoNotFit) {
  const SourceType type = Base(type_oid::kNumeric, NumericModifier(6, 2));
  for (const char* text : {"10000", "9999.995", "99999999999999999999999999999999999999999999"}) {
    const auto number = Decimal(type, text, false);
    ASSERT_FALSE(number.has_value()) << text;
    EXPECT_EQ(number.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_NE(number.error().message.find(std::string_view(text).substr(0, 5)), std::string::npos);
  }
  // 1 with a weight of 32,767: a one with 131,068 zeros.
  const auto huge = Decimal(type, "\0\1\x7F\xFF\0\0\0\0\0\1"s, true);
  ASSERT_FALSE(huge.has_value());
  EXPECT_EQ(huge.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_LT(huge.error().message.size(), 200U);
}

TEST(ValueDecoderTest, MalformedNumerics) {
  const SourceType type = Base(type_oid::kNumeric, NumericModifier(6, 2));
  for (const std::string& value : {""s, "\0\1\0\0\0\0\0\0"s, "\0\1\0\0\0\0\0\0\x27\x10"s,
                                   "\0\0\0\0\x12\x34\0\0"s, "\0\0\0\0\0\0\0\0\0"s}) {
    EXPECT_EQ(Decimal(type, value, true).error().kind, ErrorKind::kCorruption);
  }
  for (const char* value : {"", "-", "1.", ".5", "1e5", "1,5", "+1", "1.2.3", " 1"}) {
    EXPECT_EQ(Decimal(type, value, false).error().kind, ErrorKind::kCorruption) << value;
  }
}

TEST(ValueDecoderTest, TextsAreWellFormed) {
  const SourceType type = Base(type_oid::kText);
  const std::string good = "aä✓𝄞\u07FF\uFFFD and some more of plain text";
  EXPECT_EQ(Text(type, good).value(), good);
  for (const std::string& bad :
       {"\xFF"s, "a\xC3"s, "\xC0\x80"s, "\xED\xA0\x80"s, "\xF4\x90\x80\x80"s, "\xE0\x80\x80"s,
        "12345678\0"s, "12345\0\x31\x32"s, "\x80"s, "\xF0\x80\x80\x80"s}) {
    for (const bool binary : {true, false}) {
      EXPECT_EQ(Text(type, bad, binary).error().kind, ErrorKind::kInvalidArgument)
          << testing::PrintToString(bad);
    }
  }
}

TEST(ValueDecoderTest, LengthsCountCharacters) {
  const SourceType type = Base(type_oid::kVarchar, 3 + 4);
  EXPECT_EQ(Text(type, "äöü").value(), "äöü");
  EXPECT_EQ(Text(type, "äöüx").error().kind, ErrorKind::kInvalidArgument);
}

TEST(ValueDecoderTest, JsonWithoutBlanks) {
  const SourceType type = Base(type_oid::kJsonb);
  EXPECT_EQ(Text(type, "\1{\"a b\": [1, \"\\\" , \"]}").value(), R"({"a b":[1,"\" , "]})");
  EXPECT_EQ(Text(type, "\2{}").error().kind, ErrorKind::kCorruption);
  EXPECT_EQ(Text(type, "").error().kind, ErrorKind::kCorruption);
  // Longer than what is written at once.
  std::string json = "[", compact = "[";
  for (int i = 0; i < 1000; ++i) {
    json += fmt::format("{} ,\n", i);
    compact += fmt::format("{},", i);
  }
  EXPECT_EQ(Text(Base(type_oid::kJson), json + "\"" + std::string(2000, 'x') + " \" ]").value(),
            compact + "\"" + std::string(2000, 'x') + " \"]");
}

TEST(ValueDecoderTest, MoneyHasTheDigitsOfItsCurrency) {
  const std::string yen = "\0\0\0\0\0\0\4\xD2"s;  // 1234
  EXPECT_EQ(Text(Base(type_oid::kMoney, 0), yen).value(), "1234");
  EXPECT_EQ(Text(Base(type_oid::kMoney, 2), yen).value(), "12.34");
  EXPECT_EQ(Text(Base(type_oid::kMoney, 3), yen).value(), "1.234");
  EXPECT_EQ(Text(Base(type_oid::kMoney), yen).value(), "12.34");
  EXPECT_EQ(Text(Base(type_oid::kMoney, 2), "-1.234,50 €", false).value(), "-1234.50");
  EXPECT_EQ(Text(Base(type_oid::kMoney, 2), "($0.05)", false).value(), "-0.05");
  EXPECT_EQ(Text(Base(type_oid::kMoney, 0), "¥1,234", false).value(), "1234");
  EXPECT_EQ(Text(Base(type_oid::kMoney, 2), "\x80\0\0\0\0\0\0\0"s).value(),
            "-92233720368547758.08");
}

TEST(ValueDecoderTest, WrongLengthsAreMalformed) {
  for (const uint32_t oid : {type_oid::kInt2, type_oid::kInt4, type_oid::kInt8}) {
    EXPECT_EQ(Decimal(Base(oid), "abc", true).error().kind, ErrorKind::kCorruption);
    EXPECT_EQ(Decimal(Base(oid), "12x", false).error().kind, ErrorKind::kCorruption);
    EXPECT_EQ(Decimal(Base(oid), "99999999999999999999", false).error().kind,
              ErrorKind::kCorruption);
  }
  for (const uint32_t oid : {type_oid::kUuid, type_oid::kOid, type_oid::kPgLsn, type_oid::kChar}) {
    EXPECT_EQ(Text(Base(oid), "abcde").error().kind, ErrorKind::kCorruption);
  }
}

TEST(ValueDecoderTest, Targets) {
  const auto target = [](uint32_t oid, int32_t modifier) {
    return ToString(ConnectorTypeOf(Base(oid, modifier)).value());
  };
  EXPECT_EQ(target(type_oid::kNumeric, NumericModifier(38, 37)), "NUMBER(38,37)");
  EXPECT_EQ(target(type_oid::kNumeric, NumericModifier(38, 38)), "VARCHAR");
  EXPECT_EQ(target(type_oid::kNumeric, NumericModifier(39, 0)), "VARCHAR");
  EXPECT_EQ(target(type_oid::kNumeric, NumericModifier(5, -3)), "NUMBER(8,0)");
  EXPECT_EQ(target(type_oid::kNumeric, NumericModifier(37, -3)), "VARCHAR");
  EXPECT_EQ(target(type_oid::kNumeric, NumericModifier(2, 4)), "NUMBER(4,4)");
  EXPECT_EQ(target(type_oid::kNumeric, -1), "VARCHAR");
  EXPECT_EQ(target(type_oid::kBytea, -1), "BINARY");
  EXPECT_EQ(target(type_oid::kBpchar, 5 + 4), "VARCHAR(5)");
  SourceType array = Base(type_oid::kInt4);
  array.is_array = true;
  EXPECT_EQ(ToString(ConnectorTypeOf(array).value()), "VARCHAR");
  EXPECT_EQ(MakeValueDecoder(array, TargetType{.kind = TargetKind::kDate}).error().kind,
            ErrorKind::kInternal);
}

}  // namespace
}  // namespace tarn::capture
