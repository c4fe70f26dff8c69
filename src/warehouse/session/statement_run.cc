// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/statement_run.h"

#include <algorithm>

#include "warehouse/session/failures.h"

namespace tarn::warehouse {
void StatementRun::Attach(engine::QueryStream* query) {
  const std::lock_guard lock(mutex_);
  query_ = query;
  if (query_ != nullptr && cancelled_) query_->Interrupt();
}

void StatementRun::CancelIfBusy() {
  const std::lock_guard lock(mutex_);
  if (busy_ == 0) return;
  cancelled_ = true;
  if (query_ != nullptr) query_->Interrupt();
}

void StatementRun::Cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (query_ != nullptr) query_->Interrupt();
}

void StatementRun::TimeOut() {
  const std::lock_guard lock(mutex_);
  if (busy_ == 0 || cancelled_) return;
  timed_out_ = true;
  cancelled_ = true;
  if (query_ != nullptr) query_->Interrupt();
}

StatementFailure StatementRun::Failure() const {
  return timed_out_ ? TimedOut(limit_.seconds.count()) : Cancelled();
}

void StatementRun::CountBusy(int32_t more) {
  bool begins = false;
  bool ends = false;
  {
    const std::lock_guard lock(mutex_);
    begins = busy_ == 0 && more > 0;
    busy_ += more;
    ends = busy_ == 0;
  }
  // Without the lock, which the timer takes within its own.
  if (begins) Arm();
  if (ends) Disarm();
}

void StatementRun::Arm() {
  if (limit_.timer == nullptr || cancelled_) return;
  busy_since_ = StatementTimer::Clock::now();
  const auto due = busy_since_ + std::chrono::duration_cast<StatementTimer::Clock::duration>(
                                     limit_.seconds - used_);
  armed_ = limit_.timer->Arm(*this, due);
}

void StatementRun::Disarm() {
  if (!armed_) return;
  limit_.timer->Disarm(*armed_);
  armed_.reset();
  used_ += StatementTimer::Clock::now() - busy_since_;
}

std::shared_ptr<StatementRun> StatementRuns::Begin(TimeLimit limit) {
  const std::lock_guard lock(mutex_);
  std::erase_if(runs_, [](const auto& run) { return run.expired(); });
  auto run = std::make_shared<StatementRun>(limit);
  runs_.push_back(run);
  return run;
}

void StatementRuns::CancelBusy() {
  const std::lock_guard lock(mutex_);
  for (const auto& weak : runs_) {
    if (const auto run = weak.lock()) run->CancelIfBusy();
  }
}

}  // namespace tarn::warehouse
