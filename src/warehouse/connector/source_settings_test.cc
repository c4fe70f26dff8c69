// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/source_settings.h"

#include <gmock/gmock.h>

#include <array>

namespace tarn::warehouse {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

/// As the document writes it.
constexpr const char* kDocument = R"({
  "PSQLDS1": {
    "url": "jdbc:postgresql://host.docker.internal:5432/postgres",
    "username": "postgres",
    "password": "postgres",
    "publication": "agent_postgres_publication",
    "ssl": false
  }
})";

TEST(ConnectorSettings, TheDocumentsFile) {
  const auto all = ParseSourceSettings(kDocument);
  ASSERT_TRUE(all) << all.error().message;
  ASSERT_THAT(*all, SizeIs(1));
  const SourceSettings& source = all->at("PSQLDS1");
  EXPECT_EQ(source.url, "jdbc:postgresql://host.docker.internal:5432/postgres");
  EXPECT_EQ(source.username, "postgres");
  EXPECT_EQ(source.publication, "agent_postgres_publication");
  EXPECT_FALSE(source.ssl);
}

TEST(ConnectorSettings, TheLimitOfASlotHasAUnit) {
  EXPECT_EQ(ParseSourceSettings(kDocument)->at("PSQLDS1").slot_limit_mb, 10 * 1024);
  const auto limit_of = [](const std::string& text) {
    return ParseSourceSettings(R"({"A": {"slotLimit": ")" + text + R"("}})");
  };
  EXPECT_EQ(limit_of("512MB")->at("A").slot_limit_mb, 512);
  EXPECT_EQ(limit_of("2TB")->at("A").slot_limit_mb, 2 * 1024 * 1024);
  EXPECT_FALSE(limit_of("1048577TB"));
  EXPECT_FALSE(limit_of("9000000000TB"));
  EXPECT_EQ(limit_of("0")->at("A").slot_limit_mb, 0);
  for (const char* text : {"", "5", "-1GB", "1 GB", "1gb", "1GB ", "x", "99999999999999999999GB"}) {
    EXPECT_FALSE(limit_of(text)) << text;
  }
}

TEST(ConnectorSettings, TheIntervalOfCommitsHasAUnit) {
  EXPECT_EQ(ParseSourceSettings(kDocument)->at("PSQLDS1").flush_interval_ms, 1000);
  const auto interval_of = [](const std::string& text) {
    return ParseSourceSettings(R"({"A": {"flushInterval": ")" + text + R"("}})");
  };
  EXPECT_EQ(interval_of("100ms")->at("A").flush_interval_ms, 100);
  EXPECT_EQ(interval_of("5s")->at("A").flush_interval_ms, 5000);
  EXPECT_EQ(interval_of("60min")->at("A").flush_interval_ms, 3'600'000);
  for (const char* text :
       {"", "5", "99ms", "0s", "61min", "-1s", "5 s", "1h", "1S", "s", "9999999999999999999s"}) {
    EXPECT_FALSE(interval_of(text)) << text;
  }
}

TEST(ConnectorSettings, UrlsMayBeLibpqs) {
  SourceSettings settings{.url = "postgresql://h:5433/shop?sslmode=require",
                          .username = "me",
                          .password = "s3cret",
                          .publication = "p"};
  const auto connection = ConnectionOf(settings);
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(Describe(*connection), "h:5433/shop as me");
  EXPECT_EQ(connection->keywords.at("sslmode"), "require");
  EXPECT_EQ(connection->password, "s3cret");
}

TEST(ConnectorSettings, NamesAreUpperCased) {
  EXPECT_TRUE(ParseSourceSettings(R"({"ds1": {}})")->contains("DS1"));
  EXPECT_FALSE(ParseSourceSettings(R"({"ds1": {}, "DS1": {}})"));
  EXPECT_FALSE(ParseSourceSettings(R"({"d_s": {}})"));
}

TEST(ConnectorSettings, FaultsNameTheKeyAndNoValue) {
  for (const char* text :
       {R"({"A": {"password": ["hunter2"]}})", R"({"A": {"pasword": "hunter2"}})",
        R"({"A": "hunter2"})", R"(["hunter2"])", R"({"A": {"password": "hunter2)",
        R"({"A": {"ssl": "hunter2"}})"}) {
    const auto parsed = ParseSourceSettings(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_THAT(parsed.error().message + parsed.error().detail, Not(HasSubstr("hunter2"))) << text;
  }
}

TEST(ConnectorSettings, TheEnvironmentBeatsTheFile) {
  auto all = *ParseSourceSettings(kDocument);
  const std::array<const char*, 5> environment = {
      "PATH=/bin", "SNOWFLAKE_DATASOURCES_PSQLDS1_PASSWORD=other=one",
      "SNOWFLAKE_DATASOURCES_NEW_URL=jdbc:postgresql://h/d", "SNOWFLAKE_DATASOURCES_NEW_SSL=true",
      nullptr};
  ASSERT_TRUE(ApplyEnvironment(environment.data(), all));
  EXPECT_EQ(all.at("PSQLDS1").password, "other=one");
  EXPECT_EQ(all.at("PSQLDS1").username, "postgres");
  EXPECT_EQ(all.at("NEW").url, "jdbc:postgresql://h/d");
  EXPECT_TRUE(all.at("NEW").ssl);
  const std::array<const char*, 2> wrong = {"SNOWFLAKE_DATASOURCES_A_PASWORD=hunter2", nullptr};
  const auto refused = ApplyEnvironment(wrong.data(), all);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, AllOf(HasSubstr("A_PASWORD"), Not(HasSubstr("hunter2"))));
}

TEST(ConnectorSettings, ConnectionsHaveUserPasswordAndTls) {
  SourceSettings settings = ParseSourceSettings(kDocument)->at("PSQLDS1");
  settings.ssl = true;
  const auto connection = ConnectionOf(settings);
  ASSERT_TRUE(connection) << connection.error().message;
  EXPECT_EQ(connection->keywords.at("host"), "host.docker.internal");
  EXPECT_EQ(connection->keywords.at("user"), "postgres");
  EXPECT_EQ(connection->keywords.at("sslmode"), "verify-full");
  EXPECT_FALSE(connection->keywords.contains("password"));
  EXPECT_EQ(connection->password, "postgres");
  settings.publication.clear();
  EXPECT_THAT(ConnectionOf(settings).error().message, HasSubstr("publication"));
}

}  // namespace
}  // namespace tarn::warehouse
