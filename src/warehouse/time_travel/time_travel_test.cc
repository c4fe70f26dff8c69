// SPDX-License-Identifier: Apache-2.0
// AT and BEFORE, by the examples and notes of Snowflake's page of that name.
#include <gmock/gmock.h>

#include <thread>

#include "warehouse/testing/foreign_lake.h"
#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kUnavailable =
    "000707 (02000): Time travel data is not available for table TT1. The requested time is either "
    "beyond the allowed time travel period or before the object creation time.";

class TimeTravelTest : public ManagedTableTest {
 protected:
  TimeTravelTest() { Run("CREATE TABLE tt1 (c1 INT, c2 INT)"); }

  /// The id of the statement before.
  std::string LastId() { return Run("SELECT LAST_QUERY_ID()").at(0); }
  std::string RunForId(const std::string& text) {
    Run(text);
    return LastId();
  }
  Lines Rows(const std::string& clause) {
    return Run("SELECT c1, c2 FROM tt1 " + clause + " ORDER BY 1");
  }
  /// A moment of its own, kept in a variable of the session.
  void Remember(const std::string& variable) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    Run("SET " + variable + " = (SELECT CURRENT_TIMESTAMP())");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::string Snapshot() { return std::to_string(MetadataOf("TT1")->current_snapshot_id->value()); }
};

TEST_F(TimeTravelTest, StatementsAreKnownByTheirIds) {
  const std::string first = RunForId("INSERT INTO tt1 VALUES (1, 2)");
  const std::string second = RunForId("INSERT INTO tt1 VALUES (2, 3)");
  const std::string third = RunForId("DELETE FROM tt1 WHERE c1 = 1");
  const std::string select = RunForId("SELECT 1");
  const auto at = [](const char* word, const std::string& id) {
    return fmt::format("{} (STATEMENT => '{}')", word, id);
  };
  EXPECT_EQ(Rows(at("BEFORE", first)), Lines{});
  EXPECT_EQ(Rows(at("AT", first)), Lines{"1|2"});
  EXPECT_EQ(Rows(at("BEFORE", second)), Lines{"1|2"});
  EXPECT_EQ(Rows(at("BEFORE", third)), (Lines{"1|2", "2|3"}));
  EXPECT_EQ(Rows(at("AT", third)), Lines{"2|3"});
  EXPECT_EQ(Rows(at("AT", select)), Lines{"2|3"});
  EXPECT_EQ(Rows(""), Lines{"2|3"});
  // What a statement did.
  EXPECT_EQ(Run("SELECT oldt.*, newt.* FROM tt1 " + at("BEFORE", third) +
                " AS oldt FULL OUTER JOIN tt1 " + at("AT", third) +
                " AS newt ON oldt.c1 = newt.c1 WHERE oldt.c1 IS NULL OR newt.c1 IS NULL"),
            Lines{"1|2|NULL|NULL"});
  EXPECT_EQ(ErrorOf("SELECT * FROM tt1 AT (STATEMENT => '8e5d0ca9-005e-44e6-b858-a8f5b37c5726')"),
            "000709 (02000): Statement 8e5d0ca9-005e-44e6-b858-a8f5b37c5726 not found");
  Reopen();
  Run("USE SCHEMA d.public");
  EXPECT_EQ(Rows(at("BEFORE", third)), (Lines{"1|2", "2|3"}));
}

TEST_F(TimeTravelTest, TimestampsWithoutAZoneAreOfUtc) {
  Run("ALTER SESSION SET TIMEZONE = 'America/Los_Angeles'");
  Run("INSERT INTO tt1 VALUES (1, 2)");
  Run("INSERT INTO tt1 VALUES (2, 3)");
  Remember("ts");
  Run("INSERT INTO tt1 VALUES (3, 4)");
  Run("SET local = (SELECT TO_VARCHAR($ts::TIMESTAMP_LTZ, 'YYYY-MM-DD HH24:MI:SS.FF3'))");
  EXPECT_EQ(Rows("AT (TIMESTAMP => $ts)"), (Lines{"1|2", "2|3"}));
  EXPECT_EQ(Rows("AT (TIMESTAMP => $local::TIMESTAMP_LTZ)"), (Lines{"1|2", "2|3"}));
  EXPECT_EQ(Rows("BEFORE (TIMESTAMP => $local::TIMESTAMP_LTZ)"), (Lines{"1|2", "2|3"}));
  EXPECT_EQ(ErrorOf("SELECT * FROM tt1 AT (TIMESTAMP => $local::TIMESTAMP_NTZ)"), kUnavailable);
  EXPECT_EQ(ErrorOf("SELECT * FROM tt1 AT (TIMESTAMP => $local)"), kUnavailable);
  Run("SET utc = (SELECT TO_VARCHAR(CONVERT_TIMEZONE('UTC', $ts::TIMESTAMP_LTZ), "
      "'YYYY-MM-DD HH24:MI:SS.FF3'))");
  EXPECT_EQ(Rows("AT (TIMESTAMP => $utc)"), (Lines{"1|2", "2|3"}));
  EXPECT_EQ(Rows("AT (OFFSET => 0)"), (Lines{"1|2", "2|3", "3|4"}));
}

