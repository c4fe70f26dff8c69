// SPDX-License-Identifier: Apache-2.0
// How data sources are reached: datasources.json and the environment (Snowflake, "Setting up the
// Snowflake Connector for PostgreSQL Agent container"). Passwords stay in memory, and stand in no
// message.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "capture/source/connection_settings.h"

namespace tarn::warehouse {

/// One data source of the file. A plain value.
struct SourceSettings {
  std::string url, username, password, publication;
  bool ssl = false;
  /// Of the source's log that the slot may hold back before it is told; 0: it never is.
  /// "slotLimit", which the connector of Snowflake does not have.
  int64_t slot_limit_mb = 10'240;
  /// From a change to its commit, where the machine keeps up: "flushInterval", likewise.
  int64_t flush_interval_ms = 1000;
  bool operator==(const SourceSettings&) const = default;
};
/// By name, in upper case.
using AllSourceSettings = std::map<std::string, SourceSettings>;

/// InvalidArgument names the data source and the key, never a value: for a text that is no JSON
/// object, names of other than letters and digits, two that differ in case alone, unknown keys, and
/// values of other types.
Result<AllSourceSettings> ParseSourceSettings(std::string_view json);

/// SNOWFLAKE_DATASOURCES_<NAME>_URL, _USERNAME, _PASSWORD, _PUBLICATION, _SSL, _SLOTLIMIT and
/// _FLUSHINTERVAL beat what is there; one alone makes a data source. `environment` as of the
/// process, ended by null.
Result<> ApplyEnvironment(const char* const* environment, AllSourceSettings& settings);

/// InvalidArgument for a URL that is none, and without URL, user or publication.
Result<capture::ConnectionSettings> ConnectionOf(const SourceSettings& settings);

/// The file, read again when it was changed. Used by one thread.
class SourceSettingsFile {
 public:
  explicit SourceSettingsFile(std::string path) : path_(std::move(path)) {}

  /// With the environment. A file that is not there has no data sources. Logs a warning, once for
  /// each state of the file, where others than its owner may read it.
  Result<AllSourceSettings> Read();

 private:
  struct Version {
    int64_t device = 0, inode = 0, size = 0, modified_ns = 0;
    bool operator==(const Version&) const = default;
  };
  Result<> ReadFile();

  const std::string path_;
  std::optional<Version> version_;
  Result<AllSourceSettings> known_;
};

}  // namespace tarn::warehouse
