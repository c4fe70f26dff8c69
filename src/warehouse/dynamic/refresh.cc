// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/refresh.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "table/pins.h"
#include "warehouse/dynamic/defined_table.h"
#include "warehouse/dynamic/delta_rows.h"
#include "warehouse/dynamic/refresh_choice.h"
#include "warehouse/dynamic/refresh_runner.h"
#include "warehouse/dynamic/unchanged_tables.h"
#include "warehouse/managed_tables/row_writing.h"
#include "warehouse/metastore/runs.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

constexpr int kAttempts = 20;
/// Where less than one row in so many changed, the change is computed.
constexpr int64_t kFewChanges = 100;
/// Of sources with fewer rows it is computed, too.
constexpr int64_t kFewRows = 100'000;
/// Refreshes that a choice is made by.
constexpr int64_t kMeasuredRuns = 50;
constexpr const char* kChosenReason = "the whole is expected to take less time than its change";
/// How long states that a table shows are kept for its next refresh.
constexpr int64_t kPinnedMs = int64_t{14} * 86'400 * 1000;

/// Why the rows must be computed as a whole; "": they need not.
std::string ReinitReason(const RefreshTarget& target, const Frontier& after) {
  if (!target.frontier) return "the table has no rows yet";
  const Frontier& before = *target.frontier;
  if (before.definition != after.definition) return "the definition has changed";
  const bool same = std::ranges::equal(before.sources, after.sources,
                                       [](const FrontierSource& a, const FrontierSource& b) {
                                         return a.id == b.id && a.table_uuid == b.table_uuid;
                                       });
  return same ? "" : "a table that it reads was replaced";
}

/// Keeps the states that the table shows.
void PinSources(const QueryContext& context, ObjectId table, const DefinedTable& defined) {
  Account& account = *context.account;
  std::set<ObjectId> pinned_sources;
  for (const sql::BoundTable& bound : defined.bound.query.tables) {
    const auto& pinned = *static_cast<const PinnedTable*>(bound.table.handle.get());
    const auto& metadata = *pinned.loaded.metadata;
    if (!metadata.current_snapshot_id || pinned.area != nullptr) continue;
    if (!pinned_sources.insert(pinned.head.id).second) continue;
    const table::Pin pin{.name = fmt::format("dynamic-{}", table.value()),
                         .snapshot_id = *metadata.current_snapshot_id,
                         .metadata_location = pinned.loaded.metadata_location,
                         .expires_ms = account.clock().NowMs() + kPinnedMs};
    const auto put =
        table::PutPin(*account.tables().storage, metadata.location, pin,
                      [&]() -> Result<std::string> { return pinned.loaded.metadata_location; });
    if (!put) spdlog::warn("could not pin what a dynamic table shows: {}", put.error().message);
  }
}

/// One attempt.
class Refreshing {
 public:
  Refreshing(const QueryContext& context, const DynamicRefresh& request, RunRecord& run)
      : context_(context),
        request_(request),
        run_(run),
        transaction_(*context.account, TransactionExtent::kStatement) {}

  StatementResult<RefreshReport> Run() {
    STATEMENT_TRY(transaction_.LockForChange(request_.table, *context_.session, *context_.run));
    STATEMENT_ASSIGN(RefreshTarget target, ReadRefreshTarget(context_, request_.table));
    QueryContext owned = context_;
    owned.session = &target.owner;
    owned.transaction = nullptr;
    const std::string& text = target.object.value.query;
    STATEMENT_ASSIGN(const DefinedTable defined, BindDefinition(owned, text, target.pinned));
    report_.data_timestamp_ms = defined.moment_ms;
    const Frontier after = FrontierOf(defined.bound.query, defined.moment_ms, text);
    report_.reinit_reason = ReinitReason(target, after);
    if (report_.reinit_reason.empty() && target.frontier->sources == after.sources) {
      return EndWithoutData(target);
    }
    CountRows(target, defined);
    PinSources(context_, request_.table, defined);
    STATEMENT_TRY(Change(owned, target, defined, after));
    auto committed = transaction_.Commit(
        *context_.session, context_.run,
        [&](Transaction& transaction) -> StatementResult<> { return Record(transaction, target); });
    // What was not committed leaves the groups where they were.
    if (committed && kept_ != nullptr && !ApplyKeptChange(owned, kept_change_, after, *kept_)) {
      kept_.reset();
    }
    if (kept_ != nullptr) kept_states().Put(request_.table, std::move(kept_));
    if (!committed) return std::unexpected(std::move(committed).error());
    return report_;
  }

