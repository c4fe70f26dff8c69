// SPDX-License-Identifier: Apache-2.0
// Table functions in SQL: the examples of Snowflake's page "Tabular SQL UDFs (UDTFs)", with the
// answers that stand there.
#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TableFunctionsTest : public ManagedTableTest {
 protected:
  void MakeColors() {
    Run("create or replace table favorite_years as select 2016 year UNION ALL select 2017 UNION "
        "ALL select 2018 UNION ALL select 2019");
    Run("create or replace table colors as select 2017 year, 'red' color, true favorite UNION ALL "
        "select 2017 year, 'orange' color, true favorite UNION ALL select 2017 year, 'green' "
        "color, false favorite UNION ALL select 2018 year, 'blue' color, true favorite UNION ALL "
        "select 2018 year, 'violet' color, true favorite UNION ALL select 2018 year, 'brown' "
        "color, false favorite");
    Run("create or replace table fashion as select 2017 year, 'red' fashion_color UNION ALL "
        "select 2018 year, 'black' fashion_color UNION ALL select 2019 year, 'orange' "
        "fashion_color");
    Run("create or replace function favorite_colors(the_year int) returns table(color string) as "
        "'select color from colors where year=the_year and favorite=true'");
  }
};

TEST_F(TableFunctionsTest, GiveRows) {
  Run("CREATE FUNCTION t() RETURNS TABLE(msg VARCHAR) AS $$ SELECT 'Hello' UNION SELECT 'World' "
      "$$");
  EXPECT_EQ(Run("SELECT msg FROM TABLE(t()) ORDER BY msg"), (Lines{"Hello", "World"}));
  Run("CREATE OR REPLACE FUNCTION t() RETURNS TABLE(msg VARCHAR) AS ' SELECT \\'Hello\\' UNION "
      "SELECT \\'World\\' '");
  EXPECT_EQ(Run("SELECT msg FROM TABLE(t()) ORDER BY msg"), (Lines{"Hello", "World"}));
  Run("create or replace table orders (product_id varchar, quantity_sold numeric(11, 2))");
  Run("insert into orders (product_id, quantity_sold) values ('compostable bags', 2000), "
      "('re-usable cups',  1000)");
  Run("create or replace function orders_for_product(PROD_ID varchar) returns table (Product_ID "
      "varchar, Quantity_Sold numeric(11, 2)) as $$ select product_ID, quantity_sold from orders "
      "where product_ID = PROD_ID $$");
  EXPECT_EQ(Run("select product_id, quantity_sold::VARCHAR from "
                "table(orders_for_product('compostable bags')) order by product_id"),
            Lines{"compostable bags|2000.00"});
  Run("create or replace table countries (country_code char(2), country_name varchar)");
  Run("insert into countries (country_code, country_name) values ('FR', 'FRANCE'), ('US', 'UNITED "
      "STATES'), ('ES', 'SPAIN')");
  Run("create or replace table user_addresses (user_ID integer, country_code char(2))");
  Run("insert into user_addresses (user_id, country_code) values (100, 'ES'), (123, 'FR'), (123, "
      "'US')");
  Run("CREATE OR REPLACE FUNCTION get_countries_for_user ( id number ) RETURNS TABLE (country_code "
      "char, country_name varchar) AS 'select distinct c.country_code, c.country_name from "
      "user_addresses a, countries c where a.user_id = id and c.country_code = a.country_code'");
  EXPECT_EQ(Run("select * from table(get_countries_for_user(123)) cc where cc.country_code in "
                "('US','FR','CA') order by country_code"),
            (Lines{"FR|FRANCE", "US|UNITED STATES"}));
}

