// SPDX-License-Identifier: Apache-2.0
#include "capture/replication.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "capture/compaction.h"
#include "capture/source/slot.h"
#include "capture/source/table_catalog.h"
#include "capture/source/timelines.h"

namespace tarn::capture {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A table that could not be copied is tried again after so long, twice as long each time.
constexpr int64_t kRetryLeastMs = 500, kRetryMostMs = 60'000;
constexpr int kRetryDoublings = 7;
/// Of one Step, so that other things are done between.
constexpr int kItemsAtOnce = 10'000;
/// Between two acknowledgements, each of which is saved before.
constexpr auto kSaveInterval = milliseconds(1000);
/// Of a stream that never rests.
constexpr auto kTidyInterval = milliseconds(2000);
constexpr int64_t kMicrosPerMs = 1000;

bool IsLost(const SlotState& slot) {
  return slot.wal_status == "lost" || !slot.invalidation_reason.empty();
}

/// Which relations a message changes.
std::vector<RelationOid> RelationsOf(const pgoutput::Message& message) {
  if (const auto* insert = std::get_if<pgoutput::Insert>(&message.body)) return {insert->relation};
  if (const auto* update = std::get_if<pgoutput::Update>(&message.body)) return {update->relation};
  if (const auto* gone = std::get_if<pgoutput::Delete>(&message.body)) return {gone->relation};
  const auto* const truncate = std::get_if<pgoutput::Truncate>(&message.body);
  return truncate == nullptr ? std::vector<RelationOid>() : truncate->relations;
}

Result<> ApplyTo(ChangeBuffer& buffer, const pgoutput::Message& message,
                 const ChangeBuffer::Columns& columns) {
  if (const auto* insert = std::get_if<pgoutput::Insert>(&message.body)) {
    return buffer.Insert(insert->row, columns);
  }
  if (const auto* update = std::get_if<pgoutput::Update>(&message.body)) {
    return buffer.Update(*update, columns);
  }
  if (const auto* gone = std::get_if<pgoutput::Delete>(&message.body)) {
    return buffer.Delete(gone->old_row, columns);
  }
  buffer.Truncate();
  return {};
}

ChangeBuffer::Columns ColumnsOf(const Description& described, const SourceTable& table) {
  ChangeBuffer::Columns columns;
  for (const RelationColumn& each : *described) {
    const auto column = std::ranges::find(table.columns, each.name, &SourceColumn::name);
    columns.push_back(column == table.columns.end()
                          ? std::nullopt
                          : std::optional(static_cast<size_t>(column - table.columns.begin())));
  }
  return columns;
}

}  // namespace

Replication::Replication(const CaptureOptions& options, Destination& destination,
                         Replicas& replicas, StatusBoard& board)
    : options_(options), destination_(destination), replicas_(replicas), board_(board) {}

Result<SourceConnection*> Replication::Catalogs() {
  if (catalogs_ == nullptr) {
    TARN_ASSIGN(catalogs_, SourceConnection::Open(options_.source));
  }
  return catalogs_.get();
}

Result<> Replication::Begin() {
  TARN_ASSIGN(SourceConnection* const catalogs, Catalogs());
  TARN_TRY(CheckReadiness(*catalogs));
  TARN_ASSIGN(identity_.system, IdentifySystem(*catalogs));
  identity_.slot = options_.slot;
  TARN_ASSIGN(identity_.ended, EndsOfTimelines(options_.source, identity_.system.timeline));
  TARN_TRY(OpenSlot());
  TARN_ASSIGN(stream_,
              ReplicationStream::Start(
                  options_.source, {.slot = options_.slot, .publication = options_.publication}));
  copier_ = std::make_unique<Copier>(options_.source, options_.publication, options_.slot,
                                     options_.copy_workers, destination_);
  board_.Update([](CaptureStatus& status) {
    status.connected = true;
    status.error.reset();
  });
  for (auto& [name, replica] : replicas_) {
    if (replica->stage != ReplicaStage::kFailed) Introspect(*replica);
  }
  return {};
}

