// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scheduler/task_runner.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "base/batch.h"
#include "warehouse/catalogue/task_graph.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/scheduler/run_watch.h"
#include "warehouse/scheduler/task_graph.h"
#include "warehouse/scheduler/task_schedule.h"
#include "warehouse/scheduler/triggered_task.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/session_parameters.h"
#include "warehouse/session/warehouse_session.h"

namespace tarn::warehouse {
namespace {

constexpr const char* kScheduled = "SCHEDULED";
constexpr const char* kBySchedule = "SCHEDULE";
constexpr const char* kByTrigger = "TRIGGER";
/// What a time-out of 0 stands for: seven days.
constexpr int64_t kTimeoutMaxMs = 604'800'000;
constexpr const char* kAliveTasks = "WHERE o.dropped_ms IS NULL";

/// The owner's session, where the task lies.
Result<SessionState> StateOf(const Snapshot& snapshot, const Object<Task>& task) {
  SessionState state;
  TARN_ASSIGN(const auto role, snapshot.FindHead(task.head.owner));
  TARN_ASSIGN(const auto schema, snapshot.FindHead(task.head.container));
  if (!role || !schema) return Fail(ErrorKind::kNotFound, "task {} is gone", task.head.name);
  TARN_ASSIGN(const auto database, snapshot.FindHead(schema->container));
  if (!database) return Fail(ErrorKind::kNotFound, "task {} is gone", task.head.name);
  state.user = "SYSTEM";
  state.role = role->name;
  state.role_id = role->id;
  state.database = database->name;
  state.schema = schema->name;
  if (task.value.warehouse) {
    TARN_ASSIGN(const auto warehouse, snapshot.FindHead(*task.value.warehouse));
    if (warehouse) state.warehouse = warehouse->name;
  }
  for (const ParameterFacts& facts : SessionParameters()) {
    TARN_ASSIGN(const auto set, FindParameter(snapshot, kAccountId, facts.name));
    if (set) state.parameters[std::string(facts.name)] = set->value;
  }
  TARN_ASSIGN(state.task, snapshot.QualifiedName(task.head.id));
  return state;
}

/// A run that is to be recorded, unless there is one since.
struct DueRun {
  int64_t scheduled_ms = 0;
  int64_t unless_since_ms = 0;
  const char* trigger = kBySchedule;
};

/// The newest moment at which a task that is started was due; now, of one that a stream triggers,
/// unless it ran a moment ago.
Result<std::optional<DueRun>> DueOf(const Snapshot& snapshot, const Object<Task>& task,
                                    int64_t now_ms) {
  if (task.value.state != TaskState::kStarted || !task.value.resumed_ms) return std::nullopt;
  DueRun due;
  if (IsTriggered(task.value)) {
    TARN_ASSIGN(const int64_t interval_ms, TriggerIntervalMs(snapshot, task.head.id));
    due = {
        .scheduled_ms = now_ms, .unless_since_ms = now_ms - interval_ms + 1, .trigger = kByTrigger};
  } else {
    if (task.value.schedule.empty()) return std::nullopt;
    const auto schedule = TaskSchedule::Parse(task.value.schedule);
    const auto at_ms = schedule ? schedule->DueAt(*task.value.resumed_ms, now_ms) : std::nullopt;
    if (!at_ms) return std::nullopt;
    due = {.scheduled_ms = *at_ms, .unless_since_ms = *at_ms};
  }
  TARN_ASSIGN(const auto later, RunsOf(snapshot, kTaskRun, task.head.id, due.unless_since_ms,
                                       std::numeric_limits<int64_t>::max(), 1));
  return later.empty() ? std::optional(due) : std::nullopt;
}

/// Whether a task that is due by a trigger has one. What fails, the run tells.
Result<bool> HasTriggerNow(Account& account, const Snapshot& snapshot, const Object<Task>& task) {
  TARN_ASSIGN(const SessionState state, StateOf(snapshot, task));
  const auto caller = CallerOf(snapshot, state);
  if (!caller) return true;
  NamingMoment moment{.snapshot = &snapshot,
                      .tables = &account.tables(),
                      .session = &state,
                      .pinned = {},
                      .failure = {},
                      .stages_location = account.stages_location()};
  return HasTrigger(moment, *caller, task.value).value_or(true);
}

/// What is under way goes on before another graph begins.
const RunRecord* NextOf(const std::vector<RunRecord>& open) {
  const RunRecord* next = nullptr;
  for (const RunRecord& run : open) {
    if (run.state != kScheduled) continue;
    if (!BeginsGraph(run)) return &run;
    if (next == nullptr) next = &run;
  }
  return next;
}

/// Records it if the task is still started, and nothing of it waits or runs.
Result<> RecordIfDue(Transaction& transaction, const Object<Task>& task) {
  TARN_ASSIGN(const auto due, DueOf(transaction, task, transaction.now_ms()));
  if (!due) return {};
  TARN_ASSIGN(const auto open, OpenRuns(transaction, kTaskRun));
  if (std::ranges::any_of(open, [&](const RunRecord& r) { return r.root == task.head.id; })) {
    return {};
  }
  TARN_ASSIGN(RunRecord run, NewRun(transaction, task, due->scheduled_ms));
  run.trigger = due->trigger;
  TARN_TRY(RecordRun(transaction, std::move(run)));
  return {};
}

StatementResult<std::unique_ptr<ResultStream>> Start(Session& session, std::string text,
                                                     std::unique_ptr<PreparedStatement>& prepared) {
  STATEMENT_ASSIGN(prepared, session.Prepare(std::move(text), {}, {}));
  return session.Execute(*prepared, {});
}

Result<> AsResult(StatementResult<> done) {
  if (done) return {};
  return std::unexpected(std::move(done).error().error);
}

}  // namespace

Result<> TaskRunner::Recover() {
  return AsResult(account_.metastore().Commit([](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const auto open, OpenRuns(transaction, kTaskRun));
    for (const RunRecord& run : open) {
      if (run.state == kScheduled) continue;  // it had not begun, and is run now
      STATEMENT_TRY(EndTaskRun(transaction, run, "FAILED", kInterruptedCode,
                               "the server ended while the task ran; its statement may have taken "
                               "effect"));
    }
    return {};
  }));
}

