// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/guess_limit.h"

#include <algorithm>

namespace tarn::server::dashboard {
namespace {

/// How often what is too old to count goes.
constexpr int64_t kSweepPeriodMs = 60'000;

}  // namespace

int64_t GuessLimit::LockedFor(const Count& count, int64_t now) const {
  return count.wrong < kWrongMax ? 0 : std::max<int64_t>(count.last_ms + kLockedMs - now, 0);
}

void GuessLimit::CountWrong(Count& count, int64_t now) {
  if (count.last_ms + kLockedMs <= now) count.wrong = 0;
  ++count.wrong;
  count.last_ms = now;
}

GuessLimit::Count& GuessLimit::CountOf(const std::string& user, const std::string& address,
                                       int64_t now) {
  if (swept_ms_ + kSweepPeriodMs <= now) {
    std::erase_if(counts_,
                  [now](const auto& entry) { return entry.second.last_ms + kLockedMs <= now; });
    swept_ms_ = now;
  }
  return counts_[{user, address}];
}

int64_t GuessLimit::LockedFor(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find({user, address});
  return found == counts_.end() ? 0 : LockedFor(found->second, clock_->NowMs());
}

void GuessLimit::CountWrong(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  const int64_t now = clock_->NowMs();
  CountWrong(CountOf(user, address, now), now);
}

int64_t GuessLimit::Begin(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  const int64_t now = clock_->NowMs();
  Count& count = CountOf(user, address, now);
  const int64_t locked = LockedFor(count, now);
  if (locked == 0) CountWrong(count, now);
  return locked;
}

void GuessLimit::Forget(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  counts_.erase({user, address});
}

}  // namespace tarn::server::dashboard
