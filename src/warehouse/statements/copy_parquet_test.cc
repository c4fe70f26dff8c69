// SPDX-License-Identifier: Apache-2.0
// COPY INTO a table from files of type Parquet, and INFER_SCHEMA of them (Snowflake, "COPY INTO
// <table>", "INFER_SCHEMA"). Files of other writers are read in
// tests/provision/test_copy_parquet.py.
#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class CopyParquetTest : public ManagedTableTest {
 protected:
  CopyParquetTest() {
    Run("USE SCHEMA d.public");
    Run("CREATE FILE FORMAT p TYPE = PARQUET");
    Run("CREATE STAGE st FILE_FORMAT = (FORMAT_NAME = 'p')");
  }
  void Unload(const std::string& path, const std::string& query) {
    Run("COPY INTO @st/" + path + " FROM (" + query +
        ") HEADER = TRUE SINGLE = TRUE MAX_FILE_SIZE = 1073741824");
  }
  void Put(const std::string& path, std::string_view bytes) {
    const auto snapshot = Must(account_->metastore().Read());
    const auto id = Must(snapshot->Heads("WHERE o.name = 'ST' AND o.dropped_ms IS NULL")).at(0).id;
    Must(account_->tables().storage->Put(InternalStageBase(account_->stages_location(), id) + path,
                                         bytes, storage::PutMode::kReplace));
  }
};

