// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/guess_limit.h"

#include <algorithm>

#include "sql/syntax/name.h"

namespace tarn::warehouse {
namespace {

/// How often what is too old to count goes.
constexpr int64_t kSweepPeriodMs = 60'000;

}  // namespace

std::shared_ptr<std::mutex> GuessLimit::TurnOf(const Guesser& guesser) {
  const std::lock_guard lock(mutex_);
  const int64_t now_ms = clock_->NowMs();
  if (swept_ms_ + kSweepPeriodMs <= now_ms) {
    std::erase_if(counts_, [now_ms](const auto& entry) {
      return entry.second.last_ms + kLockedMs <= now_ms;
    });
    swept_ms_ = now_ms;
  }
  Count& count = counts_[guesser];
  count.last_ms = std::max(count.last_ms, count.wrong == 0 ? now_ms : 0);
  return count.turn;
}

int64_t GuessLimit::LockedFor(const Guesser& guesser) {
  const std::lock_guard lock(mutex_);
  const Count& count = counts_[guesser];
  if (count.wrong < kWrongMax) return 0;
  return std::max<int64_t>(count.last_ms + kLockedMs - clock_->NowMs(), 0);
}

void GuessLimit::Note(const Guesser& guesser, bool right) {
  const std::lock_guard lock(mutex_);
  Count& count = counts_[guesser];
  const int64_t now_ms = clock_->NowMs();
  const bool over = count.last_ms + kLockedMs <= now_ms;
  count.wrong = right ? 0 : over ? 1 : count.wrong + 1;
  count.last_ms = now_ms;
}

GuessLimit::Verdict GuessLimit::Try(const std::string& user, const std::string& address,
                                    const std::function<bool()>& is_right) {
  const Guesser guesser{sql::syntax::UpperCase(user), address};
  const auto turn = TurnOf(guesser);
  const std::lock_guard alone(*turn);
  if (const int64_t locked_ms = LockedFor(guesser); locked_ms > 0) return {.locked_ms = locked_ms};
  const bool right = is_right();
  Note(guesser, right);
  return {.right = right};
}

}  // namespace tarn::warehouse
