// SPDX-License-Identifier: Apache-2.0
// Queries from text to rows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/testing/query_fixture.h"

namespace tarn::sql {

namespace {

using engine::MakeField;
using engine::Row;

class QueryTest : public QueryFixture {
 protected:
  QueryTest() {
    const auto text = [](const char* value) { return Cell(std::string(value)); };
    const auto number = [](int64_t value) { return Cell(value); };
    const auto cents = [](int value) { return Cell(Int128{value}); };
    AddTable("CUSTOMERS",
             {MakeField(1, "id", Type::Primitive(TypeKind::kLong)),
              MakeField(2, "name", Type::Primitive(TypeKind::kString)),
              MakeField(3, "city", Type::Primitive(TypeKind::kString))},
             {Row{number(1), text("Ada"), text("Oslo")}, Row{number(2), text("Bob"), text("Rome")},
              Row{number(3), text("Cid"), engine::Cell()}});
    AddTable("ORDERS",
             {MakeField(1, "id", Type::Primitive(TypeKind::kInt)),
              MakeField(2, "customer_id", Type::Primitive(TypeKind::kLong)),
              MakeField(3, "amount", Type::Decimal(10, 2)),
              MakeField(4, "day", Type::Primitive(TypeKind::kDate))},
             {Row{Cell(int32_t{10}), number(1), cents(1050), Cell(int32_t{19000})},
              Row{Cell(int32_t{11}), number(1), cents(200), Cell(int32_t{19001})},
              Row{Cell(int32_t{12}), number(2), cents(500), Cell(int32_t{19031})}});
    AddTable("EMPTY", {MakeField(1, "x", Type::Primitive(TypeKind::kLong))}, {});
  }

