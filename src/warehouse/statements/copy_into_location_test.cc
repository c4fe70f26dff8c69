// SPDX-License-Identifier: Apache-2.0
// COPY INTO a location. Expected files are those of Snowflake's pages ("COPY INTO <location>",
// "Data unloading considerations") where they have some.
#include <gmock/gmock.h>

#include "iceberg/json/gzip.h"
#include "warehouse/catalogue/create.h"
#include "warehouse/testing/foreign_lake.h"
#include "warehouse/testing/managed_table_fixture.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

class CopyIntoLocationTest : public ManagedTableTest {
 protected:
  CopyIntoLocationTest() {
    Run("CREATE STAGE st");
    Run("CREATE TABLE null_empty1 (i INT, v VARCHAR, d VARCHAR)");
    Run("INSERT INTO null_empty1 VALUES (1, NULL, 'NULL value'), (2, '', 'Empty string')");
  }
  std::string LocationOf(const std::string& path) {
    const auto snapshot = Must(account_->metastore().Read());
    const auto id = Must(snapshot->Heads("WHERE o.name = 'ST' AND o.dropped_ms IS NULL")).at(0).id;
    return InternalStageBase(account_->stages_location(), id) + path;
  }
  std::string Read(const std::string& path) {
    std::string bytes = Must(account_->tables().storage->Read(LocationOf(path)));
    if (!iceberg::IsGzip(bytes)) return bytes;
    return Must(iceberg::Gunzip(bytes, size_t{1} << 30));
  }
  /// Names of the stage's files.
  Lines Listed() {
    Lines names;
    for (const std::string& line : Run("LIST @st")) names.push_back(line.substr(0, line.find('|')));
    return names;
  }
};

TEST_F(CopyIntoLocationTest, SnowflakesNullsAndEmptyTexts) {
  EXPECT_THAT(Run("COPY INTO @st FROM null_empty1 FILE_FORMAT = (TYPE = CSV "
                  "FIELD_OPTIONALLY_ENCLOSED_BY = '0x27' NULL_IF = ('null'))"),
              ElementsAre(StartsWith("2|")));
  EXPECT_EQ(Listed(), Lines{"st/data_0_0_0.csv.gz"});
  EXPECT_EQ(Read("data_0_0_0.csv.gz"), "1,'null','NULL value'\n2,'','Empty string'\n");
  Run("COPY INTO @st FROM null_empty1 OVERWRITE = TRUE FILE_FORMAT = (TYPE = CSV "
      "EMPTY_FIELD_AS_NULL = FALSE NULL_IF = ('null'))");
  EXPECT_EQ(Read("data_0_0_0.csv.gz"), "1,null,NULL value\n2,,Empty string\n");
}

TEST_F(CopyIntoLocationTest, WhatIsUnloadedIsLoadedAgain) {
  Run("CREATE TABLE t (i INT, s VARCHAR, n NUMBER(9, 3), f FLOAT, b BOOLEAN, d DATE, ti TIME, ts "
      "TIMESTAMP_NTZ, bin BINARY)");
  Run("INSERT INTO t VALUES (1, 'a,\"b\"\\\\\\nc', -1.5, 0.25, TRUE, '2026-02-03', '01:02:03', "
      "'2026-02-03 04:05:06', TO_BINARY('0AFF', 'HEX')), (2, NULL, NULL, NULL, NULL, NULL, NULL, "
      "NULL, NULL), (3, '', 0, 1e300, FALSE, '1969-01-01', '00:00:00', '1969-01-01 00:00:00', "
      "TO_BINARY('', 'HEX'))");
  const auto rows = Run("SELECT * FROM t ORDER BY i");
  int number = 0;
  for (const char* format : {"FIELD_OPTIONALLY_ENCLOSED_BY = '\"'",
                             "FIELD_OPTIONALLY_ENCLOSED_BY = '\"' ESCAPE = '\\\\'",
                             "FIELD_DELIMITER = '|' EMPTY_FIELD_AS_NULL = FALSE",
                             "FIELD_DELIMITER = '||' RECORD_DELIMITER = ';' "
                             "FIELD_OPTIONALLY_ENCLOSED_BY = '\"' COMPRESSION = NONE"}) {
    const std::string path = fmt::format("@st/{}/", number++);
    Run(fmt::format("CREATE OR REPLACE FILE FORMAT f TYPE = CSV {}", format));
    EXPECT_EQ(Run("COPY INTO " + path + " FROM t FILE_FORMAT = (FORMAT_NAME = f)").size(), 1);
    Run("CREATE OR REPLACE TABLE u LIKE t");
    EXPECT_EQ(Run("COPY INTO u FROM " + path + " FILE_FORMAT = (FORMAT_NAME = f)").size(), 1)
        << format;
    EXPECT_EQ(Run("SELECT * FROM u ORDER BY i"), rows) << format;
  }
}

