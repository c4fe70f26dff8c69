// SPDX-License-Identifier: Apache-2.0
// LAST_QUERY_ID, RESULT_SCAN, ->> and QUERY_HISTORY; examples of Snowflake's pages on them.
#include <gmock/gmock.h>

#include "warehouse/session/secret_text.h"
#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class StatementLogTest : public SessionTest {
 protected:
  StatementLogTest() {
    Run("CREATE DATABASE d");
    Run("CREATE SCHEMA d.s");
  }
};

TEST_F(StatementLogTest, AResultIsScanned) {
  Run("SELECT $1 AS value FROM VALUES (1), (2), (3)");
  EXPECT_THAT(Run("SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) WHERE value > 1 ORDER BY 1"),
              ElementsAre("2", "3"));
  EXPECT_THAT(Run("SELECT SUM(value) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(-2)))"),
              ElementsAre("6"));
  EXPECT_THAT(Run("SELECT COUNT(*) FROM TABLE(RESULT_SCAN(-3))"), ElementsAre("3"));
  const std::string third = Run("SELECT LAST_QUERY_ID(3)").at(0);
  EXPECT_THAT(Run("SELECT MAX(value) FROM TABLE(RESULT_SCAN('" + third + "'))"), ElementsAre("3"));
  EXPECT_THAT(Run("SELECT LAST_QUERY_ID(1000)"), ElementsAre("NULL"));
  EXPECT_THAT(ErrorOf("SELECT * FROM TABLE(RESULT_SCAN('nothing'))"), HasSubstr("not found"));
}

TEST_F(StatementLogTest, NamesThatStandTwiceAreToldApart) {
  Run("SELECT 11 AS id, 101 AS id, 11 AS employee_id");
  EXPECT_THAT(Run("SELECT id, id_1, employee_id FROM TABLE(RESULT_SCAN()) WHERE id_1 = 101"),
              ElementsAre("11|101|11"));
}

TEST_F(StatementLogTest, EveryTypeIsReadAgain) {
  const std::string all =
      "SELECT 1.25::NUMBER(10,2) AS n, 0.5::FLOAT AS f, 'ü' AS t, TRUE AS b, "
      "'2024-02-29'::DATE AS d, '12:34:56.789'::TIME AS c, "
      "'1969-12-31 23:59:59.999999'::TIMESTAMP_NTZ AS w, "
      "'2024-01-01 00:00:00 +0200'::TIMESTAMP_TZ AS z, TO_BINARY('00ff', 'HEX') AS x, "
      "NULL::TIMESTAMP_LTZ AS l, PARSE_JSON('{\"a\": [1, null]}') AS v";
  const Lines written = Run(all);
  EXPECT_EQ(Run("SELECT * FROM TABLE(RESULT_SCAN())"), written);
  EXPECT_THAT(Run("SELECT w = '1969-12-31 23:59:59.999999'::TIMESTAMP_NTZ, v:a[0] = 1, DAYNAME(d), "
                  "c = '12:34:56.789'::TIME, l IS NULL FROM TABLE(RESULT_SCAN(-2))"),
              ElementsAre("true|true|Thu|true|true"));
}

TEST_F(StatementLogTest, ShowIsScannedByItsLowerCaseNames) {
  Run("SHOW SCHEMAS IN DATABASE d");
  EXPECT_THAT(Run("SELECT \"name\" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY 1"),
              Contains("S"));
  EXPECT_THAT(Run("SHOW SCHEMAS IN DATABASE d ->> SELECT \"name\" FROM $1 WHERE \"name\" = 'S'"),
              ElementsAre("S"));
}

TEST_F(StatementLogTest, ChainsCountBack) {
  EXPECT_THAT(Run("SELECT 1 AS a ->> SELECT a + 1 AS a FROM $1 ->> SELECT (SELECT a FROM $2) * 10 "
                  "+ (SELECT a FROM $1)"),
              ElementsAre("12"));
  EXPECT_THAT(Run("CREATE SCHEMA d.t ->> SELECT $1 FROM $1"),
              ElementsAre("Schema T successfully created."));
  EXPECT_THAT(ErrorOf("SELECT 1 ->> SELECT * FROM $2"), HasSubstr("$2"));
  EXPECT_THAT(ErrorOf("SELECT * FROM $1"), HasSubstr("$1"));
  EXPECT_THAT(ErrorOf("SELECT 1/0 ->> SELECT 2"), HasSubstr("Division by zero"));
}

