// SPDX-License-Identifier: Apache-2.0
// Functions in SQL: the examples of Snowflake's pages "Scalar SQL UDFs", "Executing a UDF", "Naming
// and overloading procedures and UDFs" and "Defining arguments", with the answers that stand there.
#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class UserFunctionsTest : public ManagedTableTest {
 protected:
  void MakePurchases() {
    Run("CREATE TABLE purchases (number_sold INTEGER, wholesale_price NUMBER(7,2), "
        "retail_price NUMBER(7,2))");
    Run("INSERT INTO purchases (number_sold, wholesale_price, retail_price) VALUES "
        "(3, 10.00, 20.00), (5, 100.00, 200.00)");
  }
};

TEST_F(UserFunctionsTest, AnExpressionOrAQueryIsABody) {
  EXPECT_EQ(Run("CREATE FUNCTION area_of_circle(radius FLOAT) RETURNS FLOAT AS "
                "$$ pi() * radius * radius $$"),
            Lines{"Function AREA_OF_CIRCLE successfully created."});
  EXPECT_THAT(Run("SELECT area_of_circle(1.0)"), ElementsAre(StartsWith("3.14159265")));
  Run("CREATE FUNCTION pi_udf() RETURNS FLOAT AS '3.141592654::FLOAT'");
  EXPECT_EQ(Run("SELECT pi_udf()"), Lines{"3.141592654"});
  MakePurchases();
  Run("CREATE FUNCTION profit() RETURNS NUMERIC(11, 2) AS $$ SELECT SUM((retail_price - "
      "wholesale_price) * number_sold) FROM purchases $$");
  EXPECT_EQ(Run("SELECT profit()::VARCHAR"), Lines{"530.00"});
  Run("CREATE TABLE circles (diameter FLOAT)");
  Run("INSERT INTO circles (diameter) VALUES (2.0), (4.0)");
  Run("CREATE FUNCTION diameter_to_radius(f FLOAT) RETURNS FLOAT AS $$ f / 2 $$");
  EXPECT_EQ(Run("WITH radii AS (SELECT diameter_to_radius(diameter) AS radius FROM circles) "
                "SELECT radius FROM radii ORDER BY radius"),
            (Lines{"1", "2"}));
  // In every clause.
  EXPECT_EQ(Run("SELECT COUNT(*) FROM circles WHERE diameter > diameter_to_radius(6)"), Lines{"1"});
  EXPECT_EQ(Run("SELECT diameter_to_radius(diameter) AS r, COUNT(*) FROM circles "
                "GROUP BY diameter_to_radius(diameter) HAVING diameter_to_radius(SUM(diameter)) > "
                "1 ORDER BY diameter_to_radius(diameter) DESC"),
            (Lines{"2|1"}));
}

TEST_F(UserFunctionsTest, ArgumentsOfQueriesAreTheRows) {
  Run("CREATE TABLE stores (store_ID INTEGER, city VARCHAR)");
  Run("CREATE TABLE employee_sales (employee_ID INTEGER, store_ID INTEGER, sales NUMERIC(10,2), "
      "sales_date DATE)");
  Run("INSERT INTO stores VALUES (1, 'Winnipeg'), (2, 'Toronto')");
  Run("INSERT INTO employee_sales VALUES (1001, 1, 9000.00, '2020-01-27'), (1002, 1, 2000.00, "
      "'2020-01-27'), (2001, 2, 6000.00, '2020-01-27'), (2002, 2, 4000.00, '2020-01-27'), (2002, "
      "2, 5000.00, '2020-01-28')");
  Run("CREATE FUNCTION subquery_like_udf(X INT) RETURNS VARCHAR LANGUAGE SQL AS $$ SELECT city "
      "FROM stores WHERE stores.store_ID = X $$");
  EXPECT_EQ(Run("SELECT subquery_like_udf(1)"), Lines{"Winnipeg"});
  Run("CREATE FUNCTION subquery_like_udf_2(X INT) RETURNS VARCHAR LANGUAGE SQL AS $$ SELECT "
      "ANY_VALUE(city) FROM stores WHERE stores.store_ID = X $$");
  EXPECT_EQ(
      Run("SELECT employee_ID, sales_date::VARCHAR, subquery_like_udf_2("
          "employee_sales.store_ID) FROM employee_sales ORDER BY employee_ID, sales_date"),
      (Lines{"1001|2020-01-27|Winnipeg", "1002|2020-01-27|Winnipeg", "2001|2020-01-27|Toronto",
             "2002|2020-01-27|Toronto", "2002|2020-01-28|Toronto"}));
  // The same call is the same value, also where groups are made of it.
  EXPECT_EQ(Run("SELECT subquery_like_udf_2(store_ID), SUM(sales)::VARCHAR FROM employee_sales "
                "GROUP BY subquery_like_udf_2(store_ID) ORDER BY 1"),
            (Lines{"Toronto|15000.00", "Winnipeg|11000.00"}));
}

