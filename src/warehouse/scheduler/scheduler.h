// SPDX-License-Identifier: Apache-2.0
// Background work of an account, as named jobs that repeat.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"

namespace tarn::warehouse {

/// Every job has a thread of its own, so that none waits for another. Thread-safe.
class Scheduler {
 public:
  Scheduler() = default;
  /// Waits for jobs that run.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Runs `job` now, and then `interval_ms` after the end of each run. What it fails with is
  /// logged, and it runs again. REQUIRES: no job has this name.
  void Every(const std::string& name, int64_t interval_ms, std::function<Result<>()> job);
  /// Runs it as soon as it may: at once, or again after the run that is under way.
  void WakeJob(std::string_view name);
  /// No job begins any more, and those that run are waited for. Idempotent.
  void Stop();

 private:
  struct Job {
    std::string name;
    std::chrono::milliseconds interval;
    std::function<Result<>()> work;
    bool woken = false;
    std::thread thread;
  };
  void Run(Job& job);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::map<std::string, std::unique_ptr<Job>, std::less<>> jobs_;
};

}  // namespace tarn::warehouse
