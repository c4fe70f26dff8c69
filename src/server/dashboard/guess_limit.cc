// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/guess_limit.h"

#include <algorithm>

namespace tarn::server::dashboard {
namespace {

/// From there on the whole map is looked through at each wrong password.
constexpr size_t kSweptFrom = 1000;

}  // namespace

int64_t GuessLimit::LockedFor(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find({user, address});
  if (found == counts_.end() || found->second.wrong < kWrongMax) return 0;
  return std::max<int64_t>(found->second.last_ms + kLockedMs - clock_->NowMs(), 0);
}

void GuessLimit::CountWrong(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  const int64_t now = clock_->NowMs();
  if (counts_.size() >= kSweptFrom) Sweep(now);
  Count& count = counts_[{user, address}];
  if (count.last_ms + kLockedMs <= now) count.wrong = 0;
  ++count.wrong;
  count.last_ms = now;
}

void GuessLimit::Forget(const std::string& user, const std::string& address) {
  const std::lock_guard lock(mutex_);
  counts_.erase({user, address});
}

void GuessLimit::Sweep(int64_t now) {
  std::erase_if(counts_,
                [now](const auto& entry) { return entry.second.last_ms + kLockedMs <= now; });
}

}  // namespace tarn::server::dashboard
