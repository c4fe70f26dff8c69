// SPDX-License-Identifier: Apache-2.0
// UPDATE, DELETE, MERGE; examples are those of Snowflake's pages.
#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::AnyOf;
using testing::StartsWith;

class RowChangesTest : public ManagedTableTest {};

TEST_F(RowChangesTest, SnowflakesBicycles) {
  Run("CREATE TABLE leased_bicycles (bicycle_id INTEGER, customer_id INTEGER)");
  Run("CREATE TABLE returned_bicycles (bicycle_id INTEGER)");
  Run("INSERT INTO leased_bicycles (bicycle_ID, customer_ID) VALUES (101, 1111), (102, 2222), "
      "(103, "
      "3333), (104, 4444), (105, 5555)");
  Run("INSERT INTO returned_bicycles (bicycle_ID) VALUES (102), (104)");
  EXPECT_EQ(Run("DELETE FROM leased_bicycles WHERE bicycle_ID = 105"),
            Lines{"number of rows deleted: 1"});
  EXPECT_EQ(Run("SELECT * FROM leased_bicycles ORDER BY bicycle_ID"),
            (Lines{"101|1111", "102|2222", "103|3333", "104|4444"}));
  Run("BEGIN WORK");
  EXPECT_EQ(Run("DELETE FROM leased_bicycles USING returned_bicycles WHERE "
                "leased_bicycles.bicycle_ID = returned_bicycles.bicycle_ID"),
            Lines{"number of rows deleted: 2"});
  Run("TRUNCATE TABLE returned_bicycles");
  Run("COMMIT WORK");
  EXPECT_EQ(Run("SELECT * FROM leased_bicycles ORDER BY bicycle_ID"),
            (Lines{"101|1111", "103|3333"}));
  Run("INSERT INTO returned_bicycles (bicycle_ID) VALUES (103)");
  Run("BEGIN WORK");
  Run("DELETE FROM leased_bicycles USING (SELECT bicycle_ID AS bicycle_ID FROM returned_bicycles) "
      "AS "
      "returned WHERE leased_bicycles.bicycle_ID = returned.bicycle_ID");
  Run("TRUNCATE TABLE returned_bicycles");
  Run("COMMIT WORK");
  EXPECT_EQ(Run("SELECT * FROM leased_bicycles"), Lines{"101|1111"});
}

TEST_F(RowChangesTest, ARowThatMatchesTwiceIsDeletedOnce) {
  Run("CREATE TABLE tab1 (k NUMBER, v NUMBER)");
  Run("CREATE TABLE tab2 (k NUMBER, v NUMBER)");
  Run("INSERT INTO tab1 VALUES (0, 10), (1, 11)");
  Run("INSERT INTO tab2 VALUES (0, 20), (0, 30)");
  EXPECT_EQ(Run("DELETE FROM tab1 USING tab2 WHERE tab1.k = tab2.k"),
            Lines{"number of rows deleted: 1"});
  EXPECT_EQ(Run("SELECT * FROM tab1"), Lines{"1|11"});
  EXPECT_EQ(Run("DELETE FROM tab1"), Lines{"number of rows deleted: 1"});
  EXPECT_EQ(Run("DELETE FROM tab1"), Lines{"number of rows deleted: 0"});
}

TEST_F(RowChangesTest, UpdatesComputeOfTheOldRow) {
  Run("CREATE TABLE t (k INT, a INT, b VARCHAR(5))");
  Run("INSERT INTO t VALUES (1, 10, 'x'), (2, 20, 'y'), (3, NULL, 'z')");
  EXPECT_EQ(Run("UPDATE t SET a = k, k = a WHERE k < 3"),
            (Lines{"number of rows updated: 2", "number of multi-joined rows updated: 0"}));
  EXPECT_EQ(Run("SELECT k, a, b FROM t ORDER BY k"), (Lines{"3|NULL|z", "10|1|x", "20|2|y"}));
  EXPECT_EQ(Run("UPDATE t u SET u.b = u.b || '!' WHERE EXISTS (SELECT 1 FROM t WHERE t.a = u.a)"),
            (Lines{"number of rows updated: 2", "number of multi-joined rows updated: 0"}));
  EXPECT_EQ(Run("SELECT b FROM t ORDER BY k"), (Lines{"z", "x!", "y!"}));
  EXPECT_THAT(ErrorOf("UPDATE t SET b = 'too long'"), StartsWith("100078 (22000)"));
  EXPECT_THAT(ErrorOf("UPDATE t SET nothing = 1"), StartsWith("000904 (42000)"));
  EXPECT_THAT(ErrorOf("UPDATE t SET a = 1, a = 2"), StartsWith("002025"));
  EXPECT_EQ(Run("SELECT b FROM t ORDER BY k"), (Lines{"z", "x!", "y!"}));
}

