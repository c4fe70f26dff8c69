// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/session_transaction.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "table/journal.h"
#include "table/row_delta.h"
#include "warehouse/session/statement_run.h"
#include "warehouse/session/table_locks.h"

namespace tarn::warehouse {
namespace {

/// Of names of files: those of the commit itself count from 0.
constexpr int32_t kOwnAttempt = 1000;
constexpr int64_t kLockTimeoutSeconds = 43'200;
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
  state.change = {.table = {{table.database, table.schema}, table.head.name},
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
    state.change.changes = std::move(change.changes);
    state.change.snapshot_id = change.snapshot_id;
    return {};
  }
  return ApplyToOwn(state,
                    {.changes = std::move(change.changes), .snapshot_id = change.snapshot_id});
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

/// The private snapshots, where the table's head is still the one that they began from.
table::TableChange SessionTransaction::PublishedChange(TableState& state) {
  table::TableChange change = std::move(state.change);
  if (!state.own) return change;
  change.changes = {};
  change.requirements = {iceberg::AssertTableUuid{change.table_uuid},
                         iceberg::AssertRefSnapshotId{iceberg::kMainBranch, state.own_base}};
  for (const iceberg::SnapshotId id : state.own_snapshots) {
    change.changes.updates.emplace_back(
        iceberg::AddSnapshot{*state.own->metadata->FindSnapshot(id)});
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

/// Of a transaction that has changed no rows: its files were empty, or its tables.
StatementResult<> SessionTransaction::CommitLoads() {
  if (loads_.empty()) return {};
  auto committed = account_.metastore().Commit(
      [&](Transaction& transaction) { return WriteLoads(transaction); });
  if (committed || !overtaken_) return committed;
  return std::unexpected(AsOvertaken(std::move(committed).error()));
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
  if (changes.empty()) {
    auto committed = CommitLoads();
    End();
    return committed;
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
  return Publish({&change, 1}, effect);
}

StatementResult<> SessionTransaction::Publish(std::span<const table::TableChange> changes,
                                              const TablePublisher::Effect& effect) {
  bool published = false;
  const TablePublisher::Effect told = [&](Transaction& transaction) -> StatementResult<> {
    published = true;
    return effect(transaction);
  };
  TablePublisher publisher(&account_.metastore(), writer_.id, told);
  for (const table::TableChange& change : changes) {
    if (change.created != nullptr) publisher.Create(change.table);
  }
  const auto committed =
      table::CommitTables(account_.tables(), publisher, writer_, changes, {.retry = kRetry});
  if (committed) {
    StatementResult<> done;
    // What changes no table publishes nothing: then nobody knows the writer.
    if (published) {
      account_.tables().journal->Commit(writer_.id, account_.clock().NowMs());
    } else {
      if (!altered_.empty() || !loads_.empty()) done = account_.metastore().Commit(effect);
    }
    if (!done && overtaken_) done = std::unexpected(AsOvertaken(std::move(done).error()));
    End();
    return done;
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
