// SPDX-License-Identifier: Apache-2.0
// Connections to managed servers, kept for a moment after each use.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "provision/instances.h"
#include "provision/server_connection.h"

namespace tarn::provision {

/// Thread-safe. A connection that nobody uses ends after two seconds: DROP DATABASE waits for five
/// seconds for others to leave.
class ServerConnections {
 public:
  explicit ServerConnections(Instances instances);
  ~ServerConnections();

  /// Gives the connection back when it ends, unless a transaction is open in it. The connections
  /// outlive it.
  class Lease {
   public:
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    ServerConnection* operator->() const { return connection_.get(); }
    ServerConnection& operator*() const { return *connection_; }

   private:
    friend class ServerConnections;
    using Key = std::pair<std::string, std::string>;
    Lease(ServerConnections* home, Key key, std::unique_ptr<ServerConnection> connection)
        : home_(home), key_(std::move(key)), connection_(std::move(connection)) {}

    ServerConnections* home_;
    Key key_;
    std::unique_ptr<ServerConnection> connection_;  ///< null: moved away
  };

  /// As ServerConnection::Open does; Unavailable where the server does not run.
  Result<Lease> Take(const std::string& server, const std::string& database);
  /// What is known of a server, whether it runs or not.
  Result<InstanceRecord> RecordOf(const std::string& server);

 private:
  using Key = Lease::Key;
  using Clock = std::chrono::steady_clock;
  struct Idle {
    std::unique_ptr<ServerConnection> connection;
    Clock::time_point until;
  };

  void GiveBack(const Key& key, std::unique_ptr<ServerConnection> connection);
  void CloseIdle(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  const Instances instances_;              ///< under mutex_
  std::map<Key, std::vector<Idle>> idle_;  ///< under mutex_; the last was used last
  std::jthread closer_;
};

}  // namespace tarn::provision
