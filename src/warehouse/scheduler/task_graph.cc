// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scheduler/task_graph.h"

#include <algorithm>
#include <map>

namespace tarn::warehouse {
namespace {

constexpr const char* kSucceeded = "SUCCEEDED";
constexpr const char* kFailed = "FAILED";
constexpr const char* kSkipped = "SKIPPED";

/// One run of a graph: its tasks as they are, and what came of them so far.
class GraphRun {
 public:
  GraphRun(Transaction& transaction, const RunRecord& ended)
      : transaction_(transaction), ended_(ended) {}

  /// The ended run's state, which may change.
  Result<std::string> Continue(std::string state) {
    TARN_TRY(Load());
    const auto root = tasks_.find(ended_.root);
    if (root == tasks_.end()) return state;
    TARN_ASSIGN(const bool goes_on, ScheduleReady());
    if (goes_on || open_) return state;
    const bool failed = std::ranges::any_of(
        newest_, [](const auto& entry) { return entry.second.state == kFailed; });
    const bool interrupted = std::ranges::any_of(
        newest_, [](const auto& entry) { return entry.second.error_code == kInterruptedCode; });
    if (failed && !interrupted && Attempt() <= root->second.value.auto_retry_attempts) {
      TARN_TRY(Retry());
      return state;
    }
    TARN_ASSIGN(const bool finalizes, ScheduleFinalizer(root->first));
    if (finalizes) return state;
    return Count(root->second, failed, interrupted, std::move(state));
  }

 private:
  Result<> Load() {
    TARN_ASSIGN(auto all, transaction_.Objects<Task>("WHERE o.dropped_ms IS NULL"));
    for (Object<Task>& task : all) tasks_.emplace(task.head.id, std::move(task));
    TARN_ASSIGN(const auto runs, RunsOfGraph(transaction_, ended_.graph_run));
    for (const RunRecord& run : runs) {
      newest_[run.object] = run;  // oldest first: later attempts come later
      if (!run.ended_ms) open_ = true;
    }
    return {};
  }

  int64_t Attempt() const {
    int64_t attempt = 1;
    for (const auto& [id, run] : newest_) attempt = std::max(attempt, run.attempt);
    return attempt;
  }

  bool IsSuspended(ObjectId id) const {
    const auto task = tasks_.find(id);
    return task != tasks_.end() && id != ended_.root &&
           task->second.value.state == TaskState::kSuspended;
  }

  /// Whether those behind it may begin as far as it goes.
  bool IsFulfilled(ObjectId id) const {
    const auto run = newest_.find(id);
    if (run != newest_.end()) return run->second.state == kSucceeded;
    return IsSuspended(id) && AreFulfilled(tasks_.at(id).value.predecessors);
  }
  bool AreFulfilled(const std::vector<ObjectId>& predecessors) const {
    return !predecessors.empty() &&
           std::ranges::all_of(predecessors, [this](ObjectId id) { return IsFulfilled(id); });
  }

  Result<bool> ScheduleReady() {
    bool any = false;
    for (const auto& [id, task] : tasks_) {
      const auto& before = task.value.predecessors;
      const bool none_runs = before.size() > 1 && std::ranges::all_of(before, [this](ObjectId p) {
                               return IsSuspended(p);
                             });
      if (newest_.contains(id) || none_runs || task.value.state != TaskState::kStarted) continue;
      if (!AreFulfilled(before)) continue;
      TARN_TRY(Schedule(task, Attempt(), ended_.trigger));
      any = true;
    }
    return any;
  }

  Result<> Retry() {
    const int64_t attempt = Attempt() + 1;
    for (const auto& [id, run] : newest_) {
      const auto task = tasks_.find(id);
      if (run.state != kFailed || task == tasks_.end()) continue;
      TARN_TRY(Schedule(task->second, attempt, "AUTOMATIC RETRY"));
    }
    return {};
  }

  Result<bool> ScheduleFinalizer(ObjectId root) {
    const auto first = newest_.find(root);
    if (first == newest_.end() || first->second.state == kSkipped) return false;
    for (const auto& [id, task] : tasks_) {
      if (task.value.finalizes != root || task.value.state != TaskState::kStarted) continue;
      if (newest_.contains(id)) continue;
      TARN_TRY(Schedule(task, Attempt(), ended_.trigger));
      return true;
    }
    return false;
  }

  Result<> Schedule(const Object<Task>& task, int64_t attempt, const std::string& trigger) {
    TARN_ASSIGN(RunRecord run, NewRun(transaction_, task, transaction_.now_ms()));
    run.root = ended_.root;
    run.graph_run = ended_.graph_run;
    run.attempt = attempt;
    run.trigger = trigger;
    TARN_TRY(RecordRun(transaction_, std::move(run)));
    return {};
  }

  /// Of runs of the whole graph in a row. Skipped, cancelled and interrupted ones are neither.
  Result<std::string> Count(const Object<Task>& root, bool failed, bool interrupted,
                            std::string state) {
    Task task = root.value;
    const bool succeeded = newest_.at(root.head.id).state == kSucceeded &&
                           std::ranges::none_of(newest_, [](const auto& entry) {
                             return entry.second.state == "CANCELLED";
                           });
    if (interrupted || (!failed && (!succeeded || task.failures_in_row == 0))) return state;
    task.failures_in_row = failed ? task.failures_in_row + 1 : 0;
    const bool suspends = failed && task.suspend_after_failures > 0 &&
                          task.failures_in_row >= task.suspend_after_failures &&
                          task.state == TaskState::kStarted;
    if (suspends) {
      task.state = TaskState::kSuspended;
      task.last_suspended_ms = transaction_.now_ms();
      task.last_suspended_reason = "MAX_FAILURES_REACHED";
      if (state == kFailed) state = "FAILED_AND_AUTO_SUSPENDED";
    }
    TARN_TRY(transaction_.Update(root.head.id, task));
    return state;
  }

  Transaction& transaction_;
  const RunRecord& ended_;
  std::map<ObjectId, Object<Task>> tasks_;
  std::map<ObjectId, RunRecord> newest_;  ///< by task
  bool open_ = false;                     ///< something waits or runs
};

}  // namespace

Result<RunRecord> NewRun(const Snapshot& snapshot, const Object<Task>& task, int64_t scheduled_ms) {
  RunRecord run{.kind = kTaskRun,
                .object = task.head.id,
                .root = task.head.id,
                .scheduled_ms = scheduled_ms,
                .text = task.value.definition,
                .condition = task.value.condition};
  TARN_ASSIGN(run.object_name, snapshot.QualifiedName(task.head.id));
  return run;
}

Result<std::string> EndTaskRun(Transaction& transaction, const RunRecord& run,
                               std::string_view state, std::string_view error_code,
                               std::string_view error_message) {
  TARN_ASSIGN(const bool ended,
              EndRun(transaction, run.id, state, error_code, error_message, std::nullopt));
  if (!ended) return std::string(state);
  TARN_ASSIGN(const std::string final_state,
              GraphRun(transaction, run).Continue(std::string(state)));
  if (final_state == state) return final_state;
  TARN_ASSIGN(auto now, FindRun(transaction, run.id));
  if (!now) return final_state;
  now->state = final_state;
  TARN_TRY(UpdateRun(transaction, *now));
  return final_state;
}

}  // namespace tarn::warehouse
