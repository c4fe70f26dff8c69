// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/staged_rows.h"

#include <gmock/gmock.h>

#include "iceberg/json/gzip.h"
#include "warehouse/stages/delimited_text.h"
#include "warehouse/testing/foreign_lake.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> RecordsOf(std::string_view text, const Options& options) {
  const DelimitedFormat format = Must(DelimitedFormatOf(options));
  DelimitedReader reader(text, format);
  DelimitedReader::Record record;
  std::vector<std::string> lines;
  while (reader.Next(record)) {
    std::string& line = lines.emplace_back();
    for (const auto& field : record) {
      line += (&field == &record[0] ? "" : "|") + field.value_or("<null>");
    }
  }
  return lines;
}

TEST(DelimitedTextTest, DefaultsAreSnowflakes) {
  EXPECT_THAT(RecordsOf("1,a\n2,\\N\r\n3,\n", {}), ElementsAre("1|a", "2|<null>", "3|<null>"));
  EXPECT_THAT(RecordsOf("\xef\xbb\xbfx", {}), ElementsAre("x"));
  EXPECT_THAT(RecordsOf("", {}), ElementsAre());
  EXPECT_THAT(RecordsOf("\n", {}), ElementsAre("<null>"));
  EXPECT_THAT(RecordsOf("a\\,b,\"c\"", {}), ElementsAre("a,b|\"c\""));
}

TEST(DelimitedTextTest, EnclosedFieldsHoldEverything) {
  const Options enclosed = {{"FIELD_OPTIONALLY_ENCLOSED_BY", "\""}};
  EXPECT_THAT(RecordsOf("\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\"\n\"\",,x\n", enclosed),
              ElementsAre("a,b|say \"hi\"|two\nlines", "|<null>|x"));
  Options escaped = enclosed;
  escaped["ESCAPE"] = "\\";
  EXPECT_THAT(RecordsOf(R"("a\"b")", escaped), ElementsAre("a\"b"));
  EXPECT_THAT(RecordsOf("\"open", enclosed), ElementsAre("open"));
}

TEST(DelimitedTextTest, OptionsChangeIt) {
  EXPECT_THAT(RecordsOf("h\n1||2", {{"FIELD_DELIMITER", "||"}, {"SKIP_HEADER", "1"}}),
              ElementsAre("1|2"));
  EXPECT_THAT(RecordsOf("a\tb", {{"FIELD_DELIMITER", "\\t"}}), ElementsAre("a|b"));
  EXPECT_THAT(RecordsOf("a|b;c", {{"FIELD_DELIMITER", "0x7c"}, {"RECORD_DELIMITER", ";"}}),
              ElementsAre("a|b", "c"));
  EXPECT_THAT(RecordsOf(" a , b \n\nc", {{"TRIM_SPACE", "TRUE"}, {"SKIP_BLANK_LINES", "TRUE"}}),
              ElementsAre("a|b", "c"));
  EXPECT_THAT(RecordsOf("x,NA,", {{"NULL_IF", "('NA', 'x')"}, {"EMPTY_FIELD_AS_NULL", "FALSE"}}),
              ElementsAre("<null>|<null>|"));
  EXPECT_THAT(RecordsOf("a,b", {{"FIELD_DELIMITER", "NONE"}}), ElementsAre("a,b"));
  EXPECT_FALSE(DelimitedFormatOf({{"FIELD_DELIMITER", "0xzz"}}));
  EXPECT_FALSE(DelimitedFormatOf({{"ESCAPE", "ab"}}));
  EXPECT_FALSE(DelimitedFormatOf({{"ENCODING", "UTF16"}}));
}

class StagedRowsTest : public ForeignLakeTest {
 protected:
  StagedRowsTest() { Run("CREATE STAGE st"); }
  /// Into the internal stage.
  void Put(const std::string& name, std::string_view bytes) {
    const auto snapshot = Must(account_->metastore().Read());
    const auto id = Must(snapshot->Heads("WHERE o.name = 'ST'")).at(0).id;
    Must(account_->tables().storage->Put(InternalStageBase(account_->stages_location(), id) + name,
                                         bytes, storage::PutMode::kReplace));
  }
};

