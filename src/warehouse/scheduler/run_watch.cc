// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scheduler/run_watch.h"

#include <utility>

namespace tarn::warehouse {
namespace {

constexpr std::chrono::milliseconds kBetweenCancels{20};

}  // namespace

RunWatch::RunWatch(std::function<void()> cancel, std::optional<std::chrono::milliseconds> limit,
                   std::stop_token ending)
    : cancel_(std::move(cancel)),
      limit_(limit),
      ending_(std::move(ending)),
      thread_([this](const std::stop_token& done) { Watch(done); }) {}

RunWatch::~RunWatch() {
  thread_.request_stop();
  thread_.join();
}

void RunWatch::Watch(const std::stop_token& done) {
  const std::stop_callback wake(ending_, [this] {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
  });
  const auto is_ending = [this] { return ending_.stop_requested(); };
  {
    std::unique_lock lock(mutex_);
    if (limit_) {
      changed_.wait_for(lock, done, *limit_, is_ending);
    } else {
      changed_.wait(lock, done, is_ending);
    }
  }
  while (!done.stop_requested()) {
    if (!is_ending()) timed_out_ = true;
    cancel_();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, done, kBetweenCancels, [] { return false; });
  }
}

}  // namespace tarn::warehouse