/// A slot that lost what it held, or that somebody else has moved or made, is of no use: a new one,
/// and what it has not seen is copied again.
Result<> Replication::OpenSlot() {
  TARN_ASSIGN(const auto saved, destination_.FindSlot());
  TARN_ASSIGN(const auto slot, DescribeSlot(*catalogs_, options_.slot));
  const std::string& system = identity_.system.system_identifier;
  bool goes_on = slot && saved && saved->slot == options_.slot &&
                 saved->system_identifier == system && !IsLost(*slot) &&
                 slot->confirmed_flush <= saved->acknowledged;
  if (goes_on) {
    TARN_ASSIGN(goes_on, SurvivedFailover(*slot));
  }
  if (goes_on) {
    record_ = *saved;
    // A server that took over may not have all that was acknowledged to the one before.
    if (!identity_.ended.empty()) record_.acknowledged = slot->confirmed_flush;
  } else {
    if (slot) {
      spdlog::warn(
          "replication slot \"{}\" does not go on from where it was left ({}): tables are "
          "copied again",
          options_.slot, IsLost(*slot) ? "its log is lost" : "somebody else has used it");
      TARN_TRY(DropSlot(*catalogs_, options_.slot));
    }
    TARN_ASSIGN(const auto made, NewSlot::Create(options_.source, options_.slot, false));
    record_ = {.slot = options_.slot,
               .system_identifier = system,
               .created = made->consistent_point(),
               .acknowledged = made->consistent_point()};
    TARN_TRY(destination_.SaveSlot(record_));
  }
  identity_.begins = record_.created;
  durable_ = record_.acknowledged;
  return {};
}

/// A slot is of its server's timeline, but for one that was kept up from another server. Which one
/// it was is known by the tables, the newest of which is of the timeline that was read last.
Result<bool> Replication::SurvivedFailover(const SlotState& slot) {
  int64_t last = 0;
  for (const auto& [name, replica] : replicas_) {
    TARN_ASSIGN(const auto found, destination_.Find(name));
    if (!found) continue;
    TARN_ASSIGN(const auto progress, ProgressOf(found->table.metadata->properties));
    if (progress) last = std::max(last, progress->system.timeline);
  }
  return last == 0 || last == identity_.system.timeline || slot.synced;
}

void Replication::Admit(Replica& replica) { Introspect(replica); }

void Replication::Dismiss(Replica& replica) {
  if (replica.stop_copy != nullptr) *replica.stop_copy = true;
  holds_.erase(replica.name());
  Unbind(replica);
}

void Replication::Report(Replica& replica, std::optional<Error> error) {
  TableState& state = replica.state;
  state.name = replica.name();
  state.error = std::move(error);
  destination_.Report(state);
}

void Replication::Fail(Replica& replica, Error error) {
  spdlog::error("table \"{}.{}\": {} {}", replica.name().schema, replica.name().table,
                error.message, error.detail);
  TableState& state = replica.state;
  PhaseStatus& status = replica.stage == ReplicaStage::kNew       ? state.introspection
                        : replica.stage == ReplicaStage::kCopying ? state.snapshot
                                                                  : state.incremental;
  const bool again = IsPassing(error) && replica.stage != ReplicaStage::kStreaming;
  status = again ? PhaseStatus::kRetrying : PhaseStatus::kFailed;
  if (again) {
    const int doublings = std::min(replica.copies_failed++, kRetryDoublings);
    replica.retry_at_ms = NowMs() + std::min(kRetryLeastMs << doublings, kRetryMostMs);
    replica.stage = ReplicaStage::kNew;
  } else {
    replica.stage = ReplicaStage::kFailed;
    Dismiss(replica);
  }
  Forget(replica);
  Report(replica, std::move(error));
}

void Replication::Forget(Replica& replica) {
  holds_.erase(replica.name());
  replica.buffer.reset();
  replica.index = {};
  replica.gathered.clear();
}

void Replication::Introspect(Replica& replica) {
  replica.stage = ReplicaStage::kNew;
  Unbind(replica);
  TableState& state = replica.state;
  state.phase = Phase::kSchemaIntrospection;
  state.introspection = PhaseStatus::kInProgress;
  Report(replica);
  auto done = [&]() -> Result<> {
    TARN_ASSIGN(SourceConnection* const catalogs, Catalogs());
    return capture::Introspect(*catalogs, options_.publication, identity_, destination_, replica);
  }();
  if (!done) {
    if (IsPassing(done.error())) {
      // The next look is through a new one.
      catalogs_.reset();
    } else if (auto missed = IsMissed(replica); missed && *missed) {
      return;
    }
    return Fail(replica, std::move(done).error());
  }
  state.introspection = PhaseStatus::kDone;
  if (replica.stage == ReplicaStage::kCopying) return StartCopy(replica);
  state.phase = Phase::kIncrementalLoad;
  state.snapshot = PhaseStatus::kDone;
  state.incremental = PhaseStatus::kInProgress;
  Report(replica);
}

