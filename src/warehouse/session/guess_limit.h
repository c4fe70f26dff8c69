// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.h"

namespace tarn::server::dashboard {

/// Whoever gives wrong passwords for a user is not heard for a while (Snowflake's rule for users:
/// five of them, fifteen minutes). Counted for each pair of user and address, so that nobody locks
/// out somebody else from elsewhere; forgotten with the process. Thread-safe.
class GuessLimit {
 public:
  static constexpr int kWrongMax = 5;
  static constexpr int64_t kLockedMs = int64_t{15} * 60 * 1000;

  /// The clock outlives it.
  explicit GuessLimit(const Clock* clock) : clock_(clock) {}

  /// Milliseconds until the next password is looked at; 0: now.
  int64_t LockedFor(const std::string& user, const std::string& address);
  void CountWrong(const std::string& user, const std::string& address);
  /// Both in one step: counted as wrong until Forget, where it returns 0. So no more passwords are
  /// looked at beside each other than after each other.
  int64_t Begin(const std::string& user, const std::string& address);
  /// The password was right.
  void Forget(const std::string& user, const std::string& address);

 private:
  struct Count {
    int wrong = 0;
    int64_t last_ms = 0;
  };
  int64_t LockedFor(const Count& count, int64_t now) const;
  void CountWrong(Count& count, int64_t now);
  Count& CountOf(const std::string& user, const std::string& address, int64_t now);

  const Clock* const clock_;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::string>, Count> counts_;
  int64_t swept_ms_ = 0;
};

}  // namespace tarn::server::dashboard