TEST_F(TableFunctionsTest, TakeTheRowsBefore) {
  MakeColors();
  EXPECT_EQ(Run("select color from table(favorite_colors(2017)) order by color"),
            (Lines{"orange", "red"}));
  const Lines joined = {"2017|orange", "2017|red", "2018|blue", "2018|violet"};
  EXPECT_EQ(Run("select * from favorite_years y join table(favorite_colors(y.year)) c order by "
                "year, color"),
            joined);
  EXPECT_EQ(Run("select * from favorite_years y, table(favorite_colors(y.year)) order by 1, 2"),
            joined);
  EXPECT_EQ(Run("select * from fashion f join table(favorite_colors(f.year)) fav where fav.color = "
                "f.fashion_color"),
            Lines{"2017|red|red"});
  EXPECT_EQ(Run("select fav.color as favorite_2017, f.* from fashion f JOIN "
                "table(favorite_colors(2017)) fav where fav.color = f.fashion_color order by year"),
            (Lines{"red|2017|red", "orange|2019|orange"}));
  // A column has the function's name, or the alias's.
  EXPECT_EQ(Run("select favorite_colors.color from table(favorite_colors(2018)) order by 1"),
            (Lines{"blue", "violet"}));
  EXPECT_EQ(Run("select x from table(favorite_colors(the_year => 2018)) as f(x) order by 1"),
            (Lines{"blue", "violet"}));
  // In the subquery of a row.
  EXPECT_EQ(Run("select year, (select count(*) from table(favorite_colors(y.year))) from "
                "favorite_years y order by 1"),
            (Lines{"2016|0", "2017|2", "2018|2", "2019|0"}));
  // One within another.
  Run("create function loud_colors(y int) returns table(color string) as 'select upper(f.color) "
      "from table(favorite_colors(y)) f'");
  EXPECT_EQ(Run("select color from favorite_years v, table(loud_colors(v.year)) order by 1"),
            (Lines{"BLUE", "ORANGE", "RED", "VIOLET"}));
}

TEST_F(TableFunctionsTest, StrictOnesGiveNothingForNull) {
  Run("CREATE FUNCTION pair(a INT) RETURNS TABLE(x INT) AS 'SELECT a UNION ALL SELECT -1'");
  Run("CREATE FUNCTION strict_pair(a INT) RETURNS TABLE(x INT) STRICT AS 'SELECT a UNION ALL "
      "SELECT -1'");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM TABLE(pair(NULL))"), Lines{"2"});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM TABLE(strict_pair(NULL))"), Lines{"0"});
  EXPECT_EQ(
      Run("SELECT column1, x FROM (VALUES (1), (NULL)) v, TABLE(strict_pair(column1)) f ORDER "
          "BY x"),
      (Lines{"1|-1", "1|1"}));
}

TEST_F(TableFunctionsTest, ColumnsAreAsDeclared) {
  Run("CREATE FUNCTION t() RETURNS TABLE(a VARCHAR, b FLOAT) AS 'SELECT 1, 2'");
  EXPECT_EQ(Run("SELECT a || 'x', b / 4 FROM TABLE(t())"), Lines{"1x|0.5"});
  EXPECT_EQ(Run("DESC FUNCTION t()")[1], "returns|TABLE (A VARCHAR, B FLOAT)");
  EXPECT_EQ(Run("SHOW USER FUNCTIONS ->> SELECT \"is_table_function\" FROM $1"), Lines{"Y"});
  EXPECT_EQ(Run("SELECT GET_DDL('FUNCTION', 't()')"),
            Lines{"CREATE OR REPLACE FUNCTION \"T\"()\nRETURNS TABLE (\"A\" VARCHAR(16777216), "
                  "\"B\" FLOAT)\nLANGUAGE SQL\nAS 'SELECT 1, 2';"});
  EXPECT_THAT(ErrorOf("CREATE FUNCTION u() RETURNS TABLE(a INT) AS 'SELECT 1, 2'"),
              StartsWith("002020"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION u() RETURNS TABLE(a INT) AS '1 + 2'"), StartsWith("001003"));
  EXPECT_THAT(ErrorOf("CREATE FUNCTION u() RETURNS TABLE(a NUMBER) AS 'SELECT CURRENT_DATE()'"),
              StartsWith("002023"));
  EXPECT_THAT(ErrorOf("SELECT t()"), HasSubstr("returns a table"));
  Run("CREATE FUNCTION s() RETURNS INT AS '1'");
  EXPECT_THAT(ErrorOf("SELECT * FROM TABLE(s())"), HasSubstr("returns a value"));
  EXPECT_THAT(ErrorOf("SELECT * FROM TABLE(nobody())"), StartsWith("000002"));
}

}  // namespace
}  // namespace tarn::warehouse
