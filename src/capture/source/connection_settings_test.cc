// SPDX-License-Identifier: Apache-2.0
#include "capture/source/connection_settings.h"

#include <gtest/gtest.h>

namespace tarn::capture {
namespace {

using Keywords = std::map<std::string, std::string>;

Keywords Jdbc(std::string_view url) {
  const auto settings = ParseJdbcUrl(url);
  EXPECT_TRUE(settings.has_value()) << url;
  return settings ? settings->keywords : Keywords();
}

TEST(ConnectionSettingsTest, JdbcServersAndDatabases) {
  const Keywords plain = {{"host", "db.example"}, {"port", "5433"}, {"dbname", "shop"}};
  EXPECT_EQ(Jdbc("jdbc:postgresql://db.example:5433/shop"), plain);
  const Keywords defaults = {{"host", "localhost"}, {"port", "5432"}};
  for (const char* url : {"jdbc:postgresql:", "jdbc:postgresql:/", "jdbc:postgresql://",
                          "jdbc:postgresql:///", "jdbc:postgresql://?", "jdbc:postgresql://:/"}) {
    EXPECT_EQ(Jdbc(url), defaults) << url;
  }
  EXPECT_EQ(Jdbc("jdbc:postgresql:shop").at("dbname"), "shop");
  EXPECT_EQ(Jdbc("jdbc:postgresql:/shop").at("dbname"), "shop");
  EXPECT_EQ(Jdbc("jdbc:postgresql://h/a%2Fb+c%25").at("dbname"), "a/b c%");
  const Keywords several = {{"host", "a,::1,localhost"}, {"port", "5432,5433,5432"}};
  EXPECT_EQ(Jdbc("jdbc:postgresql://a,[::1]:5433,/"), several);
}

TEST(ConnectionSettingsTest, JdbcParameters) {
  const auto settings = ParseJdbcUrl(
      "jdbc:postgresql://h/d?user=u%40x&password=s%26cret&ApplicationName=me&connectTimeout=5"
      "&targetServerType=preferSecondary&sslrootcert=/r.pem&sslcert=/c.pem&sslkey=/k.pem");
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->password, "s&cret");
  const Keywords expected = {{"host", "h"},
                             {"port", "5432"},
                             {"dbname", "d"},
                             {"user", "u@x"},
                             {"application_name", "me"},
                             {"connect_timeout", "5"},
                             {"target_session_attrs", "prefer-standby"},
                             {"sslrootcert", "/r.pem"},
                             {"sslcert", "/c.pem"},
                             {"sslkey", "/k.pem"}};
  EXPECT_EQ(settings->keywords, expected);
  EXPECT_EQ(Describe(*settings), "h:5432/d as u@x");
}

TEST(ConnectionSettingsTest, JdbcTls) {
  EXPECT_EQ(Jdbc("jdbc:postgresql://h/d?ssl").at("sslmode"), "verify-full");
  EXPECT_EQ(Jdbc("jdbc:postgresql://h/d?ssl=true").at("sslmode"), "verify-full");
  EXPECT_EQ(Jdbc("jdbc:postgresql://h/d?sslmode=require&ssl=true").at("sslmode"), "require");
  EXPECT_FALSE(Jdbc("jdbc:postgresql://h/d?ssl=false").contains("sslmode"));
}

TEST(ConnectionSettingsTest, NothingIsIgnoredAndNoPasswordIsTold) {
  for (const char* url :
       {"postgresql://h/d", "jdbc:mysql://h/d", "jdbc:postgresql://h:0/d?password=secret",
        "jdbc:postgresql://h:x/d?password=secret", "jdbc:postgresql://[::1/d?password=secret",
        "jdbc:postgresql://u:secret@h/d", "jdbc:postgresql://h/d?password=secret&ssl=maybe",
        "jdbc:postgresql://h/d?password=secret%", "jdbc:postgresql://h/d?password=secret%00",
        "jdbc:postgresql://h/d?password=secret&sslmode=best", "jdbc:postgresql://[::1]x/d",
        "jdbc:postgresql://h/d?password=secret&targetServerType=preferPrimary",
        "jdbc:postgresql://h/d?password=secret&prepareThreshold=0",
        "jdbc:postgresql://h/d?password=secret&connectTimeout=-1"}) {
    const auto settings = ParseJdbcUrl(url);
    ASSERT_FALSE(settings.has_value()) << url;
    EXPECT_EQ(settings.error().kind, ErrorKind::kInvalidArgument);
    const Error& error = settings.error();
    EXPECT_EQ((error.message + error.detail + error.hint).find("secret"), std::string::npos);
  }
}

TEST(ConnectionSettingsTest, PostgresUrls) {
  const auto settings =
      ParsePostgresUrl("postgres://me:s%40cret@a:1,b:2/shop?sslmode=verify-ca&connect_timeout=3");
  ASSERT_TRUE(settings.has_value());
  EXPECT_EQ(settings->password, "s@cret");
  EXPECT_EQ(Describe(*settings), "a:1,b:2/shop as me");
  EXPECT_EQ(settings->keywords.at("sslmode"), "verify-ca");
  for (const char* url :
       {"host=h password=secret", "postgresql://u:secret@h:/d?x=y", "postgresql://u:se%zzcret@h/d",
        "postgresql://h/d?replication=true", "postgresql://h/d?client_encoding=LATIN1"}) {
    const auto refused = ParsePostgresUrl(url);
    ASSERT_FALSE(refused.has_value()) << url;
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_EQ((refused.error().message + refused.error().detail).find("cret"), std::string::npos);
  }
}

TEST(ConnectionSettingsTest, UrlsSayWhatTheyWereMadeOf) {
  for (const char* url :
       {"postgresql://me@h:5432/shop", "postgresql://m%40e@a:1,b:2/my%20shop?sslmode=verify-ca",
        "postgresql://me@[::1]:5432/d?connect_timeout=3&target_session_attrs=primary",
        "postgresql://me@%2Fvar%2Frun/d"}) {
    const auto settings = ParsePostgresUrl(url);
    ASSERT_TRUE(settings.has_value()) << url;
    const auto again = ParsePostgresUrl(ToPostgresUrl(*settings));
    ASSERT_TRUE(again.has_value()) << ToPostgresUrl(*settings);
    EXPECT_EQ(again->keywords, settings->keywords);
  }
  const auto settings = ParsePostgresUrl("postgresql://me:s3cret@h/d");
  EXPECT_EQ(ToPostgresUrl(*settings).find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace tarn::capture
