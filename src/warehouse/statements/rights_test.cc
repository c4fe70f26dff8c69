// SPDX-License-Identifier: Apache-2.0
// Who may do what, by SQL: tasks, warehouses, the account, containers, users.
#include <gmock/gmock.h>

#include "warehouse/scheduler/task_runner.h"
#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr const char* kNeedsExecuteTask =
    "091089 (23001): Cannot execute task, EXECUTE TASK privilege must be granted to owner role";

/// User ANN of role WORKER, who may use schema D.S.
class RightsTest : public SessionTest {
 protected:
  RightsTest() {
    Run("CREATE DATABASE d");
    Run("CREATE SCHEMA d.s");
    Run("CREATE ROLE worker");
    Run("CREATE USER ann DEFAULT_ROLE = worker");
    Run("GRANT ROLE worker TO USER ann");
    Run("GRANT USAGE ON DATABASE d TO ROLE worker");
    Run("GRANT USAGE ON SCHEMA d.s TO ROLE worker");
    ann_ = Open({.user = "ann", .database = "d", .schema = "s"});
  }
  std::string As(const std::string& text) { return Told(Try(*ann_, text)); }
  Lines Answer(const std::string& text) {
    auto lines = Try(*ann_, text);
    EXPECT_TRUE(lines) << text << ": " << Told(lines);
    return lines ? *std::move(lines) : Lines();
  }

  std::unique_ptr<Session> ann_;
};

TEST_F(RightsTest, TasksRunWithExecuteTaskOnly) {
  Run("GRANT CREATE TASK ON SCHEMA d.s TO ROLE worker");
  // Without a warehouse of its own a task takes EXECUTE MANAGED TASK to be made.
  EXPECT_THAT(As("CREATE TASK t SCHEDULE = '1 MINUTE' AS SELECT 1"), StartsWith("003001 (42501)"));
  EXPECT_EQ(As("CREATE TASK t WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' AS SELECT 1"), "ok");
  EXPECT_EQ(As("ALTER TASK t RESUME"), kNeedsExecuteTask);
  EXPECT_EQ(As("EXECUTE TASK t"), kNeedsExecuteTask);
  // The owner's role counts, not who resumes.
  Run("GRANT OPERATE ON TASK d.s.t TO ROLE SYSADMIN");
  EXPECT_EQ(ErrorOf("ALTER TASK d.s.t RESUME"), kNeedsExecuteTask);
  Run("GRANT EXECUTE TASK ON ACCOUNT TO ROLE worker");
  EXPECT_EQ(As("ALTER TASK t RESUME"), "ok");
  EXPECT_EQ(As("EXECUTE TASK t"), "ok");
  Must(account_->tasks_runner().Round());
  Run("REVOKE EXECUTE TASK ON ACCOUNT FROM ROLE worker");
  EXPECT_EQ(As("EXECUTE TASK t"), kNeedsExecuteTask);
}

TEST_F(RightsTest, ARevokedRightStopsRunsThatWait) {
  Run("GRANT CREATE TASK ON SCHEMA d.s TO ROLE worker");
  Run("GRANT EXECUTE TASK ON ACCOUNT TO ROLE worker");
  EXPECT_EQ(As("CREATE TASK t WAREHOUSE = COMPUTE_WH AS SELECT 1"), "ok");
  EXPECT_EQ(As("EXECUTE TASK t"), "ok");
  Run("REVOKE EXECUTE TASK ON ACCOUNT FROM ROLE worker");
  Must(account_->tasks_runner().Round());
  EXPECT_THAT(Answer("SELECT state, error_code FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY())"),
              ElementsAre("FAILED|091089"));
}

