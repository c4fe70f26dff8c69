// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/query.h"
#include "warehouse/session/statement_timer.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// For how long a statement may run. Time in which its client does not ask for rows is not counted.
struct TimeLimit {
  StatementTimer* timer = nullptr;  ///< outlives the run
  std::chrono::seconds seconds{0};
};

/// One execution of a statement, as Session::Cancel sees it. Its members are called by the
/// session's thread, but for CancelIfBusy and TimeOut.
class StatementRun {
 public:
  /// While it lives, the statement runs: a cancel reaches it.
  class Busy {
   public:
    explicit Busy(StatementRun& run) : run_(run) { run_.CountBusy(1); }
    ~Busy() { run_.CountBusy(-1); }
    Busy(const Busy&) = delete;
    Busy& operator=(const Busy&) = delete;

   private:
    StatementRun& run_;
  };

  StatementRun() = default;
  explicit StatementRun(TimeLimit limit) : limit_(limit) {}
  ~StatementRun() { Disarm(); }
  StatementRun(const StatementRun&) = delete;
  StatementRun& operator=(const StatementRun&) = delete;

  /// The engine's part of the work, or none; must be detached before it goes.
  void Attach(engine::QueryStream* query);
  void Detach() { Attach(nullptr); }
  bool is_cancelled() const { return cancelled_; }
  /// Why it was cancelled: 000604 (57014), or 000630 (57014) where its time was over. REQUIRES:
  /// is_cancelled().
  StatementFailure Failure() const;

  /// From any thread.
  void CancelIfBusy();
  void Cancel();
  void TimeOut();

 private:
  void CountBusy(int32_t more);
  void Arm();
  void Disarm();

  const TimeLimit limit_;
  /// Of the session's thread.
  std::chrono::nanoseconds used_{0};
  StatementTimer::Clock::time_point busy_since_;
  std::optional<StatementTimer::Alarm> armed_;

  std::mutex mutex_;
  int32_t busy_ = 0;  ///< statements within others count, too
  engine::QueryStream* query_ = nullptr;
  std::atomic<bool> cancelled_ = false;
  std::atomic<bool> timed_out_ = false;
};

/// The runs of one session. Thread-safe.
class StatementRuns {
 public:
  std::shared_ptr<StatementRun> Begin(TimeLimit limit);
  void CancelBusy();

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<StatementRun>> runs_;
};

}  // namespace tarn::warehouse
