// SPDX-License-Identifier: Apache-2.0
#include "warehouse/instances/network_access.h"

#include <gmock/gmock.h>

#include "warehouse/objects/network.h"
#include "warehouse/testing/metastore_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

class NetworkAccessTest : public MetastoreTest {
 protected:
  /// As it was stored, whatever the statement would have said to it.
  std::vector<std::string> PlacesBy(const StorageIntegration& integration) {
    const std::string name = fmt::format("i{}", ++made_);
    const ObjectId id = Create(admin_, name, integration);
    return Must(
        TableLocationsOf(*Must(metastore_->Read()), PostgresInstance{.storage_integration = id}));
  }
  std::vector<std::string> LocationsOf(std::vector<std::string> allowed) {
    return PlacesBy({.type = "POSTGRES_EXTERNAL_STORAGE", .allowed_locations = std::move(allowed)});
  }
  int made_ = 0;
};

TEST_F(NetworkAccessTest, TablesLieWhereTheIntegrationAllows) {
  EXPECT_THAT(LocationsOf({"s3://aaa", "s3gov://bbb/c/"}), ElementsAre("s3://aaa/", "s3://bbb/c/"));
  EXPECT_THAT(LocationsOf({"*"}), IsEmpty());  // wherever the server allows
  EXPECT_THAT(Must(TableLocationsOf(*Must(metastore_->Read()), PostgresInstance{})), IsEmpty());
}

// An empty list would leave the server open, and one that it refuses as it was before.
TEST_F(NetworkAccessTest, WhatAllowsNothingIsNeverEmpty) {
  const auto nothing = LocationsOf(std::vector<std::string>());
  ASSERT_THAT(nothing, Not(IsEmpty()));
  EXPECT_EQ(PlacesBy({.type = "POSTGRES_EXTERNAL_STORAGE",
                      .enabled = false,
                      .allowed_locations = {"s3://aaa/", "*"}}),
            nothing);
  for (const char* unsound :
       {"s3://", "s3://aaa//b", "s3://aaa/../b", "s3://aaa,s3://bbb", "file:///a", ""}) {
    EXPECT_EQ(LocationsOf({"s3://good/", unsound}), nothing) << unsound;
    EXPECT_EQ(LocationsOf({"*", unsound}), nothing) << unsound;
  }
  EXPECT_EQ(Must(TableLocationsOf(*Must(metastore_->Read()),
                                  PostgresInstance{.storage_integration = ObjectId(99'999)})),
            nothing);
}

TEST_F(NetworkAccessTest, ARangeThatIsNoneLetsNobodyIn) {
  MakeShop();
  const ObjectId good = Create(
      admin_, "good",
      NetworkRule{
          .type = "IPV4", .mode = "POSTGRES_INGRESS", .values = {"10.0.0.0/8", "192.0.2.1"}});
  const ObjectId bad =
      Create(admin_, "bad",
             NetworkRule{.type = "IPV4", .mode = "POSTGRES_INGRESS", .values = {"10.0.0.0/99"}});
  const auto access = [&](std::vector<ObjectId> allowed, std::vector<ObjectId> blocked) {
    const ObjectId policy = Create(
        admin_, fmt::format("p{}", ++made_),
        NetworkPolicy{.allowed_rules = std::move(allowed), .blocked_rules = std::move(blocked)});
    return Must(AccessOf(*Must(metastore_->Read()), PostgresInstance{.network_policy = policy}));
  };
  EXPECT_THAT(access({good}, {}).allowed, ElementsAre("10.0.0.0/8", "192.0.2.1/32"));
  EXPECT_THAT(access({good, bad}, {}).allowed, IsEmpty());
  EXPECT_THAT(access({good}, {bad}).allowed, IsEmpty());
}

}  // namespace
}  // namespace tarn::warehouse
