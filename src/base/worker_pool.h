// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tarn {

/// Threads for tasks of any kind. One starts for a task that no other is free for. Thread-safe.
class WorkerPool {
 public:
  explicit WorkerPool(int32_t threads) : threads_(threads) {}
  /// Waits for tasks that run; others are dropped.
  ~WorkerPool();

  /// `task` must not throw.
  void Submit(std::function<void()> task);

 private:
  void Run();

  int32_t threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::thread> workers_;
  size_t idle_ = 0;  ///< workers that wait for a task
  bool stopping_ = false;
};

}  // namespace tarn
