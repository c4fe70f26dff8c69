// SPDX-License-Identifier: Apache-2.0
// Procedures with owner's and with caller's rights; what they may do follows Snowflake's
// "Understanding caller's rights and owner's rights stored procedures".
#include <gmock/gmock.h>

#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The administrator owns the procedures; CARL of role CLERK calls them.
class OwnersRightsTest : public SessionTest {
 protected:
  OwnersRightsTest() {
    Run("CREATE DATABASE d");
    Run("CREATE SCHEMA d.s");
    Run("CREATE SCHEMA d.other");
    Run("CREATE ROLE clerk");
    Run("CREATE USER carl DEFAULT_ROLE = clerk");
    Run("GRANT ROLE clerk TO USER carl");
    Run("GRANT USAGE ON DATABASE d TO ROLE clerk");
    Run("GRANT USAGE ON SCHEMA d.s TO ROLE clerk");
    Run("GRANT USAGE ON SCHEMA d.other TO ROLE clerk");
    Run("USE SCHEMA d.s");
    carl_ = Open({.user = "carl"});
    EXPECT_EQ(As("USE SCHEMA d.other"), "ok");
  }
  /// `name` with owner's rights, or as `rights` says, that CLERK may call.
  void Procedure(const std::string& name, const std::string& body,
                 const std::string& rights = "OWNER", const std::string& arguments = "") {
    Run("CREATE OR REPLACE PROCEDURE d.s." + name + "(" + arguments +
        ") RETURNS VARCHAR LANGUAGE SQL EXECUTE AS " + rights + " AS $$ BEGIN " + body +
        " END; $$");
    const std::string types = arguments.empty() ? "" : "VARCHAR";
    Run("GRANT USAGE ON PROCEDURE d.s." + name + "(" + types + ") TO ROLE clerk");
  }
  std::string As(const std::string& text) { return Told(Try(*carl_, text)); }
  Lines Answer(const std::string& text) {
    auto lines = Try(*carl_, text);
    EXPECT_TRUE(lines) << text << ": " << Told(lines);
    return lines ? *std::move(lines) : Lines();
  }

  std::unique_ptr<Session> carl_;
};

TEST_F(OwnersRightsTest, RefusesWhatChangesTheSessionOrTellsOfIt) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"USE ROLE clerk", "USE"},
      {"USE SECONDARY ROLES ALL", "USE"},
      {"USE SCHEMA d.s", "USE"},
      {"USE WAREHOUSE compute_wh", "USE"},
      {"SET v = 1", "SET"},
      {"UNSET v", "UNSET"},
      {"ALTER SESSION SET QUERY_TAG = 'x'", "ALTER_SESSION"},
      {"ALTER SESSION UNSET QUERY_TAG", "ALTER_SESSION"},
      {"SHOW PARAMETERS", "SHOW PARAMETER"},
      {"SHOW PARAMETERS IN SESSION", "SHOW PARAMETER"},
      {"SHOW GRANTS", "SHOW GRANT"},
      {"ALTER USER carl SET EMAIL = 'c@example.com'", "ALTER_USER"},
      {"LIST @d.s.files", "LIST_FILES"}};
  Run("CREATE STAGE d.s.files");
  for (const auto& [statement, kind] : cases) {
    Procedure("p", std::string(statement) + "; RETURN 'done';");
    const std::string told = As("CALL d.s.p()");
    EXPECT_THAT(told, HasSubstr("090236 (42601)")) << statement;
    EXPECT_THAT(told, HasSubstr(fmt::format("Stored procedure execution error: Unsupported "
                                            "statement type '{}'.",
                                            kind)))
        << statement;
  }
  // What the owner may do besides, and of others.
  Run("CREATE USER dora");
  Procedure("p",
            "CREATE SCHEMA d.made; GRANT USAGE ON SCHEMA d.made TO ROLE clerk; SHOW SCHEMAS; "
            "SHOW GRANTS TO ROLE clerk; ALTER USER dora SET EMAIL = 'd@example.com'; "
            "LET v := 1; v := v + 1; RETURN v;");
  EXPECT_EQ(Answer("CALL d.s.p()"), Lines{"2"});
}

TEST_F(OwnersRightsTest, HasTheOwnersRoleAndPlace) {
  Procedure("p",
            "RETURN CURRENT_ROLE() || CURRENT_SCHEMA() || "
            "IS_ROLE_IN_SESSION('ACCOUNTADMIN') || IS_ROLE_IN_SESSION('CLERK');");
  EXPECT_EQ(Answer("CALL d.s.p()"), Lines{"ACCOUNTADMINStruefalse"});
  EXPECT_EQ(Answer("SELECT CURRENT_ROLE(), CURRENT_SCHEMA()"), Lines{"CLERK|OTHER"});
}