TEST_F(UserFunctionsTest, ArgumentsByNameAndDefaults) {
  Run("CREATE FUNCTION udf_concatenate_strings(first_arg VARCHAR, second_arg VARCHAR, third_arg "
      "VARCHAR) RETURNS VARCHAR LANGUAGE SQL AS $$ SELECT first_arg || second_arg || third_arg $$");
  for (const char* arguments : {"first_arg => 'one', second_arg => 'two', third_arg => 'three'",
                                "third_arg => 'three', first_arg => 'one', second_arg => 'two'",
                                "'one', 'two', 'three'", "'one', 'two', third_arg => 'three'"}) {
    EXPECT_EQ(Run(fmt::format("SELECT udf_concatenate_strings({})", arguments)),
              Lines{"onetwothree"})
        << arguments;
  }
  Run("CREATE FUNCTION build_string_udf(word VARCHAR, prefix VARCHAR DEFAULT 'pre-', suffix "
      "VARCHAR DEFAULT '-post') RETURNS VARCHAR AS $$ SELECT prefix || word || suffix $$");
  EXPECT_EQ(Run("SELECT build_string_udf('hello')"), Lines{"pre-hello-post"});
  EXPECT_EQ(Run("SELECT build_string_udf('hello', 'before-')"), Lines{"before-hello-post"});
  EXPECT_EQ(Run("SELECT build_string_udf(word => 'hello', suffix => '-after')"),
            Lines{"pre-hello-after"});
  EXPECT_THAT(ErrorOf("SELECT build_string_udf()"),
              AllOf(StartsWith("001044 (42P13)"),
                    HasSubstr("Invalid argument types for function 'BUILD_STRING_UDF': ()")));
  EXPECT_THAT(ErrorOf("SELECT build_string_udf(words => 'a')"), StartsWith("001044"));
  EXPECT_THAT(ErrorOf("SELECT build_string_udf(word => 'a', 'b')"), StartsWith("001003"));
}

TEST_F(UserFunctionsTest, TypesChooseAmongFunctionsOfOneName) {
  Run("CREATE OR REPLACE FUNCTION add5 (n NUMBER) RETURNS NUMBER AS 'n + 5'");
  Run("CREATE OR REPLACE FUNCTION add5 (s VARCHAR) RETURNS VARCHAR AS $$ s || '5' $$");
  EXPECT_EQ(Run("SELECT add5(1), add5('1'), add5('hello'), add5(TO_DATE('2014-01-01'))"),
            Lines{"6|15|hello5|2014-01-015"});
  EXPECT_EQ(Run("SELECT add5(n => 1), add5(s => '1'), add5(n => '1')"), Lines{"6|15|6"});
  constexpr const char* kAmbiguous =
      "000949 (42723): SQL compilation error:\n"
      "Cannot overload FUNCTION '{}' as it would cause ambiguous FUNCTION overloading.";
  Run("CREATE FUNCTION my_udf_a() RETURNS INT AS '1'");
  EXPECT_EQ(ErrorOf("CREATE FUNCTION my_udf_a(o INTEGER DEFAULT 0) RETURNS INT AS 'o'"),
            fmt::format(fmt::runtime(kAmbiguous), "MY_UDF_A"));
  Run("CREATE FUNCTION my_udf_b(r INTEGER) RETURNS INT AS 'r'");
  EXPECT_EQ(ErrorOf("CREATE FUNCTION my_udf_b(r INTEGER, o INTEGER DEFAULT 0) RETURNS INT AS 'r'"),
            fmt::format(fmt::runtime(kAmbiguous), "MY_UDF_B"));
  Run("CREATE FUNCTION abc_udf(r INTEGER) RETURNS INT AS 'r'");
  Run("CREATE FUNCTION def_udf(r INTEGER, o INTEGER DEFAULT 0) RETURNS INT AS 'r'");
  EXPECT_EQ(ErrorOf("ALTER FUNCTION def_udf(INTEGER, INTEGER) RENAME TO abc_udf"),
            fmt::format(fmt::runtime(kAmbiguous), "ABC_UDF"));
  EXPECT_EQ(Run("SELECT def_udf(7)"), Lines{"7"});
}

