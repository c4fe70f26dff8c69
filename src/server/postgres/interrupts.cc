// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/interrupts.h"

namespace tarn::server::postgres {

void Interrupts::SetSession(warehouse::Session* session) {
  const std::lock_guard lock(mutex_);
  session_ = session;
}

void Interrupts::BeginWork() {
  const std::lock_guard lock(mutex_);
  working_ = true;
  if (raised_ == Interruption::kCancel || raised_ == Interruption::kTimeout) {
    raised_ = Interruption::kNone;
  }
}

void Interrupts::EndWork() {
  const std::lock_guard lock(mutex_);
  working_ = false;
}

bool Interrupts::Raise(Interruption why) {
  const std::lock_guard lock(mutex_);
  const bool momentary = why == Interruption::kCancel || why == Interruption::kTimeout;
  if (momentary && !working_) return false;
  if (why > raised_) raised_ = why;
  // Inside the lock: the work that it is meant for cannot end meanwhile.
  if (working_ && session_ != nullptr) session_->Cancel();
  return working_;
}

}  // namespace tarn::server::postgres