TEST_F(CopyParquetTest, ColumnsAreFoundByTheirNames) {
  Unload("one.parquet",
         "SELECT 2 AS \"b\", 'x' AS A, 1.50::NUMBER(9, 2) AS N, '2026-01-02'::DATE "
         "AS D UNION ALL SELECT NULL, NULL, NULL, NULL");
  Run("CREATE TABLE t (a VARCHAR, b INT, n NUMBER(9, 2), d DATE, more INT)");
  EXPECT_EQ(Run("COPY INTO t FROM @st MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"),
            Lines{"st/one.parquet|LOADED|2|2|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("SELECT a, b, n, d = '2026-01-02', more FROM t ORDER BY a"),
            (Lines{"x|2|150e-2|true|NULL", "NULL|NULL|NULL|NULL|NULL"}));
  EXPECT_EQ(Run("COPY INTO t FROM @st MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE"),
            Lines{"Copy executed with 0 files processed."});
  Run("CREATE TABLE u LIKE t");
  Run("COPY INTO u FROM @st MATCH_BY_COLUMN_NAME = CASE_SENSITIVE");
  EXPECT_EQ(Run("SELECT a, b FROM u ORDER BY a"), (Lines{"x|NULL", "NULL|NULL"}));
}

TEST_F(CopyParquetTest, ASelectOverTheRecordMakesTheValues) {
  Unload("one.parquet", "SELECT 2 AS \"b\", 'x' AS \"a\"");
  Run("CREATE TABLE t (a VARCHAR, b INT, f VARCHAR, r INT)");
  Run("COPY INTO t FROM (SELECT $1:a || '!', $1:b + 1, METADATA$FILENAME, "
      "METADATA$FILE_ROW_NUMBER FROM @st)");
  EXPECT_EQ(Run("SELECT a, b, f, r FROM t"), Lines{"x!|3|one.parquet|1"});
  Run("CREATE TABLE v (v VARIANT)");
  Run("COPY INTO v FROM '@\"ST\"'");
  EXPECT_EQ(Run("SELECT TO_JSON(v) FROM v"), Lines{R"({"a":"x","b":2})"});
  EXPECT_THAT(ErrorOf("COPY INTO t FROM @st FORCE = TRUE"), StartsWith("002019 (0A000)"));
}

TEST_F(CopyParquetTest, StagedRowsAreRead) {
  Unload("one.parquet", "SELECT 2 AS \"b\" UNION ALL SELECT 3");
  EXPECT_EQ(Run("SELECT SUM($1:b) FROM @st"), Lines{"5"});
  // Another file under the same name, of the same size, is read as it is.
  Run("REMOVE @st");
  Unload("one.parquet", "SELECT 4 AS \"b\" UNION ALL SELECT 5");
  EXPECT_EQ(Run("SELECT SUM($1:b) FROM @st (FILE_FORMAT => 'p')"), Lines{"9"});
}

TEST_F(CopyParquetTest, BadRowsGoByOnError) {
  Unload("1.parquet",
         "SELECT SEQ4()::VARCHAR || IFF(SEQ4() IN (3, 5), 'x', '') AS A FROM "
         "TABLE(GENERATOR(ROWCOUNT => 10))");
  Unload("2.parquet", "SELECT '7' AS A");
  Run("CREATE TABLE t (a INT)");
  const std::string copy = "COPY INTO t FROM @st MATCH_BY_COLUMN_NAME = CASE_SENSITIVE ON_ERROR = ";
  EXPECT_THAT(
      ErrorOf(copy + "ABORT_STATEMENT"),
      HasSubstr("Failed to cast variant value \"3x\" to FIXED\n  File '@ST/1.parquet', line 4"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"0"});
  EXPECT_THAT(Run(copy + "SKIP_FILE"), ElementsAre(StartsWith("st/1.parquet|LOAD_FAILED|10|0|1|2|"),
                                                   StartsWith("st/2.parquet|LOADED|1|1|")));
  EXPECT_THAT(Run(copy + "SKIP_FILE_3"),
              ElementsAre(StartsWith("st/1.parquet|PARTIALLY_LOADED|10|8|3|2|")));
  Run("CREATE TABLE u LIKE t");
  EXPECT_THAT(Run("COPY INTO u FROM @st MATCH_BY_COLUMN_NAME = CASE_SENSITIVE ON_ERROR = CONTINUE"),
              ElementsAre(StartsWith("st/1.parquet|PARTIALLY_LOADED|10|8|10|2|"),
                          StartsWith("st/2.parquet|LOADED|1|1|")));
  EXPECT_EQ(Run("SELECT COUNT(*), SUM(a) FROM u"), Lines{"9|44"});
}

TEST_F(CopyParquetTest, WhatIsNoParquetIsAnErrorOfItsFile) {
  Put("a.parquet", "no parquet at all");
  Unload("b.parquet", "SELECT 1 AS A");
  Run("CREATE TABLE t (a INT)");
  const std::string copy = "COPY INTO t FROM @st MATCH_BY_COLUMN_NAME = CASE_SENSITIVE";
  EXPECT_THAT(ErrorOf(copy), HasSubstr("Error parsing the parquet file 'a.parquet'"));
  EXPECT_THAT(Run(copy + " ON_ERROR = SKIP_FILE"),
              ElementsAre(StartsWith("st/a.parquet|LOAD_FAILED|0|0|"),
                          StartsWith("st/b.parquet|LOADED|1|1|")));
  EXPECT_EQ(Run("SELECT a FROM t"), Lines{"1"});
}

TEST_F(CopyParquetTest, MoreThanIsHeldOfAFileIsLoadedInParts) {
  // Records of half a kilobyte: some 50 MiB of text.
  Unload("big.parquet",
         "SELECT SEQ4() AS I, REPEAT('x', 512) AS T FROM "
         "TABLE(GENERATOR(ROWCOUNT => 100000))");
  Run("CREATE TABLE t (i INT, t VARCHAR)");
  EXPECT_EQ(Run("COPY INTO t FROM @st MATCH_BY_COLUMN_NAME = CASE_SENSITIVE ON_ERROR = SKIP_FILE"),
            Lines{"st/big.parquet|LOADED|100000|100000|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT i), MAX(i), MIN(LENGTH(t)) FROM t"),
            Lines{"100000|99999|512"});
}

TEST_F(CopyParquetTest, TheSchemaIsInferred) {
  Unload("geography/cities.parquet",
         "SELECT 'Europe' AS \"continent\", 1::NUMBER(12, 2) AS N, 2::FLOAT AS F, TRUE AS B, "
         "'2026-01-02'::DATE AS D");
  const std::string file = "geography/cities.parquet";
  EXPECT_EQ(
      Run("SELECT * FROM TABLE(INFER_SCHEMA(LOCATION => '@st', FILE_FORMAT => 'p'))"),
      (Lines{"continent|TEXT|true|$1:continent::TEXT|" + file + "|0",
             "N|NUMBER(12, 2)|true|$1:N::NUMBER(12, 2)|" + file + "|1",
             "F|REAL|true|$1:F::REAL|" + file + "|2", "B|BOOLEAN|true|$1:B::BOOLEAN|" + file + "|3",
             "D|DATE|true|$1:D::DATE|" + file + "|4"}));
  EXPECT_EQ(Run("SELECT column_name, expression FROM TABLE(INFER_SCHEMA(LOCATION => "
                "'@st/geography/', FILE_FORMAT => 'p', IGNORE_CASE => TRUE)) WHERE order_id = 0"),
            Lines{"CONTINENT|GET_IGNORE_CASE ($1, CONTINENT)::TEXT"});
  EXPECT_THAT(ErrorOf("SELECT * FROM TABLE(INFER_SCHEMA(LOCATION => '@st', FILE_FORMAT => 'p', "
                      "KIND => 'ICEBERG'))"),
              StartsWith("000002 (0A000)"));
  EXPECT_THAT(ErrorOf("SELECT * FROM TABLE(INFER_SCHEMA(LOCATION => '@nothing', "
                      "FILE_FORMAT => 'p'))"),
              StartsWith("002003"));
}

}  // namespace
}  // namespace tarn::warehouse