TEST_F(UserFunctionsTest, ArgumentsAreValues) {
  Run("CREATE FUNCTION twice(x INT) RETURNS INT AS 'x * 2'");
  // No text is put into another: precedence, quotes and names are the call's own.
  EXPECT_EQ(Run("SELECT twice(1 + 2)"), Lines{"6"});
  Run("CREATE FUNCTION echo(s VARCHAR) RETURNS VARCHAR AS 's'");
  EXPECT_EQ(Run("SELECT echo('a'' || s || ''$$b')"), Lines{"a' || s || '$$b"});
  Run("CREATE TABLE t (s VARCHAR, x INT)");
  Run("INSERT INTO t VALUES ('row', 4)");
  EXPECT_EQ(Run("SELECT echo(t.s || s), twice(x) FROM t"), Lines{"rowrow|8"});
  // A column of the body's own tables comes before an argument.
  Run("CREATE FUNCTION seen(x INT) RETURNS INT AS 'SELECT MAX(x) FROM t'");
  EXPECT_EQ(Run("SELECT seen(100)"), Lines{"4"});
  // What would be computed anew at each place is computed once, or refused.
  Run("CREATE FUNCTION differs(x FLOAT) RETURNS FLOAT AS 'x - x'");
  EXPECT_THAT(ErrorOf("SELECT differs(RANDOM())"), StartsWith("000002 (0A000)"));
  EXPECT_EQ(Run("SELECT differs(r) FROM (SELECT RANDOM() AS r)"), Lines{"0"});
  EXPECT_THAT(Run("SELECT echo(UUID_STRING())"), SizeIs(1));
  Run("CREATE FUNCTION looked_up(k INT) RETURNS VARCHAR AS 'SELECT MAX(s) FROM t WHERE t.x = k'");
  EXPECT_THAT(ErrorOf("SELECT looked_up(SUM(x)) FROM t"), StartsWith("000002 (0A000)"));
  EXPECT_EQ(Run("SELECT looked_up(k) FROM (SELECT SUM(x) AS k FROM t)"), Lines{"row"});
  EXPECT_EQ(Run("SELECT twice(SUM(x)), twice(COUNT(*)) FROM t"), Lines{"8|2"});
}

TEST_F(UserFunctionsTest, NullAndTypesAsDeclared) {
  Run("CREATE FUNCTION called(a INT, b INT) RETURNS INT AS 'COALESCE(a, b, 7)'");
  Run("CREATE FUNCTION strict_sum(a INT, b INT) RETURNS INT STRICT AS 'COALESCE(a, b, 7)'");
  EXPECT_EQ(
      Run("SELECT called(NULL, 2), strict_sum(NULL, 2), strict_sum(1, 2), called(NULL, NULL)"),
      Lines{"2|NULL|1|7"});
  EXPECT_EQ(Run("SELECT strict_sum(column1, 2) FROM VALUES (1), (NULL) ORDER BY 1"),
            (Lines{"1", "NULL"}));
  // "SQL UDF limitations": lengths, precision and scale do not count.
  Run("CREATE FUNCTION tf(a VARCHAR(1)) RETURNS VARCHAR(1) LANGUAGE SQL AS 'SHA2(a)'");
  EXPECT_EQ(Run("SELECT LENGTH(tf('abc'))"), Lines{"64"});
  // Kinds do.
  Run("CREATE FUNCTION as_text(a INT) RETURNS VARCHAR AS 'a'");
  EXPECT_EQ(Run("SELECT as_text(5) || 'x', TYPEOF(as_text(5)::VARIANT)"), Lines{"5x|VARCHAR"});
  EXPECT_THAT(ErrorOf("CREATE FUNCTION d(a DATE) RETURNS NUMBER AS 'a'"),
              HasSubstr("Declared return type 'NUMBER(38,0)' is incompatible with actual return "
                        "type 'DATE'"));
}

