// SPDX-License-Identifier: Apache-2.0
// COPY INTO a table. Expected values are those of Snowflake's pages ("COPY INTO <table>",
// "Tutorial: Bulk loading from Amazon S3", "Load data considerations") where they have some.
#include <gmock/gmock.h>

#include <atomic>

#include "iceberg/json/gzip.h"
#include "warehouse/testing/managed_table_fixture.h"
#include "warehouse/volumes/storage_area.h"

namespace tarn::warehouse {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int64_t kDayMs = int64_t{24} * 3'600 * 1'000;

/// The machine's time, moved.
class MovedClock final : public Clock {
 public:
  int64_t NowMs() const override { return system_.NowMs() + moved_ms; }
  std::atomic<int64_t> moved_ms = 0;

 private:
  SystemClock system_;
};

class CopyIntoTableTest : public ManagedTableTest {
 protected:
  CopyIntoTableTest() {
    session_.reset();
    account_.reset();
    account_ =
        Must(Account::Open({.directory = directory_.path(), .clock = &clock_, .threads = 2}));
    session_ = OpenInSchema();
    Run("CREATE STAGE st");
  }
  ~CopyIntoTableTest() override {
    session_.reset();
    account_.reset();  // before its clock
  }
  std::string LocationOf(const std::string& path) {
    const auto snapshot = Must(account_->metastore().Read());
    const auto id = Must(snapshot->Heads("WHERE o.name = 'ST' AND o.dropped_ms IS NULL")).at(0).id;
    return InternalStageBase(account_->stages_location(), id) + path;
  }
  void Put(const std::string& path, std::string_view bytes) {
    Must(account_->tables().storage->Put(LocationOf(path), bytes, storage::PutMode::kReplace));
  }
  bool Exists(const std::string& path) {
    return account_->tables().storage->Head(LocationOf(path)).has_value();
  }