void Replication::StartCopy(Replica& replica) {
  replica.rows_copied = std::make_shared<std::atomic<int64_t>>(0);
  replica.rows_copied_told = 0;
  replica.state.phase = Phase::kInitialLoad;
  replica.state.snapshot = PhaseStatus::kInProgress;
  replica.state.incremental = PhaseStatus::kWaiting;
  Report(replica);
  copier_->Add({.name = replica.name(),
                .layout = replica.layout,
                .base = *replica.base,
                .progress = replica.progress,
                .key = replica.key,
                .stop = replica.stop_copy,
                .rows_read = replica.rows_copied});
}

Result<> Replication::TakeCopies() {
  for (CopyResult& result : copier_->Take()) {
    const auto found = replicas_.find(result.name);
    if (found == replicas_.end()) continue;
    Replica& replica = *found->second;
    if (replica.stage != ReplicaStage::kCopying || replica.stop_copy != result.stop) {
      continue;
    }
    if (!result.copy) {
      Fail(replica, std::move(result.copy).error());
      continue;
    }
    TARN_TRY(TakeCopy(replica, result));
  }
  return {};
}

Result<> Replication::TakeCopy(Replica& replica, CopyResult& result) {
  spdlog::info("copied {} rows of \"{}.{}\"", result.copy->rows, result.name.schema,
               result.name.table);
  replica.progress.position = result.progress.position;
  replica.progress.version = result.progress.version;
  replica.index = std::move(result.copy->index);
  replica.base->table = std::move(result.copy->table);
  replica.stage = ReplicaStage::kStreaming;
  replica.last_commit_ms = NowMs();
  replica.copies_failed = 0;
  // What was done to the table while it was copied, before changes of later are taken.
  Replica* const copied = &replica;
  TARN_TRY(Look({&copied, 1}));
  if (replica.stage != ReplicaStage::kStreaming) return {};
  if (auto replayed = Replay(replica); !replayed) {
    Fail(replica, std::move(replayed).error());
    return {};
  }
  if (!replica.buffer->empty()) {
    SetPending();
    replica.oldest = {committed_ms_, last_end_};
  } else {
    holds_.erase(replica.name());
  }
  replica.state.phase = Phase::kIncrementalLoad;
  replica.state.snapshot = PhaseStatus::kDone;
  replica.state.incremental = PhaseStatus::kInProgress;
  Report(replica);
  return {};
}

void Replication::RetryDue() {
  const int64_t now_ms = NowMs();
  for (auto& [name, replica] : replicas_) {
    if (replica->stage == ReplicaStage::kNew && replica->retry_at_ms <= now_ms) {
      Introspect(*replica);
    }
  }
}

Result<> Replication::Step(milliseconds wait) {
  TARN_TRY(TakeCopies());
  RetryDue();
  TARN_TRY(Watch());
  const int64_t copying = CountCopying(replicas_);
  if (copying != shown_copying_) {
    board_.Update([&](CaptureStatus& status) { status.tables_copying = copying; });
    shown_copying_ = copying;
  }
  bool idle = false;
  for (int taken = 0; taken < kItemsAtOnce; ++taken) {
    const auto item = stream_->Next(taken == 0 ? wait : milliseconds(0));
    if (!item) return EndOfStream(item.error());
    if (!*item) {
      idle = true;
      break;
    }
    TARN_TRY(Handle(**item));
    // Between transactions alone can be flushed: that is looked for whenever one ends.
    if (!in_transaction_ && IsFlushDue()) break;
  }
  TARN_TRY(FlushIfDue(idle));
  ShowProgress(idle);
  if (pending_since_ || in_transaction_) return {};
  const bool due = steady_clock::now() - last_tidy_ > kTidyInterval;
  return idle || due ? Tidy() : Result<>();
}