TEST_F(StagedRowsTest, RecordsComeByPlace) {
  Put("in/a.csv", "1,Ann\n2,Bob\n");
  Put("in/b.csv", "3,\"C,D\",x\n");
  EXPECT_EQ(Run("SELECT t.$1::INT + 1, $2, $3, METADATA$FILENAME, METADATA$FILE_ROW_NUMBER "
                "FROM @st/in/ t ORDER BY 1"),
            (Lines{"2|Ann|NULL|in/a.csv|1", "3|Bob|NULL|in/a.csv|2", "4|\"C|D\"|in/b.csv|1"}));
  Run("CREATE FILE FORMAT quoted TYPE = CSV FIELD_OPTIONALLY_ENCLOSED_BY = '\"'");
  EXPECT_EQ(Run("SELECT $2 FROM @st (FILE_FORMAT => quoted, PATTERN => '.*b.csv')"), Lines{"C,D"});
  EXPECT_EQ(Run("SELECT $2 FROM @st/in/b (FILE_FORMAT => 'd.public.quoted')"), Lines{"C,D"});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM @st/nothing"), Lines{"0"});
  EXPECT_THAT(ErrorOf("SELECT $9 FROM @st"), StartsWith("000904"));
  EXPECT_THAT(ErrorOf("SELECT $1 FROM @st (FILE_FORMAT => 'nowhere')"),
              StartsWith("002003 (02000)"));
  EXPECT_THAT(ErrorOf("SELECT $1 FROM @st (COLOUR => 'red')"), StartsWith("001420 (22023)"));
  EXPECT_THAT(ErrorOf("SELECT $1 FROM @st/../x"), StartsWith("001008 (22023)"));
}

TEST_F(StagedRowsTest, FilesOfADroppedStageGoWhenTheAccountOpens) {
  Put("a.csv", "1");
  const auto files = [&] {
    int count = 0;
    Must(account_->tables().storage->List(account_->stages_location() + "/",
                                          [&](const storage::ObjectInfo&) -> Result<> {
                                            ++count;
                                            return {};
                                          }));
    return count;
  };
  Reopen();
  EXPECT_EQ(files(), 1);
  Run("DROP STAGE d.public.st");
  Reopen();
  EXPECT_EQ(files(), 0);
}

TEST_F(StagedRowsTest, PackedFilesAreUnpacked) {
  Put("z.csv.gz", Must(iceberg::Gzip("7,8\n")));
  EXPECT_EQ(Run("SELECT $1, $2 FROM @st/z.csv.gz"), Lines{"7|8"});
  Put("z.csv.gz", "\x1f\x8b damaged");
  EXPECT_NE(ErrorOf("SELECT $1 FROM @st/z.csv.gz"), "ok");
}

TEST_F(StagedRowsTest, PackedFilesThatGrowWithoutEndAreRefused) {
  Put("bomb.csv.gz", Must(iceberg::Gzip(std::string((size_t{256} << 20) + 1, '\n'))));
  EXPECT_THAT(ErrorOf("SELECT COUNT(*) FROM @st/bomb.csv.gz"), HasSubstr("more than 256 MiB"));
}

TEST_F(StagedRowsTest, RecordsWithTooManyFieldsAreTold) {
  Put("wide.csv", "1\n" + std::string(4095, ',') + "\n");
  EXPECT_EQ(Run("SELECT COUNT(*), COUNT($1), COUNT($4096) FROM @st/wide.csv"), Lines{"2|1|0"});
  Put("wide.csv", "1\n" + std::string(4096, ',') + "\n");
  EXPECT_THAT(ErrorOf("SELECT $1 FROM @st/wide.csv"),
              HasSubstr("record 2 of file 'wide.csv' has more than 4096 fields"));
}

TEST_F(StagedRowsTest, ManyRecordsComeWhole) {
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += std::to_string(i) + ",x\n";
  Put("many.csv", text);
  EXPECT_EQ(Run("SELECT COUNT(*), SUM($1::INT), MAX(METADATA$FILE_ROW_NUMBER) FROM @st/many.csv"),
            Lines{"300000|44999850000|300000"});
}

TEST_F(StagedRowsTest, ValuesHaveALargestSize) {
  Put("long.csv", std::string(size_t{16} << 20, 'x') + ",1\n");
  EXPECT_EQ(Run("SELECT LENGTH($1), $2 FROM @st/long.csv"), Lines{"16777216|1"});
  Put("long.csv", std::string((size_t{16} << 20) + 1, 'x') + ",1\n");
  EXPECT_THAT(ErrorOf("SELECT $2 FROM @st/long.csv"),
              StartsWith("100082 (22000): Max LOB size (16777216) exceeded, actual size of parsed "
                         "column is 16777217"));
  Run("CREATE FILE FORMAT j TYPE = JSON");
  Put("long.json", "\"" + std::string(size_t{16} << 20, 'x') + "\"");
  EXPECT_THAT(ErrorOf("SELECT $1 FROM @st/long.json (FILE_FORMAT => j)"),
              StartsWith("100082 (22000): Max LOB size (16777216) exceeded"));
}

