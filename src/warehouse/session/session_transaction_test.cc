// SPDX-License-Identifier: Apache-2.0
// Transactions over tables: what a session sees of itself and of others, conflicts, locks, crashes.
#include <gmock/gmock.h>

#include <random>
#include <thread>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::StartsWith;

class TransactionTest : public ManagedTableTest {
 protected:
  TransactionTest() {
    Run("CREATE TABLE t (k INT, v INT)");
    Run("INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)");
    other_ = OpenInSchema();
  }
  void TearDown() override {
    other_.reset();
    ManagedTableTest::TearDown();
  }
  Lines All(Session& session) { return RunIn(session, "SELECT k, v FROM t ORDER BY k, v"); }

  std::unique_ptr<Session> other_;
};

TEST_F(TransactionTest, ASessionSeesItsOwnRowsAndOthersDoNot) {
  Run("BEGIN");
  Run("INSERT INTO t VALUES (4, 40)");
  EXPECT_EQ(All(*session_), (Lines{"1|10", "2|20", "3|30", "4|40"}));
  EXPECT_EQ(All(*other_), (Lines{"1|10", "2|20", "3|30"}));
  RunIn(*other_, "INSERT INTO t VALUES (5, 50)");
  // READ COMMITTED: the next statement sees what others committed.
  EXPECT_EQ(All(*session_), (Lines{"1|10", "2|20", "3|30", "4|40", "5|50"}));
  Run("COMMIT");
  EXPECT_EQ(All(*other_), (Lines{"1|10", "2|20", "3|30", "4|40", "5|50"}));
}

TEST_F(TransactionTest, ItsOwnChangesBuildUponEachOther) {
  Run("BEGIN");
  Run("INSERT INTO t VALUES (4, 40)");
  EXPECT_EQ(Run("UPDATE t SET v = v + 1 WHERE k >= 3"),
            (Lines{"number of rows updated: 2", "number of multi-joined rows updated: 0"}));
  EXPECT_EQ(Run("DELETE FROM t WHERE v = 41 OR k = 1"), Lines{"number of rows deleted: 2"});
  Run("INSERT INTO t VALUES (5, 50)");
  EXPECT_EQ(Run("MERGE INTO t USING (SELECT 5 AS k UNION ALL SELECT 6) s ON t.k = s.k WHEN MATCHED "
                "THEN UPDATE SET v = t.v * 2 WHEN NOT MATCHED THEN INSERT VALUES (s.k, 60)"),
            (Lines{"number of rows inserted: 1", "number of rows updated: 1"}));
  const Lines changed = {"2|20", "3|31", "5|100", "6|60"};
  EXPECT_EQ(All(*session_), changed);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t a JOIN t b ON a.k = b.k"), Lines{"4"});
  EXPECT_EQ(All(*other_), (Lines{"1|10", "2|20", "3|30"}));
  // What fails changes nothing of the transaction.
  EXPECT_THAT(ErrorOf("UPDATE t SET v = 1 / (k - 3)"), StartsWith("100051"));
  EXPECT_EQ(All(*session_), changed);
  Run("COMMIT");
  EXPECT_EQ(All(*other_), changed);
  EXPECT_EQ(All(*session_), changed);
}

TEST_F(TransactionTest, RollingBackLeavesNothing) {
  Run("BEGIN");
  Run("DELETE FROM t");
  Run("INSERT OVERWRITE INTO t VALUES (9, 90)");
  EXPECT_EQ(All(*session_), Lines{"9|90"});
  Run("ROLLBACK");
  EXPECT_EQ(All(*session_), (Lines{"1|10", "2|20", "3|30"}));
  Run("BEGIN");
  Run("TRUNCATE TABLE t");
  EXPECT_EQ(All(*session_), Lines{});
  session_ = OpenInSchema();
  EXPECT_EQ(All(*session_), (Lines{"1|10", "2|20", "3|30"}));
}

TEST_F(TransactionTest, SeveralTablesCommitAtOnce) {
  Run("CREATE TABLE u (k INT)");
  Run("BEGIN");
  Run("INSERT INTO u SELECT k FROM t");
  Run("DELETE FROM t WHERE k IN (SELECT k FROM u WHERE k > 1)");
  EXPECT_EQ(RunIn(*other_, "SELECT COUNT(*) FROM u"), Lines{"0"});
  Run("COMMIT");
  EXPECT_EQ(RunIn(*other_, "SELECT (SELECT COUNT(*) FROM u), (SELECT COUNT(*) FROM t)"),
            Lines{"3|1"});
}