TEST_F(TimeTravelTest, FailsBeforeTheCreationAndBeyondTheRetention) {
  Run("INSERT INTO tt1 VALUES (1, 2)");
  Remember("ts");
  EXPECT_EQ(Rows("AT (TIMESTAMP => $ts)"), Lines{"1|2"});
  for (const char* clause :
       {"AT (OFFSET => -60*60)", "BEFORE (OFFSET => -86400 * 3)",
        "AT (TIMESTAMP => '2020-01-01 00:00:00'::TIMESTAMP)",
        "AT (TIMESTAMP => DATEADD(day, 1, CURRENT_TIMESTAMP()))", "AT (VERSION => 17)"}) {
    EXPECT_EQ(ErrorOf(std::string("SELECT * FROM tt1 ") + clause), kUnavailable) << clause;
  }
  Run("ALTER TABLE tt1 SET DATA_RETENTION_TIME_IN_DAYS = 0");
  EXPECT_EQ(ErrorOf("SELECT * FROM tt1 AT (TIMESTAMP => $ts)"), kUnavailable);
  EXPECT_THAT(ErrorOf("SELECT * FROM tt1 AT (OFFSET => 5)"), StartsWith("001008"));
  EXPECT_THAT(ErrorOf("SELECT * FROM tt1 AT (TIMESTAMP => 'then')"), StartsWith("100"));
  EXPECT_THAT(ErrorOf("SELECT * FROM tt1 AT (OFFSET => (SELECT MAX(c1) FROM tt1))"),
              HasSubstr("constant expression"));
}

TEST_F(TimeTravelTest, ATableIsEmptyBeforeItsFirstRows) {
  Remember("ts");
  Run("INSERT INTO tt1 VALUES (1, 2)");
  EXPECT_EQ(Rows("AT (TIMESTAMP => $ts)"), Lines{});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM tt1 AT (TIMESTAMP => $ts)"), Lines{"0"});
}

TEST_F(TimeTravelTest, ColumnsAreThoseOfNow) {
  const std::string id = RunForId("INSERT INTO tt1 VALUES (1, 2)");
  Run("ALTER TABLE tt1 ADD COLUMN c3 VARCHAR");
  Run("ALTER TABLE tt1 RENAME COLUMN c1 TO first");
  Run("INSERT INTO tt1 VALUES (3, 4, 'new')");
  Run("ALTER TABLE tt1 DROP COLUMN c2");
  EXPECT_EQ(Run("SELECT * FROM tt1 AT (STATEMENT => '" + id + "')"), Lines{"1|NULL"});
  EXPECT_EQ(Run("SELECT first FROM tt1 AT (STATEMENT => '" + id + "')"), Lines{"1"});
}

TEST_F(TimeTravelTest, SnapshotsAreNamedByVersion) {
  Run("INSERT INTO tt1 VALUES (1, 2)");
  const std::string one = Snapshot();
  Run("UPDATE tt1 SET c2 = 5");
  const std::string two = Snapshot();
  Run("TRUNCATE TABLE tt1");
  EXPECT_EQ(Rows("AT (VERSION => " + one + ")"), Lines{"1|2"});
  EXPECT_EQ(Rows("AT (VERSION => " + two + ")"), Lines{"1|5"});
  EXPECT_EQ(Rows("BEFORE (VERSION => " + two + ")"), Lines{"1|2"});
  EXPECT_EQ(Rows("BEFORE (VERSION => " + one + ")"), Lines{});
  EXPECT_EQ(Rows(""), Lines{});
}

