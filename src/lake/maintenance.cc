// SPDX-License-Identifier: Apache-2.0
#include "lake/maintenance.h"

#include <exception>
#include <utility>

#include "base/logging.h"
#include "table/resolution.h"

namespace tarn::lake {

Maintenance::Maintenance(const LakeContext& lake, PostgresFates& fates)
    : lake_(lake), fates_(fates), thread_([this] { Loop(); }) {}

Maintenance::~Maintenance() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Maintenance::Begin(const table::SafeAges& ages) {
  const std::lock_guard lock(mutex_);
  wanted_ = ages;
  changed_.notify_all();
}

table::GarbageCollected Maintenance::AwaitIdle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || (!wanted_ && !working_); });
  return last_;
}

void Maintenance::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || wanted_; });
    if (stopping_) return;
    const table::SafeAges ages = *std::exchange(wanted_, std::nullopt);
    working_ = true;
    lock.unlock();
    try {
      Round(ages);
    } catch (const std::exception& exception) {
      // Memory has run out: another time.
      spdlog::warn("maintenance: {}", exception.what());
    }
    lock.lock();
    working_ = false;
    changed_.notify_all();
  }
}

void Maintenance::Round(const table::SafeAges& ages) {
  const table::MayGoOn may_go_on = [this]() -> Result<> {
    if (stopping_) return Fail(ErrorKind::kCancelled, "the lake engine stops");
    return {};
  };
  const auto settled = table::SettleWriters(lake_, fates_, may_go_on);
  if (!settled) spdlog::warn("maintenance: {}", settled.error().message);
  const auto collected = table::CollectGarbage(lake_, fates_, ages, may_go_on);
  if (!collected && !stopping_) spdlog::warn("maintenance: {}", collected.error().message);
  const std::lock_guard lock(mutex_);
  last_ = collected.value_or(table::GarbageCollected{});
}

}  // namespace tarn::lake