TEST_F(OwnersRightsTest, DoesNotSeeTheCallersVariables) {
  EXPECT_EQ(As("SET secret = 'mine'"), "ok");
  Procedure("p", "RETURN $secret;");
  EXPECT_THAT(As("CALL d.s.p()"), HasSubstr("SECRET"));
  Procedure("p", "RETURN a;", "OWNER", "a VARCHAR");
  EXPECT_EQ(Answer("CALL d.s.p($secret)"), Lines{"mine"});
  EXPECT_EQ(Answer("SELECT $secret"), Lines{"mine"});
}

TEST_F(OwnersRightsTest, TakesFormatsOfTheCallerAndNothingElse) {
  Run("CREATE VIEW d.s.\"low\" AS SELECT 1 x");
  EXPECT_EQ(As("ALTER SESSION SET DATE_OUTPUT_FORMAT = 'DD.MM.YYYY', "
               "QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE, DEFAULT_NULL_ORDERING = 'FIRST'"),
            "ok");
  Procedure("p",
            "LET d := (SELECT '2026-11-29'::DATE::VARCHAR); "
            "LET x := (SELECT x FROM d.s.\"low\"); RETURN d || x;");
  EXPECT_EQ(Answer("CALL d.s.p()"), Lines{"29.11.20261"});
  const std::string first =
      "LET first VARCHAR := ''; LET c CURSOR FOR SELECT COALESCE(column1, 'null') AS t FROM VALUES "
      "('a'), (NULL) ORDER BY column1; OPEN c; FETCH c INTO first; CLOSE c; RETURN first;";
  Procedure("p", first);
  EXPECT_EQ(Answer("CALL d.s.p()"), Lines{"a"});
  Procedure("p", first, "CALLER");
  EXPECT_EQ(Answer("CALL d.s.p()"), Lines{"null"});
  EXPECT_EQ(*carl_->Parameter("DEFAULT_NULL_ORDERING"), "FIRST");
}

TEST_F(OwnersRightsTest, DefaultsHaveTheOwnersRights) {
  Run("CREATE VIEW d.s.secret AS SELECT 42 AS x");
  Procedure("p", "RETURN a || CURRENT_ROLE();", "OWNER",
            "a VARCHAR DEFAULT (SELECT x::VARCHAR FROM d.s.secret) || CURRENT_ROLE()");
  EXPECT_THAT(As("SELECT x FROM d.s.secret"), HasSubstr("does not exist or not authorized"));
  EXPECT_EQ(Answer("CALL d.s.p()"), Lines{"42ACCOUNTADMINACCOUNTADMIN"});
  // What the call itself says is the caller's.
  EXPECT_EQ(Answer("CALL d.s.p(CURRENT_ROLE())"), Lines{"CLERKACCOUNTADMIN"});
}

TEST_F(OwnersRightsTest, TheSessionComesBackWhole) {
  Procedure("fails", "CREATE SCHEMA d.third; CREATE WAREHOUSE w; SELECT * FROM nowhere; RETURN 1;");
  Procedure("ends", "CREATE SCHEMA d.fourth; CREATE WAREHOUSE v; RETURN 1;");
  EXPECT_EQ(As("SET v = 5"), "ok");
  EXPECT_EQ(As("ALTER SESSION SET QUERY_TAG = 'tag', DEFAULT_NULL_ORDERING = 'FIRST'"), "ok");
  EXPECT_THAT(As("CALL d.s.fails()"), HasSubstr("NOWHERE"));
  const auto state = [&] {
    return Answer(
        "SELECT CURRENT_ROLE(), CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_WAREHOUSE(), $v, "
        "CURRENT_SECONDARY_ROLES() LIKE '%ALL%'");
  };
  const Lines before = {"CLERK|D|OTHER|COMPUTE_WH|5|true"};
  EXPECT_EQ(state(), before);
  EXPECT_EQ(Answer("CALL d.s.ends()"), Lines{"1"});
  EXPECT_EQ(state(), before);
  EXPECT_EQ(*carl_->Parameter("QUERY_TAG"), "tag");
  EXPECT_EQ(*carl_->Parameter("DEFAULT_NULL_ORDERING"), "FIRST");
}