 private:
  StatementResult<> Change(const QueryContext& owned, const RefreshTarget& target,
                           const DefinedTable& defined, const Frontier& after) {
    const bool whole = !report_.reinit_reason.empty();
    const std::string& mode = target.object.value.refresh_mode;
    const bool chosen = !whole && mode != "FULL" && ChoosesWhole(target);
    if (chosen && mode == "ADAPTIVE") report_.reinit_reason = kChosenReason;
    if (!whole && !chosen && mode != "FULL") {
      report_.action = RefreshAction::kIncremental;
      auto applied = ApplyChanges(owned, target, defined, {*target.frontier, after});
      if (applied) return {};
      if (!MayRecompute(applied.error())) return applied;
      const RefreshReport failed = std::exchange(report_, {});
      report_.reinit_reason = applied.error().error.message;
      report_.data_timestamp_ms = failed.data_timestamp_ms;
      report_.source_rows = failed.source_rows;
      kept_.reset();
      spdlog::warn("dynamic table {} is computed as a whole: {}", target.object.head.name,
                   report_.reinit_reason);
    }
    // They would be of another frontier.
    kept_states().Drop(request_.table);
    report_.action =
        report_.reinit_reason.empty() ? RefreshAction::kFull : RefreshAction::kReinitialize;
    STATEMENT_ASSIGN(auto written, WriteRows(owned, target.pinned, defined.bound, transaction_));
    report_.inserted_rows = written.rows;
    STATEMENT_TRY(
        transaction_.Replace(target.pinned, std::move(written.files), written.next_ordinal));
    transaction_.SetProperties(target.pinned, ToProperties(after));
    return {};
  }

  StatementResult<> ApplyChanges(const QueryContext& owned, const RefreshTarget& target,
                                 const DefinedTable& defined, const FrontierStep& step) {
    kept_ = kept_states().Take(request_.table, step.before);
    if (kept_ == nullptr) {
      STATEMENT_ASSIGN(kept_, MakeKeptState(owned, defined, step));
      report_.made_groups = !kept_->names.empty();
    }
    STATEMENT_ASSIGN(kept_change_, ApplyDelta(owned, target.pinned, defined, step, *kept_,
                                              transaction_, report_));
    return {};
  }

  KeptStates& kept_states() { return context_.account->refresh_runner().kept(); }

  void CountRows(const RefreshTarget& target, const DefinedTable& defined) {
    const SourceRows rows =
        CountSourceRows(defined, target.frontier ? *target.frontier : Frontier());
    report_.source_rows = rows.all;
    report_.changed_rows = target.frontier ? rows.changed : 0;
  }

  /// Few rows are never worth the question.
  bool ChoosesWhole(const RefreshTarget& target) {
    if (report_.source_rows < kFewRows) return false;
    if (report_.changed_rows * kFewChanges < report_.source_rows) return false;
    if (!MayChoose(target.object.value)) return false;
    const auto snapshot = context_.account->metastore().Read();
    if (!snapshot) return false;
    const auto runs = RunsOf(**snapshot, kRefreshRun, request_.table, 0,
                             std::numeric_limits<int64_t>::max(), kMeasuredRuns);
    return runs && WholeIsFaster(MeasuredRefreshes(*runs),
                                 {.changed = report_.changed_rows, .all = report_.source_rows});
  }

  static bool MayRecompute(const StatementError& error) {
    return error.error.kind == ErrorKind::kUnsupported ||
           error.error.kind == ErrorKind::kNotFound || error.error.kind == ErrorKind::kInternal;
  }

  StatementResult<RefreshReport> EndWithoutData(const RefreshTarget& target) {
    STATEMENT_TRY(
        context_.account->metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
          return Record(transaction, target);
        }));
    return report_;
  }

  StatementResult<> Record(Transaction& transaction, const RefreshTarget& target) {
    STATEMENT_ASSIGN(auto dynamic, transaction.Find<DynamicTable>(request_.table));
    if (!dynamic) return NoSuchObject(target.object.head.name);
    dynamic->data_timestamp_ms =
        std::max(dynamic->data_timestamp_ms.value_or(0), report_.data_timestamp_ms);
    STATEMENT_TRY(transaction.Update(request_.table, *dynamic));
    report_.execution_us = std::chrono::duration_cast<std::chrono::microseconds>(
                               std::chrono::steady_clock::now() - began_)
                               .count();
    run_.state = "SUCCEEDED";
    run_.ended_ms = transaction.now_ms();
    run_.details = StatisticsOf(report_, request_.trigger);
    STATEMENT_TRY(UpdateRun(transaction, run_));
    return {};
  }

  const QueryContext& context_;
  const DynamicRefresh& request_;
  RunRecord& run_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  SessionTransaction transaction_;
  RefreshReport report_;
  std::unique_ptr<KeptState> kept_;  ///< with the refresh, until it is put back
  KeptChange kept_change_;
};

StatementResult<RunRecord> BeginRun(const QueryContext& context, const DynamicRefresh& request) {
  RunRecord run{.kind = std::string(kRefreshRun),
                .object = request.table,
                .root = request.table,
                .trigger = std::string(ToString(request.trigger)),
                .state = "EXECUTING",
                .query_id = request.query_id};
  STATEMENT_TRY(
      context.account->metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
        STATEMENT_ASSIGN(run.object_name, transaction.QualifiedName(request.table));
        run.scheduled_ms = transaction.now_ms();
        run.started_ms = run.scheduled_ms;
        STATEMENT_ASSIGN(run.id, RecordRun(transaction, run));
        run.graph_run = run.id;
        return {};
      }));
  return run;
}

