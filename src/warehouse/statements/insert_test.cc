// SPDX-License-Identifier: Apache-2.0
// INSERT and TRUNCATE; examples are those of Snowflake's pages.
#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::StartsWith;

class InsertTest : public ManagedTableTest {};

TEST_F(InsertTest, SnowflakesEmployees) {
  Run("CREATE TABLE employees (first_name VARCHAR, last_name VARCHAR, workphone VARCHAR, city "
      "VARCHAR, postal_code VARCHAR)");
  EXPECT_EQ(Run("INSERT INTO employees VALUES "
                "('May', 'Franklin', '1-650-249-5198', 'San Francisco', 94115), "
                "('Lysandra', 'Reeves', '1-212-759-3751', 'New York', 10018)"),
            Lines{"number of rows inserted: 2"});
  Run("CREATE TABLE contractors (contractor_first VARCHAR, contractor_last VARCHAR, worknum "
      "VARCHAR, city VARCHAR, zip_code VARCHAR)");
  Run("INSERT INTO contractors VALUES ('Bradley', 'Greenbloom', '1-650-445-0676', 'San Francisco', "
      "94110), ('Cole', 'Simpson', '1-212-285-8904', 'New York', 10001)");
  EXPECT_EQ(Run("INSERT INTO employees(first_name, last_name, workphone, city, postal_code) SELECT "
                "contractor_first, contractor_last, worknum, NULL, zip_code FROM contractors WHERE "
                "CONTAINS(worknum,'650')"),
            Lines{"number of rows inserted: 1"});
  EXPECT_EQ(Run("SELECT * FROM employees ORDER BY first_name"),
            (Lines{"Bradley|Greenbloom|1-650-445-0676|NULL|94110",
                   "Lysandra|Reeves|1-212-759-3751|New York|10018",
                   "May|Franklin|1-650-249-5198|San Francisco|94115"}));
  EXPECT_EQ(
      Run("INSERT INTO employees (first_name, last_name) WITH cte AS (SELECT contractor_first "
          "AS f, contractor_last AS l FROM contractors) SELECT f, l FROM cte"),
      Lines{"number of rows inserted: 2"});
  EXPECT_EQ(Run("INSERT OVERWRITE INTO employees SELECT * FROM contractors"),
            Lines{"number of rows inserted: 2"});
  EXPECT_EQ(Run("SELECT first_name FROM employees ORDER BY 1"), (Lines{"Bradley", "Cole"}));
}

TEST_F(InsertTest, RowsOfValuesHaveOneType) {
  Run("CREATE TABLE m (v VARCHAR)");
  EXPECT_EQ(Run("INSERT INTO m (v) VALUES ('three'), ('four')"),
            Lines{"number of rows inserted: 2"});
  EXPECT_THAT(ErrorOf("INSERT INTO m (v) VALUES (3), ('d')"), StartsWith("100038 (22018)"));
  EXPECT_EQ(Run("INSERT INTO m (v) VALUES (3), (4)"), Lines{"number of rows inserted: 2"});
  EXPECT_EQ(Run("SELECT v FROM m ORDER BY v"), (Lines{"3", "4", "four", "three"}));
  Run("CREATE TABLE j (v VARIANT)");
  EXPECT_EQ(ErrorOf("INSERT INTO j VALUES (PARSE_JSON('1'))"),
            "002014 (22000): SQL compilation error:\n"
            "Invalid expression [PARSE_JSON('1')] in VALUES clause");
  EXPECT_THAT(ErrorOf("INSERT INTO j VALUES ((SELECT 1))"), StartsWith("002014"));
}

TEST_F(InsertTest, WhatDoesNotFitIsAnError) {
  Run("CREATE TABLE t (a NUMBER(3, 1) NOT NULL, b VARCHAR(2), c BINARY(1))");
  EXPECT_EQ(ErrorOf("INSERT INTO t VALUES (NULL, 'a', NULL)"),
            "100072 (22000): NULL result in a non-nullable column");
  EXPECT_EQ(ErrorOf("INSERT INTO t (b) VALUES ('a')"),
            "100072 (22000): NULL result in a non-nullable column");
  EXPECT_EQ(ErrorOf("INSERT INTO t VALUES (1, 'abc', NULL)"),
            "100078 (22000): String 'abc' is too long and would be truncated");
  EXPECT_THAT(ErrorOf("INSERT INTO t SELECT 1, 'a', X'0102'"), StartsWith("100078 (22000)"));
  EXPECT_THAT(ErrorOf("INSERT INTO t VALUES (100, 'a', NULL)"), StartsWith("100046 (22003)"));
  EXPECT_THAT(ErrorOf("INSERT INTO t SELECT 'x', 'a', NULL"), StartsWith("100038 (22018)"));
  EXPECT_EQ(ErrorOf("INSERT INTO t VALUES (1, 'a')"),
            "002020 (21S01): SQL compilation error:\n"
            "Insert value list does not match column list expecting 3 but got 2");
  EXPECT_THAT(ErrorOf("INSERT INTO t (a, nothing) VALUES (1, 2)"), StartsWith("000904 (42000)"));
  EXPECT_THAT(ErrorOf("INSERT INTO t (a, a) VALUES (1, 2)"), StartsWith("002025 (42S21)"));
  EXPECT_THAT(ErrorOf("INSERT INTO t (a) SELECT CURRENT_DATE()"), StartsWith("002023 (22000)"));
  EXPECT_THAT(ErrorOf("INSERT INTO nothing VALUES (1)"), StartsWith("002003 (42S02)"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"0"});
  EXPECT_EQ(Run("INSERT INTO t VALUES (99.95 - 0.05, 'ab', NULL)"),
            Lines{"number of rows inserted: 1"});
}

