// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <thread>
#include <vector>

#include "warehouse/dynamic/kept_states.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/session/account.h"

namespace tarn::warehouse {

/// Refreshes dynamic tables that are due, with the rights of their owners: several beside each
/// other, of which none reads another, and none beside itself. Begin and Round by one thread at a
/// time; Interrupt from any.
class RefreshRunner {
 public:
  explicit RefreshRunner(Account& account) : account_(account) {}
  ~RefreshRunner() { Stop(); }

  /// Ends runs that an earlier process left: their rows were not committed, or they would have
  /// ended with them.
  Result<> Recover();
  /// Begins refreshes, as many as may run beside each other, and does not wait for them. A table
  /// that is due again while it is refreshed gets a run that was SKIPPED.
  Result<> Begin();
  /// The same until nothing is due, and waits.
  Result<> Round();
  /// Cancels refreshes that run, and begins no other.
  void Interrupt() { ending_.request_stop(); }
  /// Interrupts, and waits for what runs. Nobody begins any more. Idempotent.
  void Stop();
  /// What refreshes keep, whoever asks for them.
  KeptStates& kept() { return kept_; }

 private:
  struct Running {
    ObjectId table;
    std::set<ObjectId> reads;  ///< which its refresh brings along
    int64_t begun_ms = 0;
    bool ended = false;
    std::jthread thread;
  };

  Result<size_t> BeginDue();
  void Reap();
  /// When the refresh of the table that is under way was begun.
  std::optional<int64_t> BegunMs(ObjectId table);
  bool IsHeldUp(ObjectId table, const std::set<ObjectId>& reads);
  bool MayBegin(ObjectId table, const std::set<ObjectId>& reads);
  void BeginOne(ObjectId table, std::set<ObjectId> reads);
  Result<> RecordSkipped(ObjectId table);
  Result<> RefreshOne(ObjectId table);
  /// After so many failures in a row nobody tries again.
  Result<> SuspendIfHopeless(ObjectId table);

  Account& account_;
  std::stop_source ending_;
  KeptStates kept_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Running> running_;
};

}  // namespace tarn::warehouse
