// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/worker_pool.h"

namespace tarn {

/// Tasks that run beside each other and are awaited together. Workers take them as they are free;
/// what none has begun when somebody waits runs in the waiting thread, so that a group makes
/// progress whatever the pool is busy with, and tasks may have groups of their own. Used by one
/// thread.
class TaskGroup {
 public:
  /// Without a pool all tasks run in Wait. The pool outlives the group.
  explicit TaskGroup(WorkerPool* workers) : workers_(workers) {}
  /// Waits for tasks that run; others never do.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// What the task refers to outlives the group. An exception becomes ResourceExhausted.
  void Add(std::function<Result<>()> task);
  /// All tasks have run; the first failure in the order of Add. Clears the group.
  Result<> Wait();

 private:
  struct Task {
    std::function<Result<>()> run;
    std::atomic<bool> taken = false;
    std::promise<Result<>> promise;
    std::future<Result<>> result;
  };
  static void Run(Task& task);

  WorkerPool* const workers_;
  std::vector<std::shared_ptr<Task>> tasks_;
};

}  // namespace tarn
