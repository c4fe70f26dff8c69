// SPDX-License-Identifier: Apache-2.0
#include "table/ownership.h"

#include <gtest/gtest.h>

#include "storage/testing/scratch_directory.h"

namespace tarn::table {
namespace {

class OwnershipTest : public testing::Test {
 protected:
  OwnershipTest()
      : storage_(storage::OpenLocalStorage({.buckets_directory = scratch_.path()}).value()) {}

  storage::ScratchDirectory scratch_;
  std::unique_ptr<storage::Storage> storage_;
  const std::string location_ = "s3://b/t";
  const Owner owner_{.table_uuid = Uuid::Random(),
                     .node = Uuid::Random(),
                     .holder = "database 5",
                     .writer = Uuid::Random(),
                     .about = "server 7"};
};

TEST_F(OwnershipTest, WhoeverClaimedItMayWrite) {
  const auto claimed =
      ClaimLocation(*storage_, location_, owner_, [](const std::string&) { return Result<>(); });
  ASSERT_TRUE(claimed);
  EXPECT_EQ(*claimed, location_);
  EXPECT_TRUE(CheckOwner(*storage_, location_, owner_));
  Owner other = owner_;
  other.holder = "database 6";
  const auto refused = CheckOwner(*storage_, location_, other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kPermissionDenied);
  EXPECT_NE(refused.error().detail.find("database 5 of server 7"), std::string::npos);
}

/// As the first version of the program wrote it.
TEST_F(OwnershipTest, TheFirstFormOfTheOwnerFileIsRead) {
  ASSERT_TRUE(storage_->Put(OwnerFileLocation(location_), R"({
    "format": 1,
    "table-uuid": "11111111-2222-3333-4444-555555555555",
    "node": "21111111-2222-3333-4444-555555555555",
    "system-identifier": "7300000000000000001",
    "database-oid": 16384,
    "timeline": 1,
    "transaction": "31111111-2222-3333-4444-555555555555"
  })",
                            storage::PutMode::kIfAbsent));
  const auto owner = ReadOwner(*storage_, location_);
  ASSERT_TRUE(owner) << owner.error().message;
  EXPECT_EQ(owner->holder, "database 16384");
  EXPECT_EQ(owner->about, "server 7300000000000000001");
  EXPECT_EQ(owner->node.ToString(), "21111111-2222-3333-4444-555555555555");
  EXPECT_EQ(owner->writer.ToString(), "31111111-2222-3333-4444-555555555555");
}

TEST_F(OwnershipTest, AnOwnerFileThatNamesNobodyIsDamaged) {
  ASSERT_TRUE(storage_->Put(OwnerFileLocation(location_), R"({
    "format": 2,
    "table-uuid": "11111111-2222-3333-4444-555555555555",
    "node": "21111111-2222-3333-4444-555555555555",
    "writer": "31111111-2222-3333-4444-555555555555"
  })",
                            storage::PutMode::kIfAbsent));
  const auto owner = ReadOwner(*storage_, location_);
  ASSERT_FALSE(owner);
  EXPECT_EQ(owner.error().kind, ErrorKind::kCorruption);
}

}  // namespace
}  // namespace tarn::table