TEST_F(UserFunctionsTest, NamesMeanWhatTheyMeanWhereItLies) {
  MakePurchases();
  Run("CREATE SCHEMA d.other");
  Run("USE SCHEMA d.other");
  Run("CREATE TABLE purchases (n INT)");
  Run("CREATE FUNCTION d.public.sold() RETURNS INT AS 'SELECT SUM(number_sold) FROM purchases'");
  Run("CREATE FUNCTION d.public.place() RETURNS VARCHAR AS 'CURRENT_DATABASE() || ''.'' || "
      "CURRENT_SCHEMA()'");
  EXPECT_EQ(Run("SELECT d.public.sold(), public.sold(), sold(), place()"), Lines{"8|8|8|D.PUBLIC"});
  Run("CREATE FUNCTION sold() RETURNS INT AS '-1'");
  EXPECT_EQ(Run("SELECT sold(), d..sold()"), Lines{"-1|8"});
  EXPECT_THAT(ErrorOf("SELECT d.nowhere.sold()"), HasSubstr("Unknown user-defined function SOLD"));
  EXPECT_THAT(ErrorOf("SELECT nobody()"), HasSubstr("Unknown function NOBODY"));
  // "Using SQL variables in a UDF".
  Run("SET id_threshold = 3");
  Run("CREATE FUNCTION over_threshold(x INT) RETURNS BOOLEAN AS 'x > $id_threshold'");
  EXPECT_EQ(Run("SELECT over_threshold(4), over_threshold(3)"), Lines{"true|false"});
  Run("SET id_threshold = 30");
  EXPECT_EQ(Run("SELECT over_threshold(4)"), Lines{"false"});
  // Not so in a view, which shows the same to everybody.
  EXPECT_THAT(ErrorOf("CREATE VIEW v AS SELECT over_threshold(4) AS a"), HasSubstr("ID_THRESHOLD"));
}

TEST_F(UserFunctionsTest, BodiesAreCheckedWhereTheyAreMade) {
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f() RETURNS INT AS 'nothing + 1'"),
              AllOf(StartsWith("000904 (42000)"), HasSubstr("Compilation of SQL UDF 'F' failed: "
                                                            "invalid identifier 'NOTHING'")));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f() RETURNS INT AS 'SELECT a FROM nowhere'"),
              AllOf(StartsWith("002003"), HasSubstr("'NOWHERE' does not exist")));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f() RETURNS INT AS 'SELECT 1 +'"), StartsWith("001003"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f() RETURNS INT AS '1 +'"), StartsWith("001003"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f() RETURNS INT AS 'SELECT 1, 2'"), StartsWith("001795"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f(a INT) RETURNS INT AS 'SUM(a)'"), StartsWith("002035"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f(name VARCHAR) RETURNS INT AS "
                      "'SELECT COUNT(*) FROM IDENTIFIER(name)'"),
              StartsWith("00"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f(a INT DEFAULT 0, b INT) RETURNS INT AS 'a'"),
              StartsWith("001003"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f(a INT, a INT) RETURNS INT AS 'a'"), StartsWith("002025"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f(a INT) AS 'a'"), StartsWith("002029"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION upper(a INT) RETURNS INT AS 'a'"), StartsWith("002002"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION count(a INT) RETURNS INT AS 'a'"), StartsWith("002002"));
  EXPECT_THAT(Run("SHOW USER FUNCTIONS"), IsEmpty());
}

TEST_F(UserFunctionsTest, NoneCallsItself) {
  EXPECT_THAT(ErrorOf("CREATE FUNCTION f(n INT) RETURNS INT AS 'IFF(n <= 0, 0, f(n - 1))'"),
              HasSubstr("Unknown function F"));
  Run("CREATE FUNCTION f(n INT) RETURNS INT AS 'n'");
  Run("CREATE FUNCTION g(n INT) RETURNS INT AS 'f(n) + 1'");
  EXPECT_THAT(ErrorOf("CREATE OR REPLACE FUNCTION f(n INT) RETURNS INT AS 'f(n - 1)'"),
              StartsWith("002036 (42601)"));
  EXPECT_THAT(ErrorOf("CREATE OR REPLACE FUNCTION f(n INT) RETURNS INT AS 'g(n - 1)'"),
              StartsWith("002036 (42601)"));
  // Nor by a name that it gets later.
  Run("CREATE FUNCTION h(n INT) RETURNS INT AS 'g(n)'");
  Run("DROP FUNCTION f(INT)");
  Run("ALTER FUNCTION h(INT) RENAME TO f");
  EXPECT_THAT(ErrorOf("SELECT g(1)"), StartsWith("002036 (42601)"));
  // Calls within calls end somewhere.
  Run("CREATE FUNCTION wide(x INT) RETURNS INT AS 'x + x + x + x + x + x + x + x'");
  std::string call = "column1";
  for (int i = 0; i < 12; ++i) call = "wide(" + call + ")";
  EXPECT_THAT(ErrorOf("SELECT " + call + " FROM VALUES (1)"), StartsWith("000603 (54001)"));
}

