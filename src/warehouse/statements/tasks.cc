// SPDX-License-Identifier: Apache-2.0
// TASK. A graph changes only while its root is suspended.
#include <algorithm>

#include "warehouse/catalogue/names.h"
#include "warehouse/catalogue/task_graph.h"
#include "warehouse/catalogue/uses.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/scheduler/scheduler.h"
#include "warehouse/scheduler/task_graph.h"
#include "warehouse/scheduler/task_schedule.h"
#include "warehouse/scheduler/triggered_task.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

std::string TextOf(const StatementContext& context, const syntax::Span& span) {
  std::string_view text = context.text.substr(span.begin, span.end - span.begin);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return std::string(text);
}

constexpr int64_t kTimeoutMaxMs = 604'800'000;
constexpr int64_t kRetriesMax = 30;

struct TaskOptions {
  std::optional<ObjectName> warehouse, finalizes;
  std::optional<std::string> comment;
  Options parameters;

  StatementResult<> Read(OptionReader& options, Task& task) {
    warehouse = options.Name("WAREHOUSE");
    comment = options.Text("COMMENT");
    const auto schedule = options.Text("SCHEDULE");
    finalizes = options.Name("FINALIZE");
    if (const auto failures = options.Integer("SUSPEND_TASK_AFTER_NUM_FAILURES", 0)) {
      task.suspend_after_failures = *failures;
    }
    if (const auto timeout_ms = options.Integer("USER_TASK_TIMEOUT_MS", 0, kTimeoutMaxMs)) {
      task.timeout_ms = *timeout_ms;
    }
    if (const auto attempts = options.Integer("TASK_AUTO_RETRY_ATTEMPTS", 0, kRetriesMax)) {
      task.auto_retry_attempts = *attempts;
    }
    if (auto size = options.Text("USER_TASK_MANAGED_INITIAL_WAREHOUSE_SIZE")) {
      task.managed_warehouse_size = *std::move(size);
    }
    if (auto interval = options.Text("TARGET_COMPLETION_INTERVAL")) {
      STATEMENT_TRY(IntervalOfSchedule(*interval));
      task.target_completion_interval = *std::move(interval);
    }
    if (const auto seconds =
            options.Integer(kTriggerInterval, kTriggerIntervalLeast, kTriggerIntervalMost)) {
      parameters[std::string(kTriggerInterval)] = std::to_string(*seconds);
    }
    if (options.Bool("ALLOW_OVERLAPPING_EXECUTION").value_or(false)) {
      return UnsupportedFeature("tasks whose runs overlap");
    }
    (void)options.Word("OVERLAP_POLICY", {"NO_OVERLAP"});
    STATEMENT_TRY(options.Finish());
    if (!schedule) return {};
    if (!schedule->empty()) STATEMENT_TRY(TaskSchedule::Parse(*schedule));
    task.schedule = *schedule;
    return {};
  }

  StatementResult<> FindWarehouse(const Snapshot& snapshot, const Caller& caller,
                                  Task& task) const {
    if (!warehouse) return {};
    STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
    STATEMENT_ASSIGN(const ObjectHead head, Resolve(snapshot, caller, authority,
                                                    ObjectKind::kWarehouse, *warehouse, "TASK"));
    STATEMENT_TRY(authority.Require(head, kUsage));
    task.warehouse = head.id;
    return {};
  }
};

StatementResult<ObjectHead> FindTask(const Snapshot& snapshot, const Caller& caller,
                                     const ObjectName& name) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(snapshot, caller));
  return Resolve(snapshot, caller, authority, ObjectKind::kTask, name, "TASK");
}

StatementResult<std::vector<ObjectHead>> FindTasks(const StatementContext& context,
                                                   const Snapshot& snapshot, const Caller& caller,
                                                   const std::vector<syntax::ObjectName>& names) {
  std::vector<ObjectHead> tasks;
  for (const syntax::ObjectName& written : names) {
    STATEMENT_ASSIGN(const ObjectName name, NameOf(context, written));
    STATEMENT_ASSIGN(ObjectHead head, FindTask(snapshot, caller, name));
    if (std::ranges::find(tasks, head.id, &ObjectHead::id) == tasks.end()) {
      tasks.push_back(std::move(head));
    }
  }
  return tasks;
}

