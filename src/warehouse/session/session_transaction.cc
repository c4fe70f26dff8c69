// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/session_transaction.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "base/clock.h"
#include "table/expired_files.h"
#include "table/journal.h"
#include "table/pins.h"
#include "table/row_delta.h"
#include "warehouse/session/statement_run.h"
#include "warehouse/session/table_locks.h"
#include "warehouse/streams/stream_changes.h"
#include "warehouse/streams/stream_pins.h"
#include "warehouse/time_travel/point_in_time.h"

namespace tarn::warehouse {
namespace {

/// Of names of files: those of the commit itself count from 0.
constexpr int32_t kOwnAttempt = 1000;
constexpr int64_t kLockTimeoutSeconds = 43'200;
/// Of one snapshot: a summary is no place for thousands.
constexpr size_t kNamedStatementsMax = 100;
constexpr int32_t kLineageVersion = 3;
/// Nothing holds the metastore for long.
constexpr table::RetryPolicy kRetry{.retries = 30, .min_wait_ms = 2, .max_wait_ms = 200};

std::chrono::milliseconds LockTimeoutOf(const SessionState& session) {
  const std::string text = session.Parameter("LOCK_TIMEOUT");
  int64_t seconds = kLockTimeoutSeconds;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds(std::min(seconds, kLockTimeoutSeconds));
}

StatementError AsCommitFailure(Error error) {
  StatementError failure = AsStatementError(std::move(error));
  if (failure.error.kind == ErrorKind::kConflict) failure.sqlstate = "40001";
  return failure;
}

/// What was told as kInternal, so that no attempt followed.
StatementError AsOvertaken(StatementError failure) {
  failure.error.kind = ErrorKind::kConflict;
  return AsCommitFailure(std::move(failure.error));
}

}  // namespace

SessionTransaction::SessionTransaction(Account& account, TransactionExtent extent)
    : account_(account), extent_(extent), writer_(account.writers().Begin()) {}

SessionTransaction::~SessionTransaction() {
  if (!ended_) End();
}

void SessionTransaction::End() {
  ended_ = true;
  account_.table_locks().Release(writer_.id);
  account_.writers().End(writer_.id);
  account_.SettleWriters();
}

std::optional<engine::PendingRows> SessionTransaction::PendingRowsOf(ObjectId table) const {
  const auto found = tables_.find(table);
  if (found == tables_.end() || found->second.own || found->second.files.empty()) {
    return std::nullopt;
  }
  engine::PendingRows rows;
  int64_t ordinal = 0;
  for (const iceberg::DataFile& file : found->second.files) {
    rows.files.push_back({.file = file, .first_ordinal = ordinal});
    ordinal += file.record_count;
  }
  rows.visible.push_back({.begin = 0, .end = ordinal});
  return rows;
}

const iceberg::LoadedTable& SessionTransaction::StateOf(const PinnedTable& table) const {
  const auto found = tables_.find(table.head.id);
  const bool own = found != tables_.end() && found->second.own;
  return own ? *found->second.own : table.loaded;
}

StatementResult<> SessionTransaction::LockForChange(ObjectId table, const SessionState& session,
                                                    const StatementRun& run) {
  const TableLock lock =
      extent_ == TransactionExtent::kStatement ? TableLock::kChange : TableLock::kOwn;
  return account_.table_locks().Take(writer_.id, table, lock, LockTimeoutOf(session),
                                     [&] { return run.is_cancelled(); });
}

Result<> SessionTransaction::Announce(const std::string& location) {
  return account_.tables().journal->AddLocation(writer_, location, false);
}

SessionTransaction::TableState& SessionTransaction::StateFor(const PinnedTable& table) {
  const iceberg::TableMetadata& metadata = *table.loaded.metadata;
  const auto [entry, added] = tables_.try_emplace(table.head.id);
  TableState& state = entry->second;
  if (!added) return state;
  state.location = metadata.location;
  state.columns = table.definition.columns;
  state.change = {.table = PublishedName(table.database, table.schema, table.head),
                  .table_uuid = metadata.table_uuid,
                  .created = nullptr,
                  .requirements = {},
                  .changes = {},
                  .snapshot_id = iceberg::NewSnapshotId(&metadata)};
  return state;
}

Result<> SessionTransaction::AddFiles(const iceberg::LoadedTable& base,
                                      std::vector<iceberg::DataFile> files,
                                      table::TableChange& change) {
  return table::AddDataFiles(account_.tables(), writer_, base, change.snapshot_id,
                             {.files = std::move(files),
                              .partition_spec_id = base.metadata->default_spec_id,
                              .data_sequence_number = std::nullopt},
                             next_ordinal_++, change.changes);
}

StatementResult<> SessionTransaction::PrepareToChange(const PinnedTable& table) {
  if (extent_ == TransactionExtent::kStatement) return {};
  TableState& state = StateFor(table);
  if (state.own) return {};
  state.own = table.loaded;
  state.own_base = table.loaded.metadata->current_snapshot_id;
  if (state.files.empty()) return {};
  state.files.clear();
  return ApplyToOwn(state, state.change);
}

StatementResult<> SessionTransaction::ApplyToOwn(TableState& state,
                                                 const table::TableChange& change) {
  STATEMENT_TRY(Announce(state.location));
  state.statements.push_back(statement_);
  const table::TableContext& tables = account_.tables();
  iceberg::CommitContext context = MakeCommitContext(tables, writer_.id);
  context.attempt = kOwnAttempt + own_states_++;
  iceberg::CommitPolicy policy = tables.policy;
  policy.is_pinned = [](iceberg::SnapshotId) { return true; };
  STATEMENT_ASSIGN(
      iceberg::PreparedTable prepared,
      iceberg::PrepareCommit(context, *state.own, change.changes, change.snapshot_id, policy));
  if (prepared.written_files.empty()) return {};
  // Nobody will ever point at it, and who finds tables by such files must not see it.
  STATEMENT_TRY(tables.storage->Delete(prepared.table.metadata_location));
  state.own = std::move(prepared.table);
  state.own_snapshots.push_back(change.snapshot_id);
  return {};
}

StatementResult<> SessionTransaction::Append(const PinnedTable& table,
                                             std::vector<iceberg::DataFile> files,
                                             int32_t next_ordinal) {
  next_ordinal_ = next_ordinal;
  if (files.empty()) return {};
  TableState& state = StateFor(table);
  if (!state.own) {
    state.statements.push_back(statement_);
    STATEMENT_TRY(AddFiles(table.loaded, files, state.change));
    std::ranges::move(files, std::back_inserter(state.files));
    return {};
  }
  table::TableChange change{.snapshot_id = iceberg::NewSnapshotId(state.own->metadata.get())};
  STATEMENT_TRY(AddFiles(*state.own, std::move(files), change));
  return ApplyToOwn(state, change);
}

StatementResult<> SessionTransaction::Replace(const PinnedTable& table,
                                              std::vector<iceberg::DataFile> files,
                                              int32_t next_ordinal) {
  next_ordinal_ = next_ordinal;
  TableState& state = StateFor(table);
  if (!state.own) {
    state.statements.push_back(statement_);
    STATEMENT_TRY(AddFiles(table.loaded, std::move(files), state.change));
    state.change.changes.replace_all = true;
    return {};
  }
  table::TableChange change{.snapshot_id = iceberg::NewSnapshotId(state.own->metadata.get())};
  change.changes.replace_all = true;
  STATEMENT_TRY(AddFiles(*state.own, std::move(files), change));
  return ApplyToOwn(state, change);
}

StatementResult<> SessionTransaction::Change(const PinnedTable& table,
                                             table::PreparedRowChange change) {
  next_ordinal_ = std::max(next_ordinal_, change.next_ordinal);
  if (change.deleted_rows == 0 && change.inserted_rows == 0) return {};
  TableState& state = StateFor(table);
  if (!state.own) {
    state.statements.push_back(statement_);
    state.change.changes = std::move(change.changes);
    state.change.snapshot_id = change.snapshot_id;
    return {};
  }
  return ApplyToOwn(state,
                    {.changes = std::move(change.changes), .snapshot_id = change.snapshot_id});
}

void SessionTransaction::SetProperties(const PinnedTable& table,
                                       const std::map<std::string, std::string>& properties) {
  auto& set = StateFor(table).change.changes.set_properties;
  for (const auto& [name, value] : properties) set[name] = value;
}

StatementResult<> SessionTransaction::Alter(const PinnedTable& table,
                                            std::vector<::tarn::Field> fields, Table definition) {
  TableState& state = StateFor(table);
  state.own.reset();
  const iceberg::Schema& schema = table.loaded.metadata->current_schema();
  if (schema.fields != fields) {
    state.change.changes.schema = {.read = schema, .fields = std::move(fields)};
  }
  altered_.insert_or_assign(table.head.id, std::move(definition));
  return {};
}

StatementResult<> SessionTransaction::WriteAltered(Transaction& transaction) {
  for (const auto& [id, definition] : altered_) {
    STATEMENT_TRY(transaction.Update(id, definition));
  }
  return {};
}

TableVersion SessionTransaction::NumberRows(const PinnedTable& table) {
  TableState& state = StateFor(table);
  state.own.reset();
  state.change.changes.updates.emplace_back(iceberg::UpgradeFormatVersion{kLineageVersion});
  // Where a table was upgraded, that gives ids to its rows.
  state.change.changes.merge_manifests = true;
  // The snapshot that gives the ids is known by its id beforehand: so it must be this one.
  state.change.requirements.emplace_back(iceberg::AssertRefSnapshotId{
      iceberg::kMainBranch, table.loaded.metadata->current_snapshot_id});
  if (!table.loaded.metadata->current_snapshot_id) return {};
  return {state.change.snapshot_id};
}

void SessionTransaction::BeginStatement(const Uuid& query_id) {
  statement_ = query_id;
  consuming_.clear();
}

void SessionTransaction::EndStatement(bool succeeded) {
  if (succeeded) {
    for (auto& [id, read] : consuming_) consumed_.insert_or_assign(id, std::move(read));
  }
  consuming_.clear();
}

StatementResult<bool> SessionTransaction::LockStream(ObjectId stream, const SessionState& session,
                                                     const StatementRun& run) {
  if (locked_streams_.contains(stream)) return false;
  STATEMENT_TRY(account_.table_locks().Take(writer_.id, stream, TableLock::kOwn,
                                            LockTimeoutOf(session),
                                            [&] { return run.is_cancelled(); }));
  locked_streams_.insert(stream);
  return true;
}

void SessionTransaction::Consume(const StreamRead& read) {
  consuming_.insert_or_assign(read.head.id, read);
}

StatementResult<> SessionTransaction::MoveStreams(Transaction& transaction) {
  for (const auto& [id, read] : consumed_) {
    STATEMENT_ASSIGN(const bool alive, transaction.IsAlive(id));
    STATEMENT_ASSIGN(auto stream, transaction.Find<Stream>(id));
    if (!alive || !stream || !StandsAt(*stream, read.before)) {
      overtaken_ = true;
      // Not kConflict: another attempt on a newer pointer would fail as well.
      StatementError error = ConsumedMeanwhile(read.head).error();
      error.error.kind = ErrorKind::kInternal;
      return std::unexpected(std::move(error));
    }
    stream->offsets = read.after.offsets;
    stream->show_initial_rows = read.after.show_initial_rows;
    STATEMENT_TRY(transaction.Update(id, *stream));
  }
  return {};
}

StatementResult<> SessionTransaction::PinConsumed() {
  for (const auto& [id, read] : consumed_) {
    if (read.source.metadata == nullptr) continue;
    STATEMENT_TRY(PinOffset(account_, id, read.after, read.source, read.lease_ms));
  }
  return {};
}

void SessionTransaction::UnpinConsumed(bool committed) {
  for (const auto& [id, read] : consumed_) {
    if (read.source.metadata == nullptr) continue;
    if (read.before.offsets.front().snapshot_id == read.after.offsets.front().snapshot_id) continue;
    UnpinOffset(account_, id, committed ? read.before : read.after, read.source);
  }
}

std::string SessionTransaction::StatementsOf(const TableState& state) const {
  std::string ids = statement_.ToString();
  if (state.statements.size() > kNamedStatementsMax) return ids;
  for (const Uuid& id : state.statements) {
    if (id != statement_) ids += "," + id.ToString();
  }
  return ids;
}

/// The private snapshots, where the table's head is still the one that they began from. All of them
/// become visible now, whenever they were made.
table::TableChange SessionTransaction::PublishedChange(TableState& state) const {
  table::TableChange change = std::move(state.change);
  const std::string statements = StatementsOf(state);
  change.changes.summary[kStatementIdsEntry] = statements;
  if (!state.own) return change;
  change.changes = {};
  const int64_t now_ms = NowMs();
  change.requirements = {iceberg::AssertTableUuid{change.table_uuid},
                         iceberg::AssertRefSnapshotId{iceberg::kMainBranch, state.own_base}};
  for (const iceberg::SnapshotId id : state.own_snapshots) {
    iceberg::Snapshot snapshot = *state.own->metadata->FindSnapshot(id);
    snapshot.timestamp_ms = std::max(now_ms, snapshot.timestamp_ms);
    if (id == state.own_snapshots.back()) snapshot.summary[kStatementIdsEntry] = statements;
    change.changes.updates.emplace_back(iceberg::AddSnapshot{std::move(snapshot)});
  }
  if (state.own_snapshots.empty()) return change;
  change.changes.updates.emplace_back(
      iceberg::SetSnapshotRef{iceberg::kMainBranch, {.snapshot_id = state.own_snapshots.back()}});
  change.snapshot_id = iceberg::NewSnapshotId(state.own->metadata.get());
  return change;
}

StatementResult<> SessionTransaction::LockForAppends(const SessionState& session,
                                                     const StatementRun* run) {
  for (const auto& [id, state] : tables_) {
    if (state.own) continue;
    STATEMENT_TRY(
        account_.table_locks().Take(writer_.id, id, TableLock::kAppend, LockTimeoutOf(session),
                                    [run] { return run != nullptr && run->is_cancelled(); }));
  }
  return {};
}

StatementResult<> SessionTransaction::CheckColumns(Transaction& transaction) {
  for (const auto& [id, state] : tables_) {
    STATEMENT_ASSIGN(const auto definition, transaction.Find<Table>(id));
    if (definition && definition->columns == state.columns) continue;
    STATEMENT_ASSIGN(const auto dynamic, transaction.Find<DynamicTable>(id));
    if (dynamic && dynamic->columns == state.columns) continue;
    overtaken_ = true;
    // Not kConflict: another attempt on a newer pointer would fail as well.
    return std::unexpected(AsStatementError(
        Error{ErrorKind::kInternal, "a table was altered while its rows were changed", {}, {}}));
  }
  return {};
}

StatementResult<> SessionTransaction::WriteLoads(Transaction& transaction) {
  STATEMENT_ASSIGN(const bool written, loads_.Write(transaction));
  if (written) return {};
  overtaken_ = true;
  return std::unexpected(AsStatementError(Error{
      ErrorKind::kInternal, "another statement has loaded one of the files meanwhile", {}, {}}));
}

void SessionTransaction::DeleteAfterCommit(std::vector<std::string> locations) {
  std::ranges::move(locations, std::back_inserter(deleted_after_commit_));
}

StatementResult<> SessionTransaction::Commit(const SessionState& session, const StatementRun* run,
                                             const TablePublisher::Effect& effect) {
  auto committed = CommitChanges(session, run, effect);
  // What stays is remembered as loaded: nobody is told of it.
  if (committed && !deleted_after_commit_.empty()) {
    (void)account_.tables().storage->DeleteAll(deleted_after_commit_);
  }
  return committed;
}

StatementResult<> SessionTransaction::CommitChanges(const SessionState& session,
                                                    const StatementRun* run,
                                                    const TablePublisher::Effect& effect) {
  if (auto locked = LockForAppends(session, run); !locked) {
    End();
    return locked;
  }
  std::vector<table::TableChange> changes;
  for (auto& [id, state] : tables_) changes.push_back(PublishedChange(state));
  if (changes.empty() && consumed_.empty() && loads_.empty()) {
    End();
    return {};
  }
  return Publish(changes, [&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(CheckColumns(transaction));
    STATEMENT_TRY(WriteAltered(transaction));
    STATEMENT_TRY(WriteLoads(transaction));
    if (effect != nullptr) STATEMENT_TRY(effect(transaction));
    return {};
  });
}

StatementResult<> SessionTransaction::CommitCreated(table::TableChange change,
                                                    const TablePublisher::Effect& effect) {
  EndStatement(true);
  change.changes.summary[kStatementIdsEntry] = statement_.ToString();
  return Publish({&change, 1}, effect);
}

/// Snapshots at new offsets are held before anybody learns of them, those at old ones until then.
StatementResult<> SessionTransaction::Publish(std::span<const table::TableChange> changes,
                                              const TablePublisher::Effect& effect) {
  if (consumed_.empty()) return PublishPinned(changes, effect);
  StatementResult<> done = PinConsumed();
  if (!done) {
    End();
    return done;
  }
  done = PublishPinned(changes, effect);
  const bool unknown = !done && done.error().error.kind == ErrorKind::kCommitStateUnknown;
  if (!unknown) UnpinConsumed(done.has_value());
  return done;
}

StatementResult<> SessionTransaction::CommitObjects(const TablePublisher::Effect& effect) {
  StatementResult<> done = account_.metastore().Commit(effect);
  End();
  if (!done && overtaken_) return std::unexpected(AsOvertaken(std::move(done).error()));
  return done;
}

StatementResult<> SessionTransaction::PublishPinned(std::span<const table::TableChange> changes,
                                                    const TablePublisher::Effect& effect) {
  const TablePublisher::Effect whole = [&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(MoveStreams(transaction));
    return effect(transaction);
  };
  if (changes.empty()) return CommitObjects(whole);
  bool published = false;
  const TablePublisher::Effect told = [&](Transaction& transaction) -> StatementResult<> {
    published = true;
    return whole(transaction);
  };
  TablePublisher publisher(&account_.metastore(), writer_.id, told);
  for (const table::TableChange& change : changes) {
    if (change.created != nullptr) publisher.Create(change.table);
  }
  table::TableContext tables = account_.tables();
  // What streams need is looked up when something is about to expire.
  table::PinnedSnapshots pins(tables.storage);
  tables.pins = &pins;
  const auto committed = table::CommitTables(
      tables, publisher, writer_, changes,
      {.retry = kRetry, .before_appearing = table::JournalExpired(*tables.journal, writer_)});
  if (committed && published) {
    account_.tables().journal->Commit(writer_.id, account_.clock().NowMs());
    End();
    return {};
  }
  if (committed) {
    // What changes no table publishes nothing: then nobody knows the writer.
    if (!altered_.empty() || !consumed_.empty() || !loads_.empty()) return CommitObjects(whole);
    End();
    return {};
  }
  Error error = committed.error();
  if (error.kind == ErrorKind::kCommitStateUnknown) {
    // Nobody can say: the writer stays open until the account is opened again.
    ended_ = true;
    account_.table_locks().Release(writer_.id);
  } else {
    End();
  }
  if (overtaken_) error.kind = ErrorKind::kConflict;
  if (publisher.effect_error() && !overtaken_) {
    return std::unexpected(*publisher.effect_error());
  }
  return std::unexpected(AsCommitFailure(std::move(error)));
}

}  // namespace tarn::warehouse
