// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "warehouse/stages/opened_stage.h"
#include "warehouse/testing/foreign_lake.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

class StageTest : public ForeignLakeTest {
 protected:
  StageTest() { MakeIntegration("I", "EXTERNAL_STAGE"); }
  /// As CREATE STORAGE INTEGRATION makes it.
  void MakeIntegration(const std::string& name, const std::string& type,
                       const std::vector<std::string>& allowed = {"s3://bucket/lake/"}) {
    Must(account_->metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
      STATEMENT_ASSIGN(const auto role, transaction.FindNamed(kAccountId, "role", "ACCOUNTADMIN"));
      Caller admin{.user = {}, .role = role->id};
      STATEMENT_TRY(CreateObject(
          transaction, admin,
          {.name = {.name = name},
           .definition = StorageIntegration{.type = type,
                                            .allowed_locations = allowed,
                                            .blocked_locations = {"s3://bucket/lake/secret/"}}}));
      return {};
    }));
  }
  void Put(const std::string& key, std::string_view text) {
    Must(lake_.storage().Put("s3://bucket/" + key, text, storage::PutMode::kReplace));
  }
  void MakeStage(const std::string& more = "") {
    Run("CREATE OR REPLACE STAGE st URL = 's3://bucket/lake/in/' STORAGE_INTEGRATION = i " + more);
  }
};

TEST_F(StageTest, TheDirectoryChangesByRefreshAlone) {
  Put("lake/in/a.csv", "1,2\n");
  MakeStage("DIRECTORY = (ENABLE = TRUE)");
  EXPECT_EQ(Run("SELECT relative_path, size FROM DIRECTORY(@st)"), Lines{"a.csv|4"});
  Put("lake/in/sub/b.csv", "12345");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM DIRECTORY(@st)"), Lines{"1"});
  EXPECT_EQ(Run("ALTER STAGE st REFRESH"),
            Lines{"sub/b.csv|REGISTERED_NEW|File registered successfully."});
  EXPECT_EQ(Run("ALTER STAGE st REFRESH"), Lines{});
  EXPECT_EQ(
      Run("SELECT relative_path FROM DIRECTORY(@d.public.st) WHERE relative_path LIKE 'sub/%'"),
      Lines{"sub/b.csv"});
  Put("lake/in/a.csv", "1,2\n3,4\n");
  Must(lake_.storage().Delete("s3://bucket/lake/in/sub/b.csv"));
  EXPECT_EQ(Run("ALTER STAGE st REFRESH SUBPATH = 'sub'"),
            Lines{"sub/b.csv|UNREGISTERED|File unregistered successfully."});
  EXPECT_EQ(Run("ALTER STAGE st REFRESH"), Lines{"a.csv|REGISTERED_UPDATE|File updated."});
  EXPECT_EQ(Run("SELECT file_url, size FROM DIRECTORY(@st)"), Lines{"s3://bucket/lake/in/a.csv|8"});
  const auto prepared = Must(session_->Prepare("SELECT * FROM DIRECTORY(@st)", {}, {}));
  std::vector<std::string> columns;
  for (const ResultColumn& column : prepared->columns()) {
    columns.push_back(column.name + " " + sql::ToString(column.type));
  }
  EXPECT_THAT(columns, ElementsAre("RELATIVE_PATH VARCHAR(16777216)", "SIZE NUMBER(38,0)",
                                   "LAST_MODIFIED TIMESTAMP_TZ(3)", "MD5 VARCHAR(16777216)",
                                   "ETAG VARCHAR(16777216)", "FILE_URL VARCHAR(16777216)"));
  EXPECT_EQ(Must(session_->Prepare("ALTER STAGE st REFRESH", {}, {}))->columns().size(), 3);
  EXPECT_EQ(Run("SELECT COUNT(*) FROM DIRECTORY(@st) WHERE last_modified BETWEEN "
                "'2020-01-01'::TIMESTAMP_TZ AND '2100-01-01'::TIMESTAMP_TZ AND md5 IS NULL"),
            Lines{"1"});
}

