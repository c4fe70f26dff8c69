// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/refresh_runner.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "sql/syntax/name.h"
#include "warehouse/dynamic/defined_table.h"
#include "warehouse/dynamic/refresh.h"
#include "warehouse/dynamic/refresh_schedule.h"
#include "warehouse/dynamic/target_lag.h"
#include "warehouse/dynamic/unchanged_tables.h"
#include "warehouse/scheduler/run_watch.h"
#include "warehouse/session/warehouse_session.h"

namespace tarn::warehouse {
namespace {

/// Snowflake, "Dynamic table suspension".
constexpr size_t kFailuresMost = 5;
/// Among which these are found.
constexpr int64_t kRunsLookedAt = 100;
/// Refreshes; those of large tables have all cores each.
constexpr size_t kBesideEachOther = 4;
constexpr auto kRefreshLongest = std::chrono::hours(24);

Result<> AsResult(StatementResult<> done) {
  if (done) return {};
  return std::unexpected(std::move(done).error().error);
}

std::string Quoted(const std::string& name) {
  std::string quoted = "\"";
  for (const char letter : name) {
    if (letter == '"') quoted += '"';
    quoted += letter;
  }
  return quoted + "\"";
}

StatementResult<> RunText(Session& session, std::string text) {
  STATEMENT_ASSIGN(const auto prepared, session.Prepare(std::move(text), {}, {}));
  STATEMENT_ASSIGN(const auto stream, session.Execute(*prepared, {}));
  std::vector<uint8_t> batch;
  do {
    STATEMENT_TRY(stream->Next(batch));
  } while (!batch.empty());
  return {};
}

}  // namespace

Result<> RefreshRunner::Recover() {
  return AsResult(account_.metastore().Commit([](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const auto open, OpenRuns(transaction, kRefreshRun));
    for (const RunRecord& run : open) {
      STATEMENT_TRY(EndRun(transaction, run.id, "CANCELLED", "",
                           "the server ended while the table was refreshed"));
    }
    return {};
  }));
}

void RefreshRunner::Stop() {
  Interrupt();
  running_.clear();  // joins
}

void RefreshRunner::Reap() {
  std::list<Running> ended;
  const std::lock_guard lock(mutex_);
  for (auto it = running_.begin(); it != running_.end();) {
    const auto next = std::next(it);
    if (it->ended) ended.splice(ended.end(), running_, it);
    it = next;
  }
}

std::optional<int64_t> RefreshRunner::BegunMs(ObjectId table) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(running_, table, &Running::table);
  return found == running_.end() ? std::nullopt : std::optional(found->begun_ms);
}

/// Whether it or what it reads is being refreshed, by itself or for somebody else.
bool RefreshRunner::IsHeldUp(ObjectId table, const std::set<ObjectId>& reads) {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(running_, [&](const Running& each) {
    return each.table == table || reads.contains(each.table) || each.reads.contains(table) ||
           std::ranges::any_of(reads, [&](ObjectId read) { return each.reads.contains(read); });
  });
}

bool RefreshRunner::MayBegin(ObjectId table, const std::set<ObjectId>& reads) {
  if (IsHeldUp(table, reads)) return false;
  const std::lock_guard lock(mutex_);
  return running_.size() < kBesideEachOther;
}

void RefreshRunner::BeginOne(ObjectId table, std::set<ObjectId> reads) {
  const std::lock_guard lock(mutex_);
  Running& running = running_.emplace_back();
  running.table = table;
  running.reads = std::move(reads);
  running.begun_ms = account_.clock().NowMs();
  running.thread = std::jthread([this, &running] {
    if (const auto done = RefreshOne(running.table); !done) {
      spdlog::warn("a refresh failed: {}", done.error().message);
    }
    const std::lock_guard lock(mutex_);
    running.ended = true;
    changed_.notify_all();
  });
}

Result<> RefreshRunner::RecordSkipped(ObjectId table) {
  return AsResult(account_.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    RunRecord run{.kind = std::string(kRefreshRun),
                  .object = table,
                  .root = table,
                  .trigger = std::string(ToString(RefreshTrigger::kScheduled)),
                  .state = "SKIPPED",
                  .scheduled_ms = transaction.now_ms()};
    run.ended_ms = run.scheduled_ms;
    STATEMENT_ASSIGN(run.object_name, transaction.QualifiedName(table));
    STATEMENT_TRY(RecordRun(transaction, std::move(run)));
    return {};
  }));
}