TEST_F(RowChangesTest, RowsThatJoinTwiceAreCounted) {
  Run("CREATE TABLE target (k INT, v INT)");
  Run("CREATE TABLE src (k INT, v INT)");
  Run("INSERT INTO target VALUES (0, 10)");
  Run("INSERT INTO src VALUES (0, 11), (0, 12), (0, 13)");
  EXPECT_EQ(Run("UPDATE target SET v = src.v FROM src WHERE target.k = src.k"),
            (Lines{"number of rows updated: 1", "number of multi-joined rows updated: 1"}));
  EXPECT_THAT(Run("SELECT k, v FROM target"), AnyOf(Lines{"0|11"}, Lines{"0|12"}, Lines{"0|13"}));
  Run("ALTER SESSION SET ERROR_ON_NONDETERMINISTIC_UPDATE = TRUE");
  EXPECT_THAT(ErrorOf("UPDATE target SET v = src.v FROM src WHERE target.k = src.k"),
              StartsWith("100090 (42P18)"));
  EXPECT_EQ(Run("UPDATE target SET v = b.v FROM (SELECT k, MIN(v) v FROM src GROUP BY k) b WHERE "
                "target.k = b.k"),
            (Lines{"number of rows updated: 1", "number of multi-joined rows updated: 0"}));
  EXPECT_EQ(Run("SELECT k, v FROM target"), Lines{"0|11"});
}

TEST_F(RowChangesTest, SnowflakesMergeOfSeveralOperations) {
  Run("CREATE OR REPLACE TABLE merge_example_mult_target (id INTEGER, val INTEGER, status "
      "VARCHAR)");
  Run("INSERT INTO merge_example_mult_target (id, val, status) VALUES (1, 10, 'Production'), (2, "
      "20, "
      "'Alpha'), (3, 30, 'Production')");
  Run("CREATE OR REPLACE TABLE merge_example_mult_source (id INTEGER, marked VARCHAR, isnewstatus "
      "INTEGER, newval INTEGER, newstatus VARCHAR)");
  Run("INSERT INTO merge_example_mult_source (id, marked, isnewstatus, newval, newstatus) VALUES "
      "(1, "
      "'Y', 0, 10, 'Production'), (2, 'N', 1, 50, 'Beta'), (3, 'N', 0, 60, 'Deprecated'), (4, 'N', "
      "0, 40, 'Production')");
  EXPECT_EQ(
      Run("MERGE INTO merge_example_mult_target USING merge_example_mult_source ON "
          "merge_example_mult_target.id = merge_example_mult_source.id "
          "WHEN MATCHED AND merge_example_mult_source.marked = 'Y' THEN DELETE "
          "WHEN MATCHED AND merge_example_mult_source.isnewstatus = 1 THEN UPDATE SET val = "
          "merge_example_mult_source.newval, status = merge_example_mult_source.newstatus "
          "WHEN MATCHED THEN UPDATE SET val = merge_example_mult_source.newval "
          "WHEN NOT MATCHED THEN INSERT (id, val, status) VALUES (merge_example_mult_source.id, "
          "merge_example_mult_source.newval, merge_example_mult_source.newstatus)"),
      (Lines{"number of rows inserted: 1", "number of rows updated: 2",
             "number of rows deleted: 1"}));
  EXPECT_EQ(Run("SELECT * FROM merge_example_mult_target ORDER BY id"),
            (Lines{"2|50|Beta", "3|60|Production", "4|40|Production"}));
}

TEST_F(RowChangesTest, MergeAllByName) {
  Run("CREATE TABLE t (id INTEGER, x INTEGER, y VARCHAR)");
  Run("CREATE TABLE s (id INTEGER, y VARCHAR, x INTEGER)");
  Run("INSERT INTO t VALUES (1, 10, 'Skiing'), (2, 20, 'Snowboarding')");
  Run("INSERT INTO s VALUES (1, 'Skiing', 10), (2, 'Snowboarding', 25), (3, 'Skating', 30)");
  EXPECT_EQ(Run("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE ALL BY NAME WHEN NOT "
                "MATCHED THEN INSERT ALL BY NAME"),
            (Lines{"number of rows inserted: 1", "number of rows updated: 2"}));
  EXPECT_EQ(Run("SELECT id, x, y FROM t ORDER BY id"),
            (Lines{"1|10|Skiing", "2|25|Snowboarding", "3|30|Skating"}));
}