/// Without a warehouse of its own a task takes EXECUTE MANAGED TASK to be made.
StatementResult<> RequireComputing(const Snapshot& snapshot, const Caller& caller,
                                   const Task& task) {
  if (task.warehouse) return {};
  STATEMENT_ASSIGN(const Authority primary, Authority::OfPrimaryRole(snapshot, caller));
  return primary.RequireOnAccount(kExecuteManagedTask);
}

StatementFailure NoFinalizer(std::string_view why) {
  return CompilationError("001003", "42000", fmt::format("invalid finalizer task: {}", why));
}

/// What stands in the documentation of FINALIZE, and of the options that only roots have.
StatementResult<> CheckFinalizer(const Snapshot& snapshot, ObjectId id, const Task& task) {
  const bool root = task.predecessors.empty() && !task.finalizes;
  if (!root && task.auto_retry_attempts > 0) {
    return CompilationError("001003", "42000",
                            "TASK_AUTO_RETRY_ATTEMPTS can only be set on a root task");
  }
  if (!task.finalizes) return {};
  if (!task.schedule.empty()) return NoFinalizer("it has a schedule");
  if (!task.predecessors.empty()) return NoFinalizer("it has a predecessor");
  if (task.finalizes == id) return NoFinalizer("it is the root itself");
  STATEMENT_ASSIGN(const auto finalized, snapshot.Find<Task>(*task.finalizes));
  if (!finalized || !finalized->predecessors.empty() || finalized->finalizes) {
    return NoFinalizer("what it finalizes is no root task");
  }
  STATEMENT_ASSIGN(const auto users, UsersOf(snapshot, *task.finalizes));
  for (const ObjectHead& user : users) {
    if (user.kind != ObjectKind::kTask || user.id == id) continue;
    STATEMENT_ASSIGN(const auto other, snapshot.Find<Task>(user.id));
    if (other && other->finalizes == task.finalizes) {
      return NoFinalizer(fmt::format("the root task has {} already", user.name));
    }
  }
  if (id == ObjectId()) return {};
  STATEMENT_ASSIGN(const auto children, UsersOf(snapshot, id));
  const bool has_child = std::ranges::any_of(
      children, [](const ObjectHead& child) { return child.kind == ObjectKind::kTask; });
  return has_child ? StatementResult<>(NoFinalizer("it has child tasks")) : StatementResult<>();
}

/// A finalizer runs last: nothing comes after it.
StatementResult<> RefuseFinalizers(const Snapshot& snapshot,
                                   const std::vector<ObjectId>& predecessors) {
  for (const ObjectId id : predecessors) {
    STATEMENT_ASSIGN(const auto task, snapshot.Find<Task>(id));
    if (task && task->finalizes) return NoFinalizer("it cannot be a predecessor");
  }
  return {};
}

/// FINALIZE = root, of the task `id` (none: it is being made).
StatementResult<> Finalize(const Snapshot& snapshot, const Caller& caller,
                           const std::optional<ObjectName>& root, ObjectId id, Task& task) {
  if (root) {
    STATEMENT_ASSIGN(const ObjectHead head, FindTask(snapshot, caller, *root));
    STATEMENT_TRY(RequireSuspendedRoots(snapshot, {head.id}));
    task.finalizes = head.id;
  }
  return CheckFinalizer(snapshot, id, task);
}

/// Puts a run at the end of what runs now: at once where nothing does. It takes the place of one
/// that waits.
StatementResult<> RequestRun(Transaction& transaction, const Object<Task>& task) {
  STATEMENT_ASSIGN(RunRecord run, NewRun(transaction, task, transaction.now_ms()));
  run.trigger = "EXECUTE_TASK";
  STATEMENT_ASSIGN(const auto open, OpenRuns(transaction, kTaskRun));
  const auto waiting = std::ranges::find_if(open, [&](const RunRecord& other) {
    return other.root == task.head.id && BeginsGraph(other) && other.state == "SCHEDULED";
  });
  if (waiting == open.end()) {
    STATEMENT_TRY(RecordRun(transaction, std::move(run)));
    return {};
  }
  run.id = waiting->id;
  run.graph_run = waiting->graph_run;
  STATEMENT_TRY(UpdateRun(transaction, run));
  return {};
}

/// One action of ALTER TASK on a task whose graph may change, unless it is SUSPEND.
class TaskAlteration {
 public:
  TaskAlteration(const StatementContext& context, Alteration& alteration, Task& task)
      : context_(context),
        transaction_(alteration.transaction),
        caller_(alteration.caller),
        head_(alteration.head),
        task_(task),
        comment_(alteration.comment),
        parameters_(alteration.parameters) {}

