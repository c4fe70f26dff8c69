// SPDX-License-Identifier: Apache-2.0
#include "warehouse/connector/source_runner.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "warehouse/connector/capture_board.h"
#include "warehouse/connector/replication_words.h"
#include "warehouse/scheduler/task_schedule.h"

namespace tarn::warehouse {
namespace {

using capture::SourceName;
using capture::TableRequest;

/// Between two looks at schedules.
constexpr std::chrono::milliseconds kRound{500};
/// A run that is still behind looks as often whether it is to end.
constexpr std::chrono::seconds kCatchUpPatience{5};
constexpr const char* kWaiting = "WAITING";
constexpr const char* kOngoing = "ONGOING";
constexpr const char* kDone = "DONE";
constexpr const char* kWarning = "WARNING";
constexpr const char* kFailed = "FAILED";

bool IsTrouble(const std::string& status) { return status == kFailed || status == "RETRYING"; }

TableRequest RequestOf(const CapturedTable& table) {
  return {.name = {table.schema, table.table},
          .included_columns = table.included,
          .excluded_columns = table.excluded};
}

/// Until it is removed and added again: what it missed meanwhile, nobody has.
bool HasFailed(const CapturedTable& table) {
  return table.introspection == kFailed || table.snapshot == kFailed ||
         table.incremental == kFailed;
}

std::vector<TableRequest> RequestsOf(const SourceTask& task) {
  std::vector<TableRequest> requests;
  for (const CapturedTable& table : task.tables) {
    if (!table.removing && !HasFailed(table)) requests.push_back(RequestOf(table));
  }
  return requests;
}

}  // namespace

SourceRunner::SourceRunner(Account& account, const DataSource& source, StartCapture start)
    : account_(account),
      source_(source.id),
      name_(source.name),
      start_(std::move(start)),
      destination_(account, source),
      thread_([this](const std::stop_token& stop) { Work(stop); }) {
  account_.captures().Post(source_, [this] { return status(); });
}

SourceRunner::~SourceRunner() {
  account_.captures().Withdraw(source_);
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

std::optional<capture::CaptureStatus> SourceRunner::status() const {
  const std::scoped_lock lock(capture_mutex_);
  if (capture_ == nullptr) return std::nullopt;
  return capture_->status();
}

void SourceRunner::Direct(SourceTask task) {
  const std::lock_guard lock(mutex_);
  next_ = std::move(task);
  directed_.notify_all();
}

void SourceRunner::Work(const std::stop_token& stop) {
  std::optional<SourceTask> task;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      directed_.wait_for(lock, stop, kRound, [this] { return next_.has_value(); });
      if (next_) task = std::exchange(next_, std::nullopt);
    }
    if (task && !stop.stop_requested()) Step(*task, stop);
  }
  StopCapture();
}

void SourceRunner::Step(SourceTask& task, const std::stop_token& stop) {
  // Other settings: another source, or other rights.
  if (capture_ != nullptr && capture_settings_ != task.settings) StopCapture();
  if (const auto removed = RemoveTables(task); !removed) Warn(removed.error().message);
  if (!task.settings) return StoreStatus(task);
  if (task.source.schedule) return RunSchedule(task, stop);
  EnsureCapture(task);
  FollowTables(task);
  TellOfSlot();
  StoreStatus(task);
}

void SourceRunner::TellOfSlot() {
  if (capture_ == nullptr) return;
  const capture::CaptureStatus status = capture_->status();
  if (status.slot_is_beyond_alert == slot_is_beyond_) return;
  const auto told =
      account_.metastore().CommitQuietly([&](Transaction& transaction) -> StatementResult<> {
        STATEMENT_ASSIGN(const auto source, FindDataSource(transaction, source_));
        if (!source) return {};
        const nlohmann::json parameters = {{"data_source_name", name_},
                                           {"retained_bytes", status.slot_retained_bytes}};
        STATEMENT_TRY(AddApplicationEvent(
            transaction,
            {.application = source->application,
             .by_agent = true,
             .action = status.slot_is_beyond_alert ? kSlotBeyondLimit : kSlotWithinLimit,
             .parameters = parameters.dump()}));
        return {};
      });
  if (!told) return Warn(told.error().error.message);
  slot_is_beyond_ = status.slot_is_beyond_alert;
}

void SourceRunner::EnsureCapture(const SourceTask& task) {
  if (capture_ != nullptr) return;
  std::vector<TableRequest> tables = RequestsOf(task);
  if (tables.empty()) {
    // A slot that was made holds the source's log back until somebody takes it.
    const auto slot = destination_.FindSlot();
    if (!slot || !*slot) return;
  }
  auto connection = ConnectionOf(*task.settings);
  if (!connection) {
    Warn(connection.error().message + " " + connection.error().detail);
    return;
  }
  capture_tables_.clear();
  for (const TableRequest& table : tables) capture_tables_.insert(table.name);
  capture_settings_ = task.settings;
  auto started =
      start_({.source = *std::move(connection),
              .publication = task.settings->publication,
              .slot = capture::ConnectorSlotName(name_),
              .mode = task.source.mode == kMirrorMode ? capture::CaptureMode::kMirror
                                                      : capture::CaptureMode::kConnector,
              .flush_interval = std::chrono::milliseconds(task.settings->flush_interval_ms),
              .slot_bytes_alert = task.settings->slot_limit_mb << 20},
             destination_, std::move(tables));
  const std::scoped_lock lock(capture_mutex_);
  capture_ = std::move(started);
}

