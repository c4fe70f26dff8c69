// SPDX-License-Identifier: Apache-2.0
#include "cli/capture/source_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace tarn::cli {
namespace {

class SourceFileTest : public testing::Test {
 protected:
  SourceFileTest() {
    std::string name = testing::TempDir() + "sources-XXXXXX";
    directory_ = mkdtemp(name.data());
    path_ = directory_ / "datasources.json";
  }
  ~SourceFileTest() override { std::filesystem::remove_all(directory_); }

  SourceFile File() const { return {path_, {"me", geteuid(), getegid()}}; }
  nlohmann::json Content() const { return nlohmann::json::parse(std::ifstream(path_)); }

  std::filesystem::path directory_, path_;
};

TEST_F(SourceFileTest, WhatPeopleWroteStays) {
  std::ofstream(path_) << R"({"Hand": {"url": "jdbc:postgresql://h/d", "slotLimit": "1GB"}})";
  SourceFile file = File();
  const SourceEntry entry{"postgresql://h:1/d", "me", "s3cret", "tarn_shop", "5s"};
  ASSERT_TRUE(file.Put("SHOP", entry));
  EXPECT_EQ(**file.Find("shop"), entry);
  EXPECT_EQ(Content()["Hand"]["slotLimit"], "1GB");
  ASSERT_TRUE(file.Put("HAND", {"postgresql://h:2/d", "me", "", "p", {}}));
  EXPECT_EQ(Content()["Hand"]["slotLimit"], "1GB");
  EXPECT_EQ(Content()["Hand"]["url"], "postgresql://h:2/d");
  EXPECT_FALSE(Content().contains("HAND"));
  ASSERT_TRUE(file.Remove("SHOP"));
  EXPECT_FALSE(file.Find("SHOP")->has_value());
  EXPECT_TRUE(Content().contains("Hand"));
}

TEST_F(SourceFileTest, NobodyElseReadsIt) {
  SourceFile file = File();
  EXPECT_FALSE(file.Find("SHOP")->has_value());
  ASSERT_TRUE(file.Put("SHOP", {"postgresql://h/d", "me", "s3cret", "p", {}}));
  struct stat status{};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(SourceFileTest, ADamagedFileIsLeftAloneAndNotQuoted) {
  std::ofstream(path_) << R"({"SHOP": {"password": "s3cret")";
  const auto found = File().Find("SHOP");
  ASSERT_FALSE(found);
  EXPECT_EQ((found.error().message + found.error().detail).find("s3cret"), std::string::npos);
  EXPECT_FALSE(File().Put("OTHER", {}));
}

}  // namespace
}  // namespace tarn::cli
