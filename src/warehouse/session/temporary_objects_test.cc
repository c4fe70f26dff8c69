// SPDX-License-Identifier: Apache-2.0
// Snowflake, "Working with Temporary and Transient Tables", "CREATE STAGE".
#include <gmock/gmock.h>

#include "warehouse/retention/purge.h"
#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class TemporaryObjectsTest : public ManagedTableTest {
 protected:
  std::string ErrorIn(Session& session, const std::string& text) {
    return Told(Try(session, text));
  }
  std::vector<std::string> FilesBelow(const std::string& location) {
    std::vector<std::string> files;
    storage::Storage& storage = *account_->tables().storage;
    EXPECT_TRUE(storage.List(location + "/", [&](const storage::ObjectInfo& object) -> Result<> {
      files.push_back(object.location);
      return {};
    }));
    return files;
  }
  void Purge() {
    const auto purged = PurgeDroppedObjects(*account_, []() -> Result<> { return {}; });
    EXPECT_TRUE(purged) << (purged ? "" : purged.error().message);
  }
};

TEST_F(TemporaryObjectsTest, ATableIsItsSessionsAlone) {
  const auto other = OpenInSchema();
  EXPECT_THAT(Run("CREATE TEMPORARY TABLE mytemptable (id NUMBER, creation_date DATE)"),
              ElementsAre("Table MYTEMPTABLE successfully created."));
  Run("INSERT INTO mytemptable VALUES (1, '2024-05-06')");
  EXPECT_THAT(Run("SELECT id FROM d.public.mytemptable"), ElementsAre("1"));
  EXPECT_THAT(ErrorIn(*other, "SELECT id FROM mytemptable"), StartsWith("002003 (42S02)"));
  EXPECT_THAT(ErrorIn(*other, "DROP TABLE mytemptable"), StartsWith("002003 (42S02)"));
  EXPECT_THAT(RunIn(*other, "SHOW TABLES"), IsEmpty());
  EXPECT_THAT(RunIn(*other,
                    "SELECT table_name FROM information_schema.tables WHERE "
                    "table_schema = 'PUBLIC'"),
              IsEmpty());
  EXPECT_THAT(Run("SELECT table_type, is_temporary FROM information_schema.tables WHERE "
                  "table_name = 'MYTEMPTABLE'"),
              ElementsAre("TEMPORARY TABLE|YES"));
  EXPECT_THAT(Run("SHOW TABLES"), ElementsAre(HasSubstr("|MYTEMPTABLE|D|PUBLIC|TEMPORARY|")));
  EXPECT_THAT(Run("SELECT GET_DDL('TABLE', 'mytemptable')"),
              ElementsAre(StartsWith("create or replace TEMPORARY TABLE MYTEMPTABLE (")));
}

TEST_F(TemporaryObjectsTest, ItHidesATableOfTheSameName) {
  const auto other = OpenInSchema();
  Run("CREATE TABLE t (a INT)");
  Run("INSERT INTO t VALUES (1)");
  Run("CREATE TEMP TABLE t (a INT, b INT)");
  Run("INSERT INTO t VALUES (2, 3), (4, 5)");
  Run("UPDATE t SET b = 6 WHERE a = 2");
  Run("DELETE FROM t WHERE a = 4");
  EXPECT_THAT(Run("SELECT a, b FROM t"), ElementsAre("2|6"));
  EXPECT_THAT(RunIn(*other, "SELECT * FROM t"), ElementsAre("1"));
  RunIn(*other, "INSERT INTO t VALUES (7)");
  EXPECT_THAT(Run("SELECT COUNT(*) FROM t"), ElementsAre("1"));
  Run("DROP TABLE t");
  EXPECT_THAT(Run("SELECT a FROM t ORDER BY a"), ElementsAre("1", "7"));
  Run("UNDROP TABLE t");
  EXPECT_THAT(Run("SELECT a, b FROM t"), ElementsAre("2|6"));
}