TEST_F(CopyIntoLocationTest, QueriesBecomeJson) {
  EXPECT_THAT(Run("COPY INTO @st/out FROM (SELECT OBJECT_CONSTRUCT('id', i, 'd', d) FROM "
                  "null_empty1 ORDER BY i) FILE_FORMAT = (TYPE = JSON COMPRESSION = NONE)"),
              ElementsAre("2|54|54"));
  EXPECT_EQ(Read("out_0_0_0.json"),
            "{\"d\":\"NULL value\",\"id\":1}\n{\"d\":\"Empty string\",\"id\":2}\n");
  EXPECT_THAT(ErrorOf("COPY INTO @st/x FROM null_empty1 FILE_FORMAT = (TYPE = JSON)"),
              StartsWith("000002 (0A000)"));
}

TEST_F(CopyIntoLocationTest, FilesAreNamedAndRolled) {
  EXPECT_THAT(
      Run("COPY INTO @st/one.csv FROM null_empty1 SINGLE = TRUE HEADER = TRUE FILE_FORMAT = "
          "(TYPE = CSV COMPRESSION = NONE NULL_IF = ())"),
      ElementsAre("2|38|38"));
  EXPECT_EQ(Read("one.csv"), "I,V,D\n1,,NULL value\n2,\"\",Empty string\n");
  EXPECT_EQ(
      Run("COPY INTO @st/two/ FROM (SELECT SEQ4() AS n FROM TABLE(GENERATOR(ROWCOUNT => 100)) "
          "ORDER BY n) HEADER = TRUE DETAILED_OUTPUT = TRUE MAX_FILE_SIZE = 102 FILE_FORMAT = "
          "(TYPE = CSV COMPRESSION = NONE)"),
      (Lines{"two/data_0_0_0.csv|100|36", "two/data_0_0_1.csv|101|33",
             "two/data_0_0_2.csv|95|31"}));
  EXPECT_THAT(Read("two/data_0_0_1.csv"), StartsWith("N\n36\n37\n"));
  EXPECT_EQ(Run("COPY INTO @st/three FROM (SELECT 1 WHERE FALSE)"), Lines{"0|0|0"});
  EXPECT_THAT(ErrorOf("COPY INTO @st/four FROM null_empty1 SINGLE = TRUE MAX_FILE_SIZE = 20 "
                      "FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE)"),
              HasSubstr("more than a single file"));
  EXPECT_EQ(Run("COPY INTO @st FROM null_empty1 SINGLE = TRUE").size(), 1);
  EXPECT_EQ(Run("COPY INTO @st/five FROM null_empty1 INCLUDE_QUERY_ID = TRUE").size(), 1);
  const Lines id = Run("SELECT LAST_QUERY_ID()");
  EXPECT_EQ(Listed(),
            (Lines{"st/data", "st/five_" + id.at(0) + "_0_0_0.csv.gz", "st/one.csv",
                   "st/two/data_0_0_0.csv", "st/two/data_0_0_1.csv", "st/two/data_0_0_2.csv"}));
}

TEST_F(CopyIntoLocationTest, NothingIsOverwrittenUnasked) {
  Run("COPY INTO @st/a FROM null_empty1");
  EXPECT_THAT(ErrorOf("COPY INTO @st/a FROM (SELECT 1)"),
              HasSubstr("Files already existing at the unload destination"));
  EXPECT_THAT(Read("a_0_0_0.csv.gz"), HasSubstr("Empty string"));
  Run("COPY INTO @st/a FROM (SELECT 1) OVERWRITE = TRUE");
  EXPECT_EQ(Read("a_0_0_0.csv.gz"), "1\n");
  // A query that fails leaves nothing.
  EXPECT_THAT(ErrorOf("COPY INTO @st/b FROM (SELECT d::INT FROM null_empty1)"),
              StartsWith("100038"));
  EXPECT_EQ(Listed(), Lines{"st/a_0_0_0.csv.gz"});
}

