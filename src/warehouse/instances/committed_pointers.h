// SPDX-License-Identifier: Apache-2.0
// What managed servers committed last to the tables that they write. A table's folder does not
// tell: metadata files appear before their transactions commit, and those of failed ones go again.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "provision/instances.h"
#include "provision/server_connections.h"

namespace tarn::warehouse {

/// Thread-safe. Remembers which server has which table; one that nobody had is looked for again
/// after a while.
class CommittedPointers {
 public:
  /// `connections` outlive it.
  CommittedPointers(provision::ServerConnections* connections, provision::Instances instances);

  /// The metadata file that is current, of the table at a location. Absent: no server that runs has
  /// the table. Unavailable: the server that had it does not run, and so commits nothing. Blocks
  /// while servers are asked.
  Result<std::optional<std::string>> Newest(const std::string& table_location);

 private:
  struct Home {
    std::string server, database;
  };
  /// Absent: not there.
  Result<std::optional<std::string>> Ask(const Home& home, const std::string& prefix);
  Result<std::optional<std::string>> Search(const std::string& prefix);

  provision::ServerConnections* const connections_;
  std::mutex mutex_;
  const provision::Instances instances_;                          ///< under mutex_
  std::map<std::string, Home, std::less<>> homes_;                ///< under mutex_; by location
  std::map<std::string, int64_t, std::less<>> missing_until_ms_;  ///< under mutex_
  const SystemClock clock_;
};

}  // namespace tarn::warehouse
