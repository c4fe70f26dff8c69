// SPDX-License-Identifier: Apache-2.0
// What holds tasks together, and what their owner must have for them to run (Snowflake, "Create a
// sequence of tasks with a task graph", "Introduction to tasks: Task security").
#pragma once

#include <vector>

#include "warehouse/metastore/transaction.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// 091421 (22000) where a root of the graphs that `tasks` are in is started. A task without
/// predecessors is a root.
StatementResult<> RequireSuspendedRoots(const Snapshot& snapshot, std::vector<ObjectId> tasks);

/// A task cannot run after itself.
StatementResult<> RefuseTaskCircle(const Snapshot& snapshot, ObjectId task,
                                   std::vector<ObjectId> predecessors);

/// Tasks of a graph have one owner and lie in one schema.
StatementResult<> RequireOneGraph(const ObjectHead& task, const ObjectHead& predecessor);

/// 091089 (23001) where the owner's role lacks what running the task takes: EXECUTE TASK, without a
/// warehouse EXECUTE MANAGED TASK, else USAGE on it, and a privilege on schema and database.
StatementResult<> RequireTaskMayRun(const Snapshot& snapshot, const ObjectHead& head,
                                    const Task& task);

/// A task that loses its links to others; children that become roots are suspended.
Result<> SeverTask(Transaction& transaction, ObjectId task);

/// Nothing where it is suspended already. `reason` as SHOW TASKS tells it.
Result<> SuspendTask(Transaction& transaction, ObjectId task, std::string reason);

}  // namespace tarn::warehouse
