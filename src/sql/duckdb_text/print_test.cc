// SPDX-License-Identifier: Apache-2.0
#include "sql/duckdb_text/print.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/bind/coercion.h"
#include "sql/testing/query_fixture.h"

namespace tarn::sql {

namespace {

class PrintTest : public QueryFixture {
 protected:
  PrintTest() {
    AddTable("secret_table",
             {engine::MakeField(1, "secret_column", Type::Primitive(TypeKind::kLong))}, {});
  }

  std::string Printed(const std::string& text) {
    const auto bound = Bind(text);
    EXPECT_TRUE(bound) << bound.error().error.message;
    return bound ? Print(*bound).text : std::string();
  }
};

TEST_F(PrintTest, NamesAreOurs) {
  const std::string text = Printed(
      "WITH secret_cte AS (SELECT \"SECRET_COLUMN\" AS secret_alias FROM \"secret_table\" AS "
      "secret_t) "
      "SELECT secret_alias AS \"secret'; DROP\", SUM(secret_alias) OVER (PARTITION BY "
      "secret_alias) FROM secret_cte "
      "ORDER BY secret_alias");
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("ecret")));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("ECRET")));
  EXPECT_THAT(text, testing::HasSubstr("NULLS LAST"));
}

/// Texts of the user stand between quotes, whatever is in them.
TEST_F(PrintTest, TextsAreQuoted) {
  for (const char* text : {"it's", "'; DROP TABLE x; --", "a\\", "{0}", "{q}", "$1", "?"}) {
    std::string quoted = "SELECT '";
    for (const char* c = text; *c != 0; ++c)
      quoted += *c == '\'' || *c == '\\' ? std::string(2, *c) : std::string(1, *c);
    EXPECT_EQ(Run(quoted + "'"), (TextRows{{text}})) << printed_;
    EXPECT_EQ(Run(quoted + "' LIKE '%'"), (TextRows{{"true"}})) << printed_;
  }
  EXPECT_EQ(QuoteForDuckdb("a'b"), "'a''b'");
  EXPECT_EQ(Value("LENGTH('a\\0b')"), "3");
}

TEST_F(PrintTest, ConstantsSayTheirType) {
  EXPECT_EQ(Printed("SELECT 1"), "SELECT CAST(1 AS INTEGER) AS c0");
  EXPECT_EQ(Printed("SELECT 2.50"), "SELECT CAST('2.50' AS DECIMAL(3,2)) AS c0");
  // No place in the list is meant by it.
  EXPECT_EQ(Run("SELECT COUNT(*) FROM (SELECT 7) GROUP BY 1 + 0"), (TextRows{{"1"}}));
}

}  // namespace

}  // namespace tarn::sql