Result<> TaskRunner::Round() {
  TARN_TRY(RecordDue());
  while (!ending_.stop_requested()) {
    std::vector<RunRecord> open;
    {
      TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
      TARN_ASSIGN(open, OpenRuns(*snapshot, kTaskRun));
    }
    const RunRecord* const next = NextOf(open);
    if (next == nullptr) return {};
    TARN_TRY(RunOne(*next));
  }
  return {};
}

Result<> TaskRunner::RecordDue() {
  std::vector<Object<Task>> due;
  {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(auto tasks, snapshot->Objects<Task>(kAliveTasks));
    const int64_t now_ms = account_.clock().NowMs();
    // A round in which nothing is due writes nothing.
    for (Object<Task>& task : tasks) {
      TARN_ASSIGN(const auto run, DueOf(*snapshot, task, now_ms));
      if (!run) continue;
      TARN_ASSIGN(const bool alive, snapshot->IsAlive(task.head.id));
      if (!alive) continue;
      if (run->trigger == kByTrigger) {
        TARN_ASSIGN(const bool triggered, HasTriggerNow(account_, *snapshot, task));
        if (!triggered) continue;
      }
      due.push_back(std::move(task));
    }
  }
  if (due.empty()) return {};
  return AsResult(account_.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    for (const Object<Task>& task : due) {
      STATEMENT_ASSIGN(const auto now, transaction.Find<Task>(task.head.id));
      if (now) STATEMENT_TRY(RecordIfDue(transaction, {task.head, *now}));
    }
    return {};
  }));
}

Result<> TaskRunner::RunOne(RunRecord run) {
  std::optional<Task> task;
  Result<SessionState> state;
  StatementResult<> may;
  {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(const auto head, snapshot->FindHead(run.object));
    TARN_ASSIGN(const bool alive, snapshot->IsAlive(run.object));
    if (head && alive) {
      TARN_ASSIGN(task, snapshot->Find<Task>(run.object));
    }
    if (task) state = StateOf(*snapshot, {*head, *task});
    if (task) may = RequireTaskMayRun(*snapshot, *head, *task);
    run.started_ms = snapshot->now_ms();
  }
  if (!task) return End(run, "CANCELLED", "", "the task was dropped");
  if (!state) return End(run, "FAILED", "", state.error().message);
  const bool by_itself =
      BeginsGraph(run) && (run.trigger == kBySchedule || run.trigger == kByTrigger);
  if (by_itself && task->state != TaskState::kStarted) {
    return End(run, "CANCELLED", "", "the task was suspended");
  }
  if (!may) return End(run, "FAILED", may.error().code, may.error().error.message);
  run.state = "EXECUTING";
  TARN_TRY(AsResult(account_.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(UpdateRun(transaction, run));
    return {};
  })));
  WarehouseSession session(account_, *std::move(state), [] {});
  const int64_t timeout_ms = task->timeout_ms == 0 ? kTimeoutMaxMs : task->timeout_ms;
  StatementResult<bool> holds;
  StatementResult<> done;
  bool timed_out = false;
  {
    const RunWatch watch([&session] { session.Cancel(); }, std::chrono::milliseconds(timeout_ms),
                         ending_.get_token());
    holds = Holds(session, run);
    if (!holds) {
      done = std::unexpected(std::move(holds).error());
    } else if (*holds) {
      done = Perform(session, run);
    }
    timed_out = watch.timed_out();
  }
  if (done) return End(run, *holds ? "SUCCEEDED" : "SKIPPED");
  const StatementError& failure = done.error();
  if (failure.error.kind != ErrorKind::kCancelled) {
    return End(run, "FAILED", failure.code, failure.error.message);
  }
  if (timed_out) {
    const StatementError late = TimedOut((timeout_ms + 999) / 1000).error();
    return End(run, "FAILED", late.code, late.error.message);
  }
  return End(run, ending_.stop_requested() ? "CANCELLED" : "FAILED", failure.code,
             failure.error.message);
}

Result<> TaskRunner::End(const RunRecord& run, std::string_view state, std::string_view code,
                         std::string_view message) {
  return AsResult(account_.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(EndTaskRun(transaction, run, state, code, message));
    return {};
  }));
}

StatementResult<bool> TaskRunner::Holds(Session& session, const RunRecord& run) {
  if (run.condition.empty()) return true;
  std::unique_ptr<PreparedStatement> prepared;
  STATEMENT_ASSIGN(const auto stream, Start(session, "SELECT 1 WHERE " + run.condition, prepared));
  std::vector<uint8_t> batch;
  STATEMENT_TRY(stream->Next(batch));
  return !batch.empty();
}

StatementResult<> TaskRunner::Perform(Session& session, const RunRecord& run) {
  std::unique_ptr<PreparedStatement> prepared;
  STATEMENT_ASSIGN(const auto stream, Start(session, run.text, prepared));
  std::vector<uint8_t> batch;
  do {
    STATEMENT_TRY(stream->Next(batch));
  } while (!batch.empty());
  return {};
}

}  // namespace tarn::warehouse