TEST_F(TemporaryObjectsTest, ATableOfTheSameNameIsMadeBehindIt) {
  const auto other = OpenInSchema();
  Run("CREATE TEMPORARY TABLE t AS SELECT 1 AS a");
  Run("CREATE TABLE t AS SELECT 2 AS a");
  EXPECT_THAT(Run("SELECT a FROM t"), ElementsAre("1"));
  EXPECT_THAT(RunIn(*other, "SELECT a FROM t"), ElementsAre("2"));
  EXPECT_THAT(ErrorOf("CREATE TEMPORARY TABLE t (a INT)"), StartsWith("002002 (42710)"));
  EXPECT_THAT(Run("CREATE TEMPORARY TABLE IF NOT EXISTS t (a INT)"),
              ElementsAre("T already exists, statement succeeded."));
  Run("CREATE OR REPLACE TEMPORARY TABLE t AS SELECT 3 AS a");
  EXPECT_THAT(Run("SELECT a FROM t"), ElementsAre("3"));
  EXPECT_THAT(RunIn(*other, "SELECT a FROM t"), ElementsAre("2"));
}

TEST_F(TemporaryObjectsTest, TwoSessionsHaveTheirOwnOfOneName) {
  const auto other = OpenInSchema();
  Run("CREATE TABLE shape (a INT)");
  for (const std::string words : {"LOCAL TEMP", "GLOBAL TEMPORARY", "VOLATILE", "TEMP"}) {
    Run("CREATE OR REPLACE " + words + " TABLE t (a INT)");
    RunIn(*other, "CREATE OR REPLACE " + words + " TABLE t LIKE shape");
    Run("BEGIN");
    Run("INSERT INTO t VALUES (1)");
    RunIn(*other, "INSERT INTO t VALUES (2)");
    Run("MERGE INTO t USING (SELECT 1 AS a) s ON t.a = s.a WHEN MATCHED THEN UPDATE SET a = 5");
    Run("COMMIT");
    EXPECT_THAT(Run("SELECT a FROM t"), ElementsAre("5")) << words;
    EXPECT_THAT(RunIn(*other, "SELECT a FROM t"), ElementsAre("2")) << words;
  }
}

TEST_F(TemporaryObjectsTest, TheEndOfTheSessionDropsThemAndPurgesTheirFiles) {
  auto other = OpenInSchema();
  RunIn(*other, "CREATE TEMPORARY TABLE t AS SELECT 1 AS a");
  RunIn(*other, "CREATE TEMPORARY TABLE dropped AS SELECT 1 AS a");
  RunIn(*other, "DROP TABLE dropped");
  RunIn(*other, "CREATE TEMPORARY VIEW v AS SELECT a FROM t");
  RunIn(*other, "CREATE TEMPORARY STAGE s");
  RunIn(*other, "COPY INTO @s/x FROM (SELECT 1)");
  const std::string tables = account_->tables_location();
  const std::string stages = account_->stages_location();
  EXPECT_THAT(FilesBelow(stages), testing::SizeIs(1));
  Purge();
  EXPECT_THAT(FilesBelow(tables), testing::Not(IsEmpty()));
  EXPECT_THAT(RunIn(*other, "SELECT a FROM v"), ElementsAre("1"));
  other.reset();
  EXPECT_THAT(FilesBelow(stages), IsEmpty());
  Purge();
  EXPECT_THAT(FilesBelow(tables), IsEmpty());
}

TEST_F(TemporaryObjectsTest, WhatACrashLeftGoesWithTheNextStart) {
  Run("CREATE TABLE kept AS SELECT 1 AS a");
  const auto kept = FilesBelow(account_->tables_location());
  Run("CREATE TEMPORARY TABLE t AS SELECT 1 AS a");
  Run("CREATE TEMPORARY VIEW v AS SELECT 1 AS a");
  Run("CREATE TEMPORARY STAGE s");
  Run("COPY INTO @s/x FROM (SELECT 1)");
  // A process that dies does not end its sessions: as if they were those of another one.
  const auto died = account_->metastore().Commit([](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(Execute(transaction.connection(),
                          "UPDATE object SET session = 'dead' WHERE session <> ''"));
    return {};
  });
  ASSERT_TRUE(died);
  Reopen();
  EXPECT_THAT(Must(Must(account_->metastore().Read())
                       ->AllHeads("WHERE o.session <> '' AND o.dropped_ms IS NULL")),
              IsEmpty());
  EXPECT_THAT(FilesBelow(account_->stages_location()), IsEmpty());
  Purge();
  EXPECT_THAT(FilesBelow(account_->tables_location()), testing::UnorderedElementsAreArray(kept));
  EXPECT_THAT(Run("SELECT a FROM d.public.kept"), ElementsAre("1"));
}