TEST_F(StageTest, TheNewestMetadataFileIsTheLastByItsTime) {
  // As writers leave them that commit twice in a millisecond.
  const auto made = MakeOrders();
  for (int i = 0; i < 4; ++i) lake_.Append("orders", {Order(i, 1, "CARD")});
  const std::string newest = lake_.Load("orders").metadata_location;
  Run("CREATE STAGE m URL = 's3://bucket/lake/orders/metadata/' STORAGE_INTEGRATION = i "
      "DIRECTORY = (ENABLE = TRUE)");
  const Lines found =
      Run("SELECT relative_path FROM DIRECTORY(@m) WHERE relative_path LIKE '%.metadata.json' "
          "ORDER BY last_modified DESC LIMIT 1");
  ASSERT_EQ(found.size(), 1);
  EXPECT_TRUE(newest.ends_with("/" + found[0])) << newest << " " << found[0];
  lake_.ExpectSound(lake_.Load("orders"));
}

TEST_F(StageTest, TiesOfMetadataFilesAreSpreadByVersion) {
  const std::string base = directory_.path() + "/buckets/bucket/lake/tie/metadata/";
  for (const char* name : {"00002-a.metadata.json", "00001-b.metadata.json", "x.avro"}) {
    Put(std::string("lake/tie/metadata/") + name, "{}");
    std::filesystem::last_write_time(base + name,
                                     std::filesystem::file_time_type(std::chrono::seconds(1'000)));
  }
  const StorageArea area{.base = "s3://bucket/lake/tie/"};
  const auto files = Must(ListFiles(*account_->tables().storage, area, ""));
  ASSERT_EQ(files.size(), 3);
  EXPECT_EQ(files[1].modified_ms, files[0].modified_ms + 1);
  EXPECT_EQ(files[2].modified_ms, files[0].modified_ms);
}

TEST_F(StageTest, LocationsAreThoseOfTheIntegration) {
  EXPECT_THAT(ErrorOf("CREATE STAGE s URL = 's3://bucket/other/' STORAGE_INTEGRATION = i"),
              StartsWith("003139 (22023)"));
  EXPECT_THAT(ErrorOf("CREATE STAGE s URL = 's3://bucket/lake/secret/' STORAGE_INTEGRATION = i"),
              StartsWith("003139 (22023)"));
  for (const char* url : {"s3://bucket/lake/../other/", "file:///etc/", "lake/", "s3://"}) {
    EXPECT_THAT(ErrorOf(std::string("CREATE STAGE s URL = '") + url +
                        "' STORAGE_INTEGRATION = i DIRECTORY = (ENABLE = TRUE)"),
                StartsWith("001008 (22023)"))
        << url;
  }
  EXPECT_THAT(ErrorOf("CREATE STAGE s URL = 's3://bucket/lake/'"), StartsWith("002029 (42601)"));
  MakeIntegration("P", "POSTGRES_EXTERNAL_STORAGE");
  EXPECT_THAT(ErrorOf("CREATE STAGE s URL = 's3://bucket/lake/' STORAGE_INTEGRATION = p"),
              HasSubstr("is not a storage integration of type EXTERNAL_STAGE"));
  // What the integration blocks is not listed either, nor what it blocks later.
  Put("lake/secret/key", "k");
  Put("lake/open/key", "k");
  Run("CREATE STAGE s URL = 's3://bucket/lake/' STORAGE_INTEGRATION = i DIRECTORY = (ENABLE=TRUE)");
  EXPECT_EQ(Run("SELECT relative_path FROM DIRECTORY(@s)"), Lines{"open/key"});
  EXPECT_THAT(Run("LIST @s"), ElementsAre(StartsWith("s3://bucket/lake/open/key|1|")));
  EXPECT_THAT(ErrorOf("LIST @s/../x"), StartsWith("001008 (22023)"));
  EXPECT_THAT(ErrorOf("LIST @s/a/../../other/x"), StartsWith("001008 (22023)"));
}

TEST_F(StageTest, AnEmptyListAllowsNothing) {
  MakeIntegration("NONE", "EXTERNAL_STAGE", {});
  EXPECT_THAT(ErrorOf("CREATE STAGE s URL = 's3://bucket/lake/' STORAGE_INTEGRATION = none"),
              StartsWith("003139 (22023)"));
  Put("lake/in/a.csv", "1");
  MakeStage();
  EXPECT_EQ(Run("LIST @st").size(), 1);
  Run("ALTER STORAGE INTEGRATION i SET STORAGE_ALLOWED_LOCATIONS = ()");
  EXPECT_THAT(Run("LIST @st"), ElementsAre());
  EXPECT_THAT(Run("SELECT $1 FROM @st"), ElementsAre());
}

TEST_F(StageTest, IntegrationsTakeOnlyPrefixesThatServersTake) {
  for (const char* url :
       {"s3://", "s3://bkt//", "s3://bkt/../", "s3://bkt/%2e%2e/", "s3://bkt/a,s3://c/",
        "s3://bkt/?x=y", "s3://bkt/*", "file:///etc/", "gs://b/"}) {
    for (const char* option : {"ALLOWED", "BLOCKED"}) {
      EXPECT_THAT(
          ErrorOf(fmt::format("ALTER STORAGE INTEGRATION i SET STORAGE_{}_LOCATIONS = ('{}')",
                              option, url)),
          StartsWith("001008 (22023)"))
          << url;
    }
  }
  Run("ALTER STORAGE INTEGRATION i SET STORAGE_ALLOWED_LOCATIONS = ('s3gov://bucket/lake', '*')");
}

TEST_F(StageTest, ListAndRemove) {
  Put("lake/in/a1.csv", "1");
  Put("lake/in/a2.json", "22");
  Put("lake/in/b/c.csv", "333");
  MakeStage();
  EXPECT_THAT(Run("LIST @st"),
              ElementsAre(MatchesRegex("s3://bucket/lake/in/a1.csv\\|1\\|[0-9a-f-]+\\|.* GMT"),
                          StartsWith("s3://bucket/lake/in/a2.json|2|"),
                          StartsWith("s3://bucket/lake/in/b/c.csv|3|")));
  EXPECT_THAT(Run("LS @st/b PATTERN = '.*csv'"),
              ElementsAre(StartsWith("s3://bucket/lake/in/b/c.csv|3|")));
  EXPECT_THAT(Run("LIST @st PATTERN = 'a..*'").size(), 2);
  EXPECT_THAT(ErrorOf("LIST @st PATTERN = '('"), StartsWith("100048"));
  EXPECT_EQ(Run("REMOVE @st PATTERN = '.*[.]csv'"),
            (Lines{"s3://bucket/lake/in/a1.csv|removed", "s3://bucket/lake/in/b/c.csv|removed"}));
  EXPECT_EQ(Run("LIST @st").size(), 1);
  EXPECT_THAT(ErrorOf("LIST @nowhere"), StartsWith("002003 (02000)"));
  EXPECT_THAT(ErrorOf("LIST @~/x"), StartsWith("000002 (0A000)"));
}

TEST_F(StageTest, StagesAreShownAndDescribed) {
  MakeStage("DIRECTORY = (ENABLE = TRUE) FILE_FORMAT = (TYPE = JSON) COMMENT = 'c'");
  EXPECT_THAT(Run("SHOW STAGES"),
              ElementsAre(HasSubstr("|ST|D|PUBLIC|s3://bucket/lake/in/|N|N|ACCOUNTADMIN|c|")));
  EXPECT_THAT(Run("DESCRIBE STAGE st"),
              testing::IsSupersetOf({std::string("STAGE_FILE_FORMAT|TYPE|String|JSON|CSV"),
                                     std::string("STAGE_INTEGRATION|STORAGE_INTEGRATION|String|I|"),
                                     std::string("DIRECTORY|ENABLE|Boolean|true|false")}));
  Run("ALTER STAGE st SET DIRECTORY = (ENABLE = FALSE)");
  EXPECT_THAT(ErrorOf("ALTER STAGE st REFRESH"), StartsWith("093523 (22023)"));
  EXPECT_THAT(ErrorOf("SELECT * FROM DIRECTORY(@st)"), HasSubstr("no directory table enabled"));
  EXPECT_THAT(ErrorOf("ALTER STAGE st SET URL = 's3://other/'"), StartsWith("003139"));
  Run("CREATE STAGE inside");
  EXPECT_THAT(Run("LIST @inside"), ElementsAre());
  Run("DROP STAGE inside");
  EXPECT_THAT(ErrorOf("LIST @inside"), StartsWith("002003 (02000)"));
}

}  // namespace
}  // namespace tarn::warehouse