TEST_F(StatementLogTest, HistoryTellsWhatRan) {
  Run("ALTER SESSION SET QUERY_TAG = 'nightly'");
  Run("SELECT 41 + 1 FROM VALUES (1), (2)");
  ErrorOf("SELECT 1 / 0");
  const std::string from = "FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) ";
  EXPECT_THAT(Run("SELECT query_type, execution_status, rows_produced, user_name, query_tag " +
                  from + "WHERE query_text LIKE 'SELECT 41%'"),
              ElementsAre("SELECT|SUCCESS|2|ADMIN|nightly"));
  EXPECT_THAT(Run("SELECT execution_status, error_code, error_message " + from +
                  "WHERE query_text = 'SELECT 1 / 0'"),
              ElementsAre("FAILED_WITH_ERROR|100051|Division by zero"));
  EXPECT_THAT(Run("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION("
                  "RESULT_LIMIT => 2))"),
              ElementsAre("2"));
  EXPECT_THAT(Run("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY("
                  "END_TIME_RANGE_START => DATEADD('hour', 1, CURRENT_TIMESTAMP())))"),
              ElementsAre("0"));
  EXPECT_THAT(Run("SELECT COUNT(*) > 3 FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY("
                  "DATEADD('hour', -1, CURRENT_TIMESTAMP()), CURRENT_TIMESTAMP()))"),
              ElementsAre("true"));
}

/// Of others only what ran in warehouses that the role may watch.
TEST_F(StatementLogTest, HistoryOfOthersNeedsAPrivilege) {
  Run("CREATE ROLE analyst");
  Run("CREATE USER ann PASSWORD = 'secret-1' DEFAULT_ROLE = analyst");
  Run("GRANT ROLE analyst TO USER ann");
  Run("GRANT USAGE ON DATABASE d TO ROLE analyst");
  Run("SELECT 'mine'");
  const auto ann = Open({.user = "ANN", .database = "D"});
  const std::string list =
      "SELECT query_text FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE query_text LIKE "
      "'%mine%' AND query_text NOT LIKE '%QUERY_HISTORY%'";
  EXPECT_THAT(Try(*ann, list).value(), ElementsAre());
  Run("GRANT MONITOR ON WAREHOUSE compute_wh TO ROLE analyst");
  EXPECT_THAT(Try(*ann, list).value(), ElementsAre("SELECT 'mine'"));
  EXPECT_THAT(
      Run("SELECT query_text FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) WHERE "
          "query_type = 'CREATE USER'"),
      ElementsAre(AllOf(StartsWith("CREATE USER ann PASSWORD = ***"), Not(HasSubstr("secret")))));
}

TEST(SecretText, LiteralsOfSecretOptionsAreHidden) {
  EXPECT_EQ(WithoutSecrets("CREATE USER a PASSWORD='x''y' COMMENT='c'"),
            "CREATE USER a PASSWORD=*** COMMENT='c'");
  EXPECT_EQ(WithoutSecrets("EXECUTE IMMEDIATE 'ALTER USER a SET password = ''x'' MORE'"),
            "EXECUTE IMMEDIATE 'ALTER USER a SET password = *** MORE'");
  EXPECT_EQ(WithoutSecrets("EXECUTE IMMEDIATE 'ALTER USER a SET PASSWORD=''x'''"),
            "EXECUTE IMMEDIATE 'ALTER USER a SET PASSWORD=***'");
  EXPECT_EQ(WithoutSecrets("CREDENTIALS=(AWS_KEY_ID='k' AWS_SECRET_KEY=$$s$$)"),
            "CREDENTIALS=(AWS_KEY_ID=*** AWS_SECRET_KEY=***)");
  EXPECT_EQ(WithoutSecrets("PASSWORD = 'open"), "PASSWORD = ***");
  EXPECT_EQ(WithoutSecrets("PASSWORD = $$open"), "PASSWORD = ***");
  EXPECT_EQ(WithoutSecrets("SELECT 'a = b', MUST_CHANGE_PASSWORD = FALSE"),
            "SELECT 'a = b', MUST_CHANGE_PASSWORD = FALSE");
}

}  // namespace
}  // namespace tarn::warehouse
