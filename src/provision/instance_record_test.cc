// SPDX-License-Identifier: Apache-2.0
#include "provision/instance_record.h"

#include <gtest/gtest.h>

namespace tarn::provision {
namespace {

TEST(InstanceRecord, SurvivesItsFile) {
  const InstanceRecord record{.name = "shop",
                              .phase = InstancePhase::kDropping,
                              .address = {"127.0.0.7", 5440},
                              .socket_directory = "/tmp/x",
                              .pg_config = "/usr/bin/pg_config",
                              .allowed_locations = {"s3://a/", "file:///\"b\"/"},
                              .with_extension = false,
                              .wanted_running = false,
                              .purge = true};
  const auto read = ParseInstanceRecord(ToJson(record));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->name, record.name);
  EXPECT_EQ(read->phase, record.phase);
  EXPECT_EQ(read->address, record.address);
  EXPECT_EQ(read->socket_directory, record.socket_directory);
  EXPECT_EQ(read->pg_config, record.pg_config);
  EXPECT_EQ(read->allowed_locations, record.allowed_locations);
  EXPECT_EQ(read->with_extension, record.with_extension);
  EXPECT_EQ(read->wanted_running, record.wanted_running);
  EXPECT_EQ(read->purge, record.purge);
}

TEST(InstanceRecord, RefusesDamage) {
  const std::string good = ToJson({.name = "shop"});
  for (const std::string& bad : {std::string(), std::string("{}"), good.substr(0, good.size() / 2),
                                 std::string("[1]"), std::string("{\"version\": 1}")}) {
    EXPECT_EQ(ParseInstanceRecord(bad).error().kind, ErrorKind::kCorruption) << bad;
  }
  EXPECT_EQ(ParseInstanceRecord("{\"version\": 2}").error().kind, ErrorKind::kUnsupported);
}

TEST(CheckInstanceName, AcceptsPathComponentsOnly) {
  for (const char* good : {"a", "retail_txns", "_x", "A-1", "shop2"}) {
    EXPECT_TRUE(CheckInstanceName(good).has_value()) << good;
  }
  for (const char* bad : {"", ".", "..", "a/b", ".a", "-a", "1a", "a b", "a\n", "ä", "a.b"}) {
    EXPECT_FALSE(CheckInstanceName(bad).has_value()) << bad;
  }
  EXPECT_TRUE(CheckInstanceName(std::string(63, 'a')).has_value());
  EXPECT_FALSE(CheckInstanceName(std::string(64, 'a')).has_value());
}

}  // namespace
}  // namespace tarn::provision