Result<> Replication::Tidy() {
  last_tidy_ = steady_clock::now();
  auto next = replicas_.upper_bound(last_tidied_);
  if (next == replicas_.end()) next = replicas_.begin();
  if (next == replicas_.end()) return {};
  last_tidied_ = next->first;
  Replica& replica = *next->second;
  if (replica.stage != ReplicaStage::kStreaming || !replica.buffer->empty()) return {};
  auto done = CompactSome(destination_, replica);
  if (done || !IsPassing(done.error())) {
    if (!done) Fail(replica, std::move(done).error());
    return {};
  }
  return std::unexpected(std::move(done).error());
}

Result<> Replication::Handle(const StreamItem& item) {
  board_.Update([&](CaptureStatus& status) {
    status.received = std::max({status.received, item.wal_start, item.wal_end});
    status.lag_bytes = LagBytes(status, durable_);
  });
  if (item.payload.empty()) {
    return Acknowledge(item.wal_end);
  }
  TARN_ASSIGN(const pgoutput::Message message,
              decoder_.Decode({item.payload.data(), item.payload.size()}));
  if (in_transaction_) pending_bytes_ += static_cast<int64_t>(item.payload.size());
  payload_ = &item.payload;
  return Handle(message);
}

Result<> Replication::Handle(const pgoutput::Message& message) {
  if (const auto* begin = std::get_if<pgoutput::Begin>(&message.body)) {
    in_transaction_ = true;
    commit_lsn_ = begin->commit_lsn;
    committed_ms_ = begin->time.value() / kMicrosPerMs;
  } else if (const auto* commit = std::get_if<pgoutput::Commit>(&message.body)) {
    in_transaction_ = false;
    last_end_ = commit->end_lsn;
    return Acknowledge(last_end_);
  } else if (const auto* relation = std::get_if<pgoutput::Relation>(&message.body)) {
    Follow(*relation);
  } else if (message.streamed_by) {
    return tarn::Fail(ErrorKind::kInternal,
                      "the source streams transactions in progress, which was not asked for");
  } else {
    for (const RelationOid each : RelationsOf(message)) TARN_TRY(Apply(each, message));
  }
  return {};
}

void Replication::SetPending() {
  if (pending_since_) return;
  pending_since_ = steady_clock::now();
  first_read_ms_ = NowMs();
  oldest_ms_ = committed_ms_;
}

Result<> Replication::Apply(RelationOid relation, const pgoutput::Message& message) {
  const auto found = routes_.find(relation);
  if (found == routes_.end()) return {};
  Route& route = found->second;
  if (!route.bound) TARN_TRY(Bind(route));
  if (route.replica == nullptr || !route.replica->buffer) return {};
  Replica& replica = *route.replica;
  if (replica.stage == ReplicaStage::kCopying) {
    holds_.try_emplace(replica.name(), last_end_);
    replica.gathered.push_back({commit_lsn_, route.described, *payload_});
    return {};
  }
  if (replica.Has(commit_lsn_)) return {};
  if (auto applied = ApplyTo(*replica.buffer, message, route.columns); !applied) {
    Fail(replica, std::move(applied).error());
    return {};
  }
  if (!replica.oldest) replica.oldest = {committed_ms_, commit_lsn_};
  SetPending();
  return {};
}

/// What the copy does not have.
Result<> Replication::Replay(Replica& replica) {
  pgoutput::Decoder decoder;
  Description described;
  ChangeBuffer::Columns columns;
  for (const GatheredChange& change : std::exchange(replica.gathered, {})) {
    if (replica.Has(change.commit_lsn)) continue;
    if (change.described != described) {
      described = change.described;
      columns = ColumnsOf(described, replica.layout->source);
    }
    TARN_ASSIGN(const pgoutput::Message message,
                decoder.Decode({change.payload.data(), change.payload.size()}));
    TARN_TRY(ApplyTo(*replica.buffer, message, columns));
  }
  return {};
}

void Replication::Follow(const pgoutput::Relation& relation) {
  Route& route = routes_[relation.oid];
  route = {.oid = relation.oid, .name = {std::string(relation.schema), std::string(relation.name)}};
  auto described = std::make_shared<std::vector<RelationColumn>>();
  for (const pgoutput::RelationColumn& column : relation.columns) {
    described->push_back({std::string(column.name), column.type, column.modifier, column.in_key});
  }
  route.described = std::move(described);
}

