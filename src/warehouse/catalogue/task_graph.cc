// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/task_graph.h"

#include <algorithm>

#include "warehouse/catalogue/authority.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

StatementFailure CannotRun(std::string_view why) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kPermissionDenied,
                fmt::format("Cannot execute task, {} must be granted to owner role", why),
                {},
                {}},
      .code = "091089",
      .sqlstate = "23001"});
}

/// Each once, the first ones and what finalizers finalize included; those that are gone are left
/// out.
StatementResult<std::vector<std::pair<ObjectId, Task>>> WithPredecessors(
    const Snapshot& snapshot, std::vector<ObjectId> open) {
  std::vector<std::pair<ObjectId, Task>> tasks;
  std::vector<ObjectId> seen;
  while (!open.empty()) {
    const ObjectId id = open.back();
    open.pop_back();
    if (std::ranges::find(seen, id) != seen.end()) continue;
    seen.push_back(id);
    STATEMENT_ASSIGN(auto task, snapshot.Find<Task>(id));
    if (!task) continue;
    open.insert(open.end(), task->predecessors.begin(), task->predecessors.end());
    if (task->finalizes) open.push_back(*task->finalizes);
    tasks.emplace_back(id, *std::move(task));
  }
  return tasks;
}

}  // namespace

StatementResult<> RequireSuspendedRoots(const Snapshot& snapshot, std::vector<ObjectId> tasks) {
  STATEMENT_ASSIGN(const auto all, WithPredecessors(snapshot, std::move(tasks)));
  for (const auto& [id, task] : all) {
    const bool is_root = task.predecessors.empty() && !task.finalizes;
    if (!is_root || task.state == TaskState::kSuspended) continue;
    STATEMENT_ASSIGN(const std::string name, snapshot.QualifiedName(id));
    return std::unexpected(StatementError{
        .error = {ErrorKind::kInvalidArgument,
                  fmt::format("Unable to update graph with root task {} since that root task is "
                              "not suspended.",
                              name),
                  {},
                  {}},
        .code = "091421",
        .sqlstate = "22000"});
  }
  return {};
}

StatementResult<> RefuseTaskCircle(const Snapshot& snapshot, ObjectId task,
                                   std::vector<ObjectId> predecessors) {
  bool circle = std::ranges::find(predecessors, task) != predecessors.end();
  STATEMENT_ASSIGN(const auto all, WithPredecessors(snapshot, std::move(predecessors)));
  for (const auto& [id, before] : all) circle = circle || id == task;
  if (circle) return CompilationError("001003", "42000", "a task cannot run after itself");
  return {};
}

StatementResult<> RequireOneGraph(const ObjectHead& task, const ObjectHead& predecessor) {
  if (task.owner == predecessor.owner && task.container == predecessor.container) return {};
  return CompilationError(
      "091090", "22023",
      fmt::format("Task '{}' cannot run after task '{}': all tasks of a graph must have the same "
                  "owner and lie in the same schema.",
                  task.name, predecessor.name));
}

StatementResult<> RequireTaskMayRun(const Snapshot& snapshot, const ObjectHead& head,
                                    const Task& task) {
  STATEMENT_ASSIGN(const Authority owner, Authority::Of(snapshot, Caller{.user = {},
                                                                         .role = head.owner,
                                                                         .secondary_roles = {},
                                                                         .database = {},
                                                                         .schema = {}}));
  STATEMENT_ASSIGN(const bool may, owner.HasOnAccount(kExecuteTask));
  if (!may) return CannotRun("EXECUTE TASK privilege");
  if (!task.warehouse) {
    STATEMENT_ASSIGN(const bool managed, owner.HasOnAccount(kExecuteManagedTask));
    if (!managed) return CannotRun("EXECUTE MANAGED TASK privilege");
  } else {
    STATEMENT_ASSIGN(const auto warehouse, snapshot.FindHead(*task.warehouse));
    bool uses = false;
    if (warehouse && !warehouse->dropped_ms) {
      STATEMENT_ASSIGN(uses, owner.Has(*warehouse, kUsage));
    }
    if (!uses) return CannotRun("USAGE privilege on the task's warehouse");
  }
  for (ObjectId place = head.container; place != kAccountId;) {
    STATEMENT_ASSIGN(const auto container, snapshot.FindHead(place));
    if (!container) return DoesNotExist(ObjectKind::kTask, head.name);
    STATEMENT_ASSIGN(const bool enters, owner.Enters(*container));
    if (!enters) {
      return CannotRun(fmt::format("USAGE privilege on the task's {}",
                                   container->kind == ObjectKind::kSchema ? "schema" : "database"));
    }
    place = container->container;
  }
  return {};
}

Result<> SeverTask(Transaction& transaction, ObjectId task) {
  TARN_ASSIGN(auto children,
              transaction.Objects<Task>("WHERE o.id IN (SELECT from_id FROM reference WHERE "
                                        "to_id = ? AND role IN ('predecessors', 'finalizes_id'))",
                                        task));
  for (Object<Task>& child : children) {
    std::erase(child.value.predecessors, task);
    if (child.value.finalizes == task) child.value.finalizes.reset();
    TARN_TRY(transaction.Update(child.head.id, child.value));
    if (child.value.predecessors.empty()) {
      TARN_TRY(SuspendTask(transaction, child.head.id, "CHILD_BECAME_ROOT"));
    }
  }
  return {};
}

Result<> SuspendTask(Transaction& transaction, ObjectId task, std::string reason) {
  TARN_ASSIGN(auto definition, transaction.Find<Task>(task));
  if (!definition || definition->state == TaskState::kSuspended) return {};
  definition->state = TaskState::kSuspended;
  definition->last_suspended_ms = transaction.now_ms();
  definition->last_suspended_reason = std::move(reason);
  return transaction.Update(task, *definition);
}

}  // namespace tarn::warehouse
