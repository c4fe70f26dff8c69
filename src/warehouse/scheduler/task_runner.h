// SPDX-License-Identifier: Apache-2.0
// Runs graphs of tasks that are due, with the rights of their owners.
#pragma once

#include <stop_token>
#include <string>

#include "warehouse/metastore/runs.h"
#include "warehouse/objects/task.h"
#include "warehouse/session/account.h"

namespace tarn::warehouse {

/// Graphs run one after another; what follows a run is recorded with its end (task_graph.h). A run
/// is recorded before it starts. Round by one thread at a time; Interrupt from any.
class TaskRunner {
 public:
  explicit TaskRunner(Account& account) : account_(account) {}

  /// Ends runs that an earlier process left: whether their statements took effect is not known, so
  /// they are not repeated. Their graphs go on with what does not wait for them.
  Result<> Recover();
  /// Records what is due, then runs everything that waits, graph by graph.
  Result<> Round();
  /// Cancels the statement that runs, and begins no other.
  void Interrupt() { ending_.request_stop(); }

 private:
  Result<> RecordDue();
  Result<> RunOne(RunRecord run);
  Result<> End(const RunRecord& run, std::string_view state, std::string_view code = "",
               std::string_view message = "");
  StatementResult<bool> Holds(Session& session, const RunRecord& run);
  StatementResult<> Perform(Session& session, const RunRecord& run);

  Account& account_;
  std::stop_source ending_;
};

}  // namespace tarn::warehouse
