// SPDX-License-Identifier: Apache-2.0
// Streams on tables, by Snowflake's pages "Introduction to streams", "CREATE STREAM" and those of
// its functions.
#include <gmock/gmock.h>

#include <thread>

#include "base/clock.h"
#include "table/commit.h"
#include "table/journal.h"
#include "table/pins.h"
#include "warehouse/testing/foreign_lake.h"
#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class TableStreamTest : public ManagedTableTest {
 protected:
  TableStreamTest() {
    Run("CREATE TABLE t (id INT, v INT)");
    Run("CREATE TABLE sink (id INT, v INT)");
  }

  Lines Shown(Session& session, const std::string& stream = "s") {
    return RunIn(session, "SELECT id, v, metadata$action, metadata$isupdate FROM " + stream +
                              " ORDER BY id, metadata$action, v");
  }
  Lines Shown(const std::string& stream = "s") { return Shown(*session_, stream); }
  std::string HasData(const std::string& stream = "s") {
    return Run("SELECT SYSTEM$STREAM_HAS_DATA('" + stream + "')").at(0);
  }
  void Consume(const std::string& stream = "s") {
    Run("INSERT INTO sink SELECT id, v FROM " + stream + " WHERE metadata$action = 'INSERT'");
  }
  Lines Sunk() { return Run("SELECT id, v FROM sink ORDER BY 1, 2"); }
  /// Of snapshots, the table keeps the newest and what is pinned.
  void KeepNothing(const std::string& table = "T") {
    const table::Writer writer = account_->writers().Begin();
    const auto metadata = MetadataOf(table);
    Must(account_->tables().journal->AddLocation(writer, metadata->location, false));
    table::TableChange change{.table = {{"D", "PUBLIC"}, table},
                              .created = nullptr,
                              .requirements = {},
                              .changes = {},
                              .snapshot_id = iceberg::NewSnapshotId(metadata.get())};
    change.changes.set_properties = {{"history.expire.min-snapshots-to-keep", "1"},
                                     {"history.expire.max-snapshot-age-ms", "0"}};
    TablePublisher publisher(&account_->metastore(), writer.id);
    Must(table::CommitTables(account_->tables(), publisher, writer, {&change, 1}));
    account_->tables().journal->Commit(writer.id, NowMs());
    account_->writers().End(writer.id);
  }
  std::vector<table::Pin> Pins(const std::string& table = "T") {
    return warehouse::Must(
        table::ReadPins(*account_->tables().storage, MetadataOf(table)->location, NowMs()));
  }
};

TEST_F(TableStreamTest, ShowsWhatChangedSinceItsOffset) {
  Run("INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)");
  EXPECT_EQ(Run("CREATE STREAM s ON TABLE t"), Lines{"Stream S successfully created."});
  EXPECT_EQ(Shown(), Lines{});
  EXPECT_EQ(HasData(), "false");
  Run("INSERT INTO t VALUES (4, 40)");
  Run("UPDATE t SET v = 21 WHERE id = 2");
  Run("DELETE FROM t WHERE id = 3");
  const Lines all = {"2|20|DELETE|true", "2|21|INSERT|true", "3|30|DELETE|false",
                     "4|40|INSERT|false"};
  EXPECT_EQ(Shown(), all);
  EXPECT_EQ(HasData(), "true");
  // A query alone moves nothing.
  EXPECT_EQ(Shown(), all);
  EXPECT_EQ(Run("SELECT COUNT(*), COUNT(DISTINCT metadata$row_id) FROM s"), Lines{"4|3"});
  Consume();
  EXPECT_EQ(Sunk(), (Lines{"2|21", "4|40"}));
  EXPECT_EQ(Shown(), Lines{});
  EXPECT_EQ(HasData(), "false");
  // What came and went within the interval is not there; an update of a new row is an insert.
  Run("INSERT INTO t VALUES (5, 50), (6, 60)");
  Run("DELETE FROM t WHERE id = 5");
  Run("UPDATE t SET v = 61 WHERE id = 6");
  EXPECT_EQ(Shown(), Lines{"6|61|INSERT|false"});
}

