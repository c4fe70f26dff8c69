// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/bindings.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace tarn::server::snowflake {
namespace {

using nlohmann::json;
using sql::DataTypeKind;

warehouse::BoundValue Read(const char* type, const char* value) {
  const auto rows = ReadBindings({{"1", {{"type", type}, {"value", value}}}});
  EXPECT_TRUE(rows) << type << " " << value;
  return rows ? rows->rows.at(0).at(0) : warehouse::BoundValue{};
}

std::string MessageOf(const json& bindings) {
  const auto rows = ReadBindings(bindings);
  return rows ? "" : rows.error().code;
}

TEST(Bindings, ReadsEveryType) {
  EXPECT_EQ(std::get<int64_t>(Read("FIXED", "-12").value), -12);
  const auto decimal = Read("FIXED", "-12.340");
  EXPECT_EQ(decimal.text, "-12.340");
  EXPECT_EQ(decimal.type.scale, 3);
  EXPECT_EQ(std::get<double>(Read("REAL", "0.1").value), 0.1);
  EXPECT_TRUE(std::get<bool>(Read("BOOLEAN", "true").value));
  EXPECT_EQ(std::get<std::string>(Read("BINARY", "00ffAb").value), std::string("\x00\xff\xab", 3));
  EXPECT_EQ(Read("TEXT", "12").text, "12");
  EXPECT_EQ(std::get<int32_t>(Read("DATE", "86400000").value), 1);
  EXPECT_EQ(std::get<int32_t>(Read("DATE", "-1").value), -1);
  EXPECT_EQ(Read("TIME", "45296000000789").text, "12:34:56.000000789");
}

TEST(Bindings, WritesMomentsWithTheirOffset) {
  EXPECT_EQ(Read("TIMESTAMP_NTZ", "-500000000").text, "1969-12-31 23:59:59.500000000");
  EXPECT_EQ(Read("TIMESTAMP_LTZ", "0").text, "1970-01-01 00:00:00.000000000 +00:00");
  const auto zoned = Read("TIMESTAMP_TZ", "1704110400000000000 1110");
  EXPECT_EQ(zoned.text, "2024-01-01 06:30:00.000000000 -05:30");
  EXPECT_EQ(zoned.type.kind, DataTypeKind::kTimestampTz);
  EXPECT_EQ(Read("TIMESTAMP_TZ", "0").text, "1970-01-01 00:00:00.000000000 +00:00");
}

TEST(Bindings, TakesArraysByRow) {
  const auto rows = ReadBindings({{"1", {{"type", "FIXED"}, {"value", {"1", nullptr}}}},
                                  {"2", {{"type", "TEXT"}, {"value", {"a", "b"}}}}});
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->rows.size(), 2u);
  EXPECT_TRUE(rows->is_array);
  EXPECT_EQ(rows->rows[1][1].text, "b");
  EXPECT_FALSE(rows->rows[1][0].text);
}

TEST(Bindings, RefusesWhatIsNotWellFormed) {
  EXPECT_EQ(MessageOf(json::array()), "002049");
  EXPECT_EQ(MessageOf({{"2", {{"type", "TEXT"}, {"value", "x"}}}}), "002049");
  EXPECT_EQ(MessageOf({{"name", {{"type", "TEXT"}, {"value", "x"}}}}), "002049");
  EXPECT_EQ(MessageOf({{"1", {{"type", "TEXT"}}}}), "002049");
  EXPECT_EQ(MessageOf({{"1", {{"type", "TEXT"}, {"value", {"x", "y"}}}},
                       {"2", {{"type", "TEXT"}, {"value", {"x"}}}}}),
            "002049");
  for (const auto& [type, value] : {std::pair{"FIXED", "1x"},
                                    {"FIXED", ""},
                                    {"FIXED", "."},
                                    {"REAL", "x"},
                                    {"BOOLEAN", "maybe"},
                                    {"BINARY", "0"},
                                    {"BINARY", "zz"},
                                    {"DATE", "x"},
                                    {"DATE", "9223372036854775807"},
                                    {"TIME", "-1"},
                                    {"TIME", "86400000000000"},
                                    {"TIMESTAMP_NTZ", "1 2"},
                                    {"TIMESTAMP_TZ", "0 5000"},
                                    {"TIMESTAMP_TZ", "9223372036854775807 2880"}}) {
    EXPECT_EQ(MessageOf({{"1", {{"type", type}, {"value", value}}}}), "100037") << type << value;
  }
}

TEST(Bindings, CountsPlaceholders) {
  EXPECT_EQ(CountPlaceholders("SELECT ?, '?', \"?\" -- ?\n, ?"), 2);
  EXPECT_EQ(CountPlaceholders("SELECT :2, :1, a:b, x::INT"), 2);
  EXPECT_EQ(CountPlaceholders("SELECT 'open"), 0);
}

TEST(Bindings, WidensInserts) {
  EXPECT_EQ(InsertOfRows("INSERT INTO t (a, b) VALUES (?, UPPER(?));", 2),
            "INSERT INTO t (a, b) VALUES (?, UPPER(?)),(?, UPPER(?))");
  EXPECT_EQ(InsertOfRows("insert into t values (?)", 1), "insert into t values (?)");
  for (const char* other :
       {"INSERT INTO t SELECT ?", "INSERT INTO t VALUES (?), (?)", "UPDATE t SET a = ?", "",
        "INSERT INTO t VALUES (:1)", "INSERT INTO IDENTIFIER(?) VALUES (?)",
        "INSERT INTO t VALUES (?", "INSERT INTO t SELECT * FROM VALUES (?)"}) {
    EXPECT_EQ(InsertOfRows(other, 2), "") << other;
  }
}

}  // namespace
}  // namespace tarn::server::snowflake
