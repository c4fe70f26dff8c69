// SPDX-License-Identifier: Apache-2.0
#include "provision/server_config.h"

#include <gmock/gmock.h>

namespace tarn::provision {
namespace {

using testing::HasSubstr;
using testing::Not;

ServerSettings Settings() {
  return {.name = "shop",
          .address = {"127.0.0.9", 5432},
          .socket_directory = "/d/it's, here",
          .log_directory = "/d/log",
          .tarn_executable = "/b/tarn",
          .buckets_directory = "/d/buckets",
          .allowed_locations = {"s3://a/", "file:///b/"}};
}

TEST(QuoteSetting, DoublesWhatEndsAQuote) {
  EXPECT_EQ(*QuoteSetting("it's"), "'it''s'");
  EXPECT_EQ(*QuoteSetting("a\\b"), "'a\\\\b'");
  EXPECT_EQ(*QuoteSetting(""), "''");
}

TEST(QuoteSetting, RefusesALineEnd) {
  EXPECT_EQ(QuoteSetting("a\nssl = off").error().kind, ErrorKind::kInvalidArgument);
}

TEST(ServerConfiguration, ListensOnItsAddressWithTls) {
  const std::string text = *ServerConfiguration(Settings());
  EXPECT_THAT(text, HasSubstr("\nlisten_addresses = '127.0.0.9'\n"));
  EXPECT_THAT(text, HasSubstr("\nssl = 'on'\n"));
  EXPECT_THAT(text, HasSubstr("\nunix_socket_directories = '\"/d/it''s, here\"'\n"));
  EXPECT_THAT(text, HasSubstr("\nshared_preload_libraries = 'tarn'\n"));
  EXPECT_THAT(text, HasSubstr("\ntarn.allowed_locations = 's3://a/,file:///b/'\n"));
}

TEST(ServerConfiguration, LeavesTheExtensionOutWhenTold) {
  ServerSettings settings = Settings();
  settings.with_extension = false;
  EXPECT_THAT(*ServerConfiguration(settings), HasSubstr("\nshared_preload_libraries = ''\n"));
}

TEST(ServerConfiguration, RefusesValuesThatWouldBeRead) {
  ServerSettings settings = Settings();
  settings.allowed_locations = {"s3://a/,file:///"};
  EXPECT_FALSE(ServerConfiguration(settings).has_value());
  settings.allowed_locations = {"s3://a/'\nssl = off"};
  EXPECT_FALSE(ServerConfiguration(settings).has_value());
}

TEST(HostBasedAccess, HasNoWayInWithoutTlsOrPassword) {
  const std::string text = HostBasedAccess(LocalAccess());
  EXPECT_THAT(text, Not(HasSubstr("trust")));
  EXPECT_THAT(text, Not(HasSubstr("hostnossl")));
  EXPECT_THAT(text, Not(HasSubstr("\nhost ")));
}

TEST(IdentityMap, QuotesSystemUsers) {
  EXPECT_THAT(IdentityMap({"root", "a \"b\""}),
              HasSubstr("owner \"root\" postgres\nowner \"a \"\"b\"\"\" postgres\n"));
}

}  // namespace
}  // namespace tarn::provision
