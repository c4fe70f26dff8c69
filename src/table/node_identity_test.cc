// SPDX-License-Identifier: Apache-2.0
#include "table/node_identity.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "storage/testing/scratch_directory.h"

namespace tarn::table {
namespace {

namespace fs = std::filesystem;

class NodeIdentityTest : public testing::Test {
 protected:
  NodeIdentityTest() {
    fs::create_directories(directory_);
    first_ = Load(here_).node;
  }

  NodeIdentity Load(const Surroundings& surroundings) const {
    auto identity = LoadNodeIdentity(directory_, surroundings);
    EXPECT_TRUE(identity) << identity.error().message;
    return identity ? *identity : NodeIdentity{};
  }

  void ExpectSame(const Surroundings& surroundings) const {
    const NodeIdentity identity = Load(surroundings);
    EXPECT_EQ(identity.node, first_);
    EXPECT_FALSE(identity.is_new);
  }

  void ExpectCopy(const Surroundings& surroundings) const {
    const NodeIdentity identity = Load(surroundings);
    EXPECT_NE(identity.node, first_);
    EXPECT_TRUE(identity.is_new);
    EXPECT_EQ(identity.previous, first_);
    EXPECT_EQ(Load(surroundings).node, identity.node) << "it stays who it is now";
  }

  storage::ScratchDirectory scratch_;
  const std::string directory_ = scratch_.path() + "/journal";
  // A clone of blocks keeps inode and birth time: only what is around the file tells.
  Surroundings here_{.machine = "m1", .file_system = "f1", .directory = directory_};
  Uuid first_;
};

TEST_F(NodeIdentityTest, ARestartKeepsIt) { ExpectSame(here_); }

TEST_F(NodeIdentityTest, ACloneOfTheVolumeOnAnotherMachineIsAnotherNode) {
  here_.machine = "m2";
  ExpectCopy(here_);
}

TEST_F(NodeIdentityTest, ASnapshotOfTheFileSystemIsAnotherNode) {
  here_.file_system = "f2";
  ExpectCopy(here_);
}

TEST_F(NodeIdentityTest, ACloneBesideItsOriginalIsAnotherNode) {
  // Made the other way round: what was written down for the original is put where it said it was.
  const std::string original = scratch_.path() + "/original";
  fs::create_directories(original);
  here_.directory = original;
  ExpectSame(here_);
  fs::copy(directory_ + "/node", original + "/node");
  here_.directory = directory_;
  ExpectCopy(here_);
}

TEST_F(NodeIdentityTest, AMovedDirectoryKeepsIt) {
  here_.directory = "/nowhere/any/more";
  ExpectSame(here_);
  here_.directory = directory_;
  ExpectSame(here_);
}

TEST_F(NodeIdentityTest, ADirectoryByAnotherNameOfItKeepsIt) {
  const std::string link = scratch_.path() + "/link";
  fs::create_symlink(directory_, link);
  here_.directory = link;
  ExpectSame(here_);
  here_.directory = directory_;
  ExpectSame(here_);
}

TEST_F(NodeIdentityTest, WhatIsNotKnownTellsNothingAndIsNotForgotten) {
  ExpectSame({});
  ExpectSame({.machine = "", .file_system = "f1", .directory = directory_});
  ExpectSame(here_);
  ExpectSame({});
  here_.machine = "m2";
  ExpectCopy(here_);
}

TEST_F(NodeIdentityTest, ThisMachineSaysWhereADirectoryIs) {
  const Surroundings found = ExamineSurroundings(directory_);
  EXPECT_EQ(found.directory, fs::canonical(directory_).string());
  std::ifstream id("/etc/machine-id");
  const std::string text(std::istreambuf_iterator<char>(id), {});
  EXPECT_TRUE(found.machine.empty() || text.size() >= 32);
  EXPECT_FALSE(text.contains(found.machine) && !found.machine.empty()) << "not to be spread";
  EXPECT_EQ(found, ExamineSurroundings(directory_));
}

}  // namespace
}  // namespace tarn::table