TEST_F(TemporaryObjectsTest, ViewsOfTheSessionReadItsTablesOthersDoNot) {
  Run("CREATE TABLE base AS SELECT 1 AS a");
  Run("CREATE VIEW everybodys AS SELECT a FROM base");
  Run("CREATE TEMPORARY TABLE base AS SELECT 2 AS a");
  Run("CREATE TEMPORARY VIEW own AS SELECT a + 10 AS a FROM base");
  EXPECT_THAT(Run("SELECT a FROM own"), ElementsAre("12"));
  EXPECT_THAT(Run("SELECT a FROM everybodys"), ElementsAre("1"));
  Run("CREATE TEMPORARY TABLE alone AS SELECT 3 AS a");
  EXPECT_THAT(ErrorOf("CREATE VIEW never AS SELECT a FROM alone"), StartsWith("002003 (42S02)"));
}

TEST_F(TemporaryObjectsTest, StagesAndFormatsOfTheSessionAreFoundByName) {
  Run("CREATE TEMPORARY FILE FORMAT piped TYPE = CSV FIELD_DELIMITER = '|' COMPRESSION = NONE");
  Run("CREATE TEMP STAGE s FILE_FORMAT = (FORMAT_NAME = 'piped')");
  Run("COPY INTO @s/rows.csv FROM (SELECT 1, 'x') SINGLE = TRUE FILE_FORMAT = (FORMAT_NAME = "
      "piped)");
  Run("CREATE TEMPORARY TABLE t (a INT, b VARCHAR)");
  Run("COPY INTO t FROM @s");
  EXPECT_THAT(Run("SELECT a, b FROM t"), ElementsAre("1|x"));
  EXPECT_THAT(Run("SHOW STAGES"), ElementsAre(HasSubstr("INTERNAL TEMPORARY")));
  const auto other = OpenInSchema();
  EXPECT_THAT(ErrorIn(*other, "LIST @s"), StartsWith("002003 (02000)"));
  EXPECT_THAT(RunIn(*other, "SHOW FILE FORMATS"), IsEmpty());
}

TEST_F(TemporaryObjectsTest, ATableTakesNoPrivilegeOfItsSchemaToMake) {
  Run("CREATE ROLE reader");
  Run("GRANT ROLE reader TO USER admin");
  Run("GRANT USAGE ON DATABASE d TO ROLE reader");
  Run("GRANT USAGE ON SCHEMA d.public TO ROLE reader");
  Run("USE ROLE reader");
  Run("USE SECONDARY ROLES NONE");
  EXPECT_THAT(ErrorOf("CREATE TABLE t (a INT)"), StartsWith("003001 (42501)"));
  Run("CREATE TEMPORARY TABLE t (a INT)");
  EXPECT_THAT(Run("SELECT COUNT(*) FROM t"), ElementsAre("0"));
  EXPECT_THAT(ErrorOf("CREATE TEMPORARY STAGE s"), StartsWith("003001 (42501)"));
}

TEST_F(TemporaryObjectsTest, WhatCannotBeTemporaryIsRefusedByName) {
  for (const char* text :
       {"CREATE TEMPORARY SEQUENCE s", "CREATE TEMPORARY ICEBERG TABLE t (a INT)",
        "CREATE LOCAL TABLE t (a INT)", "CREATE TEMPORARY TAG x"}) {
    EXPECT_THAT(ErrorOf(text), StartsWith("000002 (0A000)")) << text;
  }
  EXPECT_THAT(ErrorOf("CREATE TEMPORARY TRANSIENT TABLE t (a INT)"), StartsWith("001003 (42000)"));
  Run("CREATE TEMPORARY TABLE t (a INT)");
  EXPECT_THAT(ErrorOf("CREATE STREAM s ON TABLE t"), StartsWith("000002 (0A000)"));
  EXPECT_THAT(ErrorOf("CREATE DYNAMIC TABLE dt TARGET_LAG = '1 day' WAREHOUSE = compute_wh AS "
                      "SELECT a FROM t"),
              StartsWith("002003 (42S02)"));
}

}  // namespace
}  // namespace tarn::warehouse