TEST_F(OwnersRightsTest, CallersRightsChangeTheSession) {
  Procedure("p",
            "SET v = $v + 1; USE SCHEMA d.s; USE SECONDARY ROLES NONE; "
            "ALTER SESSION SET QUERY_TAG = 'set'; USE ROLE PUBLIC; RETURN 1;",
            "CALLER");
  EXPECT_EQ(As("SET v = 5"), "ok");
  EXPECT_EQ(Answer("CALL d.s.p()"), Lines{"1"});
  EXPECT_EQ(Answer("SELECT $v, CURRENT_SCHEMA(), CURRENT_ROLE(), "
                   "CURRENT_SECONDARY_ROLES() LIKE '%ALL%'"),
            Lines{"6|S|PUBLIC|false"});
  EXPECT_EQ(*carl_->Parameter("QUERY_TAG"), "set");
}

TEST_F(OwnersRightsTest, BelowAnOwnersRightsNothingHasTheCallers) {
  Procedure("inner", "RETURN CURRENT_ROLE();", "CALLER");
  Procedure("changes", "USE ROLE PUBLIC; RETURN 1;", "CALLER");
  Run("CREATE ROLE author");
  Run("GRANT ROLE author TO USER carl");
  Run("GRANT USAGE ON DATABASE d TO ROLE author");
  Run("GRANT USAGE, CREATE PROCEDURE ON SCHEMA d.s TO ROLE author");
  Run("GRANT USAGE ON PROCEDURE d.s.inner() TO ROLE author");
  Run("GRANT USAGE ON PROCEDURE d.s.changes() TO ROLE author");
  const auto author = Open({.user = "carl", .role = "author"});
  // The owner's rights of the outer one, never those of who owns the inner one.
  EXPECT_EQ(Told(Try(*author,
                     "CREATE PROCEDURE d.s.wrapper() RETURNS TABLE (r VARCHAR) LANGUAGE "
                     "SQL AS $$ BEGIN LET rs RESULTSET := (CALL d.s.inner()); RETURN "
                     "TABLE(rs); END; $$")),
            "ok");
  EXPECT_EQ(Told(Try(*author,
                     "CREATE PROCEDURE d.s.tries() RETURNS VARCHAR LANGUAGE SQL AS $$ "
                     "BEGIN CALL d.s.changes(); RETURN 1; END; $$")),
            "ok");
  EXPECT_EQ(Told(Try(*author, "GRANT USAGE ON PROCEDURE d.s.wrapper() TO ROLE clerk")), "ok");
  EXPECT_EQ(Told(Try(*author, "GRANT USAGE ON PROCEDURE d.s.tries() TO ROLE clerk")), "ok");
  EXPECT_EQ(Answer("CALL d.s.wrapper()"), Lines{"AUTHOR"});
  EXPECT_THAT(As("CALL d.s.tries()"), HasSubstr("Unsupported statement type 'USE'"));
  // Within caller's rights an owner's rights stay the owner's, and end with them.
  Procedure("owned", "RETURN CURRENT_ROLE();");
  Procedure("calls", "CALL d.s.owned(); RETURN CURRENT_ROLE();", "CALLER");
  EXPECT_EQ(Answer("CALL d.s.calls()"), Lines{"CLERK"});
}

TEST_F(OwnersRightsTest, OnlyTheOwnerReadsIt) {
  Procedure("p", "RETURN 'the secret';");
  Procedure("q", "RETURN 'no secret';", "CALLER");
  EXPECT_THAT(Run("DESCRIBE PROCEDURE d.s.p()"), testing::Contains(HasSubstr("the secret")));
  EXPECT_THAT(Answer("DESCRIBE PROCEDURE d.s.p()"),
              testing::Not(testing::Contains(HasSubstr("the secret"))));
  EXPECT_THAT(Answer("DESCRIBE PROCEDURE d.s.q()"), testing::Contains(HasSubstr("no secret")));
}

TEST_F(OwnersRightsTest, ViewsAskForTheSessionsRoles) {
  Run("CREATE VIEW d.s.v AS SELECT IS_ROLE_IN_SESSION('ACCOUNTADMIN') AS admin, "
      "IS_ROLE_IN_SESSION('CLERK') AS clerk");
  Run("GRANT SELECT ON VIEW d.s.v TO ROLE clerk");
  EXPECT_EQ(Answer("SELECT admin, clerk FROM d.s.v"), Lines{"false|true"});
  EXPECT_EQ(Run("SELECT admin, clerk FROM d.s.v"), Lines{"true|false"});
}

}  // namespace
}  // namespace tarn::warehouse