TEST_F(RightsTest, TasksNeedTheirWarehouseAndPlace) {
  Run("CREATE WAREHOUSE w");
  Run("GRANT CREATE TASK ON SCHEMA d.s TO ROLE worker");
  Run("GRANT EXECUTE TASK, EXECUTE MANAGED TASK ON ACCOUNT TO ROLE worker");
  EXPECT_THAT(As("CREATE TASK t WAREHOUSE = w AS SELECT 1"), HasSubstr("does not exist"));
  Run("GRANT USAGE ON WAREHOUSE w TO ROLE worker");
  EXPECT_EQ(As("CREATE TASK t WAREHOUSE = w AS SELECT 1"), "ok");
  EXPECT_EQ(As("CREATE TASK managed AS SELECT 1"), "ok");
  Run("REVOKE USAGE ON WAREHOUSE w FROM ROLE worker");
  EXPECT_THAT(As("EXECUTE TASK t"), HasSubstr("USAGE privilege on the task's warehouse"));
  Run("REVOKE EXECUTE MANAGED TASK ON ACCOUNT FROM ROLE worker");
  EXPECT_THAT(As("EXECUTE TASK managed"), HasSubstr("EXECUTE MANAGED TASK privilege"));
}

TEST_F(RightsTest, OperatingATaskIsNotOwningIt) {
  Run("CREATE TASK d.s.t SCHEDULE = '1 MINUTE' AS SELECT 'the text'");
  EXPECT_THAT(As("ALTER TASK t RESUME"), HasSubstr("does not exist or not authorized"));
  Run("GRANT OPERATE ON TASK d.s.t TO ROLE worker");
  EXPECT_EQ(As("ALTER TASK t RESUME"), "ok");
  EXPECT_EQ(As("ALTER TASK t SUSPEND"), "ok");
  EXPECT_EQ(As("EXECUTE TASK t"), "ok");
  EXPECT_THAT(As("ALTER TASK t MODIFY AS SELECT 2"), StartsWith("003001 (42501)"));
  EXPECT_THAT(As("ALTER TASK t SET SCHEDULE = '2 MINUTES'"), StartsWith("003001 (42501)"));
  EXPECT_THAT(As("DROP TASK t"), StartsWith("003001 (42501)"));
}

TEST_F(RightsTest, TextsOfTasksAreForOwnersMonitorsAndOperators) {
  Run("CREATE TASK d.s.t AS SELECT 'the text'");
  Run("EXECUTE TASK d.s.t");
  const std::string history = "SELECT query_text FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY())";
  EXPECT_THAT(Answer("SHOW TASKS IN ACCOUNT"), IsEmpty());
  EXPECT_THAT(Answer(history), IsEmpty());
  Run("GRANT MANAGE GRANTS ON ACCOUNT TO ROLE worker");
  EXPECT_THAT(Answer(history), IsEmpty());
  Run("REVOKE MANAGE GRANTS ON ACCOUNT FROM ROLE worker");
  for (const char* privilege :
       {"MONITOR ON TASK d.s.t", "OPERATE ON TASK d.s.t", "MONITOR EXECUTION ON ACCOUNT"}) {
    Run(std::string("GRANT ") + privilege + " TO ROLE worker");
    EXPECT_THAT(Answer(history), ElementsAre(HasSubstr("the text"))) << privilege;
    Run(std::string("REVOKE ") + privilege + " FROM ROLE worker");
  }
  // Where it lies is told to who may go there.
  Run("GRANT MONITOR EXECUTION ON ACCOUNT TO ROLE worker");
  Run("REVOKE USAGE ON SCHEMA d.s FROM ROLE worker");
  EXPECT_THAT(Answer("SELECT name, database_name, schema_name FROM "
                     "TABLE(INFORMATION_SCHEMA.TASK_HISTORY())"),
              ElementsAre("T|NULL|NULL"));
}

TEST_F(RightsTest, TasksOfAGraphHaveOneOwner) {
  Run("CREATE TASK d.s.root SCHEDULE = '1 MINUTE' AS SELECT 1");
  Run("GRANT MONITOR ON TASK d.s.root TO ROLE worker");
  Run("GRANT CREATE TASK ON SCHEMA d.s TO ROLE worker");
  const std::string child = "CREATE TASK child WAREHOUSE = COMPUTE_WH AFTER root AS SELECT 1";
  EXPECT_THAT(As(child), StartsWith("003001 (42501)"));
  // A role below owns it: nearer, and yet another owner.
  Run("CREATE ROLE below");
  Run("GRANT ROLE below TO ROLE worker");
  Run("GRANT OWNERSHIP ON TASK d.s.root TO ROLE below REVOKE CURRENT GRANTS");
  EXPECT_THAT(As(child), HasSubstr("must have the same owner"));
  EXPECT_EQ(As("GRANT OWNERSHIP ON TASK root TO ROLE worker"), "ok");
  EXPECT_EQ(As(child), "ok");
  EXPECT_THAT(As("CREATE TASK c2 WAREHOUSE = COMPUTE_WH SCHEDULE = '1 MINUTE' AFTER root AS "
                 "SELECT 1"),
              HasSubstr("both a schedule and a predecessor"));
}

