// SPDX-License-Identifier: Apache-2.0
// CHANGES, by the examples and notes of Snowflake's page of that name.
#include <gmock/gmock.h>

#include <thread>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::StartsWith;

class ChangesTest : public ManagedTableTest {
 protected:
  ChangesTest() { Run("CREATE TABLE t1 (id NUMBER(8) NOT NULL, c1 VARCHAR(255) DEFAULT NULL)"); }

  void Remember(const std::string& variable) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    Run("SET " + variable + " = (SELECT CURRENT_TIMESTAMP())");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  Lines Changes(const std::string& information, const std::string& clause) {
    return Run(
        "SELECT id, c1, metadata$action, metadata$isupdate FROM t1 CHANGES (INFORMATION => " +
        information + ") " + clause + " ORDER BY id, metadata$action, c1");
  }
  void Colours() { Run("INSERT INTO t1 (id, c1) VALUES (1, 'red'), (2, 'blue'), (3, 'green')"); }
};

TEST_F(ChangesTest, ShowsTheNetDifferenceOrWhatWasAppended) {
  Run("ALTER TABLE t1 SET CHANGE_TRACKING = TRUE");
  Remember("ts1");
  Colours();
  Run("DELETE FROM t1 WHERE id = 1");
  Run("UPDATE t1 SET c1 = 'purple' WHERE id = 2");
  EXPECT_EQ(Changes("DEFAULT", "AT (TIMESTAMP => $ts1)"),
            (Lines{"2|purple|INSERT|false", "3|green|INSERT|false"}));
  EXPECT_EQ(Changes("APPEND_ONLY", "AT (TIMESTAMP => $ts1)"),
            (Lines{"1|red|INSERT|false", "2|blue|INSERT|false", "3|green|INSERT|false"}));
  // The row that was updated keeps its id.
  EXPECT_EQ(
      Run("SELECT COUNT(DISTINCT d.metadata$row_id) FROM t1 CHANGES (INFORMATION => DEFAULT) "
          "AT (TIMESTAMP => $ts1) d JOIN t1 CHANGES (INFORMATION => APPEND_ONLY) "
          "AT (TIMESTAMP => $ts1) a ON d.metadata$row_id = a.metadata$row_id AND d.id = a.id"),
      Lines{"2"});
}

TEST_F(ChangesTest, TheEndIsInclusive) {
  Run("ALTER TABLE t1 SET CHANGE_TRACKING = TRUE");
  Remember("ts1");
  Colours();
  Remember("ts2");
  Run("DELETE FROM t1 WHERE id = 3");
  Run("SET last_query_id = (SELECT LAST_QUERY_ID())");
  Run("INSERT INTO t1 VALUES (4, 'black')");
  Run("CREATE OR REPLACE TABLE t2 (c1 VARCHAR(255) DEFAULT NULL) AS SELECT c1 FROM t1 CHANGES "
      "(INFORMATION => APPEND_ONLY) AT (TIMESTAMP => $ts1) END (TIMESTAMP => $ts2)");
  EXPECT_EQ(Run("SELECT c1 FROM t2 ORDER BY 1"), (Lines{"blue", "green", "red"}));
  Run("CREATE OR REPLACE TABLE t3 (c1 VARCHAR(255) DEFAULT NULL) AS SELECT c1 FROM t1 CHANGES "
      "(INFORMATION => DEFAULT) AT (TIMESTAMP => $ts1) END (STATEMENT => $last_query_id)");
  EXPECT_EQ(Run("SELECT c1 FROM t3 ORDER BY 1"), (Lines{"blue", "red"}));
  EXPECT_EQ(Changes("DEFAULT", "BEFORE (STATEMENT => $last_query_id)"),
            (Lines{"3|green|DELETE|false", "4|black|INSERT|false"}));
  EXPECT_THAT(
      ErrorOf("SELECT * FROM t1 CHANGES (INFORMATION => DEFAULT) AT (TIMESTAMP => $ts2) END "
              "(TIMESTAMP => $ts1)"),
      StartsWith("001008"));
}

TEST_F(ChangesTest, BeginsAtTheOffsetOfAStream) {
  Run("CREATE OR REPLACE STREAM s1 ON TABLE t1");
  Colours();
  Remember("ts2");
  Run("DELETE FROM t1");
  Run("CREATE OR REPLACE TABLE t2 (c1 VARCHAR(255) DEFAULT NULL) AS SELECT c1 FROM t1 CHANGES "
      "(INFORMATION => APPEND_ONLY) AT (STREAM => 's1') END (TIMESTAMP => $ts2)");
  EXPECT_EQ(Run("SELECT c1 FROM t2 ORDER BY 1"), (Lines{"blue", "green", "red"}));
  EXPECT_EQ(Changes("DEFAULT", "AT (STREAM => 's1')"), Lines{});
  // CHANGES consume nothing.
  EXPECT_EQ(Run("SELECT SYSTEM$STREAM_HAS_DATA('s1')"), Lines{"true"});
}