TEST_F(TransactionTest, DdlCommitsWhatIsOpen) {
  Run("BEGIN");
  Run("DELETE FROM t WHERE k = 1");
  Run("CREATE TABLE u (a INT)");
  Run("ROLLBACK");
  EXPECT_EQ(All(*session_), (Lines{"2|20", "3|30"}));
}

TEST_F(TransactionTest, ChangesWaitForEachOther) {
  Run("BEGIN");
  Run("UPDATE t SET v = v + 1 WHERE k = 1");
  RunIn(*other_, "ALTER SESSION SET LOCK_TIMEOUT = 0");
  EXPECT_THAT(Told(Try(*other_, "UPDATE t SET v = v + 1 WHERE k = 1")), StartsWith(" (55P03)"));
  EXPECT_THAT(Told(Try(*other_, "INSERT INTO t VALUES (7, 70)")), StartsWith(" (55P03)"));
  RunIn(*other_, "ALTER SESSION SET LOCK_TIMEOUT = 60");
  std::thread waits([&] { RunIn(*other_, "UPDATE t SET v = v * 2 WHERE k = 1"); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  Run("COMMIT");
  waits.join();
  EXPECT_EQ(Run("SELECT v FROM t WHERE k = 1"), Lines{"22"});
}

TEST_F(TransactionTest, AColumnThatWasAlteredMeanwhileIsAConflict) {
  Run("BEGIN");
  Run("INSERT INTO t VALUES (4, 40)");
  RunIn(*other_, "ALTER TABLE t RENAME COLUMN v TO w");
  EXPECT_THAT(ErrorOf("COMMIT"), StartsWith(" (40001)"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"3"});
}

TEST_F(TransactionTest, AStatementAloneIsRunAgainWhereTheTableWasAltered) {
  constexpr int kInserts = 20;
  std::atomic<bool> done = false;
  std::thread alters([&] {
    for (int n = 0; !done; ++n) {
      RunIn(*other_, fmt::format("ALTER TABLE t ADD COLUMN c{} INT", n));
      RunIn(*other_, fmt::format("ALTER TABLE t DROP COLUMN c{}", n));
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  });
  for (int i = 0; i < kInserts; ++i) {
    Run("INSERT INTO t (k, v) VALUES (100, 1)");
    Run("UPDATE t SET v = v + 1 WHERE k = 1");
  }
  done = true;
  alters.join();
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t WHERE k = 100"), Lines{std::to_string(kInserts)});
  EXPECT_EQ(Run("SELECT v FROM t WHERE k = 1"), Lines{std::to_string(10 + kInserts)});
}

TEST_F(TransactionTest, WhatWasCommittedIsThereAfterReopening) {
  Run("BEGIN");
  Run("UPDATE t SET v = 0 WHERE k = 2");
  Run("DELETE FROM t WHERE k = 3");
  Run("COMMIT");
  Run("BEGIN");
  Run("DELETE FROM t");
  other_.reset();
  Reopen();
  Run("USE SCHEMA d.public");
  EXPECT_EQ(All(*session_), (Lines{"1|10", "2|0"}));
}

/// Sessions that add to the same counters: the sum tells whether one was lost.
TEST_F(TransactionTest, NoUpdateIsLost) {
  constexpr int kSessions = 4;
  constexpr int kRounds = 12;
  std::atomic<int64_t> added = 0;
  std::atomic<int64_t> inserted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kSessions; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937 random(static_cast<uint32_t>(i));
      const auto session = OpenInSchema();
      for (int round = 0; round < kRounds; ++round) {
        const int k = static_cast<int>(random() % 3) + 1;
        const int by = static_cast<int>(random() % 9) + 1;
        const std::string where = fmt::format(" WHERE k = {}", k);
        switch (random() % 4) {
          case 0:
            RunIn(*session, fmt::format("UPDATE t SET v = v + {}", by) + where);
            added += by;
            break;
          case 1:
            RunIn(*session, fmt::format("MERGE INTO t USING (SELECT {} AS k) s ON t.k = s.k WHEN "
                                        "MATCHED THEN UPDATE SET v = v + {}",
                                        k, by));
            added += by;
            break;
          case 2: {
            RunIn(*session, "BEGIN");
            RunIn(*session, fmt::format("UPDATE t SET v = v + {}", by) + where);
            RunIn(*session, fmt::format("UPDATE t SET v = v + {}", by) + where);
            const bool commits = random() % 2 == 0;
            RunIn(*session, commits ? "COMMIT" : "ROLLBACK");
            if (commits) added += 2 * by;
            break;
          }
          default:
            RunIn(*session, fmt::format("INSERT INTO t VALUES (100, {})", by));
            inserted += by;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Run("SELECT SUM(v) - 60 FROM t WHERE k < 100"), Lines{std::to_string(added)});
  EXPECT_EQ(Run("SELECT COALESCE(SUM(v), 0) FROM t WHERE k = 100"),
            Lines{std::to_string(inserted)});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t WHERE k < 100"), Lines{"3"});
}

/// The same statements on a map: nothing here knows how tables are changed.
TEST_F(TransactionTest, RandomStatementsDoWhatAMapDoes) {
  std::mt19937 random(20240717);
  std::multimap<int, int> committed = {{1, 10}, {2, 20}, {3, 30}};
  std::multimap<int, int> model = committed;
  bool open = false;
  for (int step = 0; step < 150; ++step) {
    const int k = static_cast<int>(random() % 12);
    const int v = static_cast<int>(random() % 100);
    switch (random() % 9) {
      case 0:
      case 1:
        Run(fmt::format("INSERT INTO t VALUES ({}, {}), ({}, {})", k, v, k + 1, v));
        model.insert({{k, v}, {k + 1, v}});
        break;
      case 2:
        Run(fmt::format("DELETE FROM t WHERE k = {}", k));
        model.erase(k);
        break;
      case 3:
        Run(fmt::format("UPDATE t SET v = v + {} WHERE k <= {}", v, k));
        for (auto& [key, value] : model) value += key <= k ? v : 0;
        break;
      case 4: {
        Run(fmt::format(
            "MERGE INTO t USING (SELECT {0} AS k) s ON t.k = s.k WHEN MATCHED AND t.v > "
            "50 THEN DELETE WHEN MATCHED THEN UPDATE SET v = 77 WHEN NOT MATCHED THEN "
            "INSERT VALUES (s.k, {1})",
            k, v));
        if (model.count(k) == 0) {
          model.insert({k, v});
          break;
        }
        std::erase_if(model, [&](const auto& row) { return row.first == k && row.second > 50; });
        for (auto& [key, value] : model) value = key == k ? 77 : value;
        break;
      }
      case 5:
        if (random() % 4 != 0) break;
        Run(fmt::format("INSERT OVERWRITE INTO t SELECT k, MAX(v) FROM t WHERE k > {} GROUP BY k",
                        k));
        {
          std::map<int, int> largest;
          for (const auto& [key, value] : model) {
            if (key <= k) continue;
            const auto [at, added] = largest.try_emplace(key, value);
            if (!added) at->second = std::max(at->second, value);
          }
          model = {largest.begin(), largest.end()};
        }
        break;
      case 6:
        if (!open) Run("BEGIN");
        open = true;
        break;
      case 7:
        if (open) Run("COMMIT");
        open = false;
        break;
      default:
        if (open) {
          Run("ROLLBACK");
          model = committed;
        }
        open = false;
    }
    if (!open) committed = model;
    Lines expected;
    std::multiset<std::pair<int, int>> rows(model.begin(), model.end());
    for (const auto& [key, value] : rows) expected.push_back(fmt::format("{}|{}", key, value));
    ASSERT_EQ(All(*session_), expected) << "step " << step;
    if (step % 10 != 0) continue;
    expected.clear();
    rows = {committed.begin(), committed.end()};
    for (const auto& [key, value] : rows) expected.push_back(fmt::format("{}|{}", key, value));
    ASSERT_EQ(All(*other_), expected) << "step " << step;
  }
  if (open) Run("COMMIT");
}

}  // namespace
}  // namespace tarn::warehouse