Result<> Replication::Bind(Route& route) {
  route.bound = true;
  route.replica = nullptr;
  auto found = replicas_.find(route.name);
  if (found == replicas_.end()) {
    // A table that is called otherwise for a while is the same.
    found = std::ranges::find_if(replicas_, [&](const auto& each) {
      return each.second->buffer && each.second->progress.table == route.oid;
    });
  }
  return found == replicas_.end() ? Result<>() : BindTo(*found->second, route);
}

Result<> Replication::BindTo(Replica& replica, Route& route) {
  if (!replica.buffer) return {};
  // Relations come after every change of the table: whether this one tells of any is asked of the
  // catalogs, unless it is known to be the table as it is.
  if (route.oid != replica.progress.table || replica.described == nullptr ||
      *replica.described != *route.described) {
    TARN_TRY(AwaitDescription(replica, route.described));
  }
  // Else of a table of before that had the name.
  if (replica.buffer && route.oid == replica.progress.table) {
    if (replica.stage == ReplicaStage::kStreaming) replica.described = route.described;
    route.columns = ColumnsOf(route.described, replica.layout->source);
    route.replica = &replica;
  }
  route.bound = true;
  return {};
}

void Replication::ShowPosition() {
  board_.Update([&](CaptureStatus& status) {
    status.durable = durable_;
    status.lag_bytes = LagBytes(status, durable_);
  });
}

Result<> Replication::Acknowledge(Lsn sent) {
  for (const auto& [name, since] : holds_) sent = std::min(sent, since);
  if (in_transaction_ || pending_since_ || sent <= durable_) return {};
  durable_ = sent;
  ShowPosition();
  return AcknowledgeDurable();
}

Result<> Replication::AcknowledgeDurable() {
  const Moment now = steady_clock::now();
  if (now - last_saved_ < kSaveInterval) return {};
  last_saved_ = now;
  record_.acknowledged = durable_;
  TARN_TRY(destination_.SaveSlot(record_));
  stream_->Acknowledge(record_.acknowledged);
  return {};
}

bool Replication::IsFlushDue() const {
  if (!pending_since_) return false;
  // The interval ends with the commit: what that is likely to take is a part of it.
  const auto takes = std::min<steady_clock::duration>(2 * flush_took_, options_.flush_interval / 2);
  return pending_bytes_ > options_.flush_bytes ||
         steady_clock::now() - *pending_since_ + takes >= options_.flush_interval;
}

Result<> Replication::FlushIfDue(bool idle) {
  if (in_transaction_ || !pending_since_) {
    // What was durable too soon after the last time.
    return durable_ > record_.acknowledged && !in_transaction_ ? AcknowledgeDurable() : Result<>();
  }
  const bool early = idle && steady_clock::now() - last_flush_ >= options_.flush_interval;
  return early || IsFlushDue() ? FlushNow() : Result<>();
}

/// What cannot be written may be of a table that has been changed meanwhile: then it is copied
/// again.
Result<> Replication::FailFlush(FlushFailure& failure) {
  Replica* const replica = failure.replica;
  TARN_TRY(Look({&replica, 1}));
  if (replica->stage == ReplicaStage::kStreaming) Fail(*replica, std::move(failure.error));
  return {};
}

Result<> Replication::FlushNow() {
  std::vector<Replica*> streaming;
  for (auto& [name, replica] : replicas_) {
    if (replica->stage == ReplicaStage::kStreaming) streaming.push_back(replica.get());
  }
  const Moment began = steady_clock::now();
  const FlushTimes times{.first_read_ms = first_read_ms_, .read_ms = NowMs() - first_read_ms_};
  TARN_ASSIGN(auto failures, Flush(destination_, streaming, last_end_, times));
  for (FlushFailure& failure : failures) TARN_TRY(FailFlush(failure));
  for (const Replica* const replica : streaming) holds_.erase(replica->name());
  pending_since_.reset();
  pending_bytes_ = 0;
  last_flush_ = steady_clock::now();
  // A slow one is not forgotten at once.
  flush_took_ = std::max(last_flush_ - began, flush_took_ * 3 / 4);
  board_.Update([](CaptureStatus& status) { status.last_commit_ms = NowMs(); });
  return Acknowledge(last_end_);
}

}  // namespace tarn::capture