TEST_F(RowChangesTest, MergeFailsWhereItsResultWouldBeAnyones) {
  Run("CREATE TABLE t (k INT, v INT)");
  Run("CREATE TABLE s (k INT, v INT)");
  Run("INSERT INTO t VALUES (0, 10)");
  Run("INSERT INTO s VALUES (0, 11), (0, 12), (1, 13), (1, 13)");
  const std::string updates =
      "MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v";
  EXPECT_EQ(ErrorOf(updates), "100090 (42P18): Duplicate row detected during DML action");
  EXPECT_THAT(
      ErrorOf("MERGE INTO t USING s ON t.k = s.k WHEN MATCHED AND s.v = 11 THEN DELETE WHEN "
              "MATCHED THEN UPDATE SET v = s.v"),
      StartsWith("100090 (42P18)"));
  // Only one of the two satisfies a clause; duplicates of the source are all inserted.
  EXPECT_EQ(
      Run("MERGE INTO t USING s ON t.k = s.k WHEN MATCHED AND s.v = 12 THEN UPDATE SET v = s.v "
          "WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)"),
      (Lines{"number of rows inserted: 2", "number of rows updated: 1"}));
  EXPECT_EQ(Run("SELECT k, v FROM t ORDER BY k"), (Lines{"0|12", "1|13", "1|13"}));
  EXPECT_EQ(Run("MERGE INTO t USING s ON t.k = s.k AND s.k = 0 WHEN MATCHED THEN DELETE"),
            Lines{"number of rows deleted: 1"});
  Run("INSERT INTO t VALUES (0, 10)");
  Run("ALTER SESSION SET ERROR_ON_NONDETERMINISTIC_MERGE = FALSE");
  EXPECT_EQ(Run("MERGE INTO t USING (SELECT * FROM s WHERE k = 0) s ON t.k = s.k WHEN MATCHED THEN "
                "UPDATE SET v = s.v"),
            Lines{"number of rows updated: 1"});
  EXPECT_THAT(Run("SELECT v FROM t WHERE k = 0"), AnyOf(Lines{"11"}, Lines{"12"}));
  EXPECT_THAT(ErrorOf("MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN MATCHED AND "
                      "s.v = 1 THEN DELETE"),
              StartsWith("001003 (42000)"));
}

TEST_F(RowChangesTest, ConversionsOfOtherClausesDoNotFail) {
  Run("CREATE TABLE t (k INT, v VARCHAR(2))");
  Run("INSERT INTO t VALUES (1, 'a')");
  EXPECT_EQ(
      Run("MERGE INTO t USING (SELECT 1 AS k, 'long' AS v UNION ALL SELECT 2, 'ok') s ON t.k = "
          "s.k WHEN MATCHED THEN UPDATE SET v = 'b' WHEN NOT MATCHED THEN INSERT VALUES (s.k, "
          "s.v)"),
      (Lines{"number of rows inserted: 1", "number of rows updated: 1"}));
  EXPECT_EQ(Run("SELECT k, v FROM t ORDER BY k"), (Lines{"1|b", "2|ok"}));
}

TEST_F(RowChangesTest, RowsOfEveryTypeStayWhatTheyAre) {
  Run("CREATE TABLE t (k INT, f FLOAT, b BINARY, tm TIME, ntz TIMESTAMP_NTZ, ltz TIMESTAMP_LTZ, tz "
      "TIMESTAMP_TZ, va VARIANT)");
  Run("INSERT INTO t SELECT 1, 0.1, X'AB', '12:34:56.789012', '2024-05-06 07:08:09.123456', "
      "'2024-05-06 07:08:09 +0100', '2024-05-06 07:08:09 +0100', "
      "PARSE_JSON('{\"b\": 1, \"a\": [1.0, \"\\u00e4\"]}')");
  const std::string all =
      "SELECT k, f::VARCHAR, b::VARCHAR, TO_CHAR(tm, 'HH24:MI:SS.FF6'), "
      "TO_CHAR(ntz, 'YYYY-MM-DD HH24:MI:SS.FF6'), ltz::VARCHAR, tz::VARCHAR, va::VARCHAR FROM t";
  const Lines before = Run(all);
  Run("UPDATE t SET k = 2");
  Run("UPDATE t SET k = 1");
  EXPECT_EQ(Run(all), before);
}

TEST_F(RowChangesTest, OnlyTheWarehousesTables) {
  Run("CREATE VIEW v AS SELECT 1 AS a");
  EXPECT_THAT(ErrorOf("DELETE FROM v"), StartsWith("000002 (0A000)"));
  EXPECT_THAT(ErrorOf("INSERT INTO v VALUES (1)"), StartsWith("000002 (0A000)"));
  EXPECT_THAT(ErrorOf("UPDATE nothing SET a = 1"), StartsWith("002003 (42S02)"));
}

}  // namespace
}  // namespace tarn::warehouse
