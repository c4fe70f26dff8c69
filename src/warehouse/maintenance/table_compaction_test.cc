// SPDX-License-Identifier: Apache-2.0
#include "warehouse/maintenance/table_compaction.h"

#include <gmock/gmock.h>

#include <thread>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

class TableCompactionTest : public ManagedTableTest {
 protected:
  TableCompactionTest() : compaction_(*account_, ending_) {}

  void Insert(const std::string& table, int first, int count) {
    for (int i = first; i < first + count; ++i)
      Run(fmt::format("INSERT INTO {} VALUES ({}, 0)", table, i));
  }
  std::string FilesOf(const std::string& table) {
    const auto metadata = MetadataOf(table);
    return metadata->current_snapshot()->summary.at("total-data-files");
  }
  void Round() { Must(compaction_.Round()); }

  std::atomic<bool> ending_ = false;
  TableCompaction compaction_;
};

TEST_F(TableCompactionTest, ManyCommitsBecomeOneFile) {
  Run("CREATE TABLE t (a INT, b INT)");
  Insert("t", 0, 7);
  Round();
  EXPECT_EQ(FilesOf("T"), "7");  // not worth it yet
  Insert("t", 7, 8);
  Run("SET before = (SELECT LAST_QUERY_ID())");
  Round();
  EXPECT_EQ(FilesOf("T"), "1");
  EXPECT_EQ(Run("SELECT COUNT(*), SUM(a), MIN(a), MAX(a) FROM t"), Lines{"15|105|0|14"});
  // What was there before stays readable.
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t AT (STATEMENT => $before)"), Lines{"15"});
  Insert("t", 15, 1);
  Round();
  EXPECT_EQ(FilesOf("T"), "2");
}

TEST_F(TableCompactionTest, RowsKeepTheirIdsAndStreamsSeeNothing) {
  Run("CREATE TABLE t (a INT, b INT) CHANGE_TRACKING = TRUE");
  Insert("t", 0, 6);
  Run("CREATE STREAM s ON TABLE t");
  Insert("t", 6, 6);
  Run("UPDATE t SET b = 1 WHERE a IN (2, 8)");
  const std::string changes =
      "SELECT a, b, METADATA$ACTION, METADATA$ISUPDATE, METADATA$ROW_ID FROM s ORDER BY ALL";
  const Lines before = Run(changes);
  EXPECT_EQ(before.size(), 8U);
  Round();
  EXPECT_EQ(FilesOf("T"), "1");
  EXPECT_EQ(Run(changes), before);
  Run("CREATE TABLE consumed AS SELECT * FROM s");
  Insert("t", 12, 11);
  Run("INSERT INTO consumed SELECT * FROM s");
  EXPECT_EQ(Run("SELECT SYSTEM$STREAM_HAS_DATA('s')"), Lines{"false"});
  Round();
  EXPECT_EQ(Run("SELECT SYSTEM$STREAM_HAS_DATA('s')"), Lines{"false"});
}

TEST_F(TableCompactionTest, NotWhereItIsTurnedOff) {
  Run("CREATE TABLE t (a INT, b INT) ENABLE_DATA_COMPACTION = FALSE");
  Run("CREATE TABLE u (a INT, b INT)");
  Run("ALTER SCHEMA public SET ENABLE_DATA_COMPACTION = FALSE");
  Insert("t", 0, 12);
  Insert("u", 0, 12);
  Round();
  EXPECT_EQ(FilesOf("T"), "12");
  EXPECT_EQ(FilesOf("U"), "12");
  Run("ALTER TABLE u SET ENABLE_DATA_COMPACTION = TRUE");
  Insert("u", 12, 1);
  Round();
  EXPECT_EQ(FilesOf("T"), "12");
  EXPECT_EQ(FilesOf("U"), "1");
}

TEST_F(TableCompactionTest, NeverAgainstATransaction) {
  Run("CREATE TABLE t (a INT, b INT)");
  Insert("t", 0, 12);
  const auto other = OpenInSchema();
  RunIn(*other, "BEGIN");
  RunIn(*other, "UPDATE t SET b = 1 WHERE a < 6");
  RunIn(*other, "DELETE FROM t WHERE a = 11");
  Round();
  EXPECT_EQ(FilesOf("T"), "12");
  RunIn(*other, "COMMIT");
  EXPECT_EQ(Run("SELECT COUNT(*), SUM(b) FROM t"), Lines{"11|6"});
}

// Whoever comes first: no update is lost, and none fails.
TEST_F(TableCompactionTest, BesideChangesOfRows) {
  Run("CREATE TABLE t (a INT, b INT)");
  Insert("t", 0, 12);
  std::atomic<bool> done = false;
  std::thread compacting([&] {
    while (!done) Round();
  });
  for (int i = 0; i < 40; ++i) {
    Run("UPDATE t SET b = b + 1 WHERE a < 12");
    Insert("t", 100 + i, 1);
  }
  done = true;
  compacting.join();
  EXPECT_EQ(Run("SELECT COUNT(*), SUM(b) FROM t"), Lines{"52|480"});
}

TEST_F(TableCompactionTest, DroppedTablesAreLeftAlone) {
  Run("CREATE TABLE t (a INT, b INT)");
  Insert("t", 0, 12);
  Run("DROP TABLE t");
  Round();
  Run("UNDROP TABLE t");
  EXPECT_EQ(FilesOf("T"), "12");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"12"});
}

}  // namespace
}  // namespace tarn::warehouse