TEST_F(ChangesTest, RowsFromBeforeTheTrackingHaveIdsToo) {
  Colours();
  const auto old = MetadataOf("T1")->format_version;
  Run("ALTER TABLE t1 SET CHANGE_TRACKING = TRUE");
  Run("SET since = (SELECT LAST_QUERY_ID())");
  EXPECT_EQ(old, 2);
  EXPECT_EQ(MetadataOf("T1")->format_version, 3);
  // All rows of the file, so that another takes its place.
  Run("UPDATE t1 SET c1 = c1 || '!'");
  EXPECT_EQ(Changes("DEFAULT", "AT (STATEMENT => $since)"),
            (Lines{"1|red|DELETE|true", "1|red!|INSERT|true", "2|blue|DELETE|true",
                   "2|blue!|INSERT|true", "3|green|DELETE|true", "3|green!|INSERT|true"}));
  EXPECT_EQ(Changes("APPEND_ONLY", "AT (STATEMENT => $since)"), Lines{});
  EXPECT_EQ(
      Run("SELECT COUNT(DISTINCT metadata$row_id) FROM t1 CHANGES (INFORMATION => DEFAULT) AT "
          "(STATEMENT => $since)"),
      Lines{"3"});
}

TEST_F(ChangesTest, AMergeAppendsOnlyWhatItInserts) {
  Run("CREATE STREAM s1 ON TABLE t1");
  Colours();
  Run("SET since = (SELECT LAST_QUERY_ID())");
  Run("MERGE INTO t1 USING (SELECT column1 AS id, column2 AS c1 FROM VALUES (3, 'lime'), (4, "
      "'sky')) "
      "s ON t1.id = s.id WHEN MATCHED THEN UPDATE SET c1 = s.c1 WHEN NOT MATCHED THEN INSERT "
      "VALUES "
      "(s.id, s.c1)");
  EXPECT_EQ(Changes("APPEND_ONLY", "AT (STATEMENT => $since)"), Lines{"4|sky|INSERT|false"});
  EXPECT_EQ(Changes("DEFAULT", "AT (STATEMENT => $since)"),
            (Lines{"3|green|DELETE|true", "3|lime|INSERT|true", "4|sky|INSERT|false"}));
  Run("INSERT OVERWRITE INTO t1 VALUES (9, 'ink')");
  EXPECT_EQ(Changes("APPEND_ONLY", "AT (STATEMENT => $since)"),
            (Lines{"4|sky|INSERT|false", "9|ink|INSERT|false"}));
}

TEST_F(ChangesTest, NeedsTracking) {
  Colours();
  Run("SET since = (SELECT LAST_QUERY_ID())");
  const char* const changes =
      "SELECT * FROM t1 CHANGES (INFORMATION => DEFAULT) AT (STATEMENT => $since)";
  const char* const missing =
      "091930 (22000): SQL compilation error:\nChange tracking is not enabled or has been missing "
      "for the time range requested on table 'T1'.";
  EXPECT_EQ(ErrorOf(changes), missing);
  Run("ALTER TABLE t1 SET CHANGE_TRACKING = TRUE");
  EXPECT_EQ(ErrorOf(changes), missing);
  Run("CREATE VIEW v AS SELECT * FROM t1");
  EXPECT_THAT(ErrorOf("SELECT * FROM v CHANGES (INFORMATION => DEFAULT) AT (OFFSET => 0)"),
              StartsWith("000002"));
}

TEST_F(ChangesTest, IcebergTablesOfVersion2HaveNoUpdates) {
  Run("CREATE ICEBERG TABLE lake (id INT, c1 VARCHAR) CATALOG = 'SNOWFLAKE' CHANGE_TRACKING = "
      "TRUE");
  Run("INSERT INTO lake VALUES (1, 'a'), (2, 'b')");
  Run("SET since = (SELECT LAST_QUERY_ID())");
  Run("UPDATE lake SET c1 = 'c' WHERE id = 2");
  const std::string from = "FROM lake CHANGES (INFORMATION => ";
  EXPECT_EQ(Run("SELECT * " + from + "DEFAULT) AT (STATEMENT => $since) ORDER BY c1"),
            (Lines{"2|b|DELETE|false|NULL", "2|c|INSERT|false|NULL"}));
  EXPECT_THAT(ErrorOf("SELECT * " + from + "APPEND_ONLY) AT (STATEMENT => $since)"),
              testing::HasSubstr("cannot be told from changed ones"));
  EXPECT_EQ(MetadataOf("LAKE")->format_version, 2);
}

}  // namespace
}  // namespace tarn::warehouse
