// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace tarn::warehouse {

/// Ends what a thread runs when the time is up or everything ends. A cancel reaches only a
/// statement that runs at that moment, and there are moments between those of one run: so it is
/// repeated until the watch is destroyed.
class RunWatch {
 public:
  /// `cancel` is called from another thread. No limit: only `ending` ends it.
  RunWatch(std::function<void()> cancel, std::optional<std::chrono::milliseconds> limit,
           std::stop_token ending);
  ~RunWatch();
  RunWatch(const RunWatch&) = delete;
  RunWatch& operator=(const RunWatch&) = delete;

  /// The limit was what made it cancel.
  bool timed_out() const { return timed_out_; }

 private:
  void Watch(const std::stop_token& done);

  const std::function<void()> cancel_;
  const std::optional<std::chrono::milliseconds> limit_;
  const std::stop_token ending_;
  std::atomic<bool> timed_out_ = false;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace tarn::warehouse
