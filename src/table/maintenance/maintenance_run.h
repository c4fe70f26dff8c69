// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace tarn::table {

/// Told from the thread that works; cheap.
struct Progress {
  std::string action;
  int64_t done = 0, total = 0;  ///< bytes of input files, or files where there are no bytes
};

struct MaintenanceRun {
  std::function<void(const Progress&)> on_progress;  ///< may be null
  const std::atomic<bool>* cancelled = nullptr;      ///< may be null; checked between batches
  int64_t max_bytes = 0;                             ///< of input, then the run ends; 0 = no limit

  /// Cancelled when it was.
  Result<> CheckGoesOn() const {
    if (cancelled == nullptr || !*cancelled) return {};
    return Fail(ErrorKind::kCancelled, "maintenance was cancelled");
  }
  void Report(Progress progress) const {
    if (on_progress != nullptr) on_progress(progress);
  }
};

}  // namespace tarn::table
