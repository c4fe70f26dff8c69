// SPDX-License-Identifier: Apache-2.0
// Blocks and procedures; expected values follow the examples of Snowflake's "Snowflake Scripting
// Developer Guide".
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class ScriptingTest : public SessionTest {
 protected:
  ScriptingTest() {
    Run("CREATE DATABASE d");
    Run("CREATE SCHEMA d.s");
  }
};

TEST_F(ScriptingTest, AreaOfACircle) {
  EXPECT_THAT(Run("DECLARE radius_of_circle FLOAT; area_of_circle FLOAT;\n"
                  "BEGIN radius_of_circle := 3; area_of_circle := PI() * radius_of_circle * "
                  "radius_of_circle; RETURN area_of_circle; END"),
              ElementsAre(StartsWith("28.2743338")));
}

TEST_F(ScriptingTest, VariablesAreTypedAndScoped) {
  EXPECT_THAT(
      Run("DECLARE x NUMBER(10,2) DEFAULT 1; BEGIN x := '2.345'; LET y := x + 1; BEGIN LET x "
          ":= 'inner'; END; RETURN y; END"),
      ElementsAre("335e-2"));
  EXPECT_THAT(Run("BEGIN RETURN NULL; END"), ElementsAre("NULL"));
  EXPECT_THAT(Run("BEGIN LET a := 1; END"), ElementsAre("NULL"));
  EXPECT_THAT(ErrorOf("BEGIN x := 1; END"), HasSubstr("invalid identifier 'X'"));
}

TEST_F(ScriptingTest, BranchesAndLoops) {
  EXPECT_THAT(Run("DECLARE counter INTEGER DEFAULT 0; maximum_count INTEGER DEFAULT 5;\n"
                  "BEGIN FOR i IN 1 TO maximum_count DO counter := counter + 1; END FOR;\n"
                  "RETURN counter; END"),
              ElementsAre("5"));
  EXPECT_THAT(
      Run("BEGIN LET counter := 5; WHILE (counter > 0) DO counter := counter - 1; END WHILE; "
          "RETURN counter; END"),
      ElementsAre("0"));
  EXPECT_THAT(Run("BEGIN LET n := 0; REPEAT n := n + 2; UNTIL (n > 5) END REPEAT; RETURN n; END"),
              ElementsAre("6"));
  EXPECT_THAT(
      Run("BEGIN LET n := 0; LOOP n := n + 1; IF (n = 3) THEN CONTINUE; ELSEIF (n > 6) THEN "
          "BREAK; END IF; END LOOP; RETURN n; END"),
      ElementsAre("7"));
  EXPECT_THAT(Run("DECLARE e VARCHAR DEFAULT 'b'; BEGIN CASE (e) WHEN 'a' THEN RETURN 1; WHEN 'b' "
                  "THEN RETURN 2; ELSE RETURN 3; END; END"),
              ElementsAre("2"));
  EXPECT_THAT(
      Run("BEGIN LET s := ''; FOR i IN REVERSE 1 TO 3 DO s := s || i; END FOR; RETURN s; END"),
      ElementsAre("321"));
}

TEST_F(ScriptingTest, CursorsAndResultSets) {
  EXPECT_THAT(
      Run("DECLARE total NUMBER(10,2) DEFAULT 0;\n"
          "  c1 CURSOR FOR SELECT * FROM VALUES (11.11), (22.22) v (price);\n"
          "BEGIN FOR record IN c1 DO total := total + record.price; END FOR; RETURN total; END"),
      ElementsAre("3333e-2"));
  EXPECT_THAT(
      Run("DECLARE a NUMBER; b NUMBER; c CURSOR FOR SELECT * FROM VALUES (1), (2) v (x) ORDER "
          "BY x;\nBEGIN OPEN c; FETCH c INTO a; FETCH c INTO b; CLOSE c; RETURN a * 10 + b; END"),
      ElementsAre("12"));
  EXPECT_THAT(Run("DECLARE rs RESULTSET DEFAULT (SELECT * FROM VALUES (1, 'a'), (2, 'b') v (n, t) "
                  "ORDER BY n); BEGIN RETURN TABLE(rs); END"),
              ElementsAre("1|a", "2|b"));
}

TEST_F(ScriptingTest, StatementsBindVariables) {
  EXPECT_THAT(
      Run("DECLARE x NUMBER; y VARCHAR; BEGIN SELECT 7, 'seven' INTO :x, :y; RETURN y || x; END"),
      ElementsAre("seven7"));
  EXPECT_THAT(
      Run("DECLARE name VARCHAR DEFAULT 'made'; BEGIN EXECUTE IMMEDIATE 'CREATE SCHEMA d.' || "
          "name; EXECUTE IMMEDIATE 'SELECT ? + 1' USING (41); RETURN SQLROWCOUNT; END"),
      ElementsAre("1"));
  EXPECT_THAT(Run("SHOW SCHEMAS LIKE 'MADE' IN DATABASE d"), testing::SizeIs(1));
  EXPECT_THAT(ErrorOf("DECLARE x NUMBER; BEGIN SELECT * INTO :x FROM VALUES (1), (2); END"),
              HasSubstr("expects exactly 1 returned row, but got 2"));
}

