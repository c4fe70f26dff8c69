// SPDX-License-Identifier: Apache-2.0
// Who may make and call functions, and with whose rights they run (Snowflake, "Granting privileges
// for user-defined functions").
#include <gmock/gmock.h>

#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

/// The administrator owns the functions and the table; CARL of role CLERK calls them.
class FunctionRightsTest : public SessionTest {
 protected:
  FunctionRightsTest() {
    Run("CREATE DATABASE d");
    Run("CREATE SCHEMA d.s");
    Run("CREATE ROLE clerk");
    Run("CREATE USER carl DEFAULT_ROLE = clerk");
    Run("GRANT ROLE clerk TO USER carl");
    Run("GRANT USAGE ON DATABASE d TO ROLE clerk");
    Run("GRANT USAGE ON SCHEMA d.s TO ROLE clerk");
    Run("USE SCHEMA d.s");
    Run("CREATE TABLE secrets (a INT)");
    Run("INSERT INTO secrets VALUES (42)");
    Run("CREATE FUNCTION total(x INT) RETURNS INT AS 'SELECT SUM(a) + x FROM secrets'");
    Run("CREATE FUNCTION rows_of() RETURNS TABLE(a INT) AS 'SELECT a FROM secrets'");
    carl_ = Open({.user = "carl", .database = "d", .schema = "s"});
  }
  std::string As(const std::string& text) { return Told(Try(*carl_, text)); }
  Lines Answer(const std::string& text) {
    auto lines = Try(*carl_, text);
    EXPECT_TRUE(lines) << text << ": " << Told(lines);
    return lines ? *std::move(lines) : Lines();
  }

  std::unique_ptr<Session> carl_;
};

TEST_F(FunctionRightsTest, UsageIsToCallWithTheOwnersRights) {
  EXPECT_THAT(As("SELECT total(1)"), HasSubstr("Unknown function TOTAL"));
  EXPECT_THAT(As("DESC FUNCTION total(INT)"), StartsWith("002003"));
  EXPECT_THAT(Answer("SHOW USER FUNCTIONS"), IsEmpty());
  Run("GRANT USAGE ON FUNCTION total(INT) TO ROLE clerk");
  Run("GRANT USAGE ON FUNCTION rows_of() TO ROLE clerk");
  EXPECT_EQ(Answer("SELECT total(1)"), Lines{"43"});
  EXPECT_EQ(Answer("SELECT * FROM TABLE(rows_of())"), Lines{"42"});
  EXPECT_THAT(As("SELECT * FROM secrets"), StartsWith("002003"));
  EXPECT_THAT(Answer("SHOW USER FUNCTIONS"), SizeIs(2));
  EXPECT_THAT(As("DROP FUNCTION total(INT)"), StartsWith("003001 (42501)"));
  EXPECT_THAT(As("ALTER FUNCTION total(INT) SET COMMENT = 'x'"), StartsWith("003001 (42501)"));
  EXPECT_THAT(As("CREATE OR REPLACE FUNCTION total(x INT) RETURNS INT AS '0'"),
              StartsWith("003001 (42501)"));
  Run("REVOKE USAGE ON FUNCTION total(INT) FROM ROLE clerk");
  EXPECT_THAT(As("SELECT total(1)"), HasSubstr("Unknown function TOTAL"));
}

TEST_F(FunctionRightsTest, OverloadsHaveGrantsOfTheirOwn) {
  Run("CREATE FUNCTION total(x VARCHAR) RETURNS VARCHAR AS $$ 'text' $$");
  Run("GRANT USAGE ON FUNCTION total(VARCHAR) TO ROLE clerk");
  EXPECT_EQ(Answer("SELECT total(1)"), Lines{"text"});
}

TEST_F(FunctionRightsTest, MadeByWhoMayCreateThem) {
  constexpr const char* kMine = "CREATE FUNCTION mine() RETURNS INT AS '1'";
  EXPECT_THAT(As(kMine), StartsWith("003001 (42501)"));
  Run("GRANT CREATE FUNCTION ON SCHEMA d.s TO ROLE clerk");
  EXPECT_EQ(As(kMine), "ok");
  // What the owner may not read, the function does not.
  EXPECT_THAT(As("CREATE FUNCTION peek() RETURNS INT AS 'SELECT MAX(a) FROM secrets'"),
              StartsWith("002003"));
  Run("GRANT SELECT ON TABLE secrets TO ROLE clerk");
  EXPECT_EQ(As("CREATE FUNCTION peek() RETURNS INT AS 'SELECT MAX(a) FROM secrets'"), "ok");
  EXPECT_EQ(Answer("SELECT peek()"), Lines{"42"});
  Run("REVOKE SELECT ON TABLE secrets FROM ROLE clerk");
  EXPECT_THAT(As("SELECT peek()"), StartsWith("002003"));
  // With its new owner it has that one's rights.
  Run("GRANT OWNERSHIP ON FUNCTION peek() TO ROLE ACCOUNTADMIN");
  EXPECT_EQ(Run("SELECT peek()"), Lines{"42"});
  EXPECT_THAT(As("SELECT peek()"), HasSubstr("Unknown function PEEK"));
}

TEST_F(FunctionRightsTest, SecureOnesShowTheirBodyToTheirOwner) {
  Run("GRANT USAGE ON FUNCTION total(INT) TO ROLE clerk");
  constexpr const char* kDefinition =
      "SELECT function_definition FROM INFORMATION_SCHEMA.FUNCTIONS WHERE function_name = 'TOTAL'";
  EXPECT_THAT(Answer("DESC FUNCTION total(INT)"), testing::Contains(HasSubstr("secrets")));
  EXPECT_THAT(Answer(kDefinition), ElementsAre(HasSubstr("secrets")));
  Run("ALTER FUNCTION total(INT) SET SECURE");
  EXPECT_THAT(Answer("DESC FUNCTION total(INT)"), testing::Contains("body|NULL"));
  EXPECT_EQ(Answer(kDefinition), Lines{"NULL"});
  EXPECT_THAT(As("SELECT GET_DDL('FUNCTION', 'total(INT)')"), StartsWith("002003"));
  EXPECT_THAT(Run("DESC FUNCTION total(INT)"), testing::Contains(HasSubstr("secrets")));
  EXPECT_EQ(Answer("SELECT total(0)"), Lines{"42"});
}

}  // namespace
}  // namespace tarn::warehouse
