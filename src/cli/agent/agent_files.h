// SPDX-License-Identifier: Apache-2.0
// The files of an agent (Snowflake, "Setting up the Snowflake Connector for PostgreSQL Agent
// container"): where they are, and what snowflake.json says.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::cli {

struct AgentFiles {
  std::filesystem::path snowflake, data_sources, variables, private_key, public_key;
};

/// Configuration in configuration/ and keys in agent-keys/, where there is such a folder; else all
/// of it in the directory itself. NotFound without a snowflake.json.
Result<AgentFiles> FindAgentFiles(const std::filesystem::path& directory);

/// Where a warehouse answers. A plain value.
struct WarehouseUrl {
  bool tls = true;
  std::string host;
  int port = 0;
  std::string path;  ///< before all paths, without a slash at its end
  bool operator==(const WarehouseUrl&) const = default;
  std::string Shown() const;
};
/// "https" where there is no scheme.
Result<WarehouseUrl> ParseWarehouseUrl(std::string_view text);

/// snowflake.json. A plain value.
struct WarehouseAccess {
  std::string account, user, application;
  WarehouseUrl url;
  std::string temporary_key;  ///< PEM, secret; "": used up
  bool operator==(const WarehouseAccess&) const = default;

  std::string Subject() const { return account + "." + user; }
};

/// `enforced_url` beats the allowlist; "": none. InvalidArgument names the member, never a value.
Result<WarehouseAccess> ParseWarehouseAccess(std::string_view json,
                                             const std::string& enforced_url);
std::string WriteWarehouseAccess(const WarehouseAccess& access);

/// Takes temporaryPrivateKey out of the file and leaves the rest as it is.
Result<> RemoveTemporaryKey(const std::filesystem::path& snowflake);

}  // namespace tarn::cli
