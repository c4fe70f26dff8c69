// SPDX-License-Identifier: Apache-2.0
#include "cli/agent/agent_files.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/agent/agent_key.h"
#include "provision/durable_file.h"
#include "storage/testing/scratch_directory.h"

namespace tarn::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

/// As Snowflake's page generates it.
constexpr const char* kFile = R"({
  "userName": "SOME_USER", "applicationName": "SOME_APP",
  "allowlist": [
    {"host": "elsewhere", "port": 1, "type": "OCSP_RESPONDER"},
    {"host": "lake.example", "port": 7480, "type": "SNOWFLAKE_DEPLOYMENT"}],
  "allowlistPrivatelink": [],
  "temporaryPrivateKey": "hunter2"})";

class AgentFilesTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    const fs::path file = root() / name;
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  fs::path root() const { return directory_.path(); }

  storage::ScratchDirectory directory_;
};

TEST_F(AgentFilesTest, TheDocumentsFolder) {
  Write("configuration/snowflake.json", kFile);
  fs::create_directories(root() / "agent-keys");
  const auto files = FindAgentFiles(root());
  ASSERT_TRUE(files);
  EXPECT_EQ(files->data_sources, root() / "configuration/datasources.json");
  EXPECT_EQ(files->variables, root() / "configuration/postgresql.conf");
  EXPECT_EQ(files->private_key, root() / "agent-keys/database-connector-agent-app-private-key.p8");
  EXPECT_EQ(files->public_key, root() / "agent-keys/database-connector-agent-app-public-key.pub");
}

TEST_F(AgentFilesTest, AllInOneFolder) {
  Write("snowflake.json", kFile);
  const auto files = FindAgentFiles(root());
  ASSERT_TRUE(files);
  EXPECT_EQ(files->data_sources, root() / "datasources.json");
  EXPECT_EQ(files->private_key, root() / "database-connector-agent-app-private-key.p8");
}

TEST_F(AgentFilesTest, WithoutSnowflakeJsonTheHintSaysHowToMakeOne) {
  const auto files = FindAgentFiles(root());
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(files.error().hint, HasSubstr("tarn agent generate-file"));
}

TEST_F(AgentFilesTest, TheTemporaryKeyGoesAndTheRestStays) {
  Write("snowflake.json", kFile);
  ASSERT_TRUE(RemoveTemporaryKey(root() / "snowflake.json"));
  const auto text = *provision::ReadFile(root() / "snowflake.json");
  EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  auto expected = nlohmann::json::parse(kFile);
  expected.erase("temporaryPrivateKey");
  EXPECT_EQ(nlohmann::json::parse(text), expected);
  struct stat status{};
  ASSERT_EQ(stat((root() / "snowflake.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(AgentFilesTest, KeysAreMadeOnceAndReadBack) {
  Write("snowflake.json", kFile);
  const auto files = *FindAgentFiles(root());
  ASSERT_TRUE(EnsureAgentKey(files));
  const auto first = *provision::ReadFile(files.private_key);
  struct stat status{};
  ASSERT_EQ(stat(files.private_key.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_TRUE(EnsureAgentKey(files));
  EXPECT_EQ(*provision::ReadFile(files.private_key), first);
  EXPECT_EQ(ReadAgentKey(files)->public_key().pem(), *provision::ReadFile(files.public_key));
}

TEST(WarehouseAccess, IsReadFromTheAllowlist) {
  const auto access = ParseWarehouseAccess(kFile, "");
  ASSERT_TRUE(access) << access.error().message;
  EXPECT_EQ(access->Subject(), "TARN.SOME_USER");
  EXPECT_EQ(access->url.Shown(), "http://lake.example:7480");
  EXPECT_EQ(access->temporary_key, "hunter2");
}

TEST(WarehouseAccess, AnEnforcedUrlBeatsIt) {
  EXPECT_EQ(ParseWarehouseAccess(kFile, "proxy.example")->url.Shown(), "https://proxy.example:443");
  EXPECT_FALSE(ParseWarehouseAccess(kFile, "ftp://proxy.example"));
}

TEST(WarehouseAccess, IsWrittenAndReadBack) {
  for (const char* key : {"", "-----BEGIN PRIVATE KEY-----\n…\n"}) {
    const WarehouseAccess access{.account = "TARN",
                                 .user = "U",
                                 .application = "A",
                                 .url = {.tls = false, .host = "h", .port = 7480, .path = {}},
                                 .temporary_key = key};
    const auto read = ParseWarehouseAccess(WriteWarehouseAccess(access), "");
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, access);
  }
}

TEST(WarehouseAccess, FaultsNameTheMemberAndNoValue) {
  const std::string rest = R"("applicationName": "A", "temporaryPrivateKey": "hunter2")";
  for (const std::string& text :
       {std::string("hunter2"), std::string("[]"), "{" + rest + "}",
        R"({"userName": ["hunter2"], "allowlist": [{"host": "h", "port": 1}], )" + rest + "}",
        R"({"userName": "U", "allowlist": [], )" + rest + "}",
        R"({"userName": "U", "allowlist": ["hunter2"], )" + rest + "}",
        R"({"userName": "U", "allowlist": [{"host": "h"}], )" + rest + "}",
        R"({"userName": "U", "allowlist": [{"host": "h", "port": 65536}], )" + rest + "}",
        R"({"userName": "U", "allowlist": [{"host": "h", "port": -1}], )" + rest + "}",
        R"({"userName": "U", "allowlist": [{"host": "h", "port": 1, "protocol": "hunter2"}], )" +
            rest + "}"}) {
    const auto access = ParseWarehouseAccess(text, "");
    ASSERT_FALSE(access) << text;
    EXPECT_EQ(access.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_THAT(access.error().message, Not(HasSubstr("hunter2")));
  }
}

TEST(WarehouseUrl, Forms) {
  for (const auto& [text, shown] : std::initializer_list<std::pair<const char*, const char*>>{
           {"https://h", "https://h:443"},
           {"http://h", "http://h:80"},
           {"http://127.0.0.1:7480/", "http://127.0.0.1:7480"},
           {"https://h:1/tarn/x//", "https://h:1/tarn/x"},
           {"http://[::1]:7480", "http://::1:7480"}}) {
    const auto url = ParseWarehouseUrl(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->Shown(), shown);
  }
  for (const char* text :
       {"", "https://", "http://:80", "http://h:", "http://h:0", "http://h:70000", "http://h:8x",
        "gopher://h", "http://user:hunter2@h", "http://h/a b", "http://h/\r\nX: y"}) {
    EXPECT_FALSE(ParseWarehouseUrl(text)) << text;
  }
}

}  // namespace
}  // namespace tarn::cli