TEST_F(TableStreamTest, HasDataUntilItIsConsumed) {
  Run("CREATE TABLE mytable1 (id INT)");
  Run("CREATE TABLE mytable2 (id INT)");
  Run("CREATE STREAM mystream ON TABLE mytable1");
  Run("INSERT INTO mytable1 VALUES (1)");
  EXPECT_EQ(HasData("MYSTREAM"), "true");
  Run("BEGIN");
  Run("INSERT INTO mytable2 SELECT id FROM mystream");
  Run("COMMIT");
  EXPECT_EQ(HasData("MYSTREAM"), "false");
  EXPECT_EQ(Run("SELECT * FROM mytable2"), Lines{"1"});
  EXPECT_EQ(
      Run("SELECT SYSTEM$STREAM_GET_TABLE_TIMESTAMP('MYSTREAM')"),
      Lines{std::to_string(MetadataOf("MYTABLE1")->current_snapshot()->timestamp_ms * 1'000'000)});
}

TEST_F(TableStreamTest, EveryKindOfDmlConsumes) {
  Run("CREATE STREAM s ON TABLE t");
  int next = 0;
  for (const char* statement :
       {"INSERT INTO sink SELECT id, v FROM s WHERE 0 = 1",
        "INSERT OVERWRITE INTO sink SELECT id, v FROM s",
        "MERGE INTO sink USING s ON sink.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v)",
        "UPDATE sink SET v = s.v FROM s WHERE sink.id = s.id",
        "DELETE FROM sink USING s WHERE sink.id = s.id", "INSERT ALL INTO sink SELECT id, v FROM s",
        "CREATE OR REPLACE TABLE made AS SELECT * FROM s",
        "INSERT INTO sink SELECT COUNT(*), 0 FROM v"}) {
    Run("CREATE OR REPLACE VIEW v AS SELECT * FROM s");
    Run(fmt::format("INSERT INTO t VALUES ({}, 0)", ++next));
    ASSERT_EQ(HasData(), "true");
    Run(statement);
    EXPECT_EQ(HasData(), "false") << statement;
    EXPECT_EQ(Shown(), Lines{}) << statement;
  }
  // Once and for all: what was made of it holds what the stream showed, and how.
  EXPECT_EQ(Run("SELECT id, metadata$action FROM made"), Lines{"7|INSERT"});
}

TEST_F(TableStreamTest, ATransactionSeesOneStateOfAStream) {
  Run("CREATE STREAM s ON TABLE t");
  Run("INSERT INTO t VALUES (1, 10)");
  const auto other = OpenInSchema();
  Run("BEGIN");
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  RunIn(*other, "INSERT INTO t VALUES (2, 20)");
  // From the offset to the beginning of the transaction, whatever was committed or done since.
  EXPECT_EQ(Shown(), Lines{"1|10|INSERT|false"});
  Run("UPDATE t SET v = 11 WHERE id = 1");
  EXPECT_EQ(Shown(), Lines{"1|10|INSERT|false"});
  Consume();
  Run("INSERT INTO sink SELECT id + 100, v FROM s");
  EXPECT_EQ(Sunk(), (Lines{"1|10", "101|10"}));
  Run("COMMIT");
  // What was committed since its beginning, by itself and by others, comes next.
  EXPECT_EQ(Shown(), (Lines{"1|10|DELETE|true", "1|11|INSERT|true", "2|20|INSERT|false"}));
  // Reading alone is no consumption.
  Run("BEGIN");
  EXPECT_THAT(Shown(), SizeIs(3));
  Run("COMMIT");
  EXPECT_THAT(Shown(), SizeIs(3));
}

