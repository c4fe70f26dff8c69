// SPDX-License-Identifier: Apache-2.0
// Random changes and consumptions against a map of rows, and processes that are killed between.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <map>
#include <random>
#include <thread>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

/// A row by its id; `key` is the row's own, which an update keeps.
struct ModelRow {
  int v = 0;
  int key = 0;
};
using Model = std::map<int, ModelRow>;

class StreamModelTest : public ManagedTableTest {
 protected:
  StreamModelTest() {
    Run("CREATE TABLE t (id INT, v INT) CHANGE_TRACKING = TRUE");
    Run("CREATE TABLE replica (id INT, v INT)");
    Run("CREATE STREAM s ON TABLE t");
  }

  int Any(int below) { return static_cast<int>(random_() % static_cast<uint32_t>(below)); }

  /// One random statement on t.
  void Change(Model& rows) {
    const int id = Any(12);
    const int v = Any(4);
    switch (Any(5)) {
      case 0:
      case 1:
        if (rows.contains(id)) return;
        rows[id] = {v, next_key_++};
        Run(fmt::format("INSERT INTO t VALUES ({}, {})", id, v));
        return;
      case 2:
        for (auto& [row_id, row] : rows) {
          if (row_id <= id) row.v = v;
        }
        Run(fmt::format("UPDATE t SET v = {} WHERE id <= {}", v, id));
        return;
      case 3:
        rows.erase(id);
        Run(fmt::format("DELETE FROM t WHERE id = {}", id));
        return;
      default:
        rows[id].v = v;
        if (rows[id].key == 0) rows[id].key = next_key_++;
        Run(
            fmt::format("MERGE INTO t USING (SELECT {} AS id, {} AS v) n ON t.id = n.id WHEN "
                        "MATCHED THEN UPDATE SET v = n.v WHEN NOT MATCHED THEN INSERT VALUES "
                        "(n.id, n.v)",
                        id, v));
    }
  }

  static Lines Difference(const Model& before, const Model& after) {
    Lines lines;
    for (int id = 0; id < 12; ++id) {
      const auto old = before.find(id);
      const auto now = after.find(id);
      const bool was = old != before.end();
      const bool is = now != after.end();
      // A row that came back as it was did not change.
      if (was && is && old->second.v == now->second.v) continue;
      const bool update = was && is && old->second.key == now->second.key;
      if (was) lines.push_back(fmt::format("{}|{}|DELETE|{}", id, old->second.v, update));
      if (is) lines.push_back(fmt::format("{}|{}|INSERT|{}", id, now->second.v, update));
    }
    return lines;
  }
  Lines Shown() {
    return Run(
        "SELECT id, v, metadata$action, metadata$isupdate FROM s ORDER BY id, "
        "metadata$action");
  }
  void Apply() {
    Run("DELETE FROM replica USING s WHERE replica.id = s.id AND s.metadata$action = 'DELETE'");
    Run("INSERT INTO replica SELECT id, v FROM s WHERE metadata$action = 'INSERT'");
  }
  void ExpectReplica(const Model& model) {
    Lines expected;
    for (const auto& [id, row] : model) expected.push_back(fmt::format("{}|{}", id, row.v));
    EXPECT_EQ(Run("SELECT id, v FROM replica ORDER BY id"), expected);
  }

  /// BEGIN, changes and a consumption among them, and an end.
  void Transact(Model& committed, Model& offset) {
    Run("BEGIN");
    const Model began = committed;
    Model rows = committed;
    for (int i = Any(3); i > 0; --i) Change(rows);
    ASSERT_EQ(Shown(), Difference(offset, began));
    Apply();
    for (int i = Any(3); i > 0; --i) Change(rows);
    ASSERT_EQ(Shown(), Difference(offset, began));
    if (Any(3) == 0) {
      Run("ROLLBACK");
      ExpectReplica(offset);
      return;
    }
    Run("COMMIT");
    committed = std::move(rows);
    offset = began;
    ExpectReplica(offset);
  }

  std::minstd_rand random_;
  int next_key_ = 1;
};

TEST_F(StreamModelTest, AReplicaFollowsTheTable) {
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    random_.seed(seed);
    Run("CREATE OR REPLACE TABLE t (id INT, v INT) CHANGE_TRACKING = TRUE");
    Run("TRUNCATE TABLE replica");
    Run("CREATE OR REPLACE STREAM s ON TABLE t");
    Model committed, offset;
    for (int step = 0; step < 25; ++step) {
      SCOPED_TRACE(testing::Message() << "step " << step);
      if (Any(4) == 0) {
        Transact(committed, offset);
      } else {
        Change(committed);
      }
      ASSERT_EQ(Shown(), Difference(offset, committed));
      ASSERT_FALSE(testing::Test::HasFailure());
    }
  }
}

/// A child inserts and moves rows on by a stream until it is killed: every row is in the sink or
/// still in the stream, and in one of them only.
TEST_F(StreamModelTest, KilledItLosesAndDoublesNothing) {
  Run("CREATE TABLE sink (id INT, v INT)");
  random_.seed(11);
  int64_t moved = 0;
  for (int round = 0; round < 4; ++round) {
    SCOPED_TRACE(testing::Message() << "round " << round);
    session_.reset();
    account_.reset();
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      Reopen();
      Run("USE SCHEMA d.public");
      for (int i = 0;; ++i) {
        Run(fmt::format("INSERT INTO t VALUES ({}, {})", round * 100'000 + i, i));
        if (i % 3 == 0) Run("INSERT INTO sink SELECT id, v FROM s");
        if (i % 3 != 1) continue;
        Run("BEGIN");
        Run("INSERT INTO sink SELECT id, v FROM s");
        Run(fmt::format("INSERT INTO t VALUES ({}, {})", round * 100'000 + 50'000 + i, i));
        Run("COMMIT");
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1000 + Any(700)));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    Reopen();
    Run("USE SCHEMA d.public");
    const Lines rows = Run("SELECT id FROM t ORDER BY id");
    EXPECT_EQ(Run("SELECT id FROM (SELECT id FROM sink UNION ALL SELECT id FROM s) ORDER BY id"),
              rows);
    moved = std::stoll(Run("SELECT COUNT(*) FROM sink").at(0));
  }
  EXPECT_GT(moved, 0);
}

}  // namespace
}  // namespace tarn::warehouse