void SourceRunner::StopCapture() {
  std::unique_ptr<capture::Capture> ended;
  {
    const std::scoped_lock lock(capture_mutex_);
    ended = std::move(capture_);
  }
  ended.reset();
  capture_settings_.reset();
  capture_tables_.clear();
  slot_is_beyond_ = false;
}

void SourceRunner::FollowTables(const SourceTask& task) {
  if (capture_ == nullptr) return;
  std::vector<TableRequest> added;
  for (TableRequest& table : RequestsOf(task)) {
    if (capture_tables_.insert(table.name).second) added.push_back(std::move(table));
  }
  if (!added.empty()) capture_->AddTables(std::move(added));
}

Result<> SourceRunner::RemoveTables(SourceTask& task) {
  std::vector<SourceName> captured;
  std::vector<const CapturedTable*> removed;
  for (const CapturedTable& table : task.tables) {
    if (!table.removing) continue;
    removed.push_back(&table);
    SourceName name{table.schema, table.table};
    if (capture_tables_.erase(name) > 0) captured.push_back(std::move(name));
  }
  if (removed.empty()) return {};
  if (capture_ != nullptr && !captured.empty()) capture_->RemoveTables(std::move(captured));
  const auto done = account_.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    for (const CapturedTable* const table : removed) {
      STATEMENT_ASSIGN(const auto now,
                       FindCapturedTable(transaction, source_, table->schema, table->table));
      if (now && now->removing) STATEMENT_TRY(RemoveCapturedTable(transaction, *now));
    }
    return {};
  });
  TARN_TRY(WithoutCode(done));
  std::erase_if(task.tables, [](const CapturedTable& table) { return table.removing; });
  return {};
}

std::optional<int64_t> SourceRunner::DueRun(const SourceTask& task) const {
  const auto schedule = TaskSchedule::Parse(*task.source.schedule);
  if (!schedule) return std::nullopt;
  const auto snapshot = account_.metastore().Read();
  if (!snapshot) return std::nullopt;
  const auto source = FindDataSource(**snapshot, source_);
  if (!source || !*source || !(*source)->scheduled_ms) return std::nullopt;
  const auto due = schedule->DueAt(*(*source)->scheduled_ms, account_.clock().NowMs());
  // What came due while a run was at work is left out.
  const bool done = due && (*source)->run_ended_ms && *due <= *(*source)->run_ended_ms;
  return done ? std::nullopt : due;
}

void SourceRunner::RunSchedule(const SourceTask& task, const std::stop_token& stop) {
  if (!DueRun(task)) {
    StopCapture();
    return StoreStatus(task);
  }
  EnsureCapture(task);
  if (capture_ == nullptr) return StoreStatus(task);
  FollowTables(task);
  StoreStatus(task);
  const auto is_over = [&] {
    const std::lock_guard lock(mutex_);
    return stop.stop_requested() || next_.has_value();
  };
  Result<> caught;
  do {
    caught = capture_->CatchUp(kCatchUpPatience);
    TellOfSlot();
  } while (!caught && caught.error().kind == ErrorKind::kUnavailable && !is_over());
  // Something else is to be done first; the run goes on with the next step.
  if (!caught && is_over()) return;
  const auto troubles = HasTroubles();
  const bool sound = caught && troubles && !*troubles;
  if (!caught) Warn(caught.error().message);
  StopCapture();
  Store([&](DataSource& source) {
    source.run_status = sound ? kDone : kWarning;
    source.run_ended_ms = account_.clock().NowMs();
  });
  StoreStatus(task);
}

Result<bool> SourceRunner::HasTroubles() const {
  TARN_ASSIGN(const auto snapshot, account_.metastore().Read());
  TARN_ASSIGN(const auto tables, CapturedTablesOf(*snapshot, source_));
  return std::ranges::any_of(tables, [](const CapturedTable& table) {
    return IsTrouble(table.introspection) || IsTrouble(table.snapshot) ||
           IsTrouble(table.incremental);
  });
}

void SourceRunner::Store(const std::function<void(DataSource&)>& change) {
  const auto stored =
      account_.metastore().CommitQuietly([&](Transaction& transaction) -> StatementResult<> {
        STATEMENT_ASSIGN(auto source, FindDataSource(transaction, source_));
        if (!source) return {};
        change(*source);
        STATEMENT_TRY(UpdateDataSource(transaction, *source));
        return {};
      });
  if (!stored) Warn(stored.error().error.message);
}

void SourceRunner::StoreStatus(const SourceTask& task) {
  std::pair status{std::string(capture_ == nullptr ? kWaiting : kOngoing), task.agent};
  if (stored_ == status) return;
  Store([&](DataSource& source) {
    source.status = status.first;
    source.agent = status.second.empty() ? std::nullopt : std::optional(status.second);
  });
  stored_ = std::move(status);
}

void SourceRunner::Warn(const std::string& message) {
  if (message != last_warning_) spdlog::warn("data source {}: {}", name_, message);
  last_warning_ = message;
}

}  // namespace tarn::warehouse
