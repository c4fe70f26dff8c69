// SPDX-License-Identifier: Apache-2.0
#include "provision/lake_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace tarn::provision {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNode = "0c5e6a54-54f5-4a0c-9d0d-3f1a0a4f6a11";

class LakeFiles : public testing::Test {
 protected:
  LakeFiles() {
    std::string pattern = fs::temp_directory_path() / "tarn-lake-XXXXXX";
    root_ = mkdtemp(pattern.data());
  }
  ~LakeFiles() override { fs::remove_all(root_); }

  void Write(const fs::path& path, const std::string& content) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
  }
  void MakeTable(const fs::path& path, const std::string& owner) {
    Write(path / "data/a.parquet", "x");
    Write(path / "metadata/00000.metadata.json", "{}");
    Write(path / kOwnerFile, owner);
  }

  fs::path root_;
};

TEST_F(LakeFiles, OnlyOwnedTablesGo) {
  MakeTable("b/s/t/1", "{\"node\": \"0C5E6A54-54f5-4a0c-9d0d-3f1a0a4f6a11\"}");
  MakeTable("b/s/u/2", "{\"node\": \"9b2f0d1e-0000-4000-8000-000000000001\"}");
  MakeTable("b/s/damaged/3", "{\"node\": ");
  MakeTable("b/s/nameless/4", "{\"node\": 5}");
  Write("b/readme.txt", "kept");
  EXPECT_EQ(*RemoveOwnedTables(root_, {kNode}), 1);
  EXPECT_FALSE(fs::exists(root_ / "b/s/t"));
  EXPECT_TRUE(fs::exists(root_ / "b/s/u/2/data/a.parquet"));
  EXPECT_TRUE(fs::exists(root_ / "b/s/damaged/3/data/a.parquet"));
  EXPECT_TRUE(fs::exists(root_ / "b/s/nameless/4/data/a.parquet"));
  EXPECT_TRUE(fs::exists(root_ / "b/readme.txt"));
}

TEST_F(LakeFiles, EmptyParentsGoButTheRootStays) {
  MakeTable("b/s/t/1", fmt::format("{{\"node\": \"{}\"}}", kNode));
  EXPECT_EQ(*RemoveOwnedTables(root_, {kNode}), 1);
  EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(LakeFiles, LinksAreNotFollowed) {
  MakeTable("outside/t", fmt::format("{{\"node\": \"{}\"}}", kNode));
  fs::create_directories(root_ / "inside");
  fs::create_directory_symlink(root_ / "outside", root_ / "inside/link");
  EXPECT_EQ(*RemoveOwnedTables(root_ / "inside", {kNode}), 0);
  EXPECT_TRUE(fs::exists(root_ / "outside/t/data/a.parquet"));
}

TEST_F(LakeFiles, NoNodesNoRemoval) {
  MakeTable("t", "{\"node\": \"\"}");
  EXPECT_EQ(*RemoveOwnedTables(root_, {}), 0);
  EXPECT_TRUE(fs::exists(root_ / "t"));
}

TEST_F(LakeFiles, NodeIdsComeFromTheJournal) {
  EXPECT_TRUE(NodeIds(root_)->empty());
  Write("tarn/journal/node", fmt::format("{{\"node\": \"{}\", \"inode\": 12}}\n", kNode));
  EXPECT_EQ(*NodeIds(root_), std::vector<std::string>{kNode});
}

}  // namespace
}  // namespace tarn::provision