TEST_F(StagedRowsTest, DeeplyNestedJsonIsToldNotFollowed) {
  Run("CREATE FILE FORMAT j TYPE = JSON");
  Put("deep.json", std::string(1'000'000, '[') + std::string(1'000'000, ']'));
  EXPECT_THAT(ErrorOf("SELECT $1 FROM @st/deep.json (FILE_FORMAT => j)"),
              StartsWith("100069 (22P02): Error parsing JSON: value 1 of file 'deep.json': nesting "
                         "too deep"));
  Put("deep.json", std::string(1'000'000, '['));
  EXPECT_THAT(ErrorOf("SELECT $1 FROM @st/deep.json (FILE_FORMAT => j)"), StartsWith("100069"));
}

TEST_F(StagedRowsTest, AllQueriesTogetherHoldNoMoreThanTheAccountAllows) {
  session_.reset();
  account_.reset();
  account_ = Must(Account::Open(
      {.directory = directory_.path(), .memory_limit_bytes = int64_t{64} << 20, .threads = 2}));
  session_ = Open({.user = "ADMIN"});
  Run("USE SCHEMA d.public");
  Put("a.csv", std::string(size_t{48} << 20, '\n'));
  EXPECT_THAT(ErrorOf("SELECT COUNT(*) FROM @st/a.csv"), StartsWith(" (53200)"));
  // A row of NULLs takes its place, too: one wide record makes all of them wide.
  Put("a.csv", std::string(4000, ',') + std::string(20'000, '\n'));
  EXPECT_THAT(ErrorOf("SELECT COUNT(*) FROM @st/a.csv"), StartsWith(" (53200)"));
  Put("a.csv", "1\n");
  EXPECT_EQ(Run("SELECT $1 FROM @st/a.csv"), Lines{"1"});
}

TEST_F(StagedRowsTest, JsonComesAsVariants) {
  Put("v.json", R"({"a": {"b": [1, "x"]}, "n": 2.5}
                   {"n": -1, "a": null})");
  Run("CREATE FILE FORMAT j TYPE = JSON");
  EXPECT_EQ(Run("SELECT $1:a.b[1]::VARCHAR, $1:n::FLOAT FROM @st/v.json (FILE_FORMAT => j) "
                "ORDER BY METADATA$FILE_ROW_NUMBER"),
            (Lines{"x|2.5", "NULL|-1"}));
}

TEST_F(StagedRowsTest, OtherTypesAreToldByName) {
  Run("CREATE FILE FORMAT p TYPE = AVRO");
  EXPECT_EQ(ErrorOf("SELECT $1 FROM @st (FILE_FORMAT => p)"),
            "000002 (0A000): Unsupported feature 'staged files of type AVRO in FROM'.");
  Put("a.json", "{\"a\": 1}\n{\"a\": ");
  Run("CREATE FILE FORMAT j TYPE = JSON");
  EXPECT_THAT(ErrorOf("SELECT COUNT(*) FROM @st (FILE_FORMAT => j)"),
              StartsWith("100069 (22P02): Error parsing JSON: value 2 of file 'a.json'"));
  Put("a.json", R"({"b": 1, "a": {"c": 2, "c": 3}})");
  EXPECT_THAT(ErrorOf("SELECT COUNT(*) FROM @st (FILE_FORMAT => j)"),
              HasSubstr("duplicate object attribute"));
  Run("CREATE FILE FORMAT jd TYPE = JSON ALLOW_DUPLICATE = TRUE");
  EXPECT_EQ(Run("SELECT TO_JSON($1) FROM @st (FILE_FORMAT => jd)"),
            Lines{R"({"a":{"c":3},"b":1})"});
  Put("a.json", "{\"a\": \"}\"}\n[1, 2] 3");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM @st (FILE_FORMAT => j)"), Lines{"3"});
  Put("a.json", "[{\"a\": 1}, [2], \"x,y\", null]");
  Run("CREATE FILE FORMAT js TYPE = JSON STRIP_OUTER_ARRAY = TRUE");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM @st (FILE_FORMAT => js)"), Lines{"4"});
}

}  // namespace
}  // namespace tarn::warehouse
