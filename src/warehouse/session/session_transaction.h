// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "iceberg/model/data_file.h"
#include "table/commit.h"
#include "table/row_update.h"
#include "warehouse/session/account.h"
#include "warehouse/session/load_records.h"
#include "warehouse/session/query_names.h"
#include "warehouse/streams/stream_read.h"

namespace tarn::warehouse {

class StatementRun;

/// How far a transaction goes: what it changed in a table may be made again on a newer state, or
/// its later statements build upon it.
enum class TransactionExtent : uint8_t { kStatement, kTransaction };

/// What a session has done to tables and not committed (docs/internals/tables.md, "Transactions").
/// One writer; all tables become visible at once. Used by one thread. Destroying it without Commit
/// rolls back: its files go, its locks are released.
class SessionTransaction {
 public:
  SessionTransaction(Account& account, TransactionExtent extent);
  ~SessionTransaction();
  SessionTransaction(const SessionTransaction&) = delete;
  SessionTransaction& operator=(const SessionTransaction&) = delete;

  const table::Writer& writer() const { return writer_; }

  /// Files that its statements have loaded: stored as loaded together with their rows.
  LoadRecords& loads() { return loads_; }
  /// These files go when it has committed, as far as they can be deleted.
  void DeleteAfterCommit(std::vector<std::string> locations);

  // --- What its statements see ---
  /// Absent: nothing of this table, or it has a state of its own.
  std::optional<engine::PendingRows> PendingRowsOf(ObjectId table) const;
  /// The transaction's own state of the table, else the one that is pinned.
  const iceberg::LoadedTable& StateOf(const PinnedTable& table) const;

  // --- Changing ---
  /// Before rows of the table are read to be changed: nobody else changes them until the end. Waits
  /// as TableLocks::Take does. To be called before the statement's tables are pinned.
  StatementResult<> LockForChange(ObjectId table, const SessionState& session,
                                  const StatementRun& run);
  /// Before rows of the pinned table are changed: in a transaction it gets a state of its own,
  /// which has what was appended. REQUIRES: LockForChange.
  StatementResult<> PrepareToChange(const PinnedTable& table);
  /// Before the first file of the writer appears in the table's location.
  Result<> Announce(const std::string& location);
  /// For the names of files and manifests: those from here on are free.
  int32_t next_ordinal() const { return next_ordinal_; }
  /// Files that the writer made, the last of them below `next_ordinal`.
  StatementResult<> Append(const PinnedTable& table, std::vector<iceberg::DataFile> files,
                           int32_t next_ordinal);
  /// The same in the place of all rows.
  StatementResult<> Replace(const PinnedTable& table, std::vector<iceberg::DataFile> files,
                            int32_t next_ordinal);
  /// A change of the rows of StateOf.
  StatementResult<> Change(const PinnedTable& table, table::PreparedRowChange change);
  /// Properties of its metadata that change with its rows. REQUIRES: a single statement's.
  void SetProperties(const PinnedTable& table,
                     const std::map<std::string, std::string>& properties);

  // --- Statements and the streams that they consume ---
  void BeginStatement(const Uuid& query_id);
  /// After success the streams that the statement read move with the commit.
  void EndStatement(bool succeeded);
  /// Nobody else consumes the stream until the end. Waits as LockForChange. False: it was locked
  /// already, and what was read of it since holds.
  StatementResult<bool> LockStream(ObjectId stream, const SessionState& session,
                                   const StatementRun& run);
  /// The statement at work read this. REQUIRES: LockStream.
  void Consume(const StreamRead& read);

  /// The table gets these columns, and its files those of `fields`. REQUIRES: LockForChange of a
  /// whole transaction, in which nothing else of the table is changed.
  StatementResult<> Alter(const PinnedTable& table, std::vector<::tarn::Field> fields,
                          Table definition);
  /// Rows of the table get ids, which needs version 3 of Iceberg. Returns the table's state from
  /// then on. REQUIRES: as Alter.
  TableVersion NumberRows(const PinnedTable& table);

  /// Ends it, in success and in failure. `effect` becomes visible with the rows, and may be null.
  /// kConflict (40001): what came between contradicts the changes; nothing was committed.
  StatementResult<> Commit(const SessionState& session, const StatementRun* run,
                           const TablePublisher::Effect& effect = nullptr);
  /// The same of a table that does not exist yet, or takes the place of another one, made by the
  /// effect.
  StatementResult<> CommitCreated(table::TableChange change, const TablePublisher::Effect& effect);

 private:
  struct TableState {
    std::string location;
    std::vector<Column> columns;  ///< that its rows were made for
    table::TableChange change;    ///< unless it has a state of its own
    std::vector<iceberg::DataFile> files;
    std::optional<iceberg::LoadedTable> own;
    std::optional<iceberg::SnapshotId> own_base;  ///< the snapshot that it began from
    std::vector<iceberg::SnapshotId> own_snapshots;
    std::vector<Uuid> statements;  ///< that changed it
  };
  TableState& StateFor(const PinnedTable& table);
  Result<> AddFiles(const iceberg::LoadedTable& base, std::vector<iceberg::DataFile> files,
                    table::TableChange& change);
  StatementResult<> ApplyToOwn(TableState& state, const table::TableChange& change);
  table::TableChange PublishedChange(TableState& state) const;
  /// For summaries of snapshots.
  std::string StatementsOf(const TableState& state) const;
  StatementResult<> LockForAppends(const SessionState& session, const StatementRun* run);
  StatementResult<> WriteAltered(Transaction& transaction);
  /// Fails, and sets overtaken_, where others have loaded one of the files meanwhile.
  StatementResult<> WriteLoads(Transaction& transaction);
  StatementResult<> CommitChanges(const SessionState& session, const StatementRun* run,
                                  const TablePublisher::Effect& effect);
  /// Conflict where a table's columns are no longer those that the rows were made for.
  StatementResult<> CheckColumns(Transaction& transaction);
  StatementResult<> Publish(std::span<const table::TableChange> changes,
                            const TablePublisher::Effect& effect);
  StatementResult<> PublishPinned(std::span<const table::TableChange> changes,
                                  const TablePublisher::Effect& effect);
  StatementResult<> PinConsumed();
  /// The offsets that nobody needs any more.
  void UnpinConsumed(bool committed);
  /// Conflict where a stream no longer stands where it was read.
  StatementResult<> MoveStreams(Transaction& transaction);
  /// Of bookkeeping alone, where no table changed.
  StatementResult<> CommitObjects(const TablePublisher::Effect& effect);
  void End();

  Account& account_;
  const TransactionExtent extent_;
  table::Writer writer_;
  bool ended_ = false;
  std::map<ObjectId, TableState> tables_;
  int32_t next_ordinal_ = 0;
  std::map<ObjectId, Table> altered_;
  int32_t own_states_ = 0;
  LoadRecords loads_;
  std::vector<std::string> deleted_after_commit_;
  /// What the transaction built upon has changed: it cannot be published on whatever is newest.
  bool overtaken_ = false;
  Uuid statement_;
  std::map<ObjectId, StreamRead> consuming_;  ///< by the statement at work
  std::map<ObjectId, StreamRead> consumed_;
  std::set<ObjectId> locked_streams_;
};

}  // namespace tarn::warehouse