TEST_F(UserFunctionsTest, WhatIsNotSqlIsRefusedByName) {
  const auto python = Try(*session_,
                          "CREATE FUNCTION py(i INT) RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = "
                          "'3.11' HANDLER = 'f' AS $$def f(i): return i$$");
  ASSERT_FALSE(python);
  EXPECT_EQ(Told(python), "000002 (0A000): Unsupported feature 'functions in LANGUAGE PYTHON'.");
  EXPECT_THAT(python.error().error.hint, HasSubstr("SQL"));
  for (const char* text :
       {"CREATE FUNCTION js(d DOUBLE) RETURNS DOUBLE LANGUAGE JAVASCRIPT AS 'return D;'",
        "CREATE TEMPORARY FUNCTION f() RETURNS INT AS '1'",
        "CREATE AGGREGATE FUNCTION f(a INT) RETURNS INT AS '1'",
        "CREATE FUNCTION f() RETURNS INT AS 'BEGIN RETURN 1; END'",
        "CREATE EXTERNAL FUNCTION f(a INT) RETURNS INT API_INTEGRATION = i AS 'https://x/y'"}) {
    EXPECT_THAT(ErrorOf(text), StartsWith("000002 (0A000)")) << text;
  }
}

TEST_F(UserFunctionsTest, ShownDescribedChangedAndDropped) {
  Run("CREATE FUNCTION multiply(a NUMBER, b NUMBER) RETURNS NUMBER COMMENT = 'multiply two "
      "numbers' AS 'a * b'");
  EXPECT_EQ(Run("DESC FUNCTION multiply(number, number)"),
            (Lines{"signature|(A NUMBER, B NUMBER)", "returns|NUMBER(38,0)", "language|SQL",
                   "body|a * b"}));
  EXPECT_EQ(Run("SHOW USER FUNCTIONS ->> SELECT \"name\", \"arguments\", \"description\", "
                "\"is_table_function\", \"language\" FROM $1"),
            Lines{"MULTIPLY|MULTIPLY(NUMBER, NUMBER) RETURN NUMBER|multiply two numbers|N|SQL"});
  EXPECT_THAT(Run("SHOW FUNCTIONS LIKE 'multi%'"), SizeIs(1));
  EXPECT_EQ(Run("SELECT GET_DDL('FUNCTION', 'multiply(number, number)')"),
            Lines{"CREATE OR REPLACE FUNCTION \"MULTIPLY\"(\"A\" NUMBER(38,0), \"B\" NUMBER(38,0))"
                  "\nRETURNS NUMBER(38,0)\nLANGUAGE SQL\nCOMMENT='multiply two numbers'\n"
                  "AS 'a * b';"});
  EXPECT_EQ(Run("SELECT function_name, argument_signature, data_type, function_definition, "
                "volatility, is_secure FROM INFORMATION_SCHEMA.FUNCTIONS"),
            Lines{"MULTIPLY|(A NUMBER, B NUMBER)|NUMBER(38,0)|a * b|VOLATILE|NO"});
  Run("ALTER FUNCTION multiply(NUMBER, NUMBER) SET COMMENT = 'other'");
  Run("ALTER FUNCTION IF EXISTS multiply(NUMBER, NUMBER) SET SECURE");
  EXPECT_EQ(Run("SHOW USER FUNCTIONS ->> SELECT \"description\", \"is_secure\" FROM $1"),
            Lines{"other|Y"});
  Run("ALTER FUNCTION multiply(NUMBER, NUMBER) UNSET SECURE");
  Run("ALTER FUNCTION multiply(NUMBER, NUMBER) UNSET COMMENT");
  Run("ALTER FUNCTION multiply(NUMBER, NUMBER) RENAME TO times");
  EXPECT_EQ(Run("SELECT times(6, 7)"), Lines{"42"});
  EXPECT_EQ(Run("CREATE FUNCTION IF NOT EXISTS times(a NUMBER, b NUMBER) RETURNS NUMBER AS '0'"),
            Lines{"TIMES already exists, statement succeeded."});
  EXPECT_THAT(ErrorOf("CREATE FUNCTION times(a NUMBER, b NUMBER) RETURNS NUMBER AS '0'"),
              StartsWith("002002 (42710)"));
  EXPECT_THAT(ErrorOf("DROP FUNCTION times(NUMBER)"), StartsWith("002003"));
  Run("DROP FUNCTION IF EXISTS times(NUMBER)");
  EXPECT_EQ(Run("DROP FUNCTION times(NUMBER, NUMBER)"), Lines{"TIMES successfully dropped."});
  EXPECT_THAT(ErrorOf("SELECT times(6, 7)"), HasSubstr("Unknown function TIMES"));
  Run("CREATE SCHEMA gone");
  Run("CREATE FUNCTION gone.f() RETURNS INT AS '1'");
  Run("DROP SCHEMA gone");
  EXPECT_THAT(Run("SHOW USER FUNCTIONS IN ACCOUNT"), IsEmpty());
}

