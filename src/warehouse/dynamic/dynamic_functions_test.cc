// SPDX-License-Identifier: Apache-2.0
// Dynamic tables whose queries call functions of users, or read views: what these are belongs to
// the definition (Snowflake, "Supported queries for dynamic tables").
#include <gmock/gmock.h>

#include <algorithm>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class DynamicFunctionsTest : public ManagedTableTest {
 protected:
  DynamicFunctionsTest() {
    Run("CREATE TABLE t (a INT, b VARCHAR)");
    Run("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    Run("CREATE FUNCTION twice(x INT) RETURNS INT IMMUTABLE AS 'x * 2'");
  }
  std::string LastAction(const std::string& table) {
    const Lines lines =
        Run("SELECT state || ' ' || refresh_action FROM TABLE(INFORMATION_SCHEMA."
            "DYNAMIC_TABLE_REFRESH_HISTORY(NAME => '" +
            table + "')) LIMIT 1");
    return lines.empty() ? "" : lines[0];
  }
  std::string Refresh(const std::string& table) {
    Run("ALTER DYNAMIC TABLE " + table + " REFRESH");
    return LastAction(table);
  }
  Lines Mode(const std::string& table) {
    return Run("SHOW DYNAMIC TABLES LIKE '" + table +
               "' ->> SELECT \"refresh_mode\", \"refresh_mode_reason\" FROM $1");
  }
  void Create(const std::string& name, const std::string& query, const std::string& options = "") {
    Run("CREATE DYNAMIC TABLE " + name + " TARGET_LAG = '1 minute' WAREHOUSE = COMPUTE_WH " +
        options + " AS " + query);
  }
};

TEST_F(DynamicFunctionsTest, ImmutableOnesAreFollowedByTheChange) {
  Create("D1", "SELECT twice(a) AS n, b FROM t WHERE twice(a) > 2");
  EXPECT_THAT(Mode("D1"), ElementsAre(StartsWith("INCREMENTAL|")));
  EXPECT_EQ(Run("SELECT * FROM d1"), Lines{"4|y"});
  Run("INSERT INTO t VALUES (3, 'z')");
  EXPECT_EQ(Refresh("D1"), "SUCCEEDED INCREMENTAL");
  EXPECT_EQ(Run("SELECT * FROM d1 ORDER BY n"), (Lines{"4|y", "6|z"}));
  EXPECT_EQ(Refresh("D1"), "SUCCEEDED NO_DATA");
  Create("D2", "SELECT b, SUM(twice(a)) AS s FROM t GROUP BY b");
  Run("INSERT INTO t VALUES (10, 'z')");
  EXPECT_EQ(Refresh("D2"), "SUCCEEDED INCREMENTAL");
  EXPECT_EQ(Run("SELECT s FROM d2 WHERE b = 'z'"), Lines{"26"});
}

TEST_F(DynamicFunctionsTest, OthersMakeItFull) {
  Run("CREATE FUNCTION thrice(x INT) RETURNS INT AS 'x * 3'");
  Create("D1", "SELECT thrice(a) AS n FROM t");
  EXPECT_THAT(Mode("D1"), ElementsAre(AllOf(StartsWith("FULL|"), HasSubstr("IMMUTABLE: "
                                                                           "D.PUBLIC.THRICE"))));
  EXPECT_THAT(ErrorOf("CREATE DYNAMIC TABLE d2 TARGET_LAG = '1 minute' WAREHOUSE = COMPUTE_WH "
                      "REFRESH_MODE = INCREMENTAL AS SELECT thrice(a) AS n FROM t"),
              StartsWith("002711 (0A000)"));
  Run("INSERT INTO t VALUES (3, 'z')");
  EXPECT_EQ(Refresh("D1"), "SUCCEEDED FULL");
  EXPECT_EQ(Run("SELECT MAX(n) FROM d1"), Lines{"9"});
}

TEST_F(DynamicFunctionsTest, AnotherFunctionIsAnotherDefinition) {
  Create("D1", "SELECT twice(a) AS n FROM t");
  Run("CREATE OR REPLACE FUNCTION twice(x INT) RETURNS INT IMMUTABLE AS 'x * 20'");
  EXPECT_EQ(Refresh("D1"), "SUCCEEDED REINITIALIZE");
  EXPECT_EQ(Run("SELECT * FROM d1 ORDER BY n"), (Lines{"20", "40"}));
  EXPECT_EQ(Refresh("D1"), "SUCCEEDED NO_DATA");
  // Through another one, too.
  Run("CREATE FUNCTION next(x INT) RETURNS INT IMMUTABLE AS 'twice(x) + 1'");
  Create("D2", "SELECT next(a) AS n FROM t");
  Run("CREATE OR REPLACE FUNCTION twice(x INT) RETURNS INT IMMUTABLE AS 'x * 2'");
  EXPECT_EQ(Refresh("D2"), "SUCCEEDED REINITIALIZE");
  EXPECT_EQ(Run("SELECT * FROM d2 ORDER BY n"), (Lines{"3", "5"}));
  // What is not there is not shown as it was.
  Run("DROP FUNCTION next(INT)");
  EXPECT_THAT(ErrorOf("ALTER DYNAMIC TABLE d2 REFRESH"), HasSubstr("NEXT"));
}

TEST_F(DynamicFunctionsTest, AnotherViewIsAnotherDefinition) {
  Run("CREATE VIEW v AS SELECT a FROM t");
  Create("D1", "SELECT a FROM v");
  Run("CREATE OR REPLACE VIEW v AS SELECT a FROM t");
  EXPECT_EQ(Refresh("D1"), "SUCCEEDED NO_DATA");
  Run("CREATE OR REPLACE VIEW v AS SELECT a + 100 AS a FROM t");
  EXPECT_EQ(Refresh("D1"), "SUCCEEDED REINITIALIZE");
  EXPECT_EQ(Run("SELECT * FROM d1 ORDER BY a"), (Lines{"101", "102"}));
}

TEST_F(DynamicFunctionsTest, TableFunctionsAndSequences) {
  Run("CREATE FUNCTION above(x INT) RETURNS TABLE(n INT) IMMUTABLE AS 'SELECT a FROM t WHERE a > "
      "x'");
  Create("D1", "SELECT n FROM TABLE(above(1))");
  Run("INSERT INTO t VALUES (3, 'z'), (0, 'w')");
  EXPECT_EQ(Refresh("D1"), "SUCCEEDED INCREMENTAL");
  EXPECT_EQ(Run("SELECT * FROM d1 ORDER BY n"), (Lines{"2", "3"}));
  Run("CREATE SEQUENCE s");
  Create("D2", "SELECT s.NEXTVAL AS k, a FROM t");
  EXPECT_THAT(Mode("D2"), ElementsAre(StartsWith("FULL|")));
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT k) FROM d2"), Lines{"4"});
}

}  // namespace
}  // namespace tarn::warehouse