TEST_F(CopyIntoLocationTest, ParquetKeepsTypesAndNames) {
  EXPECT_THAT(Run("COPY INTO @st/p FROM null_empty1 HEADER = TRUE FILE_FORMAT = (TYPE = PARQUET)"),
              ElementsAre(MatchesRegex("2\\|[0-9]+\\|[0-9]+")));
  EXPECT_EQ(Listed(), Lines{"st/p_0_0_0.snappy.parquet"});
  const auto facts = Must(account_->tables().engine->data_file_reader().Examine(
      LocationOf("p_0_0_0.snappy.parquet"), true));
  EXPECT_EQ(facts.record_count, 2);
  EXPECT_THAT(ErrorOf("COPY INTO @st/p FROM null_empty1 FILE_FORMAT = (TYPE = PARQUET)"),
              HasSubstr("Files already existing"));
  EXPECT_THAT(ErrorOf("COPY INTO @st/q FROM (SELECT CURRENT_TIMESTAMP()) FILE_FORMAT = (TYPE = "
                      "PARQUET)"),
              StartsWith("000002 (0A000)"));
}

TEST_F(CopyIntoLocationTest, ATransactionIsReadAndStaysOpen) {
  Run("BEGIN");
  Run("INSERT INTO null_empty1 VALUES (3, 'x', 'y')");
  EXPECT_THAT(Run("COPY INTO @st FROM null_empty1"), ElementsAre(StartsWith("3|")));
  Run("ROLLBACK");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM null_empty1"), Lines{"2"});
}

TEST_F(CopyIntoLocationTest, PrivilegesAreAskedAndOptionsRefused) {
  Run("CREATE ROLE r");
  Run("CREATE USER u PASSWORD = 'Secret-Pass-123' DEFAULT_ROLE = r");
  Run("GRANT ROLE r TO USER u");
  Run("GRANT USAGE ON DATABASE d TO ROLE r");
  Run("GRANT USAGE ON SCHEMA d.public TO ROLE r");
  const auto other = Open({.user = "U", .role = "R"});
  Must(Try(*other, "USE SCHEMA d.public"));
  for (const char* grant :
       {"READ ON STAGE st", "WRITE ON STAGE st", "SELECT ON TABLE null_empty1"}) {
    EXPECT_FALSE(Try(*other, "COPY INTO @st FROM null_empty1")) << grant;
    Run(fmt::format("GRANT {} TO ROLE r", grant));
  }
  EXPECT_TRUE(Try(*other, "COPY INTO @st FROM null_empty1"));
  const auto refuses = [&](const std::string& options) {
    EXPECT_THAT(ErrorOf("COPY INTO @st/x FROM null_empty1 " + options),
                StartsWith("000002 (0A000)"))
        << options;
  };
  refuses("PARTITION BY (d)");
  refuses("VALIDATION_MODE = RETURN_ROWS");
  refuses("FILE_FORMAT = (TYPE = CSV COMPRESSION = BZ2)");
  refuses("FILE_FORMAT = (TYPE = XML)");
  refuses("INCLUDE_QUERY_ID = TRUE OVERWRITE = TRUE");
  refuses("OVERWRITE = TRUE FILE_FORMAT = (TYPE = PARQUET)");
  EXPECT_THAT(ErrorOf("COPY INTO @st/x FROM null_empty1 MAX_FILE_SIZE = 0"), StartsWith("001008"));
  EXPECT_THAT(ErrorOf("COPY INTO @st/../x FROM null_empty1"), StartsWith("001008"));
  EXPECT_THAT(ErrorOf("COPY INTO 's3://bucket/x/' FROM null_empty1"), StartsWith("002029"));
}

