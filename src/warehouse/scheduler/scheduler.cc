// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scheduler/scheduler.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace tarn::warehouse {

Scheduler::~Scheduler() { Stop(); }

void Scheduler::Every(const std::string& name, int64_t interval_ms, std::function<Result<>()> job) {
  const std::lock_guard lock(mutex_);
  if (ending_) return;
  auto made = std::make_unique<Job>();
  made->name = name;
  made->interval = std::chrono::milliseconds(interval_ms);
  made->work = std::move(job);
  Job& added = *(jobs_[name] = std::move(made));
  added.thread = std::thread([this, &added] { Run(added); });
}

void Scheduler::WakeJob(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(name);
  if (found == jobs_.end()) return;
  found->second->woken = true;
  changed_.notify_all();
}

void Scheduler::Run(Job& job) {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    job.woken = false;
    lock.unlock();
    if (const auto done = job.work(); !done) {
      spdlog::warn("job \"{}\" failed: {}", job.name, done.error().message);
    }
    lock.lock();
    changed_.wait_for(lock, job.interval, [&] { return ending_ || job.woken; });
  }
}

void Scheduler::Stop() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  for (auto& [name, job] : jobs_) {
    if (job->thread.joinable()) job->thread.join();
  }
}

}  // namespace tarn::warehouse