TEST_F(TimeTravelTest, ATransactionHappensWhenItCommits) {
  Run("INSERT INTO tt1 VALUES (1, 1)");
  Run("BEGIN");
  const std::string update = RunForId("UPDATE tt1 SET c2 = 2");
  Run("INSERT INTO tt1 VALUES (2, 2)");
  // The transaction's own rows are no part of what was.
  EXPECT_EQ(Rows("AT (OFFSET => 0)"), Lines{"1|1"});
  Remember("ts");
  const std::string commit = RunForId("COMMIT");
  EXPECT_EQ(Rows("AT (TIMESTAMP => $ts)"), Lines{"1|1"});
  EXPECT_EQ(Rows("BEFORE (STATEMENT => '" + commit + "')"), Lines{"1|1"});
  EXPECT_EQ(Rows("BEFORE (STATEMENT => '" + update + "')"), Lines{"1|1"});
  EXPECT_EQ(Rows("AT (STATEMENT => '" + update + "')"), (Lines{"1|2", "2|2"}));
  EXPECT_EQ(Rows("AT (STATEMENT => '" + commit + "')"), (Lines{"1|2", "2|2"}));
}

TEST_F(TimeTravelTest, ViewsTravelAsTheirTables) {
  const std::string id = RunForId("INSERT INTO tt1 VALUES (1, 2)");
  Run("CREATE VIEW v AS SELECT SUM(c2) AS s FROM tt1");
  Run("INSERT INTO tt1 VALUES (2, 3)");
  EXPECT_EQ(Run("SELECT s FROM v"), Lines{"5"});
  EXPECT_EQ(Run("SELECT s FROM v AT (STATEMENT => '" + id + "')"), Lines{"2"});
  EXPECT_EQ(Run("WITH old AS (SELECT * FROM tt1 AT (STATEMENT => '" + id +
                "')) SELECT COUNT(*) FROM old"),
            Lines{"1"});
  EXPECT_THAT(ErrorOf("WITH tt1 AS (SELECT 1 AS c1) SELECT * FROM tt1 AT (OFFSET => -1)"),
              StartsWith("000002"));
  // What is there may be put back.
  Run("CREATE TABLE restored AS SELECT * FROM tt1 AT (STATEMENT => '" + id + "')");
  EXPECT_EQ(Run("SELECT * FROM restored"), Lines{"1|2"});
}

TEST_F(TimeTravelTest, PrivilegesAreThoseOfNow) {
  const std::string id = RunForId("INSERT INTO tt1 VALUES (1, 2)");
  Run("CREATE ROLE reader");
  Run("GRANT ROLE reader TO USER admin");
  Run("GRANT USAGE ON DATABASE d TO ROLE reader");
  Run("GRANT USAGE ON SCHEMA d.public TO ROLE reader");
  Run("USE ROLE reader");
  Run("USE SECONDARY ROLES NONE");
  EXPECT_THAT(ErrorOf("SELECT * FROM tt1 AT (STATEMENT => '" + id + "')"), StartsWith("002003"));
}

class ForeignTimeTravelTest : public ForeignLakeTest {};

TEST_F(ForeignTimeTravelTest, TablesOfOthersHaveTheSnapshotsOfTheirMetadata) {
  MakeOrders();
  const auto one = lake_.Append("orders", {Order(1, 100, "CARD")});
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto two = lake_.Append("orders", {Order(2, 200, "CASH")});
  Run(Named("orders", PathOf(two)));
  const auto at = [](const iceberg::LoadedTable& table) {
    return fmt::format("AT (VERSION => {})", table.metadata->current_snapshot_id->value());
  };
  EXPECT_EQ(Run("SELECT txn_id FROM orders " + at(one)), Lines{"1"});
  EXPECT_EQ(Run("SELECT txn_id FROM orders " + at(two) + " ORDER BY 1"), (Lines{"1", "2"}));
  // From before it was shown here.
  EXPECT_EQ(Run(fmt::format("SELECT txn_id FROM orders AT (TIMESTAMP => TO_TIMESTAMP_LTZ({}, 3))",
                            one.metadata->current_snapshot()->timestamp_ms)),
            Lines{"1"});
  lake_.ExpectSound(two);
}

}  // namespace
}  // namespace tarn::warehouse