Result<size_t> RefreshRunner::BeginDue() {
  Reap();
  std::vector<ObjectId> due;
  DynamicGraph graph;
  {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(graph, ReadDynamicGraph(account_.tables(), *snapshot));
    TARN_ASSIGN(due, DueTables(graph, *snapshot, account_.clock().NowMs()));
  }
  kept_.Retain([&](ObjectId table) { return graph.nodes.contains(table); });
  std::vector<ObjectId> waiting;
  for (const ObjectId table : due) {
    const auto begun_ms = BegunMs(table);
    if (!begun_ms) {
      if (!IsHeldUp(table, graph.AllReadBy(table))) waiting.push_back(table);
      continue;
    }
    // Its run is recorded once what it reads has been refreshed: until then it is due for the
    // moment for which it was begun.
    const auto lag = graph.EffectiveLagSeconds(table);
    const bool again =
        lag && DueMoment(RefreshPeriodMs(*lag), account_.clock().NowMs()) > *begun_ms;
    if (again) TARN_TRY(RecordSkipped(table));
  }
  if (waiting.empty() || ending_.stop_requested()) return 0;
  StatementRun run;
  const SessionState asking;
  auto unchanged = EndUnchanged({.account = &account_, .session = &asking, .run = &run}, waiting,
                                RefreshTrigger::kScheduled);
  if (!unchanged) return std::unexpected(unchanged.error().error);
  size_t begun = 0;
  for (const ObjectId table : waiting) {
    if (unchanged->contains(table)) continue;
    std::set<ObjectId> reads = graph.AllReadBy(table);
    if (!MayBegin(table, reads)) continue;
    BeginOne(table, std::move(reads));
    ++begun;
  }
  return begun;
}

Result<> RefreshRunner::Begin() {
  TARN_TRY(BeginDue());
  return {};
}

Result<> RefreshRunner::Round() {
  while (!ending_.stop_requested()) {
    TARN_ASSIGN(const size_t begun, BeginDue());
    std::unique_lock lock(mutex_);
    if (begun == 0 && running_.empty()) return {};
    changed_.wait(lock, [this] {
      return std::ranges::all_of(running_, [](const Running& each) { return each.ended; });
    });
  }
  return {};
}

Result<> RefreshRunner::RefreshOne(ObjectId table) {
  SessionState state;
  std::string text;
  {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(const auto head, snapshot->FindHead(table));
    TARN_ASSIGN(const auto dynamic, snapshot->Find<DynamicTable>(table));
    if (!head || !dynamic) return {};
    auto owner = OwnerState(*snapshot, *head, {});
    if (!owner) return std::unexpected(owner.error().error);
    state = *std::move(owner);
    state.user = "SYSTEM";
    if (dynamic->warehouse) {
      TARN_ASSIGN(const auto warehouse, snapshot->FindHead(*dynamic->warehouse));
      if (warehouse) state.warehouse = warehouse->name;
    }
    TARN_ASSIGN(state.task, snapshot->QualifiedName(table));
    text = "ALTER DYNAMIC TABLE " + Quoted(state.database) + "." + Quoted(state.schema) + "." +
           Quoted(head->name) + " REFRESH";
  }
  WarehouseSession session(account_, std::move(state), [] {});
  StatementResult<> done;
  {
    const RunWatch watch([&session] { session.Cancel(); }, kRefreshLongest, ending_.get_token());
    done = RunText(session, std::move(text));
  }
  if (done) return {};
  spdlog::warn("a refresh failed: {}", done.error().error.message);
  return SuspendIfHopeless(table);
}

Result<> RefreshRunner::SuspendIfHopeless(ObjectId table) {
  return AsResult(account_.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(auto dynamic, transaction.Find<DynamicTable>(table));
    if (!dynamic || dynamic->scheduling_state != "ACTIVE") return {};
    STATEMENT_ASSIGN(auto runs, RunsOf(transaction, kRefreshRun, table, 0,
                                       std::numeric_limits<int64_t>::max(), kRunsLookedAt));
    // Neither manual ones nor those that were skipped count.
    std::erase_if(runs, [](const RunRecord& run) {
      return run.trigger != "SCHEDULED" || run.state == "SKIPPED";
    });
    if (runs.size() < kFailuresMost) return {};
    const bool hopeless = std::all_of(runs.begin(), runs.begin() + kFailuresMost,
                                      [](const RunRecord& run) { return run.state == "FAILED"; });
    if (!hopeless) return {};
    dynamic->state_reason_message = runs.front().error_message;
    STATEMENT_TRY(
        SuspendTable(account_.tables(), transaction, table, *dynamic, "SUSPENDED_DUE_TO_ERRORS"));
    STATEMENT_TRY(transaction.Update(table, *dynamic));
    return {};
  }));
}

}  // namespace tarn::warehouse
