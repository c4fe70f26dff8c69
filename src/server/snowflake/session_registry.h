// SPDX-License-Identifier: Apache-2.0
// Tokens of sessions. They live in memory: after a restart clients log in again.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "server/snowflake/client_session.h"
#include "server/snowflake/failure.h"

namespace tarn::server::snowflake {

struct TokenLifetimes {
  std::chrono::seconds session{3600};
  /// Also how long a session without any request stays.
  std::chrono::seconds master{4 * 3600};
};

struct TokenPair {
  std::string session, master;
};

/// Thread-safe.
class SessionRegistry {
 public:
  /// The clock outlives it.
  SessionRegistry(TokenLifetimes lifetimes, const Clock* clock)
      : lifetimes_(lifetimes), clock_(clock) {}

  const TokenLifetimes& lifetimes() const { return lifetimes_; }

  /// A number for a new session.
  int64_t NextId();
  TokenPair Add(std::shared_ptr<ClientSession> session);
  /// 390112 for a token that is over, 390111 for one that is not known.
  Reply<std::shared_ptr<ClientSession>> Find(std::string_view session_token);
  /// New tokens for the master token's session. 390114 when it is over, 390115 for one that is not
  /// known.
  Reply<std::pair<std::shared_ptr<ClientSession>, TokenPair>> Renew(std::string_view master_token);
  void Remove(const std::shared_ptr<ClientSession>& session);
  std::vector<std::shared_ptr<ClientSession>> All();

 private:
  struct Entry {
    std::shared_ptr<ClientSession> session;
    int64_t expires_ms = 0;
  };
  using Tokens = std::map<std::string, Entry, std::less<>>;
  TokenPair AddTokens(const std::shared_ptr<ClientSession>& session);
  /// Sessions whose master token is over go.
  void Sweep();

  const TokenLifetimes lifetimes_;
  const Clock* const clock_;
  std::mutex mutex_;
  Tokens sessions_, masters_;
  int64_t last_id_ = 0, sweep_at_ms_ = 0;
};

}  // namespace tarn::server::snowflake