TEST_F(TableStreamTest, ARolledBackTransactionMovesNothing) {
  Run("CREATE STREAM s ON TABLE t");
  Run("INSERT INTO t VALUES (1, 10)");
  Run("BEGIN");
  Consume();
  Run("ROLLBACK");
  EXPECT_EQ(Shown(), Lines{"1|10|INSERT|false"});
  EXPECT_EQ(Sunk(), Lines{});
  // Nor does a statement that failed in one that did not.
  Run("BEGIN");
  Run("INSERT INTO sink VALUES (7, 7)");
  EXPECT_THAT(ErrorOf("INSERT INTO sink SELECT id, v / (id - 1) FROM s"), StartsWith("100051"));
  Run("COMMIT");
  EXPECT_EQ(Sunk(), Lines{"7|7"});
  EXPECT_EQ(Shown(), Lines{"1|10|INSERT|false"});
  EXPECT_THAT(ErrorOf("INSERT INTO sink SELECT id, v / (id - 1) FROM s"), StartsWith("100051"));
  EXPECT_EQ(Shown(), Lines{"1|10|INSERT|false"});
}

TEST_F(TableStreamTest, ConsumersWaitForEachOther) {
  Run("CREATE STREAM s ON TABLE t");
  Run("INSERT INTO t VALUES (1, 10)");
  const auto other = OpenInSchema();
  Run("CREATE TABLE sink2 (id INT, v INT)");
  Run("BEGIN");
  Consume();
  RunIn(*other, "ALTER SESSION SET LOCK_TIMEOUT = 0");
  EXPECT_THAT(Told(Try(*other, "INSERT INTO sink2 SELECT id, v FROM s")), StartsWith(" (55P03)"));
  // Who only reads waits for nobody.
  EXPECT_EQ(Shown(*other), Lines{"1|10|INSERT|false"});
  RunIn(*other, "ALTER SESSION SET LOCK_TIMEOUT = 60");
  std::thread waits([&] { RunIn(*other, "INSERT INTO sink2 SELECT id, v FROM s"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  Run("COMMIT");
  waits.join();
  EXPECT_EQ(Sunk(), Lines{"1|10"});
  EXPECT_EQ(Run("SELECT * FROM sink2"), Lines{});
}

TEST_F(TableStreamTest, WhoSawAStreamThatMovedCannotConsumeIt) {
  Run("CREATE STREAM s ON TABLE t");
  Run("INSERT INTO t VALUES (1, 10)");
  const auto other = OpenInSchema();
  Run("BEGIN");
  EXPECT_EQ(Shown(), Lines{"1|10|INSERT|false"});
  RunIn(*other, "INSERT INTO sink SELECT id, v FROM s");
  EXPECT_EQ(Shown(), Lines{"1|10|INSERT|false"});
  EXPECT_THAT(ErrorOf("INSERT INTO sink SELECT id, v FROM s"), StartsWith(" (40001)"));
  Run("ROLLBACK");
  EXPECT_EQ(Sunk(), Lines{"1|10"});
  // One that is made anew in between is another stream.
  Run("BEGIN");
  Run("INSERT INTO sink SELECT id, v FROM s");
  RunIn(*other, "CREATE OR REPLACE STREAM s ON TABLE t");
  EXPECT_THAT(ErrorOf("COMMIT"), StartsWith(" (40001)"));
  EXPECT_EQ(Sunk(), Lines{"1|10"});
}

TEST_F(TableStreamTest, AppendOnlyStreamsShowInsertsAlone) {
  Run("INSERT INTO t VALUES (1, 10)");
  Run("CREATE STREAM s ON TABLE t APPEND_ONLY = TRUE");
  Run("UPDATE t SET v = 11");
  EXPECT_EQ(Shown(), Lines{});
  Run("INSERT INTO t VALUES (2, 20), (3, 30)");
  Run("DELETE FROM t WHERE id = 2");
  Run("TRUNCATE TABLE t");
  EXPECT_EQ(Shown(), (Lines{"2|20|INSERT|false", "3|30|INSERT|false"}));
  Consume();
  EXPECT_EQ(Shown(), Lines{});
  Run("INSERT INTO t VALUES (4, 40)");
  EXPECT_EQ(Shown(), Lines{"4|40|INSERT|false"});
  EXPECT_THAT(Run("SHOW STREAMS"), testing::ElementsAre(HasSubstr("|APPEND_ONLY|")));
}

TEST_F(TableStreamTest, InitialRowsComeFirstAndOnce) {
  Run("INSERT INTO t VALUES (1, 10)");
  Run("CREATE STREAM s ON TABLE t SHOW_INITIAL_ROWS = TRUE");
  Run("INSERT INTO t VALUES (2, 20)");
  Run("UPDATE t SET v = 11 WHERE id = 1");
  EXPECT_EQ(HasData(), "true");
  EXPECT_EQ(Shown(), Lines{"1|10|INSERT|false"});
  Consume();
  EXPECT_EQ(Shown(), (Lines{"1|10|DELETE|true", "1|11|INSERT|true", "2|20|INSERT|false"}));
}

TEST_F(TableStreamTest, BeginsWhereItIsToldTo) {
  Run("CREATE STREAM first ON TABLE t");
  Run("INSERT INTO t VALUES (1, 10)");
  Run("SET one = (SELECT LAST_QUERY_ID())");
  Run("INSERT INTO t VALUES (2, 20)");
  Run("SET two = (SELECT LAST_QUERY_ID())");
  Run("CREATE STREAM s ON TABLE t BEFORE (STATEMENT => $two)");
  EXPECT_EQ(Shown(), Lines{"2|20|INSERT|false"});
  Run("CREATE OR REPLACE STREAM s ON TABLE t AT (STREAM => 'first')");
  EXPECT_EQ(Shown(), (Lines{"1|10|INSERT|false", "2|20|INSERT|false"}));
  Run("CREATE OR REPLACE STREAM s ON TABLE t AT (STREAM => 's')");
  EXPECT_EQ(Shown(), (Lines{"1|10|INSERT|false", "2|20|INSERT|false"}));
  Run("CREATE OR REPLACE STREAM s ON TABLE t");
  EXPECT_EQ(Shown(), Lines{});
  EXPECT_THAT(ErrorOf("CREATE STREAM late ON TABLE t AT (OFFSET => -86400)"), StartsWith("000707"));
  Run("CREATE TABLE untracked (a INT)");
  EXPECT_THAT(ErrorOf("CREATE STREAM u ON TABLE untracked AT (OFFSET => 0)"), StartsWith("091930"));
}

TEST_F(TableStreamTest, FollowsItsTable) {
  Run("INSERT INTO t VALUES (1, 10)");
  Run("CREATE STREAM s ON TABLE t");
  Run("INSERT INTO t VALUES (2, 20)");
  Run("ALTER TABLE t RENAME TO renamed");
  Run("ALTER TABLE renamed ADD COLUMN more VARCHAR");
  EXPECT_EQ(Run("SELECT id, more, metadata$action FROM s"), Lines{"2|NULL|INSERT"});
  Reopen();
  Run("USE SCHEMA d.public");
  EXPECT_EQ(Shown(), Lines{"2|20|INSERT|false"});
  Run("DROP TABLE renamed");
  Run("CREATE TABLE renamed (id INT, v INT)");
  const std::string gone =
      "091903 (42601): SQL compilation error:\n"
      "Base table 'D.PUBLIC.T' dropped, cannot read from stream 'S'.";
  EXPECT_EQ(ErrorOf("SELECT * FROM s"), gone);
  EXPECT_EQ(ErrorOf("SELECT SYSTEM$STREAM_HAS_DATA('s')"), gone);
  Run("DROP TABLE renamed");
  Run("UNDROP TABLE renamed");
  EXPECT_EQ(ErrorOf("SELECT * FROM s"), gone);
}

TEST_F(TableStreamTest, ItsSnapshotIsPinnedUntilItMoves) {
  Run("INSERT INTO t VALUES (1, 10)");
  KeepNothing();
  Run("CREATE STREAM s ON TABLE t");
  ASSERT_THAT(Pins(), SizeIs(1));
  const auto offset = *MetadataOf("T")->current_snapshot_id;
  EXPECT_EQ(Pins()[0].snapshot_id, offset);
  EXPECT_GT(*Pins()[0].expires_ms, NowMs() + int64_t{13} * 24 * 60 * 60 * 1000);
  for (int i = 0; i < 5; ++i) Run("UPDATE t SET v = v + 1");
  EXPECT_THAT(MetadataOf("T")->snapshots, SizeIs(2));
  EXPECT_EQ(Shown(), (Lines{"1|10|DELETE|true", "1|15|INSERT|true"}));
  Consume();
  ASSERT_THAT(Pins(), SizeIs(1));
  EXPECT_EQ(Pins()[0].snapshot_id, *MetadataOf("T")->current_snapshot_id);
  Run("UPDATE t SET v = v + 1");
  Run("BEGIN");
  Run("INSERT INTO sink SELECT id, v FROM s");
  Run("ROLLBACK");
  EXPECT_THAT(Pins(), SizeIs(1));
  EXPECT_THAT(Shown(), SizeIs(2));
  // One that a crash kept from being made is made when the account is opened.
  Must(table::RemovePin(*account_->tables().storage, MetadataOf("T")->location, Pins()[0].name));
  Reopen();
  Run("USE SCHEMA d.public");
  EXPECT_THAT(Pins(), SizeIs(1));
}

TEST_F(TableStreamTest, AppendOnlyStreamsHoldWhatFollowsTheirOffset) {
  KeepNothing();
  Run("INSERT INTO t VALUES (0, 0)");
  Run("CREATE STREAM s ON TABLE t APPEND_ONLY = TRUE");
  for (int i = 1; i <= 4; ++i) {
    Run(fmt::format("INSERT INTO t VALUES ({}, {})", i, i));
    Run("DELETE FROM t");
  }
  EXPECT_EQ(Shown(), (Lines{"1|1|INSERT|false", "2|2|INSERT|false", "3|3|INSERT|false",
                            "4|4|INSERT|false"}));
  Consume();
  Run("INSERT INTO t VALUES (5, 5)");
  EXPECT_THAT(MetadataOf("T")->snapshots, SizeIs(2));
  EXPECT_EQ(Shown(), Lines{"5|5|INSERT|false"});
}

TEST_F(TableStreamTest, IsStaleWhereItsSnapshotHasGone) {
  Run("INSERT INTO t VALUES (1, 10)");
  Run("CREATE STREAM s ON TABLE t");
  KeepNothing();
  Must(table::RemovePin(*account_->tables().storage, MetadataOf("T")->location, Pins()[0].name));
  Run("UPDATE t SET v = v + 1");
  for (const char* text : {"SELECT * FROM s", "INSERT INTO sink SELECT id, v FROM s",
                           "SELECT SYSTEM$STREAM_HAS_DATA('s')"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("Stream 'S' has become stale")) << text;
  }
  Run("CREATE OR REPLACE STREAM s ON TABLE t");
  EXPECT_EQ(Shown(), Lines{});
}

TEST_F(TableStreamTest, TellsWhenItBecomesStale) {
  Run("CREATE STREAM s ON TABLE t");
  const auto days = [&] {
    Run("SHOW STREAMS");
    return Run(
        "SELECT \"stale\", DATEDIFF(day, \"created_on\", \"stale_after\") FROM "
        "TABLE(RESULT_SCAN(LAST_QUERY_ID()))");
  };
  EXPECT_EQ(days(), Lines{"false|14"});
  Run("ALTER TABLE t SET MAX_DATA_EXTENSION_TIME_IN_DAYS = 0");
  EXPECT_EQ(days(), Lines{"false|1"});
  Run("ALTER TABLE t SET DATA_RETENTION_TIME_IN_DAYS = 30");
  EXPECT_EQ(days(), Lines{"false|30"});
}

TEST_F(TableStreamTest, IsRefusedWhereNobodyCouldReadIt) {
  Run("CREATE VIEW w AS SELECT * FROM t");
  EXPECT_THAT(ErrorOf("CREATE STREAM s ON VIEW w"), StartsWith("000002"));
  EXPECT_THAT(ErrorOf("CREATE STREAM s ON TABLE t INSERT_ONLY = TRUE"), StartsWith("000002"));
  EXPECT_THAT(ErrorOf("CREATE STREAM s ON TABLE nowhere"), StartsWith("002003"));
  EXPECT_THAT(ErrorOf("SELECT * FROM t AT (STREAM => 's')"), StartsWith("000002"));
  Run("CREATE STREAM s ON TABLE t");
  EXPECT_EQ(Run("CREATE STREAM IF NOT EXISTS s ON TABLE t"),
            Lines{"S already exists, statement succeeded."});
  EXPECT_THAT(ErrorOf("CREATE STREAM s ON TABLE t"), StartsWith("002002"));
  EXPECT_THAT(ErrorOf("SELECT * FROM s AT (OFFSET => -1)"), StartsWith("000002"));
  // Both, the stream and its table, must be readable.
  Run("CREATE ROLE reader");
  Run("GRANT ROLE reader TO USER admin");
  Run("GRANT USAGE ON DATABASE d TO ROLE reader");
  Run("GRANT USAGE ON SCHEMA d.public TO ROLE reader");
  Run("GRANT SELECT ON STREAM s TO ROLE reader");
  Run("USE SECONDARY ROLES NONE");
  Run("USE ROLE reader");
  EXPECT_NE(ErrorOf("SELECT * FROM s"), "ok");
  Run("USE ROLE accountadmin");
  Run("GRANT SELECT ON TABLE t TO ROLE reader");
  Run("USE ROLE reader");
  EXPECT_EQ(ErrorOf("SELECT * FROM s"), "ok");
}

class ForeignStreamTest : public ForeignLakeTest {};

TEST_F(ForeignStreamTest, TablesOfOthersHaveInsertOnlyStreams) {
  MakeOrders();
  Run(Named("orders", PathOf(lake_.Append("orders", {Order(1, 100, "CARD")}))));
  EXPECT_THAT(ErrorOf("CREATE STREAM s ON TABLE orders"), StartsWith("000002"));
  EXPECT_THAT(ErrorOf("CREATE STREAM s ON TABLE orders APPEND_ONLY = TRUE"), StartsWith("000002"));
  Run("CREATE STREAM s ON TABLE orders INSERT_ONLY = TRUE");
  EXPECT_EQ(Run("SELECT SYSTEM$STREAM_HAS_DATA('s')"), Lines{"false"});
  const auto two = lake_.Append("orders", {Order(2, 200, "CASH"), Order(3, 300, "CARD")});
  Run("ALTER ICEBERG TABLE orders REFRESH");
  EXPECT_EQ(Run("SELECT SYSTEM$STREAM_HAS_DATA('s')"), Lines{"true"});
  EXPECT_EQ(Run("SELECT txn_id, metadata$action, metadata$isupdate FROM s ORDER BY 1"),
            (Lines{"2|INSERT|false", "3|INSERT|false"}));
  Run("CREATE TABLE sink AS SELECT txn_id FROM s");
  EXPECT_EQ(Run("SELECT * FROM s"), Lines{});
  EXPECT_THAT(Run("SHOW STREAMS"), testing::ElementsAre(HasSubstr("|INSERT_ONLY|")));
  lake_.ExpectSound(two);
}

}  // namespace
}  // namespace tarn::warehouse
