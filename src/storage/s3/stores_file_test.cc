// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/stores_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "storage/testing/scratch_directory.h"

namespace tarn::storage {
namespace {

namespace fs = std::filesystem;

class StoresFileTest : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
  }

  Result<ObjectStores> Read(const std::string& text, fs::perms mode = fs::perms::owner_all) {
    std::ofstream(Path()) << text;
    fs::permissions(Path(), mode);
    return ReadStoresFile(Path());
  }
  std::string Path() const { return scratch_.path() + "/tarn.toml"; }

  ScratchDirectory scratch_;
};

TEST_F(StoresFileTest, LiesBesideTheBuckets) {
  EXPECT_EQ(StoresFileOf("/srv/tarn/buckets"), "/srv/tarn/tarn.toml");
  EXPECT_EQ(StoresFileOf("/srv/tarn/buckets/"), "/srv/tarn/tarn.toml");
  EXPECT_EQ(StoresFileOf(""), "");
  EXPECT_TRUE(ReadStoresFile(Path())->empty()) << "there is none";
  EXPECT_TRUE(ReadStoresFile("")->empty());
}

TEST_F(StoresFileTest, ReadsBuckets) {
  const auto stores = Read(R"(
# Two stores.
[bucket.lake]
region = "eu-central-1"
credentials_file = "aws/credentials"
profile = "lake"

[bucket."my.lake"]
endpoint = "https://minio.example:9000/"
access_key_id = "AK"
secret_access_key = "SK"
session_token = "ST"
ca_file = "/etc/ssl/own.pem"
path_style = false
)");
  ASSERT_TRUE(stores) << stores.error().message;
  ASSERT_EQ(stores->size(), 2);
  const ObjectStore& lake = stores->at("lake");
  EXPECT_EQ(lake.endpoint, "https://s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(lake.region, "eu-central-1");
  EXPECT_FALSE(lake.path_style);
  EXPECT_EQ(lake.credentials_file, scratch_.path() + "/aws/credentials");
  EXPECT_EQ(lake.profile, "lake");
  const ObjectStore& other = stores->at("my.lake");
  EXPECT_EQ(other.endpoint, "https://minio.example:9000");
  EXPECT_EQ(other.region, "us-east-1");
  EXPECT_EQ(other.credentials, (s3::Credentials{"AK", "SK", "ST"}));
  EXPECT_EQ(other.ca_file, "/etc/ssl/own.pem");
  EXPECT_FALSE(other.path_style);
}

TEST_F(StoresFileTest, CredentialsOfTheEnvironment) {
  const std::string text = "[bucket.lake]\nendpoint = 'http://h:1'\n";
  const auto without = Read(text);
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().message.find("no credentials"), std::string::npos);
  setenv("AWS_ACCESS_KEY_ID", "AK", 1);
  setenv("AWS_SECRET_ACCESS_KEY", "SK", 1);
  const auto stores = Read(text);
  ASSERT_TRUE(stores);
  EXPECT_EQ(stores->at("lake").credentials, (s3::Credentials{"AK", "SK", ""}));
  EXPECT_TRUE(stores->at("lake").path_style);
}

TEST_F(StoresFileTest, SecretsAreTheOwnersAlone) {
  const std::string text =
      "[bucket.lake]\nendpoint = 'http://h:1'\naccess_key_id = 'AK'\nsecret_access_key = 'SK'\n";
  EXPECT_TRUE(Read(text));
  const auto open = Read(text, fs::perms::owner_all | fs::perms::group_read);
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().kind, ErrorKind::kPermissionDenied);
  EXPECT_NE(open.error().hint.find("chmod 600"), std::string::npos);
}

TEST_F(StoresFileTest, WhatItDoesNotKnowIsRefusedByName) {
  const std::pair<const char*, const char*> cases[] = {
      {"[bucket.lake]\nendpoint = 'http://h'\nendpiont = 'x'\n", "bucket.lake.endpiont"},
      {"[buckets.lake]\n", "buckets"},
      {"bucket = 1\n", "bucket"},
      {"[bucket]\nlake = 1\n", "bucket.lake"},
      {"[bucket.lake]\nendpoint = 'ftp://h'\n", "bucket.lake.endpoint"},
      {"[bucket.lake]\nendpoint = 'http://h/path'\n", "bucket.lake.endpoint"},
      {"[bucket.lake]\nendpoint = 'http://user:word@h'\n", "bucket.lake.endpoint"},
      {"[bucket.lake]\nregion = 1\n", "bucket.lake.region"},
      {"[bucket.lake]\npath_style = 'yes'\n", "bucket.lake.path_style"},
      {"[bucket.lake]\nprofile = 'p'\n", "bucket.lake.profile"},
      {"[bucket.lake]\naccess_key_id = 'AK'\n", "bucket.lake.access_key_id"},
      {"[bucket.lake]\naccess_key_id = 'AK'\nsecret_access_key = 'S'\ncredentials_file = 'f'\n",
       "bucket.lake.credentials_file"},
      {"[bucket.lake\n", "line 1"},
  };
  for (const auto& [text, named] : cases) {
    const auto read = Read(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kInvalidArgument) << text;
    EXPECT_NE(read.error().message.find(named), std::string::npos) << read.error().message;
    EXPECT_NE(read.error().message.find(Path()), std::string::npos) << read.error().message;
  }
}

}  // namespace
}  // namespace tarn::storage
