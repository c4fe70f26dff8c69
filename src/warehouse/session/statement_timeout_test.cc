// SPDX-License-Identifier: Apache-2.0
// STATEMENT_TIMEOUT_IN_SECONDS (Snowflake, "Parameters").
#include <gmock/gmock.h>

#include <thread>

#include "warehouse/scheduler/task_runner.h"
#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kTimedOut =
    "000630 (57014): Statement reached its statement or warehouse timeout of 1 second(s) and was "
    "canceled.";
/// Would take hours.
constexpr const char* kLong =
    "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 100000)) a, "
    "TABLE(GENERATOR(ROWCOUNT => 100000)) b, TABLE(GENERATOR(ROWCOUNT => 100000)) c";

class StatementTimeoutTest : public SessionTest {
 protected:
  StatementTimeoutTest() { Run("CREATE DATABASE d"); }
};

TEST_F(StatementTimeoutTest, EndsAQuery) {
  Run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
  EXPECT_EQ(ErrorOf(kLong), kTimedOut);
  EXPECT_THAT(Run("SELECT 1"), ElementsAre("1"));
}

TEST_F(StatementTimeoutTest, EndsBlocksAndWhatIsNestedInThem) {
  Run("CREATE PROCEDURE slow() RETURNS NUMBER LANGUAGE SQL AS BEGIN WHILE (TRUE) DO NULL; END "
      "WHILE; RETURN 1; END");
  Run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
  for (const std::string& text :
       {std::string("BEGIN SELECT 1; LOOP LET a := 1; END LOOP; END"), std::string("CALL slow()"),
        std::string("BEGIN ") + kLong + "; END", std::string("EXECUTE IMMEDIATE '") + kLong + "'",
        // No handler takes it.
        std::string("BEGIN ") + kLong + "; EXCEPTION WHEN OTHER THEN RETURN 'caught'; END"}) {
    const std::string told = ErrorOf(text);
    EXPECT_THAT(told, StartsWith("000630 (57014): ")) << text;
    EXPECT_THAT(told, HasSubstr("timeout of 1 second(s) and was canceled.")) << text;
  }
}

TEST_F(StatementTimeoutTest, ComesFromTheLowerOfSessionAndWarehouse) {
  Run("CREATE WAREHOUSE w STATEMENT_TIMEOUT_IN_SECONDS = 1");
  EXPECT_EQ(ErrorOf(kLong), kTimedOut);
  Run("USE WAREHOUSE compute_wh");
  Run("ALTER ACCOUNT SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
  session_ = Open({.user = "ADMIN"});
  EXPECT_EQ(ErrorOf(kLong), kTimedOut);
  EXPECT_THAT(ErrorOf("CREATE WAREHOUSE v STATEMENT_TIMEOUT_IN_SECONDS = 604801"),
              StartsWith("001008 (22023)"));
  EXPECT_THAT(ErrorOf("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 604801"),
              StartsWith("001008 (22023)"));
  EXPECT_THAT(ErrorOf("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = -1"),
              StartsWith("001008 (22023)"));
}

TEST_F(StatementTimeoutTest, ZeroIsTheLongestTime) {
  Run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 0");
  EXPECT_THAT(Run("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 1000000))"),
              ElementsAre("1000000"));
}

/// Only time counts in which the statement works.
TEST_F(StatementTimeoutTest, DoesNotCountItsClientsTime) {
  Run("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
  const auto prepared =
      Must(session_->Prepare("SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 10000))", {}, {}));
  const auto stream = Must(session_->Execute(*prepared, {}));
  std::this_thread::sleep_for(std::chrono::milliseconds(1300));
  EXPECT_EQ(Must(Drain(*stream)).size(), 10'000U);
}

TEST_F(StatementTimeoutTest, EndsATask) {
  Run("ALTER ACCOUNT SET STATEMENT_TIMEOUT_IN_SECONDS = 1");
  Run(std::string("CREATE TASK d.public.t AS ") + kLong);
  Run("EXECUTE TASK d.public.t");
  Must(account_->tasks_runner().Round());
  EXPECT_THAT(Run("SELECT state, error_code FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY())"),
              ElementsAre("FAILED|000630"));
}

}  // namespace
}  // namespace tarn::warehouse
