// SPDX-License-Identifier: Apache-2.0
#include "base/task_group.h"

#include <exception>
#include <system_error>
#include <utility>

namespace tarn {

TaskGroup::~TaskGroup() {
  for (const auto& task : tasks_) {
    if (task->taken.exchange(true)) task->result.wait();
  }
}

void TaskGroup::Run(Task& task) {
  if (task.taken.exchange(true)) return;
  Result<> result;
  try {
    result = task.run();
  } catch (const std::exception& exception) {
    result = Fail(ErrorKind::kResourceExhausted, "a task failed: {}", exception.what());
  }
  task.run = nullptr;
  task.promise.set_value(std::move(result));
}

void TaskGroup::Add(std::function<Result<>()> task) {
  const auto added = std::make_shared<Task>();
  added->run = std::move(task);
  added->result = added->promise.get_future();
  tasks_.push_back(added);
  if (workers_ == nullptr) return;
  try {
    workers_->Submit([added] { Run(*added); });
  } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): the task is kept
    // No thread to be had: Wait does it.
  }
}

Result<> TaskGroup::Wait() {
  for (const auto& task : tasks_) Run(*task);
  Result<> first;
  for (const auto& task : std::exchange(tasks_, {})) {
    Result<> result = task->result.get();
    if (!result && first) first = std::move(result);
  }
  return first;
}

}  // namespace tarn