TEST_F(ScriptingTest, ExceptionsAreRaisedHandledAndTold) {
  EXPECT_EQ(
      ErrorOf("DECLARE\n  my_exception EXCEPTION (-20002, 'Raised MY_EXCEPTION.');\nBEGIN\n  LET "
              "counter := 0;\n  RAISE my_exception;\nEND"),
      "-20002 (P0001): Uncaught exception of type 'MY_EXCEPTION' on line 5 at position 8 : "
      "Raised MY_EXCEPTION.");
  EXPECT_THAT(Run("DECLARE e EXCEPTION (-20003, 'no'); BEGIN RAISE e; EXCEPTION WHEN e THEN RETURN "
                  "SQLCODE || SQLSTATE || SQLERRM; END"),
              ElementsAre("-20003P0001no"));
  EXPECT_THAT(Run("BEGIN SELECT 1 / 0; EXCEPTION WHEN STATEMENT_ERROR THEN RETURN 'caught'; END"),
              ElementsAre("caught"));
  EXPECT_THAT(
      Run("BEGIN BEGIN SELECT * FROM nowhere; EXCEPTION WHEN OTHER THEN RAISE; END; EXCEPTION "
          "WHEN OTHER THEN RETURN 'outer'; END"),
      ElementsAre("outer"));
  EXPECT_THAT(
      ErrorOf("BEGIN\n  SELECT * FROM nowhere;\nEND"),
      StartsWith("002003 (42S02): Uncaught exception of type 'STATEMENT_ERROR' on line 2 at "
                 "position 2 : "));
}

TEST_F(ScriptingTest, ProceduresAreCalledByTypesAndNames) {
  Run("CREATE PROCEDURE output_message(message VARCHAR) RETURNS VARCHAR NOT NULL LANGUAGE SQL AS "
      "BEGIN "
      "RETURN message; END");
  EXPECT_THAT(Run("CALL output_message('Hello World')"), ElementsAre("Hello World"));
  Run("CREATE PROCEDURE p(a NUMBER, b NUMBER DEFAULT 10) RETURNS NUMBER LANGUAGE SQL AS $$ BEGIN "
      "RETURN a "
      "- b; END; $$");
  EXPECT_THAT(Run("CALL p(1)"), ElementsAre("-9"));
  EXPECT_THAT(Run("CALL p(b => 1, a => 5)"), ElementsAre("4"));
  EXPECT_THAT(ErrorOf("CALL p()"), StartsWith("002141 (42601)"));
  EXPECT_THAT(ErrorOf("CALL nowhere(1)"),
              HasSubstr("Unknown user-defined function NOWHERE(NUMBER)"));
  EXPECT_THAT(ErrorOf("CREATE PROCEDURE q() RETURNS NUMBER LANGUAGE SQL AS $$ BEGIN RETURN $$"),
              StartsWith("001003 (42000)"));
  EXPECT_THAT(ErrorOf("CREATE PROCEDURE q() RETURNS NUMBER LANGUAGE PYTHON AS $$ x $$"),
              HasSubstr("LANGUAGE PYTHON"));
  EXPECT_THAT(Run("SHOW PROCEDURES LIKE 'P'"), testing::SizeIs(1));
  Reopen();
  EXPECT_THAT(Run("CALL d.s.p(3, 1)"), ElementsAre("2"));
  EXPECT_THAT(Run("DROP PROCEDURE d.s.p(NUMBER, NUMBER)"), ElementsAre("P successfully dropped."));
}

TEST_F(ScriptingTest, OwnersRights) {
  Run("CREATE PROCEDURE mine() RETURNS VARCHAR LANGUAGE SQL AS BEGIN CREATE SCHEMA d.by_owner; "
      "RETURN "
      "CURRENT_ROLE(); END");
  Run("CREATE PROCEDURE yours() RETURNS VARCHAR LANGUAGE SQL EXECUTE AS CALLER AS BEGIN CREATE "
      "SCHEMA "
      "d.by_caller; RETURN CURRENT_ROLE(); END");
  Run("CREATE ROLE clerk");
  Run("CREATE USER carl DEFAULT_ROLE = clerk");
  Run("GRANT ROLE clerk TO USER carl");
  Run("GRANT USAGE ON DATABASE d TO ROLE clerk");
  Run("GRANT USAGE ON SCHEMA d.s TO ROLE clerk");
  Run("GRANT USAGE ON PROCEDURE d.s.mine() TO ROLE clerk");
  Run("GRANT USAGE ON PROCEDURE d.s.yours() TO ROLE clerk");
  const auto carl = Open({.user = "carl"});
  EXPECT_EQ(*Try(*carl, "CALL d.s.mine()"), Lines{"ACCOUNTADMIN"});
  EXPECT_EQ(carl->current_role(), "CLERK");
  EXPECT_THAT(Told(Try(*carl, "CALL d.s.yours()")), HasSubstr("Insufficient privileges"));
}

/// After a statement within it has ended, too.
TEST_F(ScriptingTest, ACancelReachesALoop) {
  const std::string endless = "BEGIN SELECT 1; WHILE (TRUE) DO NULL; END WHILE; END";
  std::atomic<bool> ended = false;
  std::thread canceller([&] {
    while (!ended) session_->Cancel();
  });
  const std::string told = ErrorOf(endless);
  ended = true;
  canceller.join();
  EXPECT_THAT(told, HasSubstr("57014"));
}

TEST_F(ScriptingTest, NestingEnds) {
  Run("CREATE PROCEDURE again() RETURNS NUMBER LANGUAGE SQL AS BEGIN CALL d.s.again(); RETURN 1; "
      "END");
  EXPECT_THAT(ErrorOf("CALL again()"), HasSubstr("nested too deeply"));
  EXPECT_THAT(Run("SELECT 1"), ElementsAre("1"));
}

}  // namespace
}  // namespace tarn::warehouse