TEST_F(RightsTest, OperatingAWarehouseIsNotChangingIt) {
  Run("CREATE WAREHOUSE w");
  Run("GRANT OPERATE ON WAREHOUSE w TO ROLE worker");
  EXPECT_EQ(As("ALTER WAREHOUSE w SUSPEND"), "ok");
  EXPECT_EQ(As("ALTER WAREHOUSE w RESUME"), "ok");
  EXPECT_THAT(As("ALTER WAREHOUSE w SET WAREHOUSE_SIZE = LARGE"), StartsWith("003001 (42501)"));
  EXPECT_THAT(As("ALTER WAREHOUSE w SET COMMENT = 'x'"), StartsWith("003001 (42501)"));
  Run("REVOKE OPERATE ON WAREHOUSE w FROM ROLE worker");
  Run("GRANT MODIFY ON WAREHOUSE w TO ROLE worker");
  EXPECT_EQ(As("ALTER WAREHOUSE w SET WAREHOUSE_SIZE = LARGE"), "ok");
  EXPECT_EQ(As("ALTER WAREHOUSE w SET COMMENT = 'x'"), "ok");
  EXPECT_THAT(As("ALTER WAREHOUSE w SUSPEND"), StartsWith("003001 (42501)"));
  Run("REVOKE MODIFY ON WAREHOUSE w FROM ROLE worker");
  EXPECT_THAT(As("ALTER WAREHOUSE w SUSPEND"), HasSubstr("does not exist or not authorized"));
  // MODIFY, MONITOR and OPERATE on all of them; OWNERSHIP is something else.
  Run("GRANT MANAGE WAREHOUSES ON ACCOUNT TO ROLE worker");
  EXPECT_EQ(As("ALTER WAREHOUSE w SUSPEND"), "ok");
  EXPECT_EQ(As("ALTER WAREHOUSE w SET WAREHOUSE_SIZE = SMALL"), "ok");
  EXPECT_THAT(Answer("SHOW WAREHOUSES LIKE 'W'"), SizeIs(1));
  EXPECT_THAT(As("DROP WAREHOUSE w"), StartsWith("003001 (42501)"));
}

TEST_F(RightsTest, TheAccountHasKnownParametersOnly) {
  Run("ALTER ACCOUNT SET TIMEZONE = 'Europe/Berlin', DATA_RETENTION_TIME_IN_DAYS = 3");
  EXPECT_EQ(*Open({.user = "ADMIN"})->Parameter("TIMEZONE"), "Europe/Berlin");
  Run("ALTER ACCOUNT UNSET TIMEZONE");
  EXPECT_EQ(*Open({.user = "ADMIN"})->Parameter("TIMEZONE"), "UTC");
  EXPECT_THAT(ErrorOf("ALTER ACCOUNT SET TIMEZONE = 'Nowhere/Else'"), StartsWith("001008 (22023)"));
  EXPECT_THAT(ErrorOf("ALTER ACCOUNT SET DATA_RETENTION_TIME_IN_DAYS = 91"),
              StartsWith("001008 (22023)"));
  EXPECT_EQ(ErrorOf("ALTER ACCOUNT SET PERIODIC_DATA_REKEYING = TRUE"),
            "000002 (0A000): Unsupported feature 'ALTER ACCOUNT with PERIODIC_DATA_REKEYING'.");
  EXPECT_EQ(ErrorOf("ALTER ACCOUNT UNSET NETWORK_POLICY"),
            "000002 (0A000): Unsupported feature 'ALTER ACCOUNT with NETWORK_POLICY'.");
  EXPECT_THAT(As("ALTER ACCOUNT SET TIMEZONE = 'UTC'"), StartsWith("003001 (42501)"));
}

