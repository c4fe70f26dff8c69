// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/submission.h"

namespace tarn::server::snowflake {

void Submission::End(Outcome outcome, int64_t now_ms) {
  ended_ms_ = now_ms;
  const std::lock_guard lock(mutex_);
  outcome_ = std::make_shared<const Outcome>(std::move(outcome));
  ended_.notify_all();
}

std::shared_ptr<const Outcome> Submission::outcome() const {
  const std::lock_guard lock(mutex_);
  return outcome_;
}

std::shared_ptr<const Outcome> Submission::Wait(std::chrono::milliseconds patience) const {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, patience, [this] { return outcome_ != nullptr; });
  return outcome_;
}

}  // namespace tarn::server::snowflake
