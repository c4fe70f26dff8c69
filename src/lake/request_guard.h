// SPDX-License-Identifier: Apache-2.0
#pragma once

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
    running_ = true;
    cancelled_ = false;
  }
  void End() {
    const std::lock_guard lock(mutex_);
    running_ = false;
    stream_ = nullptr;
  }
  /// Cancels the running request; without one, nothing happens.
  void Cancel() {
    const std::lock_guard lock(mutex_);
    if (!running_) return;
    cancelled_ = true;
    if (stream_ != nullptr) stream_->Interrupt();
  }
  /// The stream to interrupt from now on; null for none.
  void Watch(engine::RowStream* stream) {
    const std::lock_guard lock(mutex_);
    stream_ = stream;
    if (cancelled_ && stream_ != nullptr) stream_->Interrupt();
  }
  /// kCancelled once it was.
  Result<> Check() {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return Fail(ErrorKind::kCancelled, "canceled on request");
    return {};
  }

 private:
  std::mutex mutex_;
  bool running_ = false;
  bool cancelled_ = false;
  engine::RowStream* stream_ = nullptr;
};

}  // namespace tarn::lake