  MovedClock clock_;
};

constexpr const char* kNothing = "Copy executed with 0 files processed.";

TEST_F(CopyIntoTableTest, FilesBecomeRowsOnce) {
  Run("CREATE TABLE t (a INT, b VARCHAR, c DATE)");
  Put("in/1.csv", "1,x,2026-01-02\n2,,\n");
  Put("in/2.csv", "3,z,2026-01-03\n");
  EXPECT_EQ(Run("COPY INTO t FROM @st/in/"),
            (Lines{"st/in/1.csv|LOADED|2|2|1|0|NULL|NULL|NULL|NULL",
                   "st/in/2.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL"}));
  EXPECT_EQ(Run("SELECT a, b, c = '2026-01-02' FROM t ORDER BY a"),
            (Lines{"1|x|true", "2|NULL|NULL", "3|z|false"}));
  EXPECT_EQ(Run("COPY INTO t FROM @st/in/"), Lines{kNothing});
  Put("in/3.csv", "4,w,\n");
  EXPECT_EQ(Run("COPY INTO t FROM @st"), Lines{"st/in/3.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL"});
  // Another state of the file is another file.
  Put("in/3.csv", "44,w,\n");
  EXPECT_EQ(Run("COPY INTO t FROM @st"), Lines{"st/in/3.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("COPY INTO t FROM @st/in/2 FORCE = TRUE"),
            Lines{"st/in/2.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("SELECT a FROM t ORDER BY 1"), (Lines{"1", "2", "3", "3", "4", "44"}));
  // What a table has loaded is its own.
  Run("CREATE TABLE u LIKE t");
  EXPECT_EQ(Run("COPY INTO u FROM @st/in/2"),
            Lines{"st/in/2.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL"});
  Reopen();
  Run("USE SCHEMA d.public");
  EXPECT_EQ(Run("COPY INTO u FROM @st/in/2"), Lines{kNothing});
  Run("ALTER TABLE u RENAME TO v");
  EXPECT_EQ(Run("COPY INTO v FROM @st/in/2"), Lines{kNothing});
  Run("DELETE FROM v");
  EXPECT_EQ(Run("COPY INTO v FROM @st/in/2"), Lines{kNothing});
  Run("TRUNCATE TABLE v");
  EXPECT_EQ(Run("COPY INTO v FROM @st/in/2"),
            Lines{"st/in/2.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL"});
}

TEST_F(CopyIntoTableTest, SnowflakesContacts) {
  Run("CREATE TABLE mycsvtable (id INTEGER, last_name STRING, city STRING)");
  Run("CREATE FILE FORMAT mycsvformat TYPE = 'CSV' FIELD_DELIMITER = '|' SKIP_HEADER = 1");
  Run("ALTER STAGE st SET FILE_FORMAT = (FORMAT_NAME = 'mycsvformat')");
  Put("contacts2.csv", "id|last|city\n1|Oliver|Reno\n");
  Put("contacts3.csv", "id|last|city\n2|Burnett|Ende|x\n3|Ishmael|Rom\n4|Christian|x|Ulm\n");
  EXPECT_EQ(
      Run("COPY INTO mycsvtable FROM @st PATTERN='.*contacts[1-5].csv' ON_ERROR = 'skip_file'"),
      (Lines{"st/contacts2.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL",
             "st/contacts3.csv|LOAD_FAILED|3|0|1|2|Number of columns in file (4) does not match "
             "that of the corresponding table (3), use file format option "
             "error_on_column_count_mismatch=false to ignore this error|3|1|\"MYCSVTABLE\"[4]"}));
  EXPECT_EQ(
      Run("COPY INTO mycsvtable FROM @st ON_ERROR = CONTINUE"),
      Lines{"st/contacts3.csv|PARTIALLY_LOADED|3|1|3|2|Number of columns in file (4) does "
            "not match that of the corresponding table (3), use file format option "
            "error_on_column_count_mismatch=false to ignore this error|3|1|\"MYCSVTABLE\"[4]"});
  EXPECT_EQ(Run("COPY INTO mycsvtable FROM @st"), Lines{kNothing});
  EXPECT_EQ(Run("SELECT id, city FROM mycsvtable ORDER BY id"), (Lines{"1|Reno", "3|Rom"}));
  EXPECT_EQ(Run("COPY INTO mycsvtable FROM @st/contacts3 FORCE = TRUE FILE_FORMAT = (TYPE = CSV "
                "FIELD_DELIMITER = '|' SKIP_HEADER = 1 ERROR_ON_COLUMN_COUNT_MISMATCH = FALSE)"),
            Lines{"st/contacts3.csv|LOADED|3|3|1|0|NULL|NULL|NULL|NULL"});
}

TEST_F(CopyIntoTableTest, AnErrorTellsWhereItIs) {
  Run("CREATE TABLE t (name VARCHAR(5) NOT NULL, id INT, quota NUMBER(5, 2), at TIMESTAMP)");
  Put("a.csv", "Joe,1,2.50,2026-01-01\nTom,abc,1,\n");
  EXPECT_EQ(ErrorOf("COPY INTO t FROM @st"),
            "100038 (22018): Numeric value 'abc' is not recognized\n"
            "  File '@ST/a.csv', line 2, character 5\n"
            "  Row 2, column \"T\"[\"ID\":2]");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"0"});
  Put("a.csv", "Joe,1,2.50,2026-01-01\nTom,2,1,\n,3,1,\n");
  EXPECT_EQ(ErrorOf("COPY INTO t FROM @st"),
            "100088 (22000): NULL result in a non-nullable column. Use quotes if an empty field "
            "should be interpreted as an empty string instead of a null\n"
            "  File '@ST/a.csv', line 3, character 1\n"
            "  Row 3, column \"T\"[\"NAME\":1]");
  EXPECT_EQ(Run("COPY INTO t FROM @st ON_ERROR = CONTINUE FORCE = TRUE"),
            Lines{"st/a.csv|PARTIALLY_LOADED|3|2|3|1|NULL result in a non-nullable column. Use "
                  "quotes if an empty field should be interpreted as an empty string instead of a "
                  "null|3|1|\"T\"[\"NAME\":1]"});
  Put("a.csv", "Joe,1,1000,\n\"Tom\nBo\",1,1,tomorrow\nAlexis,1,1,\n");
  const Lines lines =
      Run("COPY INTO t FROM @st ON_ERROR = CONTINUE FILE_FORMAT = (TYPE = CSV "
          "FIELD_OPTIONALLY_ENCLOSED_BY = '\"')");
  ASSERT_EQ(lines.size(), 1);
  EXPECT_THAT(lines[0], StartsWith("st/a.csv|LOAD_FAILED|3|0|3|3|"));
  EXPECT_THAT(lines[0], EndsWith("|1|7|\"T\"[\"QUOTA\":3]"));
  Put("b.csv", "\xff,1,1,\n");
  EXPECT_EQ(ErrorOf("COPY INTO t FROM @st/b.csv"),
            "100144 (22000): Invalid UTF8 detected in string '0xFF'\n"
            "  File '@ST/b.csv', line 1, character 1\n"
            "  Row 1, column \"T\"[\"NAME\":1]");
}

TEST_F(CopyIntoTableTest, AThresholdSkipsFiles) {
  Run("CREATE TABLE t (i INT)");
  Put("a.csv", "1\nx\n2\ny\n");
  const std::string result = "|Numeric value 'x' is not recognized|2|1|\"T\"[\"I\":1]";
  EXPECT_EQ(Run("COPY INTO t FROM @st ON_ERROR = SKIP_FILE_2"),
            Lines{"st/a.csv|LOAD_FAILED|4|0|2|2" + result});
  EXPECT_EQ(Run("COPY INTO t FROM @st ON_ERROR = 'SKIP_FILE_49%'"),
            Lines{"st/a.csv|LOAD_FAILED|4|0|2|2" + result});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"0"});
  EXPECT_EQ(Run("COPY INTO t FROM @st ON_ERROR = 'SKIP_FILE_50%'"),
            Lines{"st/a.csv|PARTIALLY_LOADED|4|2|3|2" + result});
  EXPECT_EQ(Run("COPY INTO t FROM @st ON_ERROR = SKIP_FILE_3 FORCE = TRUE"),
            Lines{"st/a.csv|PARTIALLY_LOADED|4|2|3|2" + result});
  EXPECT_EQ(Run("SELECT SUM(i), COUNT(*) FROM t"), Lines{"6|4"});
  for (const char* bad : {"SKIP_FILE_0", "SKIP_FILE_x", "'SKIP_FILE_101%'", "MAYBE"}) {
    EXPECT_THAT(ErrorOf(std::string("COPY INTO t FROM @st ON_ERROR = ") + bad),
                StartsWith("001008 (22023)"));
  }
}

