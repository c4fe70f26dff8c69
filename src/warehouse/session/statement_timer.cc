// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/statement_timer.h"

#include "warehouse/session/statement_run.h"

namespace tarn::warehouse {

StatementTimer::~StatementTimer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

StatementTimer::Alarm StatementTimer::Arm(StatementRun& run, Clock::time_point due) {
  const std::lock_guard lock(mutex_);
  const Alarm alarm{due, ++armed_};
  const auto entry = waiting_.emplace(alarm, &run).first;
  const bool first = entry == waiting_.begin();
  if (!thread_.joinable()) {
    thread_ = std::thread([this] { Loop(); });
  } else if (first) {
    changed_.notify_all();
  }
  return alarm;
}

void StatementTimer::Disarm(const Alarm& alarm) {
  const std::lock_guard lock(mutex_);
  waiting_.erase(alarm);
}

void StatementTimer::Loop() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    if (waiting_.empty()) {
      changed_.wait(lock);
      continue;
    }
    const auto first = waiting_.begin();
    const Clock::time_point due = first->first.first;
    if (Clock::now() < due) {
      changed_.wait_until(lock, due);
      continue;
    }
    first->second->TimeOut();
    waiting_.erase(first);
  }
}

}  // namespace tarn::warehouse