TEST_F(InsertTest, DefaultsStandWhereNothingIsGiven) {
  Run("CREATE TABLE t (a INT DEFAULT 1 + 1, b VARCHAR DEFAULT 'x', c DATE DEFAULT CURRENT_DATE(), "
      "d INT)");
  Run("INSERT INTO t (d) VALUES (1)");
  Run("INSERT INTO t VALUES (DEFAULT, DEFAULT, NULL, 2), (5, 'y', DEFAULT, 3)");
  EXPECT_EQ(Run("SELECT d, a, b, c = CURRENT_DATE() FROM t ORDER BY d"),
            (Lines{"1|2|x|true", "2|2|x|NULL", "3|5|y|true"}));
  Run("UPDATE t SET a = DEFAULT, b = DEFAULT WHERE d = 3");
  EXPECT_EQ(Run("SELECT a, b FROM t WHERE d = 3"), Lines{"2|x"});
}

TEST_F(InsertTest, ManyRowsGoThroughSeveralBatches) {
  Run("CREATE TABLE t (i INT, s VARCHAR)");
  EXPECT_EQ(Run("INSERT INTO t SELECT SEQ4(), REPEAT('x', 100) || SEQ4() FROM "
                "TABLE(GENERATOR(ROWCOUNT => 50000))"),
            Lines{"number of rows inserted: 50000"});
  EXPECT_EQ(Run("SELECT COUNT(*), COUNT(DISTINCT i), SUM(i), MAX(LENGTH(s)) FROM t"),
            Lines{"50000|50000|1249975000|105"});
  EXPECT_EQ(Run("INSERT INTO t SELECT i + 50000, s FROM t"),
            Lines{"number of rows inserted: 50000"});
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT i) FROM t"), Lines{"100000"});
}

TEST_F(InsertTest, AllAndFirstFillSeveralTables) {
  Run("CREATE TABLE src (n1 INT)");
  Run("INSERT INTO src VALUES (1), (11), (101)");
  Run("CREATE TABLE t1 (c1 INT, c2 INT, c3 INT DEFAULT 7)");
  Run("CREATE TABLE t2 (c1 INT)");
  const std::string branches =
      " WHEN n1 > 100 THEN INTO t1 (c1) WHEN n1 > 10 THEN INTO t1 (c1) INTO t2 ELSE INTO t2 SELECT "
      "n1 FROM src";
  EXPECT_EQ(Run("INSERT ALL" + branches),
            (Lines{"number of rows inserted into T1: 3", "number of rows inserted into T2: 3"}));
  EXPECT_EQ(Run("SELECT c1, c3 FROM t1 ORDER BY 1"), (Lines{"11|7", "101|7", "101|7"}));
  EXPECT_EQ(Run("SELECT c1 FROM t2 ORDER BY 1"), (Lines{"1", "11", "101"}));
  EXPECT_EQ(Run("INSERT OVERWRITE FIRST" + branches),
            (Lines{"number of rows inserted into T1: 2", "number of rows inserted into T2: 2"}));
  EXPECT_EQ(Run("SELECT c1 FROM t1 ORDER BY 1"), (Lines{"11", "101"}));
  EXPECT_EQ(Run("SELECT c1 FROM t2 ORDER BY 1"), (Lines{"1", "11"}));
  EXPECT_EQ(Run("INSERT OVERWRITE ALL INTO t1 VALUES ($1, an_alias, \"10 + 20\") INTO t1 (c2, c1, "
                "c3) VALUES ($1, NULL, DEFAULT) SELECT 1, 50 AS an_alias, 10 + 20"),
            Lines{"number of rows inserted into T1: 2"});
  EXPECT_EQ(Run("SELECT * FROM t1 ORDER BY c1"), (Lines{"1|50|30", "NULL|1|7"}));
  EXPECT_THAT(ErrorOf("INSERT ALL WHEN c > 10 THEN INTO t2 VALUES (n1) SELECT n1 FROM src"),
              StartsWith("000904 (42000)"));
}

TEST_F(InsertTest, TruncateTakesAllRows) {
  Run("CREATE OR REPLACE TABLE temp_test_truncate (i number)");
  Run("INSERT INTO temp_test_truncate SELECT seq8() FROM table(generator(rowcount=>20)) v");
  EXPECT_EQ(Run("SELECT COUNT (*) FROM temp_test_truncate"), Lines{"20"});
  EXPECT_EQ(Run("TRUNCATE TABLE IF EXISTS temp_test_truncate"),
            Lines{"Statement executed successfully."});
  EXPECT_EQ(Run("SELECT COUNT (*) FROM temp_test_truncate"), Lines{"0"});
  EXPECT_EQ(Run("TRUNCATE TABLE IF EXISTS nothing"), Lines{"Statement executed successfully."});
  EXPECT_THAT(ErrorOf("TRUNCATE TABLE nothing"), StartsWith("002003 (42S02)"));
}

}  // namespace
}  // namespace tarn::warehouse
