// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class ObjectStatementsTest : public SessionTest {};

TEST_F(ObjectStatementsTest, DatabasesAndSchemasBecomeCurrentAndSurviveAReopening) {
  EXPECT_THAT(Run("CREATE DATABASE IF NOT EXISTS retail COMMENT = 'the shop'"),
              ElementsAre("Database RETAIL successfully created."));
  EXPECT_EQ(session_->current_database(), "RETAIL");
  EXPECT_EQ(session_->current_schema(), "PUBLIC");
  EXPECT_THAT(Run("CREATE SCHEMA IF NOT EXISTS retail.network"),
              ElementsAre("Schema NETWORK successfully created."));
  EXPECT_EQ(session_->current_schema(), "NETWORK");
  EXPECT_THAT(Run("CREATE DATABASE IF NOT EXISTS retail"),
              ElementsAre("RETAIL already exists, statement succeeded."));
  Reopen();
  EXPECT_THAT(Run("USE SCHEMA retail.network"), ElementsAre("Statement executed successfully."));
  EXPECT_EQ(session_->current_schema(), "NETWORK");
  EXPECT_THAT(Run("SHOW DATABASES LIKE 'ret%'"), ElementsAre(HasSubstr("|the shop|")));
}

TEST_F(ObjectStatementsTest, SchemasOfOtherDatabasesAreNamedInTwoParts) {
  Run("CREATE DATABASE a");
  Run("CREATE DATABASE b");
  Run("CREATE SCHEMA a.s");
  EXPECT_EQ(session_->current_database(), "A");
  Run("USE DATABASE b");
  EXPECT_THAT(Run("SHOW SCHEMAS LIKE 'S' IN DATABASE b"), ElementsAre());
  EXPECT_THAT(Run("SHOW SCHEMAS LIKE 'S' IN DATABASE a"), testing::SizeIs(1));
  Run("COMMENT ON SCHEMA a.s IS 'there'");
  Run("ALTER SCHEMA a.s RENAME TO a.t");
  EXPECT_THAT(Run("DROP SCHEMA a.t"), ElementsAre("T successfully dropped."));
}

TEST_F(ObjectStatementsTest, AlterWithoutANameIsAnError) {
  for (const char* text :
       {"ALTER DATABASE SET COMMENT = 'x', UNSET COMMENT", "ALTER TASK SUSPEND"}) {
    EXPECT_THAT(ErrorOf(text), StartsWith("001003 (42000)")) << text;
  }
}

TEST_F(ObjectStatementsTest, RangesHoldNothingButAddresses) {
  Run("CREATE DATABASE net");
  EXPECT_THAT(ErrorOf("CREATE NETWORK RULE r TYPE = IPV4 MODE = POSTGRES_INGRESS VALUE_LIST = "
                      "('1.2.3.4\\0 trust/32')"),
              StartsWith("001008 (22023)"));
  Run("CREATE NETWORK RULE r TYPE = IPV4 MODE = POSTGRES_INGRESS VALUE_LIST = ('10.0.0.0/8')");
}

TEST_F(ObjectStatementsTest, AnOptionThatAnObjectDoesNotHaveIsAnError) {
  EXPECT_EQ(ErrorOf("CREATE DATABASE d COLOUR = 'red'"),
            "001420 (22023): SQL compilation error:\ninvalid property 'COLOUR' for 'DATABASE'");
  EXPECT_THAT(Run("SHOW DATABASES LIKE 'D'"), ElementsAre());
  EXPECT_EQ(ErrorOf("CREATE OR REPLACE DATABASE IF NOT EXISTS d"),
            "001003 (42000): SQL compilation error:\noptions OR REPLACE and IF NOT EXISTS are "
            "incompatible");
}

TEST_F(ObjectStatementsTest, WarehousesAreSizedSuspendedAndResumed) {
  Run("CREATE WAREHOUSE w WAREHOUSE_SIZE = 'X-LARGE' AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE");
  EXPECT_THAT(Run("SHOW WAREHOUSES LIKE 'W'"),
              ElementsAre(StartsWith("W|SUSPENDED|STANDARD|X-Large|")));
  EXPECT_THAT(ErrorOf("ALTER WAREHOUSE w SUSPEND"), StartsWith("090064 (22000)"));
  Run("ALTER WAREHOUSE w RESUME");
  Run("ALTER WAREHOUSE w RESUME IF SUSPENDED");
  Run("ALTER WAREHOUSE w SET WAREHOUSE_SIZE = xsmall COMMENT = 'small one'");
  EXPECT_THAT(Run("SHOW WAREHOUSES LIKE 'W'"),
              ElementsAre(StartsWith("W|STARTED|STANDARD|X-Small|")));
  EXPECT_THAT(ErrorOf("CREATE WAREHOUSE v WAREHOUSE_SIZE = huge"), HasSubstr("[HUGE]"));
}