TEST_F(CopyIntoTableTest, FilesAreChosenByNamePatternAndSize) {
  Run("CREATE TABLE t (i INT)");
  for (int i = 1; i <= 5; ++i) Put(fmt::format("d/{}.csv", i), "12345678\n12345678\n");
  // Snowflake: with files of 10 MB and a limit of 25 MB, three are loaded.
  EXPECT_EQ(Run("COPY INTO t FROM @st/d/ SIZE_LIMIT = 45").size(), 3);
  EXPECT_EQ(Run("COPY INTO t FROM @st/d/ SIZE_LIMIT = 1").size(), 1);
  EXPECT_EQ(Run("COPY INTO t FROM @st/d/ FILES = ('1.csv', '5.csv')"),
            Lines{"st/d/5.csv|LOADED|2|2|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("COPY INTO t FROM @st PATTERN = '.*/[12][.]csv' FORCE = TRUE").size(), 2);
  EXPECT_THAT(ErrorOf("COPY INTO t FROM @st/d/ FILES = ('1.csv', '9.csv') FORCE = TRUE"),
              HasSubstr("Remote file 'st/d/9.csv' was not found."));
  EXPECT_EQ(Run("COPY INTO t FROM @st/d/ FILES = ('9.csv') ON_ERROR = CONTINUE"),
            Lines{"st/d/9.csv|LOAD_FAILED|0|0|0|1|Remote file 'st/d/9.csv' was not "
                  "found.|NULL|NULL|NULL"});
  EXPECT_EQ(Run("COPY INTO t FROM @st/d/ RETURN_FAILED_ONLY = TRUE FORCE = TRUE"), Lines{});
  EXPECT_THAT(ErrorOf("COPY INTO t FROM @st SIZE_LIMIT = 0"), StartsWith("001008"));
  EXPECT_EQ(Run("COPY INTO t FROM @st/nothing"), Lines{kNothing});
}

TEST_F(CopyIntoTableTest, PurgedFilesGoWithTheCommit) {
  Run("CREATE TABLE t (i INT)");
  Put("a.csv", "1\n");
  Put("b.csv", "x\n2\n");
  Run("BEGIN");
  EXPECT_EQ(Run("COPY INTO t FROM @st PURGE = TRUE ON_ERROR = CONTINUE").size(), 2);
  EXPECT_TRUE(Exists("a.csv"));
  Run("ROLLBACK");
  EXPECT_TRUE(Exists("a.csv"));
  EXPECT_EQ(Run("COPY INTO t FROM @st PURGE = TRUE ON_ERROR = CONTINUE").size(), 2);
  EXPECT_FALSE(Exists("a.csv"));
  EXPECT_TRUE(Exists("b.csv"));
  EXPECT_EQ(Run("SELECT i FROM t ORDER BY 1"), (Lines{"1", "2"}));
}

TEST_F(CopyIntoTableTest, RowsAndWhatIsRememberedAreOneThing) {
  Run("CREATE TABLE t (i INT)");
  Put("a.csv", "1\n");
  Put("empty.csv", "");
  Run("BEGIN");
  EXPECT_EQ(Run("COPY INTO t FROM @st").size(), 2);
  EXPECT_EQ(Run("COPY INTO t FROM @st"), Lines{kNothing});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"1"});
  Run("ROLLBACK");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"0"});
  EXPECT_EQ(Run("COPY INTO t FROM @st/empty"),
            Lines{"st/empty.csv|LOADED|0|0|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("COPY INTO t FROM @st/empty"), Lines{kNothing});
  Run("BEGIN");
  Run("COPY INTO t FROM @st");
  Run("UPDATE t SET i = i + 1");
  Put("b.csv", "x\n");
  EXPECT_THAT(ErrorOf("COPY INTO t FROM @st"), StartsWith("100038"));
  Put("b.csv", "10\n");
  EXPECT_EQ(Run("COPY INTO t FROM @st").size(), 1);
  Run("COMMIT");
  EXPECT_EQ(Run("SELECT i FROM t ORDER BY 1"), (Lines{"2", "10"}));
  EXPECT_EQ(Run("COPY INTO t FROM @st"), Lines{kNothing});
  Run("BEGIN");
  Run("TRUNCATE TABLE t");
  EXPECT_EQ(Run("COPY INTO t FROM @st/a.csv").size(), 1);
  Run("COMMIT");
  EXPECT_EQ(Run("SELECT i FROM t"), Lines{"1"});
  EXPECT_EQ(Run("COPY INTO t FROM @st/a.csv"), Lines{kNothing});
  EXPECT_EQ(Run("COPY INTO t FROM @st/b.csv").size(), 1);
}

TEST_F(CopyIntoTableTest, TwoSessionsLoadAFileOnce) {
  Run("CREATE TABLE t (i INT)");
  Put("a.csv", "1\n");
  const auto other = OpenInSchema();
  RunIn(*other, "BEGIN");
  EXPECT_EQ(RunIn(*other, "COPY INTO t FROM @st").size(), 1);
  EXPECT_EQ(Run("COPY INTO t FROM @st").size(), 1);
  const auto committed = Try(*other, "COMMIT");
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().sqlstate, "40001");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"1"});
  RunIn(*other, "BEGIN");
  EXPECT_EQ(RunIn(*other, "COPY INTO t FROM @st FORCE = TRUE").size(), 1);
  RunIn(*other, "COMMIT");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"2"});
}