void EndFailed(const QueryContext& context, const RunRecord& run, const StatementError& error) {
  const bool cancelled = error.error.kind == ErrorKind::kCancelled;
  const auto ended =
      context.account->metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
        STATEMENT_TRY(EndRun(transaction, run.id, cancelled ? "CANCELLED" : "FAILED", error.code,
                             error.error.message));
        return {};
      });
  if (!ended) spdlog::warn("could not record a failed refresh: {}", ended.error().error.message);
}

StatementResult<RefreshReport> RefreshAlone(const QueryContext& context,
                                            const DynamicRefresh& request) {
  STATEMENT_ASSIGN(RunRecord run, BeginRun(context, request));
  for (int attempt = 1;; ++attempt) {
    auto done = Refreshing(context, request, run).Run();
    if (done) return done;
    if (done.error().error.kind == ErrorKind::kConflict && attempt < kAttempts) continue;
    EndFailed(context, run, done.error());
    return done;
  }
}

/// Dynamic tables that it reads and that are refreshed with it.
StatementResult<std::vector<ObjectId>> ActiveSources(const QueryContext& context, ObjectId table) {
  std::vector<ObjectId> sources;
  STATEMENT_ASSIGN(RefreshTarget target, ReadRefreshTarget(context, table));
  QueryContext owned = context;
  owned.session = &target.owner;
  STATEMENT_ASSIGN(const DefinedTable defined,
                   BindDefinition(owned, target.object.value.query, target.pinned));
  STATEMENT_ASSIGN(const auto snapshot, context.account->metastore().Read());
  for (const ObjectId id : defined.sources) {
    STATEMENT_ASSIGN(const auto source, snapshot->Find<DynamicTable>(id));
    if (source && source->scheduling_state == "ACTIVE") sources.push_back(id);
  }
  return sources;
}

/// Those before itself.
StatementResult<> RefreshWithSources(const QueryContext& context, const DynamicRefresh& request,
                                     std::set<ObjectId>& done, RefreshReport& report) {
  if (!done.insert(request.table).second) return {};
  const auto sources = ActiveSources(context, request.table);
  if (!sources) {
    // A failed refresh like any other: else it would be due again at once, and never suspended.
    STATEMENT_ASSIGN(const RunRecord run, BeginRun(context, request));
    EndFailed(context, run, sources.error());
    return std::unexpected(sources.error());
  }
  for (const ObjectId source : *sources) {
    DynamicRefresh upstream = request;
    upstream.table = source;
    RefreshReport ignored;
    STATEMENT_TRY(RefreshWithSources(context, upstream, done, ignored));
  }
  STATEMENT_ASSIGN(report, RefreshAlone(context, request));
  return {};
}

}  // namespace

std::string_view ToString(RefreshAction action) {
  switch (action) {
    case RefreshAction::kNoData:
      return "NO_DATA";
    case RefreshAction::kReinitialize:
      return "REINITIALIZE";
    case RefreshAction::kFull:
      return "FULL";
    case RefreshAction::kIncremental:
      return "INCREMENTAL";
  }
  return "";
}

std::string_view ToString(RefreshTrigger trigger) {
  switch (trigger) {
    case RefreshTrigger::kScheduled:
      return "SCHEDULED";
    case RefreshTrigger::kManual:
      return "MANUAL";
    case RefreshTrigger::kCreation:
      return "CREATION";
  }
  return "";
}

std::string StatisticsOf(const RefreshReport& report, RefreshTrigger trigger) {
  const nlohmann::json json{
      {"action", ToString(report.action)},       {"trigger", ToString(trigger)},
      {"reinit_reason", report.reinit_reason},   {"data_timestamp_ms", report.data_timestamp_ms},
      {"numInsertedRows", report.inserted_rows}, {"numDeletedRows", report.deleted_rows},
      {"changedRows", report.changed_rows},      {"sourceRows", report.source_rows},
      {"executionUs", report.execution_us},      {"madeGroups", report.made_groups}};
  return json.dump();
}

StatementResult<RefreshReport> RefreshTable(const QueryContext& context,
                                            const DynamicRefresh& request) {
  // Scheduled ones were looked at before they were begun.
  if (request.trigger != RefreshTrigger::kScheduled) {
    STATEMENT_ASSIGN(const auto unchanged,
                     EndUnchanged(context, {request.table}, request.trigger, request.query_id));
    if (unchanged.contains(request.table)) return RefreshReport();
  }
  std::set<ObjectId> done;
  RefreshReport report;
  STATEMENT_TRY(RefreshWithSources(context, request, done, report));
  return report;
}

}  // namespace tarn::warehouse
