// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/result.h"
#include "engine/engine.h"

namespace tarn::lake {

/// The request that a session is working at, and the way to cancel it. Cancel from any thread, the
/// rest from the session's.
class RequestGuard {
 public:
  /// A request begins; cancels of earlier ones are forgotten.
  void Begin() {
    const std::lock_guard lock(mutex_);
    ++number_;
    running_ = true;
    cancelled_ = all_cancelled_ || to_cancel_ == number_;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    running_ = false;
    stream_ = nullptr;
  }
  /// Cancels the request of that number (the first is 1), running or still to come, and no other:
  /// a cancel may arrive before its request does, and after it was answered.
  void Cancel(uint64_t number) {
    const std::lock_guard lock(mutex_);
    to_cancel_ = number;
    if (running_ && number == number_) CancelRunning();
  }
  /// Cancels this one and all to come.
  void CancelAll() {
    const std::lock_guard lock(mutex_);
    all_cancelled_ = true;
    if (running_) CancelRunning();
  }
  /// The stream to interrupt from now on; null for none.
  void Watch(engine::RowStream* stream) {
    const std::lock_guard lock(mutex_);
    stream_ = stream;
    if (cancelled_ && stream_ != nullptr) stream_->Interrupt();
  }
  /// Set as long as the request is one that was cancelled. Outlives none but the session.
  const std::atomic<bool>& cancelled() const { return cancelled_; }
  /// kCancelled once it was.
  Result<> Check() {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return Fail(ErrorKind::kCancelled, "canceled on request");
    return {};
  }

 private:
  void CancelRunning() {
    cancelled_ = true;
    if (stream_ != nullptr) stream_->Interrupt();
  }

  std::mutex mutex_;
  uint64_t number_ = 0;  ///< of the running or the last request
  uint64_t to_cancel_ = 0;
  bool all_cancelled_ = false;
  bool running_ = false;
  std::atomic<bool> cancelled_ = false;  ///< written under mutex_
  engine::RowStream* stream_ = nullptr;
};

}  // namespace tarn::lake