  StatementResult<> operator()(const syntax::Perform& perform) {
    if (perform.verb == "SUSPEND") {
      Suspend("USER_SUSPENDED");
      return {};
    }
    if (perform.verb != "RESUME") return Refuse(perform.verb);
    std::vector<ObjectId> graph = task_.predecessors;
    if (task_.finalizes) graph.push_back(*task_.finalizes);
    STATEMENT_TRY(RequireSuspendedRoots(transaction_, std::move(graph)));
    if (task_.schedule.empty() && task_.predecessors.empty() && !task_.finalizes &&
        !IsTriggered(task_)) {
      return CompilationError("091081", "22023",
                              "A task without a schedule or a predecessor cannot be resumed.");
    }
    if (task_.state == TaskState::kStarted) return {};
    STATEMENT_TRY(RequireTaskMayRun(transaction_, head_, task_));
    task_.state = TaskState::kStarted;
    task_.resumed_ms = transaction_.now_ms();
    task_.failures_in_row = 0;
    return {};
  }
  StatementResult<> operator()(const syntax::SetOptions& set) {
    STATEMENT_TRY(MayChange());
    TaskOptions read;
    OptionReader options(context_, "TASK", set.options);
    STATEMENT_TRY(read.Read(options, task_));
    comment_ = read.comment;
    parameters_ = std::move(read.parameters);
    STATEMENT_TRY(read.FindWarehouse(transaction_, caller_, task_));
    return Finalize(transaction_, caller_, read.finalizes, head_.id, task_);
  }
  StatementResult<> operator()(const syntax::UnsetOptions& unset) {
    STATEMENT_TRY(MayChange());
    for (const std::string& key : unset.keys) {
      if (key == "SCHEDULE") {
        task_.schedule.clear();
      } else if (key == "WAREHOUSE") {
        task_.warehouse.reset();
      } else if (key == "FINALIZE") {
        task_.finalizes.reset();
      } else if (key == "USER_TASK_TIMEOUT_MS") {
        task_.timeout_ms = Task().timeout_ms;
      } else if (key == "SUSPEND_TASK_AFTER_NUM_FAILURES") {
        task_.suspend_after_failures = Task().suspend_after_failures;
      } else if (key == "TASK_AUTO_RETRY_ATTEMPTS") {
        task_.auto_retry_attempts = Task().auto_retry_attempts;
      } else if (key == "TARGET_COMPLETION_INTERVAL") {
        task_.target_completion_interval.clear();
      } else if (key == kTriggerInterval) {
        STATEMENT_TRY(UnsetParameter(transaction_, head_.id, kTriggerInterval));
      } else if (key == "COMMENT") {
        comment_ = "";
      } else {
        return Refuse("UNSET " + key);
      }
    }
    return {};
  }
  StatementResult<> operator()(const syntax::ChangePredecessors& change) {
    STATEMENT_TRY(MayChange());
    STATEMENT_ASSIGN(const auto tasks, FindTasks(context_, transaction_, caller_, change.tasks));
    std::vector<ObjectId> ids;
    for (const ObjectHead& task : tasks) ids.push_back(task.id);
    STATEMENT_TRY(RequireSuspendedRoots(transaction_, ids));
    if (!change.remove) STATEMENT_TRY(RefuseFinalizers(transaction_, ids));
    for (const ObjectHead& task : tasks) {
      std::erase(task_.predecessors, task.id);
      if (change.remove) continue;
      STATEMENT_TRY(RequireOneGraph(head_, task));
      task_.predecessors.push_back(task.id);
    }
    if (task_.predecessors.empty()) Suspend("CHILD_BECAME_ROOT");
    return RefuseTaskCircle(transaction_, head_.id, task_.predecessors);
  }
  StatementResult<> operator()(const syntax::ModifyBody& modify) {
    STATEMENT_TRY(MayChange());
    task_.definition = TextOf(context_, modify.body_span);
    return {};
  }
  StatementResult<> operator()(const syntax::ModifyCondition& modify) {
    STATEMENT_TRY(MayChange());
    task_.condition = TextOf(context_, modify.condition->span);
    return {};
  }
  template <typename Other>
  StatementResult<> operator()(const Other&) {
    return Refuse("this clause");
  }

