// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scheduler/task_runner.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "warehouse/scheduler/task_schedule.h"
#include "warehouse/testing/session_fixture.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

constexpr int64_t kMinuteMs = 60'000;

class TestClock final : public Clock {
 public:
  int64_t NowMs() const override { return now_ms; }
  int64_t now_ms = 1'790'000'000'000;
};

class TaskRunnerTest : public SessionTest {
 protected:
  TaskRunnerTest() {
    session_.reset();
    account_.reset();
    account_ =
        Must(Account::Open({.directory = directory_.path(), .clock = &clock_, .threads = 2}));
    session_ = Open({.user = "ADMIN"});
    Run("CREATE DATABASE shop");
    Run("CREATE SCHEMA s");
    Run("USE SCHEMA shop.s");
  }
  /// Time passes a second at a time; the runner looks each second.
  void Pass(int64_t ms) {
    for (int64_t end_ms = clock_.now_ms + ms; clock_.now_ms < end_ms;) {
      clock_.now_ms += 1000;
      Must(account_->tasks_runner().Round());
    }
  }
  Lines History() {
    return Run(
        "SELECT name, state, scheduled_from FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) "
        "ORDER BY scheduled_time, graph_run_group_id, name DESC");
  }

  TestClock clock_;
};

TEST(TaskScheduleTest, ReadsIntervals) {
  EXPECT_EQ(IntervalOfSchedule("2 MINUTES").value(), 120'000);
  EXPECT_EQ(IntervalOfSchedule("1 minute").value(), 60'000);
  EXPECT_EQ(IntervalOfSchedule("10 S").value(), 10'000);
  EXPECT_EQ(IntervalOfSchedule("3 H").value(), 10'800'000);
  for (const char* wrong : {"", "MINUTE", "0 MINUTES", "-1 HOUR", "9 SECONDS", "12000 MINUTES",
                            "1 DAY", "99999999999999999999 S", "5 MINUTES please"}) {
    EXPECT_FALSE(IntervalOfSchedule(wrong)) << wrong;
  }
}

TEST(TaskScheduleTest, IsNeverEarly) {
  const TaskSchedule every_ten = TaskSchedule::Parse("10 S").value();
  EXPECT_EQ(every_ten.DueAt(1000, 10'999), std::nullopt);
  EXPECT_EQ(every_ten.DueAt(1000, 11'000), 11'000);
  EXPECT_EQ(every_ten.DueAt(1000, 20'999), 11'000);
  EXPECT_EQ(every_ten.DueAt(1000, 125'500), 121'000);
}

TEST_F(TaskRunnerTest, RunsAGraphWhenItIsDue) {
  EXPECT_THAT(Run("CREATE TASK root WAREHOUSE = COMPUTE_WH SCHEDULE = '2 MINUTES' AS SELECT 1"),
              ElementsAre("Task ROOT successfully created."));
  Run("CREATE TASK child WAREHOUSE = COMPUTE_WH AFTER root AS SELECT 2");
  Pass(3 * kMinuteMs);
  EXPECT_THAT(History(), ElementsAre());  // they begin suspended
  Run("ALTER TASK child RESUME");
  Run("ALTER TASK root RESUME");
  Pass(2 * kMinuteMs - 1000);
  EXPECT_THAT(History(), ElementsAre());
  Pass(1000);
  EXPECT_THAT(History(), ElementsAre("ROOT|SUCCEEDED|SCHEDULE", "CHILD|SUCCEEDED|SCHEDULE"));
  Pass(4 * kMinuteMs);
  EXPECT_EQ(History().size(), 6);
  Run("ALTER TASK root SUSPEND");
  Pass(4 * kMinuteMs);
  EXPECT_EQ(History().size(), 6);
}

TEST_F(TaskRunnerTest, SkipsWhereTheConditionDoesNotHold) {
  Run("CREATE TASK root SCHEDULE = '1 MINUTE' WHEN 1 > 2 AS SELECT 1");
  Run("CREATE TASK child AFTER root AS SELECT 2");
  Run("ALTER TASK child RESUME");
  Run("ALTER TASK root RESUME");
  Pass(kMinuteMs);
  EXPECT_THAT(History(), ElementsAre("ROOT|SKIPPED|SCHEDULE"));
}

TEST_F(TaskRunnerTest, SuspendsAfterFailures) {
  Run("CREATE TASK t SCHEDULE = '1 MINUTE' SUSPEND_TASK_AFTER_NUM_FAILURES = 2 "
      "AS SELECT * FROM nowhere");
  Run("ALTER TASK t RESUME");
  Pass(5 * kMinuteMs);
  EXPECT_THAT(History(), ElementsAre("T|FAILED|SCHEDULE", "T|FAILED_AND_AUTO_SUSPENDED|SCHEDULE"));
  EXPECT_THAT(Run("SELECT DISTINCT error_code FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY())"),
              ElementsAre("002003"));
}

TEST_F(TaskRunnerTest, ExecutesASuspendedRoot) {
  Run("CREATE TASK root AS SELECT 1");
  EXPECT_THAT(Run("EXECUTE TASK root"), ElementsAre("Task ROOT is scheduled to run immediately."));
  Pass(1000);
  EXPECT_THAT(History(), ElementsAre("ROOT|SUCCEEDED|EXECUTE_TASK"));
}

TEST_F(TaskRunnerTest, ChangesGraphsOnlyWhileTheirRootIsSuspended) {
  Run("CREATE TASK root SCHEDULE = '1 MINUTE' AS SELECT 1");
  Run("CREATE TASK child AFTER root AS SELECT 2");
  Run("ALTER TASK root RESUME");
  for (const char* change :
       {"ALTER TASK child RESUME", "ALTER TASK root SET SCHEDULE = '5 MINUTES'",
        "ALTER TASK child MODIFY AS SELECT 3", "CREATE TASK other AFTER root AS SELECT 4"}) {
    EXPECT_THAT(ErrorOf(change), HasSubstr("091421 (22000)")) << change;
  }
  Run("ALTER TASK root SUSPEND");
  Run("ALTER TASK child RESUME");
  EXPECT_THAT(ErrorOf("ALTER TASK root ADD AFTER child"), testing::Not("ok"));
}

constexpr const char* kEndless =
    "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 100000)) a, "
    "TABLE(GENERATOR(ROWCOUNT => 100000)) b, TABLE(GENERATOR(ROWCOUNT => 100000)) c";

TEST_F(TaskRunnerTest, RunsOnTheMinutesOfACron) {
  clock_.now_ms = 1'790'000'000'000;  // 2026-09-21 14:13:20 UTC
  Run("CREATE TASK t SCHEDULE = 'USING CRON 30,45 16-17 * * MON Europe/Berlin' AS SELECT 1");
  Run("ALTER TASK t RESUME");
  Pass(16 * kMinuteMs);
  EXPECT_THAT(History(), ElementsAre());
  Pass(30 * kMinuteMs);
  EXPECT_THAT(Run("SELECT TO_CHAR(CONVERT_TIMEZONE('UTC', scheduled_time), 'HH24:MI:SS') FROM "
                  "TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) ORDER BY 1"),
              ElementsAre("14:30:00", "14:45:00"));
  EXPECT_THAT(ErrorOf("CREATE TASK u SCHEDULE = 'USING CRON 61 * * * * UTC' AS SELECT 1"),
              testing::StartsWith("001008"));
  EXPECT_THAT(ErrorOf("CREATE TASK u SCHEDULE = 'USING CRON 0 9 * * *' AS SELECT 1"),
              testing::StartsWith("001008"));
}

TEST_F(TaskRunnerTest, ATaskThatTakesTooLongFails) {
  Run(std::string("CREATE TASK t USER_TASK_TIMEOUT_MS = 300 AS ") + kEndless);
  Run("EXECUTE TASK t");
  Pass(1000);
  EXPECT_THAT(Run("SELECT state, error_code, error_message FROM "
                  "TABLE(INFORMATION_SCHEMA.TASK_HISTORY())"),
              ElementsAre("FAILED|000630|Statement reached its statement or warehouse timeout of 1 "
                          "second(s) and was canceled."));
  EXPECT_THAT(ErrorOf("CREATE TASK u USER_TASK_TIMEOUT_MS = 604800001 AS SELECT 1"),
              testing::StartsWith("001008"));
}

TEST_F(TaskRunnerTest, AGraphIsTriedAgainFromWhatFailed) {
  Run("CREATE TASK root SCHEDULE = '1 MINUTE' TASK_AUTO_RETRY_ATTEMPTS = 2 "
      "SUSPEND_TASK_AFTER_NUM_FAILURES = 2 AS SELECT 1");
  Run("CREATE TASK bad AFTER root AS SELECT * FROM nowhere");
  Run("CREATE TASK good AFTER root AS SELECT 2");
  Run("CREATE TASK after_bad AFTER bad AS SELECT 3");
  for (const char* task : {"bad", "good", "after_bad", "root"}) {
    Run(fmt::format("ALTER TASK {} RESUME", task));
  }
  Pass(kMinuteMs);
  const char* const runs =
      "SELECT name, state, attempt_number, scheduled_from FROM "
      "TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) ORDER BY graph_run_group_id::INT, attempt_number, "
      "name";
  EXPECT_THAT(Run(runs), ElementsAre("BAD|FAILED|1|SCHEDULE", "GOOD|SUCCEEDED|1|SCHEDULE",
                                     "ROOT|SUCCEEDED|1|SCHEDULE", "BAD|FAILED|2|AUTOMATIC RETRY",
                                     "BAD|FAILED|3|AUTOMATIC RETRY"));
  // A graph counts once, whatever its attempts; the second failure in a row suspends the root.
  Pass(5 * kMinuteMs);
  EXPECT_EQ(Run(runs).size(), 10);
  EXPECT_EQ(Run(runs).back(), "BAD|FAILED_AND_AUTO_SUSPENDED|3|AUTOMATIC RETRY");
  EXPECT_THAT(ErrorOf("ALTER TASK good SET TASK_AUTO_RETRY_ATTEMPTS = 1"),
              HasSubstr("can only be set on a root task"));
  EXPECT_THAT(ErrorOf("ALTER TASK root SET TASK_AUTO_RETRY_ATTEMPTS = 31"),
              testing::StartsWith("001008"));
  // What is mended is gone on with: the tasks behind it run, those that ran do not.
  Run("ALTER TASK bad MODIFY AS SELECT 1");
  Run("EXECUTE TASK root");
  Pass(1000);
  EXPECT_EQ(Run(runs).size(), 14);
}

TEST_F(TaskRunnerTest, AFinalizerRunsLast) {
  Run("CREATE TASK root AS SELECT 1");
  Run("CREATE TASK bad AFTER root AS SELECT * FROM nowhere");
  Run("CREATE TASK z FINALIZE = root AS SELECT 1");
  for (const char* task : {"bad", "z"}) Run(fmt::format("ALTER TASK {} RESUME", task));
  Run("EXECUTE TASK root");
  Pass(1000);
  const char* const runs =
      "SELECT name, state FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) "
      "ORDER BY query_start_time, graph_run_group_id::INT, name";
  EXPECT_THAT(Run(runs), ElementsAre("BAD|FAILED", "ROOT|SUCCEEDED", "Z|SUCCEEDED"));
  EXPECT_THAT(ErrorOf("CREATE TASK y FINALIZE = root AS SELECT 1"), HasSubstr("finalizer"));
  EXPECT_THAT(ErrorOf("CREATE TASK y AFTER z AS SELECT 1"), HasSubstr("finalizer"));
  EXPECT_THAT(ErrorOf("CREATE TASK y FINALIZE = bad AS SELECT 1"), HasSubstr("finalizer"));
  EXPECT_NE(ErrorOf("CREATE TASK y SCHEDULE = '1 MINUTE' FINALIZE = root AS SELECT 1"), "ok");
  EXPECT_THAT(ErrorOf("EXECUTE TASK z"), HasSubstr("root task"));
  Run("ALTER TASK z UNSET FINALIZE");
  Run("EXECUTE TASK root");
  Pass(1000);
  EXPECT_EQ(Run(runs).size(), 5);
  // A root that is skipped has none.
  Run("ALTER TASK root MODIFY WHEN 1 > 2");
  Run("ALTER TASK z SUSPEND");
  Run("ALTER TASK z SET FINALIZE = root");
  Run("ALTER TASK z RESUME");
  Run("EXECUTE TASK root");
  Pass(1000);
  EXPECT_EQ(Run(runs).size(), 6);
}

TEST_F(TaskRunnerTest, ASuspendedChildIsPassedOver) {
  Run("CREATE TASK root AS SELECT 1");
  Run("CREATE TASK a AFTER root AS SELECT 1");
  Run("CREATE TASK b AFTER root AS SELECT 1");
  Run("CREATE TASK behind_a AFTER a AS SELECT 1");
  Run("CREATE TASK behind_both AFTER a, b AS SELECT 1");
  for (const char* task : {"behind_a", "behind_both"})
    Run(fmt::format("ALTER TASK {} RESUME", task));
  const auto ran = [&] {
    Run("EXECUTE TASK root");
    Pass(1000);
    return Run(
        "SELECT LISTAGG(name, ',') WITHIN GROUP (ORDER BY name) FROM "
        "TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) GROUP BY graph_run_group_id::INT ORDER BY "
        "graph_run_group_id::INT DESC LIMIT 1");
  };
  // "as long as at least one of the predecessors is in a resumed state"
  EXPECT_THAT(ran(), ElementsAre("BEHIND_A,ROOT"));
  Run("ALTER TASK b RESUME");
  EXPECT_THAT(ran(), ElementsAre("B,BEHIND_A,BEHIND_BOTH,ROOT"));
}

TEST_F(TaskRunnerTest, ARequestTakesThePlaceOfARunThatWaits) {
  Run("CREATE TASK t AS SELECT 1");
  Run("EXECUTE TASK t");
  Run("ALTER TASK t MODIFY AS SELECT 2");
  Run("EXECUTE TASK t");
  Pass(1000);
  EXPECT_THAT(Run("SELECT query_text, state FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY())"),
              ElementsAre("SELECT 2|SUCCEEDED"));
}

/// A run that another thread is in the middle of.
class TaskUnderWayTest : public TaskRunnerTest {
 protected:
  TaskUnderWayTest() {
    Run("CREATE TASK root SUSPEND_TASK_AFTER_NUM_FAILURES = 1 AS SELECT 1");
    Run(std::string("CREATE TASK a AFTER root AS ") + kEndless);
    Run("CREATE TASK b AFTER root AS SELECT 2");
    Run("CREATE TASK behind_a AFTER a AS SELECT 3");
    Run("CREATE TASK z FINALIZE = root AS SELECT 4");
    for (const char* task : {"a", "b", "behind_a", "z"}) {
      Run(fmt::format("ALTER TASK {} RESUME", task));
    }
    Run("EXECUTE TASK root");
    round_ = std::thread([this] { Must(account_->tasks_runner().Round()); });
    for (int i = 0; i < 500 && !IsExecuting(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    EXPECT_TRUE(IsExecuting());
  }
  ~TaskUnderWayTest() override {
    account_->tasks_runner().Interrupt();
    round_.join();
  }
  bool IsExecuting() {
    return !Run("SELECT 1 FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) "
                "WHERE name = 'A' AND state = 'EXECUTING'")
                .empty();
  }
  std::thread round_;
};

TEST_F(TaskUnderWayTest, AnotherRunWaitsForTheGraph) {
  Run("EXECUTE TASK root");
  Run("EXECUTE TASK root");
  EXPECT_THAT(Run("SELECT name, state FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) "
                  "ORDER BY graph_run_group_id::INT, name"),
              ElementsAre("A|EXECUTING", "B|SCHEDULED", "ROOT|SUCCEEDED", "ROOT|SCHEDULED"));
}

// The files as they are at this moment are what a process that is killed now leaves.
TEST_F(TaskUnderWayTest, AGraphGoesOnAfterACrash) {
  const storage::ScratchDirectory copy;
  for (const char* file : {"metastore.db", "metastore.db-wal"}) {
    std::filesystem::copy_file(directory_.path() + "/" + file, copy.path() + "/" + file);
  }
  const auto account =
      Must(Account::Open({.directory = copy.path(), .clock = &clock_, .threads = 1}));
  Must(account->tasks_runner().Recover());
  Must(account->tasks_runner().Round());
  const auto session = Must(account->sessions().Open({.user = "ADMIN"}));
  Must(Try(*session, "USE SCHEMA shop.s"));
  const auto lines = Try(*session,
                         "SELECT name, state, error_code FROM "
                         "TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) ORDER BY name");
  EXPECT_THAT(Must(lines), ElementsAre("A|FAILED|000603", "B|SUCCEEDED|NULL", "ROOT|SUCCEEDED|NULL",
                                       "Z|SUCCEEDED|NULL"));
}

TEST_F(TaskRunnerTest, SeesWhatChangedOnAStage) {
  Run("CREATE STAGE files DIRECTORY = (ENABLE = TRUE)");
  EXPECT_THAT(Run("CREATE OR REPLACE STREAM changes ON STAGE files"),
              ElementsAre("Stream CHANGES successfully created."));
  EXPECT_THAT(Run("SELECT SYSTEM$STREAM_HAS_DATA('changes')"), ElementsAre("false"));
  EXPECT_THAT(Run("SELECT * FROM changes"), ElementsAre());
  const auto id =
      Must(Must(account_->metastore().Read())->Heads("WHERE o.name = 'FILES'")).at(0).id;
  const std::string folder = InternalStageBase(account_->stages_location(), id);
  storage::Storage& storage = *account_->tables().storage;
  const auto changed = [&] {
    Run("ALTER STAGE files REFRESH");
    return Run(
        "SELECT relative_path, metadata$action, metadata$isupdate FROM changes ORDER BY 1, 2");
  };
  Must(storage.Put(folder + "a.csv", "1", storage::PutMode::kReplace));
  Must(storage.Put(folder + "sub/b.csv", "2", storage::PutMode::kReplace));
  EXPECT_THAT(changed(), ElementsAre("a.csv|INSERT|false", "sub/b.csv|INSERT|false"));
  EXPECT_THAT(Run("SELECT SYSTEM$STREAM_HAS_DATA('shop.s.changes')"), ElementsAre("true"));
  // What changed since the stream was made, not what happened: b came and went.
  Must(storage.Delete(folder + "sub/b.csv"));
  EXPECT_THAT(changed(), ElementsAre("a.csv|INSERT|false"));
  Run("CREATE OR REPLACE STREAM changes ON STAGE files");
  EXPECT_THAT(Run("SELECT SYSTEM$STREAM_HAS_DATA('changes')"), ElementsAre("false"));
  Must(storage.Put(folder + "a.csv", "111", storage::PutMode::kReplace));
  Must(storage.Put(folder + "c.csv", "3", storage::PutMode::kReplace));
  EXPECT_EQ(changed().size(), 3);
  EXPECT_THAT(Run("SELECT relative_path, metadata$action, size FROM changes WHERE relative_path = "
                  "'a.csv' ORDER BY 2"),
              ElementsAre("a.csv|DELETE|1", "a.csv|INSERT|3"));
  Must(storage.Delete(folder + "a.csv"));
  EXPECT_THAT(changed(), ElementsAre("a.csv|DELETE|false", "c.csv|INSERT|false"));
}

TEST_F(TaskRunnerTest, KnowsTheRolesOfTheSession) {
  EXPECT_THAT(Run("SELECT IS_ROLE_IN_SESSION('ACCOUNTADMIN'), IS_ROLE_IN_SESSION('NOBODY')"),
              ElementsAre("true|false"));
  EXPECT_THAT(Run("SELECT CURRENT_AVAILABLE_ROLES() LIKE '%\"PUBLIC\"%'"), ElementsAre("true"));
}

TEST_F(TaskRunnerTest, RunsWhenAStreamOnATableHasData) {
  Run("CREATE TABLE orders (id INT)");
  Run("CREATE TABLE taken (id INT)");
  Run("CREATE STREAM s ON TABLE orders");
  Run("CREATE TASK take WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' "
      "WHEN SYSTEM$STREAM_HAS_DATA('s') AS INSERT INTO taken SELECT id FROM s");
  Run("ALTER TASK take RESUME");
  Pass(kMinuteMs);
  Run("INSERT INTO orders VALUES (1), (2)");
  Pass(kMinuteMs);
  EXPECT_EQ(Run("SELECT id FROM taken ORDER BY 1"), (Lines{"1", "2"}));
  Pass(kMinuteMs);
  EXPECT_EQ(Run("SELECT state FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) WHERE state <> "
                "'SCHEDULED' ORDER BY scheduled_time"),
            (Lines{"SKIPPED", "SUCCEEDED", "SKIPPED"}));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM taken"), Lines{"2"});
}

TEST_F(TaskRunnerTest, AStreamTriggersATaskWithoutASchedule) {
  Run("CREATE TABLE orders (id INT)");
  Run("CREATE TABLE taken (id INT)");
  Run("CREATE STREAM s ON TABLE orders");
  Run("CREATE TASK take WAREHOUSE = COMPUTE_WH WHEN SYSTEM$STREAM_HAS_DATA('s') "
      "AS INSERT INTO taken SELECT id FROM s");
  EXPECT_THAT(Run("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY())"),
              ElementsAre("0"));
  Run("ALTER TASK take RESUME");
  Pass(kMinuteMs);
  EXPECT_THAT(History(), ElementsAre()) << "nothing came";
  Run("INSERT INTO orders VALUES (1), (2)");
  Pass(1000);
  EXPECT_EQ(Run("SELECT id FROM taken ORDER BY 1"), (Lines{"1", "2"}));
  EXPECT_THAT(History(), ElementsAre("TAKE|SUCCEEDED|TRIGGER"));
  // "Triggered tasks run at most every 30 seconds by default."
  Run("INSERT INTO orders VALUES (3)");
  Pass(29'000);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM taken"), Lines{"2"});
  Pass(1000);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM taken"), Lines{"3"});
  Run("ALTER TASK take SUSPEND");
  Run("ALTER TASK take SET USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS = 10");
  Run("ALTER TASK take RESUME");
  Run("INSERT INTO orders VALUES (4)");
  Pass(10'000);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM taken"), Lines{"4"});
  Run("ALTER TASK take SUSPEND");
  EXPECT_THAT(ErrorOf("ALTER TASK take SET USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS = 9"),
              HasSubstr("USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS"));
}

/// "Because the task uses the AND conditional, the task is skipped if only one of the two streams
/// has new data."
TEST_F(TaskRunnerTest, OneOfTwoStreamsIsNotEnoughForBoth) {
  Run("CREATE TABLE orders (id INT)");
  Run("CREATE TABLE returns (id INT)");
  Run("CREATE STREAM o ON TABLE orders");
  Run("CREATE STREAM r ON TABLE returns");
  Run("CREATE TASK either WAREHOUSE = COMPUTE_WH WHEN SYSTEM$STREAM_HAS_DATA('o') "
      "OR SYSTEM$STREAM_HAS_DATA('r') AS SELECT 1");
  Run("CREATE TASK both_ WAREHOUSE = COMPUTE_WH WHEN SYSTEM$STREAM_HAS_DATA('o') "
      "AND SYSTEM$STREAM_HAS_DATA('r') AS SELECT 1");
  Run("ALTER TASK either RESUME");
  Run("ALTER TASK both_ RESUME");
  Run("INSERT INTO returns VALUES (1)");
  Pass(1000);
  EXPECT_THAT(History(), UnorderedElementsAre("EITHER|SUCCEEDED|TRIGGER", "BOTH_|SKIPPED|TRIGGER"));
}

TEST_F(TaskRunnerTest, ATaskWhoseStreamIsGoneFails) {
  Run("CREATE TABLE orders (id INT)");
  Run("CREATE STREAM s ON TABLE orders");
  Run("CREATE TASK t WAREHOUSE = COMPUTE_WH WHEN SYSTEM$STREAM_HAS_DATA('s') AS SELECT 1");
  Run("ALTER TASK t RESUME");
  Run("DROP STREAM s");
  Pass(1000);
  EXPECT_THAT(History(), ElementsAre("T|FAILED|TRIGGER"));
}

}  // namespace
}  // namespace tarn::warehouse