  static engine::Cell Cell(tarn::Value value) { return engine::Cell(std::move(value)); }
};

TEST_F(QueryTest, JoinsAndGroups) {
  EXPECT_EQ(Run("SELECT c.name, COUNT(*) AS n, SUM(o.amount) total, AVG(amount) "
                "FROM customers c JOIN orders o ON c.id = o.customer_id "
                "GROUP BY c.name ORDER BY total DESC"),
            (TextRows{{"Ada", "2", "12.50", "6.25000000"}, {"Bob", "1", "5.00", "5.00000000"}}));
}

TEST_F(QueryTest, KeepsRowsOfOuterJoins) {
  EXPECT_EQ(Run("SELECT name, amount FROM customers c LEFT JOIN orders o ON c.id = o.customer_id "
                "WHERE o.id IS NULL OR amount > 6 ORDER BY 1"),
            (TextRows{{"Ada", "10.50"}, {"Cid", "NULL"}}));
  EXPECT_EQ(Run("SELECT c.name, o.id FROM customers c, orders o WHERE c.id = o.customer_id(+) "
                "ORDER BY c.name, o.id"),
            (TextRows{{"Ada", "10"}, {"Ada", "11"}, {"Bob", "12"}, {"Cid", "NULL"}}));
}

TEST_F(QueryTest, OrdersNullsAsSnowflakeDoes) {
  EXPECT_EQ(Run("SELECT city FROM customers ORDER BY city"),
            (TextRows{{"Oslo"}, {"Rome"}, {"NULL"}}));
  EXPECT_EQ(Run("SELECT city FROM customers ORDER BY city DESC"),
            (TextRows{{"NULL"}, {"Rome"}, {"Oslo"}}));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM customers ORDER BY 'constant'"), (TextRows{{"3"}}));
}

TEST_F(QueryTest, NamesResultColumnsByTheirText) {
  const auto bound =
      Bind("select count(*), id+1, 'x y', id i, id, $1 from customers group by id, $1");
  ASSERT_TRUE(bound) << bound.error().error.message;
  std::vector<std::string> names;
  for (const auto& column : bound->query.columns) names.push_back(column.name);
  EXPECT_THAT(names, testing::ElementsAre("COUNT(*)", "ID+1", "'X Y'", "I", "ID", "$1"));
}

TEST_F(QueryTest, SeesAliasesOfEarlierItems) {
  EXPECT_EQ(Run("SELECT amount * 2 AS twice, twice + 1 FROM orders WHERE twice > 9 ORDER BY twice"),
            (TextRows{{"10.00", "11.00"}, {"21.00", "22.00"}}));
  // A column of the FROM wins over an alias.
  EXPECT_EQ(Run("SELECT 5 AS id, id + 1 FROM customers WHERE id = 1"), (TextRows{{"5", "2"}}));
}

TEST_F(QueryTest, GroupsByAliasOrdinalAndAll) {
  const TextRows expected = {{"2022-01", "2"}, {"2022-02", "1"}};
  for (const char* by : {"m", "1", "ALL"}) {
    EXPECT_EQ(Run(fmt::format("SELECT LEFT(day::VARCHAR, 7) m, COUNT(*) FROM orders GROUP BY {} "
                              "ORDER BY 1",
                              by)),
              expected);
  }
  EXPECT_EQ(
      Run("SELECT customer_id, SUM(amount) FROM orders GROUP BY ROLLUP(customer_id) ORDER BY 1"),
      (TextRows{{"1", "12.50"}, {"2", "5.00"}, {"NULL", "17.50"}}));
}

TEST_F(QueryTest, FiltersGroupsAndWindows) {
  EXPECT_EQ(Run("SELECT customer_id FROM orders GROUP BY customer_id HAVING COUNT(*) > 1"),
            (TextRows{{"1"}}));
  EXPECT_EQ(
      Run("SELECT id FROM orders QUALIFY ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY "
          "amount DESC) = 1 ORDER BY id"),
      (TextRows{{"10"}, {"12"}}));
  EXPECT_EQ(
      Run("SELECT customer_id, SUM(SUM(amount)) OVER (ORDER BY customer_id) FROM orders GROUP BY "
          "customer_id ORDER BY 1"),
      (TextRows{{"1", "12.50"}, {"2", "17.50"}}));
}

TEST_F(QueryTest, RunsSubqueries) {
  EXPECT_EQ(
      Run("SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = "
          "c.id AND amount < 4)"),
      (TextRows{{"Ada"}}));
  EXPECT_EQ(Run("SELECT name, (SELECT MAX(amount) FROM orders o WHERE o.customer_id = c.id) m FROM "
                "customers c ORDER BY name"),
            (TextRows{{"Ada", "10.50"}, {"Bob", "5.00"}, {"Cid", "NULL"}}));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM orders WHERE customer_id NOT IN (SELECT id FROM customers "
                "WHERE city = "
                "'Oslo')"),
            (TextRows{{"1"}}));
  EXPECT_EQ(Run("SELECT id FROM orders WHERE amount >= ALL (SELECT amount FROM orders)"),
            (TextRows{{"10"}}));
}

TEST_F(QueryTest, KnowsCommonTables) {
  EXPECT_EQ(
      Run("WITH big AS (SELECT * FROM orders WHERE amount > 4), n(c) AS (SELECT COUNT(*) FROM big) "
          "SELECT c FROM n"),
      (TextRows{{"2"}}));
  EXPECT_EQ(Run("WITH r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 12) SELECT SUM(n), "
                "COUNT(*) "
                "FROM r"),
            (TextRows{{"78", "12"}}));
}

TEST_F(QueryTest, CombinesSets) {
  EXPECT_EQ(Run("SELECT 1 UNION ALL SELECT 2.5 UNION ALL SELECT NULL ORDER BY 1"),
            (TextRows{{"1.0"}, {"2.5"}, {"NULL"}}));
  EXPECT_EQ(Run("SELECT 1 AS a UNION ALL SELECT 3 UNION ALL SELECT 2 ORDER BY -a, a"),
            (TextRows{{"3"}, {"2"}, {"1"}}));
  EXPECT_EQ(Run("SELECT 1 AS a, 2 AS b UNION ALL BY NAME SELECT 4 AS b ORDER BY b"),
            (TextRows{{"1", "2"}, {"NULL", "4"}}));
  EXPECT_EQ(Run("SELECT id FROM customers MINUS SELECT customer_id FROM orders"),
            (TextRows{{"3"}}));
  EXPECT_EQ(ErrorOf("SELECT 'x' UNION ALL SELECT 42"),
            "100038 Numeric value 'x' is not recognized");
}

TEST_F(QueryTest, ExpandsViews) {
  names_.views["V"] = "SELECT customer_id AS c, SUM(amount) AS s FROM orders GROUP BY 1";
  EXPECT_EQ(Run("SELECT name, v.s FROM customers JOIN v ON id = c ORDER BY name"),
            (TextRows{{"Ada", "12.50"}, {"Bob", "5.00"}}));
}

TEST_F(QueryTest, MergesColumnsOfUsing) {
  EXPECT_EQ(Run("SELECT * FROM (SELECT 1 a, 2 b) JOIN (SELECT 1 a, 3 c) USING (a)"),
            (TextRows{{"1", "2", "3"}}));
  EXPECT_EQ(Run("SELECT a FROM (SELECT 1 a) FULL JOIN (SELECT 2 a) USING (a) ORDER BY a"),
            (TextRows{{"1"}, {"2"}}));
  EXPECT_EQ(Run("SELECT * EXCLUDE (city) RENAME name AS n FROM customers WHERE id = 1"),
            (TextRows{{"1", "Ada"}}));
}

TEST_F(QueryTest, PivotsAndUnpivots) {
  EXPECT_EQ(Run("SELECT * FROM (SELECT customer_id, MONTH(day) m, amount FROM orders) "
                "PIVOT(SUM(amount) FOR m "
                "IN (1, 2)) ORDER BY 1"),
            (TextRows{{"1", "12.50", "NULL"}, {"2", "NULL", "5.00"}}));
  EXPECT_EQ(Run("SELECT * FROM (SELECT 7 id, 1 q1, NULL q2, 3 q3) UNPIVOT(v FOR q IN (q1, q2, q3)) "
                "ORDER BY q"),
            (TextRows{{"7", "Q1", "1"}, {"7", "Q3", "3"}}));
}

TEST_F(QueryTest, SaysWhatIsWrong) {
  EXPECT_EQ(ErrorOf("SELECT id,\n  nme FROM customers"),
            "000904 SQL compilation error: error line 2 at position 2\ninvalid identifier 'NME'");
  EXPECT_EQ(ErrorOf("SELECT * FROM nothing"),
            "002003 SQL compilation error:\nObject 'NOTHING' does not exist or not authorized.");
  EXPECT_EQ(ErrorOf("SELECT name, COUNT(*) FROM customers"),
            "001104 SQL compilation error:\n'CUSTOMERS.NAME' in select clause is neither an "
            "aggregate nor in the "
            "group by clause.");
  EXPECT_THAT(ErrorOf("SELECT id FROM customers, orders"),
              testing::HasSubstr("ambiguous column name 'ID'"));
  EXPECT_EQ(ErrorOf("SELECT PARSE_XML('1')"),
            "000002 SQL compilation error:\nUnsupported feature 'function PARSE_XML'.");
  EXPECT_EQ(ErrorOf("SELECT SUM(50000000000000000000000000000000000000) FROM orders"),
            "100046 Number out of representable range: type FIXED[SB16](38,0){nullable}, value "
            "of more than 38 digits");
  EXPECT_THAT(ErrorOf("SELECT nofunction(1)"), testing::StartsWith("002140 "));
  EXPECT_THAT(ErrorOf("SELECT UPPER()"), testing::StartsWith("000938 "));
  EXPECT_EQ(ErrorOf("SELECT 1 / 0"), "100051 Division by zero");
  EXPECT_EQ(ErrorOf("SELECT (SELECT id FROM customers)"),
            "090150 Single-row subquery returns more than one row.");
}

TEST_F(QueryTest, NumbersRowsForStatementsThatChangeThem) {
  request_.row_numbers = true;
  EXPECT_EQ(Run("SELECT o.\"\x01ROW\", o.id FROM orders o JOIN customers c ON c.id = customer_id "
                "WHERE name = 'Bob'"),
            (TextRows{{"2", "12"}}));
  EXPECT_EQ(Run("SELECT * FROM orders WHERE id = 12"),
            (TextRows{{"12", "2", "5.00", "2022-02-08"}}));
}

TEST_F(QueryTest, ConvertsWhatIsInserted) {
  request_.output_types = {NumberType(10, 1), VarcharType(3)};
  EXPECT_EQ(Run("SELECT 2.25, 'abc' UNION ALL SELECT '7', '12' ORDER BY 1"),
            (TextRows{{"2.3", "abc"}, {"7.0", "12"}}));
  EXPECT_EQ(ErrorOf("SELECT 1, 'abcd'"), "100078 String 'abcd' is too long and would be truncated");
  EXPECT_THAT(ErrorOf("SELECT 1"), testing::StartsWith("002020 "));
  EXPECT_THAT(ErrorOf("SELECT TRUE, 'a'"), testing::StartsWith("002023 "));
}

TEST_F(QueryTest, KnowsTheSessionsTimeZone) {
  // The statement's moment is 2023-11-14 22:13:20 UTC.
  EXPECT_EQ(Run("SELECT CURRENT_DATE()::VARCHAR, CURRENT_TIMESTAMP::VARCHAR"),
            (TextRows{{"2023-11-14", "2023-11-14 22:13:20.000 +0000"}}));
  time_zone_ = "Asia/Tokyo";
  EXPECT_EQ(Run("SELECT CURRENT_DATE()::VARCHAR, CURRENT_TIMESTAMP::VARCHAR"),
            (TextRows{{"2023-11-15", "2023-11-15 07:13:20.000 +0900"}}));
  EXPECT_EQ(Value("'2024-01-01 09:00'::TIMESTAMP_LTZ = '2024-01-01 00:00 Z'::TIMESTAMP_LTZ"),
            "true");
}

TEST_F(QueryTest, AsksForWhatIsNoTable) {
  EXPECT_EQ(Run("SELECT name FROM DIRECTORY(@customers) WHERE id = 2"), (TextRows{{"Bob"}}));
  EXPECT_EQ(Run("SELECT id FROM TABLE('db.public.customers') ORDER BY id DESC LIMIT 1"),
            (TextRows{{"3"}}));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 5))"), (TextRows{{"5"}}));
  EXPECT_EQ(Run("SELECT id, value FROM customers, TABLE(SPLIT_TO_TABLE(name, 'd')) WHERE id = 1 "
                "ORDER BY index"),
            (TextRows{{"1", "A"}, {"1", "a"}}));
  EXPECT_EQ(ErrorOf("SELECT * FROM TABLE(INFERENCE(1))"),
            "000002 SQL compilation error:\nUnsupported feature 'table function INFERENCE'.");
  names_.variables.emplace("V", IntegerConstant(2));
  EXPECT_EQ(Run("SELECT name FROM customers WHERE id = $v"), (TextRows{{"Bob"}}));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM IDENTIFIER('customers')"), (TextRows{{"3"}}));
}

/// The verification of a retail lakehouse: counts of tables, revenue by store.
TEST_F(QueryTest, VerifiesALakehouse) {
  EXPECT_EQ(Run("SELECT 'sf_orders' AS source, COUNT(*) AS row_count FROM orders UNION ALL SELECT "
                "'sf_customers', "
                "COUNT(*) FROM customers"),
            (TextRows{{"sf_orders", "3"}, {"sf_customers", "3"}}));
  EXPECT_EQ(Run("SELECT s.name, COUNT(DISTINCT t.id) AS txn_count, SUM(t.amount) AS revenue FROM "
                "orders t JOIN "
                "customers s ON t.customer_id = s.id GROUP BY s.name ORDER BY revenue DESC;"),
            (TextRows{{"Ada", "2", "12.50"}, {"Bob", "1", "5.00"}}));
}

TEST_F(QueryTest, CountsAnEmptyTable) {
  EXPECT_EQ(Run("SELECT COUNT(*), SUM(x), MAX(x) FROM empty"), (TextRows{{"0", "NULL", "NULL"}}));
}

}  // namespace

}  // namespace tarn::sql
