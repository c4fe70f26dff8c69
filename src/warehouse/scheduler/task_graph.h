// SPDX-License-Identifier: Apache-2.0
// Which runs follow which: graphs of tasks, their finalizers and retries. A graph goes on in the
// transaction that ends one of its runs, so that nothing of it is lost when the process ends.
#pragma once

#include <string_view>

#include "warehouse/metastore/runs.h"
#include "warehouse/metastore/transaction.h"
#include "warehouse/objects/task.h"

namespace tarn::warehouse {

inline constexpr const char* kTaskRun = "task";
/// Of runs that the end of the process cut off: nobody knows what their statements did, so they are
/// not repeated and count as no failure.
inline constexpr const char* kInterruptedCode = "000603";

/// A run of a graph's root that waits, with the definition that the task has now.
Result<RunRecord> NewRun(const Snapshot& snapshot, const Object<Task>& task, int64_t scheduled_ms);

/// Whether it is the first of its graph, and not of a later attempt.
inline bool BeginsGraph(const RunRecord& run) {
  return run.id == run.graph_run && run.attempt == 1;
}

/// Ends a run and records what follows: tasks all of whose predecessors have succeeded (suspended
/// ones are passed over, unless all of several are), then, when nothing of the graph is left to
/// run, another attempt of what failed, or the finalizer, or the count of failures that suspends
/// the root. Nothing happens where the run had ended already. The run's final state, which may be
/// FAILED_AND_AUTO_SUSPENDED.
Result<std::string> EndTaskRun(Transaction& transaction, const RunRecord& run,
                               std::string_view state, std::string_view error_code = "",
                               std::string_view error_message = "");

}  // namespace tarn::warehouse
