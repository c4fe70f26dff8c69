// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/allowed_locations.h"

#include <gtest/gtest.h>

namespace tarn::warehouse {
namespace {

TEST(AllowedLocationsTest, CoverWholeComponents) {
  const std::vector<std::string> allowed = {"s3://bkt/lake", "s3a://other/"};
  for (const char* url :
       {"s3://bkt/lake", "s3://bkt/lake/", "s3n://bkt/lake/x/y.csv", "s3://other/x"}) {
    EXPECT_TRUE(IsLocationAllowed(url, allowed, {})) << url;
  }
  for (const char* url :
       {"s3://bkt/lake2", "s3://bkt/lak", "s3://bkt/", "s3://lake/", "s3://others/x"}) {
    EXPECT_FALSE(IsLocationAllowed(url, allowed, {})) << url;
  }
  EXPECT_FALSE(IsLocationAllowed("s3://bkt/lake/secret/x", allowed, {"s3gov://bkt/lake/secret"}));
  EXPECT_TRUE(IsLocationAllowed("s3://bkt/lake/secrets/x", allowed, {"s3://bkt/lake/secret"}));
  EXPECT_TRUE(IsLocationAllowed("s3://any/where", {"*"}, {}));
}

TEST(AllowedLocationsTest, NothingIsAllowedByNothing) {
  EXPECT_FALSE(IsLocationAllowed("s3://bkt/x", {}, {}));
}

TEST(AllowedLocationsTest, WhatMayLeadElsewhereAllowsNothingAndBlocksEverything) {
  for (const char* entry : {"s3://", "s3", "", "s3://bkt//", "s3://bkt/../", "s3://bkt/%2e%2e/",
                            "s3://bkt?x=y", "file:///", "gs://b/"}) {
    EXPECT_FALSE(IsLocationAllowed("s3://bkt/x", {entry}, {})) << entry;
    EXPECT_FALSE(IsLocationAllowed("s3://bkt/x", {"*"}, {entry})) << entry;
  }
}

}  // namespace
}  // namespace tarn::warehouse
