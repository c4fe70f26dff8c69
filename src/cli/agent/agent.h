// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/agent/agent_files.h"
#include "cli/agent/warehouse_client.h"
#include "provision/signing_key.h"
#include "warehouse/connector/source_settings.h"

namespace tarn::cli {

/// Tells a warehouse how the sources of one directory are reached, as long as it is asked to.
/// Used by one thread, but for is_up.
class Agent {
 public:
  /// NotFound as FindAgentFiles. Makes the agent's keys where they are missing; Conflict where
  /// another process has the directory.
  static Result<Agent> Open(const std::string& directory);
  Agent(Agent&& other) noexcept;
  Agent& operator=(Agent&&) = delete;
  ~Agent();

  /// Reads the files and tells. Logs what has changed since the last time: never the same line
  /// again and again.
  void Beat();
  /// The warehouse forgets what it was told.
  void End();

  const std::string& id() const { return id_; }
  /// Whether the warehouse took the last Beat.
  bool is_up() const { return is_up_; }

 private:
  Agent(AgentFiles files, std::string id, int lock);
  Result<> Tell();
  /// Makes the agent's key the registered one, by the temporary one, which is used up.
  Result<> RegisterKey(const WarehouseAccess& access, const provision::PrivateKey& key);
  Result<> SendAsAgent(const WarehouseAccess& access, const provision::PrivateKey& key,
                       const char* method);
  Result<WarehouseAccess> ReadAccess();

  const AgentFiles files_;
  const std::string id_;
  int lock_ = -1;
  warehouse::SourceSettingsFile data_sources_;
  warehouse::AllSourceSettings told_;
  std::optional<std::string> last_failure_;  ///< "": it worked
  std::string warned_of_;                    ///< the URL that has no TLS
  std::string kept_key_;                     ///< a used temporary key that could not be removed
  std::atomic<bool> is_up_ = false;
};

}  // namespace tarn::cli
