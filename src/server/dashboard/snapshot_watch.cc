// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/snapshot_watch.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <map>

namespace tarn::server::dashboard {
namespace {

/// Commits that follow each other closely are told of together.
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(5'000);
constexpr const char* kGone = "gone";

}  // namespace

std::optional<TableVersion> Watcher::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(pending_, std::nullopt);
}

void Watcher::WhenPending(std::function<void()> wake) {
  {
    const std::lock_guard lock(mutex_);
    if (!pending_) {
      wake_ = std::move(wake);
      return;
    }
  }
  wake();
}

void Watcher::Tell(const TableVersion& version) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (version.mark == told_) return;
    told_ = version.mark;
    pending_ = version;
    wake = std::exchange(wake_, nullptr);
  }
  if (wake) wake();
}

void SnapshotWatch::Signal::Wake() {
  const std::lock_guard lock(mutex);
  woken = true;
  changed.notify_one();
}

SnapshotWatch::SnapshotWatch(warehouse::Metastore* metastore) : metastore_(metastore) {
  subscription_ = metastore_->Subscribe([signal = signal_](int64_t) { signal->Wake(); });
  thread_ = std::thread([this] { Run(); });
}

SnapshotWatch::~SnapshotWatch() {
  metastore_->Unsubscribe(subscription_);
  {
    const std::lock_guard lock(signal_->mutex);
    signal_->ending = true;
    signal_->changed.notify_one();
  }
  thread_.join();
}

std::shared_ptr<Watcher> SnapshotWatch::Add(TableVersion seen) {
  auto watcher = std::make_shared<Watcher>(std::move(seen));
  const std::lock_guard lock(signal_->mutex);
  signal_->watchers.push_back(watcher);
  // The table may have changed between the look at it and now.
  signal_->woken = true;
  signal_->changed.notify_one();
  return watcher;
}

void SnapshotWatch::Run() {
  std::unique_lock lock(signal_->mutex);
  while (!signal_->ending) {
    signal_->changed.wait(
        lock, [this] { return signal_->ending || (signal_->woken && !signal_->watchers.empty()); });
    if (signal_->ending) return;
    signal_->woken = false;
    lock.unlock();
    const bool seen = Look();
    lock.lock();
    if (!seen) signal_->woken = true;
    signal_->changed.wait_for(lock, seen ? kPause : kPauseAfterFailure,
                              [this] { return signal_->ending; });
  }
}

bool SnapshotWatch::Look() {
  std::vector<std::shared_ptr<Watcher>> watchers;
  {
    const std::lock_guard lock(signal_->mutex);
    std::erase_if(signal_->watchers, [](const auto& watcher) { return watcher.expired(); });
    for (const auto& weak : signal_->watchers) watchers.push_back(weak.lock());
  }
  const auto snapshot = metastore_->Read();
  if (!snapshot) {
    spdlog::error("new snapshots are not seen: {}", snapshot.error().message);
    return false;
  }
  bool seen = true;
  std::map<warehouse::ObjectId, TableVersion> versions;
  for (const auto& watcher : watchers) {
    if (watcher == nullptr) continue;
    const auto [entry, is_new] = versions.try_emplace(watcher->id());
    if (is_new) {
      auto version = VersionOf(**snapshot, watcher->id());
      if (!version) {
        spdlog::error("new snapshots are not seen: {}", version.error().message);
        seen = false;
      } else {
        entry->second = version->value_or(TableVersion{.id = watcher->id(), .mark = kGone});
      }
    }
    if (!entry->second.mark.empty()) watcher->Tell(entry->second);
  }
  return seen;
}

}  // namespace tarn::server::dashboard