TEST_F(CopyIntoTableTest, LoadsAreRememberedFor64Days) {
  Run("CREATE TABLE t (i INT)");
  Put("a.csv", "1\n");
  Run("COPY INTO t FROM @st");
  clock_.moved_ms = 63 * kDayMs;
  EXPECT_EQ(Run("COPY INTO t FROM @st"), Lines{kNothing});
  // The file, the table's first load and that of the file are older: nobody knows.
  clock_.moved_ms = 65 * kDayMs;
  EXPECT_EQ(Run("COPY INTO t FROM @st"), Lines{kNothing});
  Run("CREATE TABLE u (i INT)");
  EXPECT_EQ(Run("COPY INTO u FROM @st").size(), 1);
  EXPECT_EQ(Run("COPY INTO t FROM @st LOAD_UNCERTAIN_FILES = TRUE").size(), 1);
  EXPECT_EQ(Run("COPY INTO t FROM @st LOAD_UNCERTAIN_FILES = TRUE"), Lines{kNothing});
}

TEST_F(CopyIntoTableTest, QueriesTransform) {
  Run("CREATE TABLE t (a INT, b VARCHAR(3), c VARCHAR DEFAULT 'none', n INT IDENTITY)");
  Put("a.csv", "x,1,one\ny,2\nz,q,three\n");
  EXPECT_EQ(Run("COPY INTO t (b, a) FROM (SELECT UPPER(s.$1), s.$2::INT * 10 FROM @st s) "
                "ON_ERROR = CONTINUE"),
            Lines{"st/a.csv|PARTIALLY_LOADED|3|2|3|1|Numeric value 'q' is not "
                  "recognized|3|1|\"T\"[\"A\":2]"});
  EXPECT_EQ(Run("SELECT a, b, c FROM t ORDER BY a"), (Lines{"10|X|none", "20|Y|none"}));
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT n) FROM t"), Lines{"2"});
  EXPECT_EQ(Run("COPY INTO t (b, c) FROM (SELECT $9, METADATA$FILENAME FROM @st) FORCE = TRUE"),
            Lines{"st/a.csv|LOADED|3|3|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t WHERE c = 'a.csv' AND b IS NULL"), Lines{"3"});
  for (const char* query :
       {"SELECT DISTINCT $1 FROM @st", "SELECT $1 FROM @st WHERE $1 = 'x'",
        "SELECT COUNT(*) FROM @st", "SELECT $1 FROM @st LIMIT 1", "SELECT b FROM t",
        "SELECT $1 FROM @st, t", "SELECT $1 FROM @st ORDER BY 1",
        "SELECT (SELECT MAX(b) FROM t) FROM @st", "SELECT ROW_NUMBER() OVER (ORDER BY $1) FROM @st",
        "SELECT $1 FROM @st (PATTERN => 'x')"}) {
    EXPECT_THAT(ErrorOf(fmt::format("COPY INTO t (b) FROM ({})", query)),
                AllOf(StartsWith("000002 (0A000)"), HasSubstr("Unsupported feature")))
        << query;
  }
  EXPECT_THAT(ErrorOf("COPY INTO t FROM (SELECT $1 FROM @st)"), StartsWith("002020 (21S01)"));
  EXPECT_THAT(ErrorOf("COPY INTO t FROM (SELECT $1 FROM @st) MATCH_BY_COLUMN_NAME = "
                      "CASE_INSENSITIVE"),
              HasSubstr("match_by_column_name is not supported with copy transform."));
}

