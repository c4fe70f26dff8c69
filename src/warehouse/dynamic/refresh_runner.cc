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
#include "warehouse/scheduler/run_watch.h"
#include "warehouse/session/warehouse_session.h"

namespace tarn::warehouse {
namespace {

/// Snowflake, "Dynamic table suspension".
constexpr size_t kFailuresMost = 5;
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

Result<> RefreshRunner::Round() {
  std::vector<ObjectId> due;
  {
    TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
    TARN_ASSIGN(due, DueTables(account_.tables(), *snapshot, account_.clock().NowMs()));
  }
  for (const ObjectId table : due) {
    if (ending_.stop_requested()) return {};
    {
      // A reader of it may have brought it along.
      TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
      TARN_ASSIGN(const auto still,
                  DueTables(account_.tables(), *snapshot, account_.clock().NowMs()));
      if (std::ranges::find(still, table) == still.end()) continue;
    }
    TARN_TRY(RefreshOne(table));
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
                                       std::numeric_limits<int64_t>::max(), 2 * kFailuresMost));
    std::erase_if(runs, [](const RunRecord& run) { return run.trigger != "SCHEDULED"; });
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
