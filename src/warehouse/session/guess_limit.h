// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/clock.h"

namespace tarn::warehouse {

/// Whoever gives wrong passwords for a user is not heard for a while (Snowflake's rule for users:
/// five of them, fifteen minutes), by whatever protocol. Counted for each pair of user and address,
/// so that nobody locks out somebody else from elsewhere; forgotten with the process. Thread-safe.
class GuessLimit {
 public:
  static constexpr int kWrongMax = 5;
  static constexpr int64_t kLockedMs = int64_t{15} * 60 * 1000;

  /// The clock outlives it.
  explicit GuessLimit(const Clock* clock) : clock_(clock) {}

  struct Verdict {
    bool right = false;
    int64_t locked_ms = 0;  ///< until the next guess is looked at; 0: this one was
  };
  /// Asks whether the guess is right, unless there were too many wrong ones. Those of one pair are
  /// looked at one after the other, so that many at once are no more than many. Names count in
  /// upper case, as they are found in either.
  Verdict Try(const std::string& user, const std::string& address,
              const std::function<bool()>& is_right);

 private:
  struct Count {
    std::shared_ptr<std::mutex> turn = std::make_shared<std::mutex>();
    int wrong = 0;
    int64_t last_ms = 0;
  };
  using Guesser = std::pair<std::string, std::string>;
  std::shared_ptr<std::mutex> TurnOf(const Guesser& guesser);
  int64_t LockedFor(const Guesser& guesser);
  void Note(const Guesser& guesser, bool right);

  const Clock* const clock_;
  std::mutex mutex_;
  std::map<Guesser, Count> counts_;
  int64_t swept_ms_ = 0;
};

}  // namespace tarn::warehouse
