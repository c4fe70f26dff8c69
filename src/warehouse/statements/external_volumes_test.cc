// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "warehouse/testing/foreign_lake.h"
#include "warehouse/volumes/storage_area.h"
#include "warehouse/volumes/volume_check.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

class ExternalVolumeTest : public ForeignLakeTest {
 protected:
  static std::string Location(const std::string& name, const std::string& url) {
    return "(NAME = '" + name + "' STORAGE_PROVIDER = 'S3' STORAGE_BASE_URL = '" + url +
           "' STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/r')";
  }
  nlohmann::json Check(const std::string& name) {
    const auto snapshot = Must(account_->metastore().Read());
    const Caller admin{.user = {},
                       .role = Must(snapshot->FindNamed(kAccountId, "role", "ACCOUNTADMIN"))->id};
    const auto volume = Must(FindVolume(*snapshot, admin, name));
    return nlohmann::json::parse(CheckVolume(*account_->tables().storage, volume.value));
  }
};

TEST_F(ExternalVolumeTest, IsShownWithWhatAwsWouldAskFor) {
  EXPECT_THAT(Run("CREATE OR REPLACE EXTERNAL VOLUME retail_lake_volume STORAGE_LOCATIONS = (\n" +
                  Location("retail-s3-ap3", "s3://retail-lake-ap3/") + "\n)"),
              ElementsAre("External volume RETAIL_LAKE_VOLUME successfully created."));
  const Lines told = Run("DESCRIBE EXTERNAL VOLUME retail_lake_volume");
  ASSERT_EQ(told.size(), 3);
  EXPECT_EQ(told[0], "|ALLOW_WRITES|Boolean|true|true");
  EXPECT_THAT(told[1],
              MatchesRegex("STORAGE_LOCATIONS\\|STORAGE_LOCATION_1\\|String\\|.*"
                           "\"STORAGE_BASE_URL\":\"s3://retail-lake-ap3/\".*"
                           "\"STORAGE_AWS_IAM_USER_ARN\":\"arn:aws:iam::[0-9]+:user/[^\"]+\".*"
                           "\"STORAGE_AWS_EXTERNAL_ID\":\"[^\"]+_SFCRole=1_[^\"]+\".*"));
  EXPECT_EQ(told[2], "STORAGE_LOCATIONS|ACTIVE|String|retail-s3-ap3|");
  EXPECT_THAT(Run("SHOW EXTERNAL VOLUMES LIKE 'RETAIL%'"), ElementsAre("RETAIL_LAKE_VOLUME|true|"));
}

TEST_F(ExternalVolumeTest, TakesOnlyLocationsOfBuckets) {
  for (const char* url : {"gs://b/", "s3://", "s3://b/../c/", "/etc/", "file:///etc/"}) {
    EXPECT_THAT(
        ErrorOf("CREATE EXTERNAL VOLUME w STORAGE_LOCATIONS = (" + Location("a", url) + ")"),
        StartsWith("001008 (22023)"))
        << url;
  }
  EXPECT_THAT(ErrorOf("CREATE EXTERNAL VOLUME w STORAGE_LOCATIONS = ()"),
              StartsWith("002029 (42601)"));
  EXPECT_THAT(ErrorOf("CREATE EXTERNAL VOLUME w STORAGE_LOCATIONS = ((NAME = 'a' STORAGE_PROVIDER "
                      "= 'S3' STORAGE_BASE_URL = 's3://bucket/'))"),
              StartsWith("002029 (42601)"));
  EXPECT_THAT(ErrorOf("CREATE EXTERNAL VOLUME w STORAGE_LOCATIONS = (" +
                      Location("a", "s3://bucket/") + ", " + Location("a", "s3://other/") + ")"),
              HasSubstr("duplicate storage location 'a'"));
  EXPECT_THAT(ErrorOf("CREATE EXTERNAL VOLUME w STORAGE_LOCATIONS = ((NAME = 'a' STORAGE_PROVIDER "
                      "= 'AZURE' STORAGE_BASE_URL = 'azure://x'))"),
              StartsWith("000002 (0A000)"));
}