// What several values compute in common is computed within the guard of each.
TEST_F(CopyIntoTableTest, ValuesOfOneFieldFailAlone) {
  Run("CREATE TABLE t (a INT, b INT, c VARCHAR)");
  Put("a.csv", "1\nx\n3\n");
  EXPECT_EQ(Run("COPY INTO t FROM (SELECT $1::INT, $1::INT + 1, $1 FROM @st) ON_ERROR = CONTINUE"),
            Lines{"st/a.csv|PARTIALLY_LOADED|3|2|3|1|Numeric value 'x' is not "
                  "recognized|2|1|\"T\"[\"A\":1]"});
  EXPECT_EQ(Run("SELECT * FROM t ORDER BY a"), (Lines{"1|2|1", "3|4|3"}));
}

TEST_F(CopyIntoTableTest, ColumnsTakeWhatTheyAreGiven) {
  Run("CREATE TABLE t (a INT, b VARCHAR DEFAULT 'x', d DATE, bin BINARY, v VARIANT)");
  Put("a.csv", "7,0A0B,03/04/2026,some text\n");
  EXPECT_EQ(Run("COPY INTO t (a, bin, d, v) FROM @st FILE_FORMAT = (TYPE = CSV DATE_FORMAT = "
                "'DD/MM/YYYY')"),
            Lines{"st/a.csv|LOADED|1|1|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("SELECT a, b, TO_CHAR(d), TO_CHAR(bin), v::VARCHAR FROM t"),
            Lines{"7|x|2026-04-03|0A0B|some text"});
  EXPECT_THAT(ErrorOf("COPY INTO t (a, a) FROM @st"), StartsWith("002025 (42S21)"));
  EXPECT_THAT(ErrorOf("COPY INTO t (nothing) FROM @st"), StartsWith("000904 (42000)"));
}

TEST_F(CopyIntoTableTest, LongTextsAreCutOnRequest) {
  Run("CREATE TABLE t (s VARCHAR(3))");
  Put("a.csv", "äöüß\nab\n");
  EXPECT_THAT(ErrorOf("COPY INTO t FROM @st"),
              StartsWith("100078 (22000): String 'äöüß' is too long and would be truncated"));
  EXPECT_EQ(Run("COPY INTO t FROM @st TRUNCATECOLUMNS = TRUE").size(), 1);
  EXPECT_EQ(Run("SELECT s FROM t ORDER BY 1"), (Lines{"ab", "äöü"}));
  EXPECT_EQ(Run("COPY INTO t FROM @st ENFORCE_LENGTH = FALSE FORCE = TRUE").size(), 1);
  EXPECT_THAT(ErrorOf("COPY INTO t FROM @st ENFORCE_LENGTH = TRUE TRUNCATECOLUMNS = TRUE"),
              StartsWith("001008"));
}

TEST_F(CopyIntoTableTest, JsonBecomesAValueOrColumns) {
  Run("CREATE FILE FORMAT j TYPE = JSON STRIP_OUTER_ARRAY = TRUE");
  Put("a.json", R"([{"ID": 1, "name": "Ann", "extra": [1]}, {"id": "2", "NAME": null}, 3])");
  Run("CREATE TABLE src (v VARIANT)");
  EXPECT_EQ(Run("COPY INTO src FROM @st FILE_FORMAT = (FORMAT_NAME = 'j')"),
            Lines{"st/a.json|LOADED|3|3|1|0|NULL|NULL|NULL|NULL"});
  EXPECT_EQ(Run("SELECT v:name::VARCHAR, v:id::INT FROM src ORDER BY 1, 2"),
            (Lines{"Ann|NULL", "NULL|2", "NULL|NULL"}));
  Run("CREATE TABLE t (id INT, name VARCHAR, other DATE)");
  EXPECT_EQ(
      Run("COPY INTO t FROM @st FILE_FORMAT = j MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE").size(),
      1);
  EXPECT_EQ(Run("SELECT * FROM t ORDER BY id, name"),
            (Lines{"1|Ann|NULL", "2|NULL|NULL", "NULL|NULL|NULL"}));
  Run("CREATE TABLE s (id INT, name VARCHAR)");
  Run("COPY INTO s FROM @st FILE_FORMAT = 'j' MATCH_BY_COLUMN_NAME = 'CASE_SENSITIVE'");
  EXPECT_EQ(Run("SELECT * FROM s ORDER BY id"), (Lines{"1|NULL", "NULL|NULL", "NULL|NULL"}));
  EXPECT_EQ(ErrorOf("COPY INTO s FROM @st FILE_FORMAT = j FORCE = TRUE"),
            "002019 (0A000): SQL compilation error:\nJSON file format can produce one and only one "
            "column of type variant, object, or array. Load data into separate columns using the "
            "MATCH_BY_COLUMN_NAME copy option or copy with transformation.");
  Put("b.json", "{\"id\": 5}\n{\"id\" 7}\n{\"id\": \"x\"}");
  const Lines lines =
      Run("COPY INTO t FROM @st/b.json FILE_FORMAT = (TYPE = JSON) MATCH_BY_COLUMN_NAME = "
          "CASE_INSENSITIVE ON_ERROR = CONTINUE");
  ASSERT_EQ(lines.size(), 1);
  EXPECT_THAT(lines[0], StartsWith("st/b.json|PARTIALLY_LOADED|3|1|3|2|Error parsing JSON: "));
  EXPECT_THAT(lines[0], EndsWith("|2|1|\"T\"[\"ID\":1]"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t WHERE id = 5"), Lines{"1"});
}

TEST_F(CopyIntoTableTest, HeadersNameColumns) {
  Run("CREATE TABLE t (id INT, name VARCHAR, other INT)");
  Put("a.csv", "Name,what,ID\nAnn,9,1\nBob,8,x\nEve,7\n");
  const std::string format = " FILE_FORMAT = (TYPE = CSV PARSE_HEADER = TRUE)";
  EXPECT_EQ(Run("COPY INTO t FROM @st MATCH_BY_COLUMN_NAME = CASE_INSENSITIVE ON_ERROR = CONTINUE" +
                format),
            Lines{"st/a.csv|PARTIALLY_LOADED|3|1|3|2|Numeric value 'x' is not "
                  "recognized|3|7|\"T\"[\"ID\":1]"});
  EXPECT_EQ(Run("SELECT * FROM t"), Lines{"1|Ann|NULL"});
  EXPECT_THAT(ErrorOf("COPY INTO t FROM @st" + format), HasSubstr("PARSE_HEADER without"));
  EXPECT_THAT(ErrorOf("COPY INTO t FROM @st MATCH_BY_COLUMN_NAME = CASE_SENSITIVE"),
              HasSubstr("MATCH_BY_COLUMN_NAME of CSV without a header"));
}

TEST_F(CopyIntoTableTest, DamagedFilesAreFilesWithErrors) {
  Run("CREATE TABLE t (i INT)");
  Put("a.csv.gz", Must(iceberg::Gzip("1\n2\n")));
  Put("b.csv.gz", "\x1f\x8b damaged");
  EXPECT_NE(ErrorOf("COPY INTO t FROM @st"), "ok");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"0"});
  const Lines lines = Run("COPY INTO t FROM @st ON_ERROR = SKIP_FILE");
  ASSERT_EQ(lines.size(), 2);
  EXPECT_EQ(lines[0], "st/a.csv.gz|LOADED|2|2|1|0|NULL|NULL|NULL|NULL");
  EXPECT_THAT(lines[1], StartsWith("st/b.csv.gz|LOAD_FAILED|0|0|1|1|"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"2"});
}

TEST_F(CopyIntoTableTest, ManyBadRowsAreFoundInOrder) {
  Run("CREATE TABLE t (i INT, j INT)");
  std::string text;
  int64_t sum = 0, good = 0;
  for (int i = 0; i < 100'000; ++i) {
    const bool bad = i % 7 == 3;
    text += bad ? fmt::format("{},x{}\n", i, i) : fmt::format("{},{}\n", i, 2 * i);
    if (bad) continue;
    sum += 3 * i;
    ++good;
  }
  Put("many.csv", text);
  EXPECT_EQ(Run("COPY INTO t FROM @st ON_ERROR = CONTINUE"),
            Lines{fmt::format("st/many.csv|PARTIALLY_LOADED|100000|{}|100000|{}|Numeric value 'x3' "
                              "is not recognized|4|3|\"T\"[\"J\":2]",
                              good, 100'000 - good)});
  EXPECT_EQ(Run("SELECT SUM(i + j), COUNT(*) FROM t"), Lines{fmt::format("{}|{}", sum, good)});
}

TEST_F(CopyIntoTableTest, WhatNobodyDoesIsRefusedByName) {
  Run("CREATE TABLE t (i INT)");
  Put("a.csv", "1\n");
  const auto refuses = [&](const std::string& options, const std::string& name) {
    EXPECT_THAT(ErrorOf("COPY INTO t FROM @st " + options),
                StartsWith("000002 (0A000): Unsupported feature '" + name))
        << options;
  };
  refuses("VALIDATION_MODE = RETURN_ERRORS", "VALIDATION_MODE");
  refuses("INCLUDE_METADATA = (i = METADATA$FILENAME)", "INCLUDE_METADATA");
  refuses("LOAD_MODE = ADD_FILES_COPY", "LOAD_MODE");
  refuses("FILE_FORMAT = (TYPE = AVRO)", "COPY INTO from files of type AVRO");
  refuses("FILE_FORMAT = (TYPE = PARQUET TRIM_SPACE = TRUE)", "TRIM_SPACE = TRUE");
  refuses("FILE_FORMAT = (TYPE = CSV MULTI_LINE = FALSE)", "MULTI_LINE = FALSE");
  refuses("FILE_FORMAT = (TYPE = CSV REPLACE_INVALID_CHARACTERS = TRUE)",
          "REPLACE_INVALID_CHARACTERS");
  EXPECT_NE(ErrorOf("COPY INTO t FROM @st COLOUR = RED"), "ok");
  EXPECT_NE(ErrorOf("COPY INTO nothing FROM @st"), "ok");
  EXPECT_NE(ErrorOf("COPY INTO t FROM @nothing"), "ok");
  EXPECT_THAT(ErrorOf("COPY INTO t FROM 's3://bucket/x/'"), StartsWith("002029 (42601)"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"0"});
}

TEST_F(CopyIntoTableTest, PrivilegesAreAsked) {
  Run("CREATE TABLE t (i INT)");
  Run("CREATE FILE FORMAT f TYPE = CSV");
  Put("a.csv", "1\n");
  Run("CREATE ROLE r");
  Run("CREATE USER u PASSWORD = 'Secret-Pass-123' DEFAULT_ROLE = r");
  Run("GRANT ROLE r TO USER u");
  Run("GRANT USAGE ON DATABASE d TO ROLE r");
  Run("GRANT USAGE ON SCHEMA d.public TO ROLE r");
  const auto other = Open({.user = "U", .role = "R"});
  Must(Try(*other, "USE SCHEMA d.public"));
  const std::string copy = "COPY INTO t FROM @st FILE_FORMAT = (FORMAT_NAME = f) PURGE = ";
  const auto allowed = [&](const char* purge) { return Try(*other, copy + purge).has_value(); };
  for (const char* grant : {"INSERT ON TABLE t", "READ ON STAGE st", "USAGE ON FILE FORMAT f"}) {
    EXPECT_FALSE(allowed("FALSE")) << grant;
    Run(fmt::format("GRANT {} TO ROLE r", grant));
  }
  EXPECT_FALSE(allowed("TRUE"));
  EXPECT_TRUE(allowed("FALSE"));
  Run("GRANT WRITE ON STAGE st TO ROLE r");
  EXPECT_TRUE(allowed("TRUE"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"1"});
}

TEST_F(CopyIntoTableTest, StagesSayHowTheirFilesAreCopied) {
  Run("CREATE TABLE t (i INT)");
  Run("ALTER STAGE st SET COPY_OPTIONS = (ON_ERROR = CONTINUE)");
  Put("a.csv", "1\nx\n");
  EXPECT_EQ(Run("COPY INTO t FROM @st").size(), 1);
  EXPECT_THAT(ErrorOf("COPY INTO t FROM @st ON_ERROR = ABORT_STATEMENT FORCE = TRUE"),
              StartsWith("100038"));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t"), Lines{"1"});
}

TEST_F(CopyIntoTableTest, ItsColumnsAreKnownBefore) {
  Run("CREATE TABLE t (i INT)");
  const auto prepared = Must(session_->Prepare("COPY INTO t FROM @st", {}, {}));
  std::vector<std::string> names;
  for (const ResultColumn& column : prepared->columns()) names.push_back(column.name);
  EXPECT_THAT(names,
              testing::ElementsAre("file", "status", "rows_parsed", "rows_loaded", "error_limit",
                                   "errors_seen", "first_error", "first_error_line",
                                   "first_error_character", "first_error_column_name"));
}

}  // namespace
}  // namespace tarn::warehouse
