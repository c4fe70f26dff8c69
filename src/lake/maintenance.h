// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "lake/lake_context.h"
#include "lake/postgres_writer.h"
#include "table/garbage.h"

namespace tarn::lake {

/// Settles transactions and collects garbage in a thread of its own, so that neither the launcher
/// nor a commit waits for it. Thread-safe.
class Maintenance {
 public:
  Maintenance(const LakeContext& lake, PostgresFates& fates);
  /// Ends a running round before its next deletion.
  ~Maintenance();

  /// A round with what `fates` know now; one that waits already is this one.
  void Begin(const table::SafeAges& ages);
  /// When every round that was begun has ended: what the last one did.
  table::GarbageCollected AwaitIdle();

 private:
  void Loop();
  void Round(const table::SafeAges& ages);

  const LakeContext& lake_;
  PostgresFates& fates_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<table::SafeAges> wanted_;
  bool working_ = false;
  table::GarbageCollected last_;
  std::thread thread_;
};

}  // namespace tarn::lake