TEST_F(RightsTest, EverythingInASchemaTakesAPrivilegeOnIt) {
  Run("CREATE STAGE d.s.files DIRECTORY = (ENABLE = TRUE)");
  Run("CREATE STREAM d.s.changes ON STAGE d.s.files");
  Run("CREATE VIEW d.s.v AS SELECT 1 AS x");
  Run("CREATE PROCEDURE d.s.p() RETURNS NUMBER LANGUAGE SQL AS BEGIN RETURN 1; END");
  Run("GRANT READ ON STAGE d.s.files TO ROLE worker");
  Run("GRANT SELECT ON STREAM d.s.changes TO ROLE worker");
  Run("GRANT SELECT ON VIEW d.s.v TO ROLE worker");
  Run("GRANT USAGE ON PROCEDURE d.s.p() TO ROLE worker");
  const std::vector<std::string> uses = {
      "LIST @d.s.files",           "SELECT * FROM DIRECTORY(@d.s.files)",
      "SELECT * FROM d.s.changes", "SELECT SYSTEM$STREAM_HAS_DATA('d.s.changes')",
      "SELECT x FROM d.s.v",       "CALL d.s.p()"};
  const auto check = [&](bool may, const char* why) {
    for (const std::string& use : uses) {
      if (may) {
        EXPECT_EQ(As(use), "ok") << use << " " << why;
      } else {
        EXPECT_THAT(As(use), testing::AnyOf(HasSubstr("002003"), HasSubstr("002141")))
            << use << " " << why;
      }
    }
  };
  check(true, "with USAGE on both");
  for (const char* container : {"DATABASE d", "SCHEMA d.s"}) {
    Run(std::string("REVOKE USAGE ON ") + container + " FROM ROLE worker");
    check(false, container);
    // That grants may be managed is no privilege on the container.
    Run("GRANT MANAGE GRANTS ON ACCOUNT TO ROLE worker");
    check(false, "managing grants");
    Run("REVOKE MANAGE GRANTS ON ACCOUNT FROM ROLE worker");
    // "USAGE or any other privilege".
    Run(std::string("GRANT MONITOR ON ") + container + " TO ROLE worker");
    check(true, "with MONITOR");
    Run(std::string("REVOKE MONITOR ON ") + container + " FROM ROLE worker");
    Run(std::string("GRANT USAGE ON ") + container + " TO ROLE worker");
  }
}

TEST_F(RightsTest, NothingIsAcceptedWithoutEffect) {
  EXPECT_EQ(ErrorOf("CREATE USER u MUST_CHANGE_PASSWORD = TRUE"),
            "000002 (0A000): Unsupported feature 'MUST_CHANGE_PASSWORD'.");
  EXPECT_EQ(ErrorOf("ALTER USER ann SET MUST_CHANGE_PASSWORD = TRUE"),
            "000002 (0A000): Unsupported feature 'MUST_CHANGE_PASSWORD'.");
  EXPECT_EQ(ErrorOf("ALTER USER ann SET LOGIN_NAME = 'annie'"),
            "000002 (0A000): Unsupported feature 'LOGIN_NAME other than the user's name'.");
  Run("CREATE USER u MUST_CHANGE_PASSWORD = FALSE LOGIN_NAME = 'u'");
  EXPECT_EQ(ErrorOf("GRANT ROLE worker TO ROLE SYSADMIN WITH GRANT OPTION"),
            "000002 (0A000): Unsupported feature 'GRANT ROLE … WITH GRANT OPTION'.");
}

TEST_F(RightsTest, ManagedAccessIsTheSchemaOwnersToSay) {
  Run("GRANT MODIFY ON SCHEMA d.s TO ROLE worker");
  EXPECT_THAT(As("ALTER SCHEMA d.s ENABLE MANAGED ACCESS"), StartsWith("003001 (42501)"));
  Run("ALTER SCHEMA d.s ENABLE MANAGED ACCESS");
}

}  // namespace
}  // namespace tarn::warehouse