TEST_F(ObjectStatementsTest, RolesGetPrivilegesAndUsersRoles) {
  Run("CREATE DATABASE shop");
  Run("CREATE ROLE analyst");
  Run("CREATE USER ann PASSWORD = 'pw-of-ann' DEFAULT_ROLE = analyst");
  Run("GRANT ROLE analyst TO USER ann");
  EXPECT_TRUE(Must(account_->sessions().Verifier("ann")).has_value());
  const auto ann = Open({.user = "ann"});
  EXPECT_EQ(ann->current_role(), "ANALYST");
  EXPECT_THAT(Told(Try(*ann, "USE DATABASE shop")), HasSubstr("does not exist or not authorized"));
  Run("GRANT USAGE ON DATABASE shop TO ROLE analyst");
  EXPECT_TRUE(Try(*ann, "USE DATABASE shop").has_value());
  EXPECT_THAT(Told(Try(*ann, "CREATE SCHEMA shop.s")), StartsWith("003001 (42501)"));
  EXPECT_THAT(Run("SHOW GRANTS TO ROLE analyst"), ElementsAre(HasSubstr("USAGE|DATABASE|SHOP")));
  Run("REVOKE USAGE ON DATABASE shop FROM ROLE analyst");
  EXPECT_THAT(Run("SHOW GRANTS TO ROLE analyst"), ElementsAre());
}

TEST_F(ObjectStatementsTest, NamesChangeAndComeBack) {
  Run("CREATE DATABASE a");
  Run("ALTER DATABASE a RENAME TO b");
  EXPECT_THAT(Run("DROP DATABASE b"), ElementsAre("B successfully dropped."));
  EXPECT_THAT(ErrorOf("USE DATABASE b"), StartsWith("002003 (02000)"));
  Run("UNDROP DATABASE b");
  Run("USE DATABASE IDENTIFIER('b')");
  Run("COMMENT ON DATABASE b IS 'back'");
  EXPECT_THAT(Run("SHOW DATABASES LIKE 'B'"), ElementsAre(HasSubstr("|back|")));
}

TEST_F(ObjectStatementsTest, SchemaObjects) {
  Run("CREATE DATABASE d");
  Run("CREATE SEQUENCE s START = 5 INCREMENT = 2");
  EXPECT_THAT(Run("SHOW SEQUENCES"), ElementsAre(HasSubstr("|5|2|")));
  Run("CREATE FILE FORMAT f TYPE = CSV FIELD_DELIMITER = '|' SKIP_HEADER = 1 NULL_IF = ('', "
      "'NULL')");
  EXPECT_THAT(Run("SHOW FILE FORMATS"), ElementsAre(HasSubstr("CSV")));
  EXPECT_THAT(ErrorOf("CREATE FILE FORMAT g TYPE = PARQUET SKIP_HEADER = 1"), StartsWith("001420"));
  Run("CREATE TAG t ALLOWED_VALUES 'x', 'y'");
  Run("ALTER SCHEMA d.public SET TAG t = 'x'");
}

TEST_F(ObjectStatementsTest, SessionsHaveVariablesAndParameters) {
  Run("SET v = 40 + 2");
  EXPECT_THAT(Run("SELECT $v"), ElementsAre("42"));
  Run("SET v = UPPER('ab')");
  EXPECT_THAT(Run("SELECT $v"), ElementsAre("AB"));
  Run("UNSET v");
  EXPECT_THAT(ErrorOf("SELECT $v"), HasSubstr("$V"));
  Run("ALTER SESSION SET TIMEZONE = 'Europe/Berlin', QUERY_TAG = 'x'");
  EXPECT_EQ(*session_->Parameter("TIMEZONE"), "Europe/Berlin");
  Run("ALTER SESSION UNSET TIMEZONE");
  EXPECT_EQ(*session_->Parameter("TIMEZONE"), "UTC");
  EXPECT_THAT(ErrorOf("ALTER SESSION SET NO_SUCH = 1"), StartsWith("001006 (22023)"));
}

}  // namespace
}  // namespace tarn::warehouse