 private:
  void Suspend(const char* reason) {
    if (task_.state == TaskState::kSuspended) return;
    task_.state = TaskState::kSuspended;
    task_.last_suspended_ms = transaction_.now_ms();
    task_.last_suspended_reason = reason;
  }
  StatementResult<> MayChange() {
    std::vector<ObjectId> graph = task_.predecessors;
    graph.push_back(head_.id);
    return RequireSuspendedRoots(transaction_, std::move(graph));
  }
  static StatementFailure Refuse(std::string_view what) {
    return UnsupportedFeature(fmt::format("ALTER TASK with {}", what));
  }

  const StatementContext& context_;
  Transaction& transaction_;
  const Caller& caller_;
  const ObjectHead& head_;
  Task& task_;
  std::optional<std::string>& comment_;
  Options& parameters_;
};

}  // namespace

Outcome Act(StatementContext& context, const syntax::CreateTask& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  if (create.execute_as_user) return UnsupportedFeature("EXECUTE AS USER of tasks");
  Task task;
  TaskOptions read;
  OptionReader options(context, "TASK", create.options);
  STATEMENT_TRY(read.Read(options, task));
  request.comment = read.comment.value_or("");
  request.parameters = read.parameters;
  task.definition = TextOf(context, create.body_span);
  if (create.when) task.condition = TextOf(context, (*create.when)->span);
  StatementOutcome told;
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_TRY(read.FindWarehouse(transaction, caller, task));
        STATEMENT_TRY(RequireComputing(transaction, caller, task));
        STATEMENT_ASSIGN(const auto before, FindTasks(context, transaction, caller, create.after));
        for (const ObjectHead& each : before) task.predecessors.push_back(each.id);
        STATEMENT_TRY(RequireSuspendedRoots(transaction, task.predecessors));
        STATEMENT_TRY(RefuseFinalizers(transaction, task.predecessors));
        STATEMENT_TRY(Finalize(transaction, caller, read.finalizes, ObjectId(), task));
        request.definition = task;
        STATEMENT_ASSIGN(const CreateOutcome outcome, CreateObject(transaction, caller, request));
        // Whose it is, is known only now.
        STATEMENT_ASSIGN(const auto head, transaction.FindHead(outcome.id));
        for (const ObjectHead& each : before) STATEMENT_TRY(RequireOneGraph(*head, each));
        told.status = outcome.status;
        return {};
      }));
  return told;
}

Outcome AlterTask(StatementContext& context, const syntax::AlterObject& alter) {
  STATEMENT_ASSIGN(AlterRequest request, AlterRequestOf(context, alter));
  const auto step = [&](Alteration& alteration, Task& task, const syntax::AlterAction& action) {
    return std::visit(TaskAlteration(context, alteration, task), action);
  };
  if (!std::ranges::all_of(alter.actions, IsPerform)) {
    return AlterByActions<Task>(context, alter, request, step);
  }
  request.privileges = {kOwnership, kOperate};
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_TRY(OperateObject(
            transaction, caller, request,
            [&](const ObjectHead& head, Definition& definition) -> StatementResult<> {
              Alteration alteration{.transaction = transaction, .caller = caller, .head = head};
              for (const syntax::AlterAction& action : alter.actions) {
                STATEMENT_TRY(step(alteration, std::get<Task>(definition), action));
              }
              return {};
            }));
        return {};
      }));
  return Executed();
}

Outcome Act(StatementContext& context, const syntax::ExecuteTask& execute) {
  if (execute.retry_last || !execute.options.empty()) {
    return UnsupportedFeature("EXECUTE TASK with options");
  }
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, execute.name));
  StatementOutcome told;
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_ASSIGN(const ObjectHead head, FindTask(transaction, caller, name));
        STATEMENT_TRY(RequirePrivilege(transaction, caller, head, kOperate));
        STATEMENT_ASSIGN(const auto task, transaction.Find<Task>(head.id));
        if (!task) return DoesNotExist(ObjectKind::kTask, name.Written());
        if (!task->predecessors.empty() || task->finalizes) {
          return CompilationError("001003", "42000", "only a root task can be executed");
        }
        STATEMENT_TRY(RequireTaskMayRun(transaction, head, *task));
        STATEMENT_TRY(RequestRun(transaction, {head, *task}));
        told.status = fmt::format("Task {} is scheduled to run immediately.", head.name);
        return {};
      }));
  context.account->scheduler().WakeJob("tasks");
  return told;
}

}  // namespace tarn::warehouse