TEST_F(ExternalVolumeTest, ChecksByUsingIt) {
  const nlohmann::json passed = Check("v");
  EXPECT_EQ(passed["success"], true);
  EXPECT_EQ(passed["storageLocationName"], "l");
  EXPECT_EQ(passed["location"], "s3://bucket/");
  for (const char* member : {"storageLocationSelectionResult", "writeResult", "readResult",
                             "listResult", "deleteResult"}) {
    EXPECT_EQ(passed[member], "PASSED") << member;
  }
  EXPECT_EQ(passed["azureGetUserDelegationKeyResult"], "SKIPPED");
  int left = 0;
  Must(lake_.storage().List("s3://bucket/", [&](const storage::ObjectInfo&) -> Result<> {
    ++left;
    return {};
  }));
  EXPECT_EQ(left, 0);
  Run("ALTER EXTERNAL VOLUME v SET ALLOW_WRITES = FALSE");
  const nlohmann::json reads = Check("v");
  EXPECT_EQ(reads["success"], true);
  EXPECT_EQ(reads["writeResult"], "SKIPPED");
  EXPECT_EQ(reads["listResult"], "PASSED");
}

TEST_F(ExternalVolumeTest, SaysWhatFailed) {
  // A file where the bucket's directory should be.
  Must(lake_.storage().Put("s3://other/x", std::string_view("x"), storage::PutMode::kReplace));
  std::filesystem::rename(directory_.path() + "/buckets/other/x",
                          directory_.path() + "/buckets/broken");
  Run("CREATE EXTERNAL VOLUME w STORAGE_LOCATIONS = (" + Location("a", "s3://broken/") + ")");
  const nlohmann::json failed = Check("w");
  EXPECT_EQ(failed["success"], false);
  EXPECT_NE(failed["writeResult"], "PASSED");
  EXPECT_EQ(failed["readResult"], "SKIPPED");
  // The next one that can be used is the one that counts.
  Run("ALTER EXTERNAL VOLUME w ADD STORAGE_LOCATION = " + Location("b", "s3://bucket/"));
  EXPECT_EQ(Check("w")["success"], true);
  EXPECT_EQ(Check("w")["storageLocationName"], "b");
}

TEST_F(ExternalVolumeTest, LocationsComeAndGo) {
  Run("ALTER EXTERNAL VOLUME v ADD STORAGE_LOCATION = " + Location("m", "s3://other/"));
  EXPECT_EQ(Run("DESCRIBE EXTERNAL VOLUME v").size(), 4);
  EXPECT_THAT(ErrorOf("ALTER EXTERNAL VOLUME v REMOVE STORAGE_LOCATION 'x'"),
              HasSubstr("Storage location 'x' does not exist"));
  const auto made = MakeOrders();
  Run(Named("orders", PathOf(made)));
  EXPECT_THAT(ErrorOf("ALTER EXTERNAL VOLUME v REMOVE STORAGE_LOCATION 'l'"),
              HasSubstr("it is used by TABLE D.PUBLIC.ORDERS"));
  Run("ALTER EXTERNAL VOLUME v REMOVE STORAGE_LOCATION 'm'");
  EXPECT_THAT(ErrorOf("DROP EXTERNAL VOLUME v"), HasSubstr("it is used by TABLE D.PUBLIC.ORDERS"));
  Run("DROP TABLE orders");
  Run("DROP EXTERNAL VOLUME v");
}

TEST(StorageAreaTest, HoldsWhatLiesBelow) {
  const StorageArea area{.base = "s3://b/lake/"};
  EXPECT_TRUE(area.Holds("s3://b/lake/x"));
  EXPECT_TRUE(area.Holds("s3a://b/lake/x/y"));
  for (const char* location : {"s3://b/lake2/x", "s3://b/lake/", "s3://b/lake/../x", "s3://b/lake",
                               "s3://b/lake/x/../../y", "s3://b/lake//x", "file:///b/lake/x",
                               "s3://b/lake/x/.", "S3://b/lake/x", "s3://b/other"}) {
    EXPECT_FALSE(area.Holds(location)) << location;
  }
  EXPECT_FALSE(area.Holds(std::string("s3://b/lake/x\0y", 15)));
  EXPECT_EQ(Must(area.Find("a/b")), "s3://b/lake/a/b");
  EXPECT_EQ(Must(area.FindPrefix("a/")), "s3://b/lake/a/");
  EXPECT_EQ(Must(area.FindPrefix("")), "s3://b/lake/");
  EXPECT_FALSE(area.FindPrefix("a/../"));
  EXPECT_FALSE(area.FindPrefix(".."));
  EXPECT_FALSE(area.FindPrefix("/a"));
}

}  // namespace
}  // namespace tarn::warehouse
