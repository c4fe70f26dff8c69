// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace tarn::warehouse {

class StatementRun;

/// Tells runs that their time is over. One thread, started with the first of them. Thread-safe;
/// outlives the runs.
class StatementTimer {
 public:
  using Clock = std::chrono::steady_clock;
  /// When, and which of those that are due then.
  using Alarm = std::pair<Clock::time_point, uint64_t>;

  StatementTimer() = default;
  ~StatementTimer();
  StatementTimer(const StatementTimer&) = delete;
  StatementTimer& operator=(const StatementTimer&) = delete;

  /// Calls StatementRun::TimeOut then, once, unless Disarm comes first.
  Alarm Arm(StatementRun& run, Clock::time_point due);
  /// When it returns, the call has been made or never will be. REQUIRES: no lock is held that
  /// TimeOut takes.
  void Disarm(const Alarm& alarm);

 private:
  void Loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Alarm, StatementRun*> waiting_;
  uint64_t armed_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tarn::warehouse