/// Places outside: what an integration allows, and no more.
class CopyIntoOutsideTest : public ForeignLakeTest {
 protected:
  CopyIntoOutsideTest() {
    Must(account_->metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
      STATEMENT_ASSIGN(const auto role, transaction.FindNamed(kAccountId, "role", "ACCOUNTADMIN"));
      const Caller admin{.user = {}, .role = role->id};
      STATEMENT_TRY(CreateObject(
          transaction, admin,
          {.name = {.name = "I"},
           .definition = StorageIntegration{.type = "EXTERNAL_STAGE",
                                            .allowed_locations = {"s3://bucket/lake/"},
                                            .blocked_locations = {"s3://bucket/lake/secret/"}}}));
      return {};
    }));
    Run("CREATE TABLE t (i INT, s VARCHAR)");
    Run("INSERT INTO t VALUES (1, 'x')");
  }
  std::string Read(const std::string& key) {
    return Must(lake_.storage().Read("s3://bucket/" + key));
  }
  void Put(const std::string& key, std::string_view text) {
    Must(lake_.storage().Put("s3://bucket/" + key, text, storage::PutMode::kReplace));
  }
};

TEST_F(CopyIntoOutsideTest, UrlsAreReachedThroughIntegrations) {
  const std::string format = " FILE_FORMAT = (TYPE = CSV COMPRESSION = NONE)";
  EXPECT_EQ(Run("COPY INTO 's3://bucket/lake/out/d1' FROM t STORAGE_INTEGRATION = i" + format),
            Lines{"1|4|4"});
  EXPECT_EQ(Read("lake/out/d1_0_0_0.csv"), "1,x\n");
  EXPECT_EQ(Run("COPY INTO t FROM 's3://bucket/lake/out/d' STORAGE_INTEGRATION = i" + format),
            Lines{"s3://bucket/lake/out/d1_0_0_0.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"2"});
  Put("lake/secret/a.csv", "2,y\n");
  Put("other/a.csv", "2,y\n");
  for (const char* place : {"s3://bucket/lake/secret/", "s3://bucket/other/",
                            "s3://bucket/lake/secret/x", "s3://bucket/lake/../other/"}) {
    const std::string url = fmt::format("'{}'", place);
    for (const std::string& copy : {"COPY INTO t FROM " + url, "COPY INTO " + url + " FROM t"}) {
      EXPECT_THAT(ErrorOf(copy + " STORAGE_INTEGRATION = i"),
                  AnyOf(HasSubstr("is not allowed by integration 'I'"), StartsWith("001008")))
          << copy;
    }
  }
  // What is forbidden below a place that is not is not seen.
  Put("lake/b.csv", "3,z\n");
  EXPECT_EQ(
      Run("COPY INTO t FROM 's3://bucket/lake/' PATTERN = '.*[ab].csv' STORAGE_INTEGRATION = i")
          .size(),
      1);
  EXPECT_EQ(Run("SELECT s FROM t ORDER BY 1"), (Lines{"x", "x", "z"}));
  EXPECT_EQ(Read("lake/secret/a.csv"), "2,y\n");
  EXPECT_THAT(ErrorOf("COPY INTO t FROM 's3://bucket/lake/' CREDENTIALS = (AWS_KEY_ID = 'a')"),
              StartsWith("000002 (0A000)"));
  EXPECT_THAT(ErrorOf("COPY INTO t FROM 's3://bucket/lake/' STORAGE_INTEGRATION = nothing"),
              StartsWith("002003"));
}

TEST_F(CopyIntoOutsideTest, AStagesDirectoryIsNotRefreshed) {
  Run("CREATE STAGE st URL = 's3://bucket/lake/st/' STORAGE_INTEGRATION = i DIRECTORY = (ENABLE = "
      "TRUE)");
  Run("COPY INTO @st/a FROM t");
  EXPECT_EQ(Run("LIST @st").size(), 1);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM DIRECTORY(@st)"), Lines{"0"});
  EXPECT_EQ(Run("COPY INTO t FROM @st PURGE = TRUE"),
            Lines{"s3://bucket/lake/st/a_0_0_0.csv.gz|LOADED|1|1|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("LIST @st"), Lines{});
}

TEST_F(CopyIntoOutsideTest, OneLocationIsOneFileWhateverNamesIt) {
  Run("CREATE STAGE st URL = 's3://bucket/lake/st/' STORAGE_INTEGRATION = i");
  Put("lake/st/a.csv", "5,q\n");
  EXPECT_EQ(Run("COPY INTO t FROM @st").size(), 1);
  EXPECT_EQ(Run("COPY INTO t FROM 's3://bucket/lake/st/' STORAGE_INTEGRATION = i"),
            Lines{"Copy executed with 0 files processed."});
}

}  // namespace
}  // namespace tarn::warehouse
