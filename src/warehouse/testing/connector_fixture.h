// SPDX-License-Identifier: Apache-2.0
// For tests: an account with the connector, whose captures are fake.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "warehouse/connector/connector.h"
#include "warehouse/testing/fake_capture.h"
#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {

class ConnectorTest : public ManagedTableTest {
 protected:
  ConnectorTest() { OpenWithConnector(); }
  ~ConnectorTest() override { Close(); }

  void Close() {
    session_.reset();
    account_.reset();
  }
  void OpenWithConnector(const Clock* clock = nullptr) {
    Close();
    const ConnectorOptions options{.settings_file = settings_file(), .start = board_.Start()};
    account_ = Must(Account::Open(
        {.directory = directory_.path(), .clock = clock, .threads = 2, .connector = &options}));
    session_ = Open({.user = "ADMIN"});
  }
  std::string settings_file() const { return directory_.path() + "/datasources.json"; }
  void WriteSettings(const std::string& password = "s3cr3t-of-the-source") {
    std::ofstream(settings_file()) << R"({"psqlds1": {
        "url": "jdbc:postgresql://localhost:5432/postgres", "username": "postgres",
        "password": ")" << password << R"(", "publication": "agent_postgres_publication",
        "ssl": false}})";
    std::filesystem::permissions(
        settings_file(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  /// What the query gives, once that is `lines`, or after some seconds.
  Lines WaitForLines(const std::string& query, const Lines& lines) {
    Lines got = Run(query);
    for (int i = 0; i < 400 && got != lines; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
      got = Run(query);
    }
    return got;
  }
  /// The document's first statements.
  void AddSource() {
    Run("CREATE OR REPLACE DATABASE CONNECTOR_DEST_DB");
    Run("GRANT CREATE SCHEMA ON DATABASE CONNECTOR_DEST_DB TO APPLICATION "
        "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL");
    Run("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_DATA_SOURCE('PSQLDS1', "
        "'CONNECTOR_DEST_DB')");
  }
  void AddTable(const std::string& table) {
    Run("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_TABLES('PSQLDS1', 'raw_cdc', "
        "ARRAY_CONSTRUCT('" +
        table + "'))");
  }
  /// A session of a user without any role but R, which was made for it.
  std::unique_ptr<Session> OpenAsOther() {
    Run("CREATE ROLE r");
    Run("CREATE USER u DEFAULT_ROLE = r");
    Run("GRANT ROLE r TO USER u");
    return Open({.user = "U", .role = "R"});
  }

  StartedCaptures board_;
};

}  // namespace tarn::warehouse