TEST_F(UserFunctionsTest, WhatGetDdlGivesMakesItAgain) {
  Run("CREATE SECURE FUNCTION \"my f\"(a NUMBER(10,2), \"b c\" VARCHAR DEFAULT 'it''s') RETURNS "
      "VARCHAR NOT NULL STRICT IMMUTABLE MEMOIZABLE AS $$ a || 'x''y\\n' || \"b c\" $$");
  const std::string text = Run("SELECT GET_DDL('function', '\"my f\"(NUMBER, VARCHAR)')").at(0);
  const Lines value = Run("SELECT \"my f\"(1.5)");
  Run(text);
  EXPECT_EQ(Run("SELECT GET_DDL('function', '\"my f\"(NUMBER, VARCHAR)')").at(0), text);
  EXPECT_EQ(Run("SELECT \"my f\"(1.5)"), value);
  EXPECT_THAT(Run("SELECT GET_DDL('FUNCTION', 'd.public.\"my f\"(NUMBER, VARCHAR)', TRUE)").at(0),
              StartsWith("CREATE OR REPLACE SECURE FUNCTION \"D\".\"PUBLIC\".\"my f\"("));
  EXPECT_THAT(ErrorOf("SELECT GET_DDL('FUNCTION', '\"my f\"')"), StartsWith("002003"));
  EXPECT_THAT(ErrorOf("SELECT GET_DDL('FUNCTION', '\"my f\"(NUMBER); DROP TABLE t')"),
              StartsWith("002003"));
}

TEST_F(UserFunctionsTest, StandInViewsStreamsAndChanges) {
  Run("CREATE TABLE t (a INT, b VARCHAR)");
  Run("CREATE FUNCTION label(x INT) RETURNS VARCHAR AS $$ 'n' || x $$");
  Run("CREATE VIEW v AS SELECT a, label(a) AS l FROM t");
  Run("CREATE STREAM s ON TABLE t");
  EXPECT_EQ(Run("INSERT INTO t VALUES (1, label(1)), (2, label(2))"),
            Lines{"number of rows inserted: 2"});
  EXPECT_EQ(Run("INSERT INTO t SELECT a + 10, label(a) FROM t"),
            Lines{"number of rows inserted: 2"});
  Run("UPDATE t SET b = label(a + 1) WHERE label(a) = 'n11'");
  EXPECT_EQ(Run("SELECT a, l, b FROM v JOIN t USING (a) WHERE a > 5 ORDER BY a"),
            (Lines{"11|n11|n12", "12|n12|n2"}));
  EXPECT_EQ(Run("SELECT label(a) FROM s WHERE METADATA$ACTION = 'INSERT' ORDER BY 1"),
            (Lines{"n1", "n11", "n12", "n2"}));
  // "You cannot call a UDF within the DEFAULT clause of a CREATE TABLE statement."
  EXPECT_THAT(ErrorOf("CREATE TABLE u (a VARCHAR DEFAULT label(1))"), StartsWith("000002 (0A000)"));
  Run("SET x = label(4)");
  EXPECT_EQ(Run("SELECT $x"), Lines{"n4"});
  // A function in a block is a value, as others are.
  EXPECT_EQ(Run("BEGIN LET x VARCHAR := label(5); RETURN x || label(6); END"), Lines{"n5n6"});
}

}  // namespace
}  // namespace tarn::warehouse
