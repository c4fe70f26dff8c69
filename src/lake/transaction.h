// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task_group.h"
#include "lake/compaction_board.h"
#include "lake/lake_context.h"
#include "lake/postgres_writer.h"
#include "lake/request_guard.h"
#include "lake/wire.h"
#include "lake/wire_maintenance.h"
#include "lake/wire_update.h"
#include "lake/write_buffer.h"
#include "storage/publication.h"
#include "table/maintenance/rewrite_data_files.h"
#include "table/ownership.h"

namespace tarn::lake {

/// A client goes on with what it began on a connection to an earlier engine.
inline std::unexpected<Error> LostWithEngine() {
  return std::unexpected(
      Error{ErrorKind::kUnavailable, "what this transaction wrote to lake tables is lost",
            "The lake engine was restarted while the transaction was in progress.",
            "Roll back and retry the transaction."});
}

/// One table's part of a transaction after step 1 of the commit.
struct PreparedWrite {
  TablePlace place;
  std::string location;  ///< the claimed one
  std::string base_metadata_location;
  iceberg::LoadedTable base;  ///< of place.create: the first metadata, not written
  bool needs_base = false;    ///< computed from the base's rows: no newer base will do
  iceberg::ChangeSet changes;
  iceberg::SnapshotId snapshot_id;
  std::vector<std::string> data_files;
};

/// As answers tell it: none where the table has no snapshot.
std::optional<int64_t> CurrentSnapshotId(const iceberg::TableMetadata& metadata);

/// What one transaction of PostgreSQL did to the lake and has not finished. Belongs to a session
/// and is used by its thread.
class LakeTransaction {
 public:
  LakeTransaction(LakeContext& lake, const SessionPeer& peer, RequestGuard& request,
                  const TransactionKey& key)
      : lake_(lake),
        peer_(peer),
        request_(request),
        key_(key),
        writer_(WriterOf(key)),
        // Known before its session: an engine that is gone made files of it.
        files_unknown_(lake.journal->Find(key.uuid).has_value()) {}

  ~LakeTransaction();
  LakeTransaction(const LakeTransaction&) = delete;
  LakeTransaction& operator=(const LakeTransaction&) = delete;

  const TransactionKey& key() const { return key_; }

  // The unanswered messages: the first failure is kept, and what follows it ignored.
  void BeginWrite(lake::BeginWrite message);
  void Append(const lake::Append& message, std::shared_ptr<const std::vector<uint8_t>> owner,
              std::span<const uint8_t> batch);
  void DiscardWrites(uint64_t storage);

  /// Own rows for a scan. The kept failure, if there is one.
  Result<engine::PendingRows> RowsForScan(uint64_t storage, const std::vector<RowRange>& visible);

  /// Step 1: data files, manifests and the journal.
  Result<> Prepare(const lake::Prepare& message);
  /// Compaction, in place of step 1: a transaction that does nothing else.
  Result<RewriteOutcome> Rewrite(const lake::Rewrite& message);
  /// Step 3: manifest lists and metadata files.
  Result<CommitOk> Commit(const lake::Commit& message);

  // ---- commits of other writers (update.cc), at any time before step 1 ----
  /// All tables or none. May be called again, on what an earlier call made.
  Result<UpdateOk> Update(const lake::Update& message);
  /// Before step 1: which updates became part of the transaction. The files of others go.
  Result<> SettleUpdates(const lake::SettleUpdates& message);

  /// The end. Failures are logged: nobody waits for them, and the journal knows what is left to do.
  void Finish(Outcome outcome, uint64_t commit_lsn);

 private:
  friend class TablePreparation;

  struct Table {
    TablePlace place;
    std::string location;  ///< "" until something is about to be written
    bool committed = false;
  };

  struct RunningRewrite {
    TableKey table;
    int64_t nap_ms = 0;
    RewriteOutcome outcome;
  };

  void Keep(const Result<>& result);
  Result<RewriteOutcome> RewriteTable(const lake::Rewrite& message);
  Result<> RewriteFiles(const lake::Rewrite& message, const table::RewriteGroup& group,
                        PreparedWrite& write);
  void NoteEnd(bool committed);
  Result<> DoAppend(const lake::Append& message, std::shared_ptr<const std::vector<uint8_t>> owner,
                    std::span<const uint8_t> batch);
  /// Keeps the memory of all storages within its limit, and the process's, after `grown` has grown.
  Result<> LimitMemory(const WriteBuffer& grown);

  Result<> PrepareTables(const lake::Prepare& message);
  Result<> LocateAhead(const TablePlace& place, TaskGroup& journalling);
  /// Where the table lives, after journalling it, and claiming it or checking its owner.
  Result<std::string> Locate(const TablePlace& place);
  Result<std::string> NewDataFileLocation(const TablePlace& place);
  table::Owner OwnerOf(const TablePlace& place) const;
  Result<CommitOk> CommitTables(const lake::Commit& message);
  Result<> CheckPrepared(const CommitTable& message) const;
  Result<iceberg::PreparedTable> CommitOne(const CommitTable& message);
  Result<> JournalExpired(const PreparedWrite& write, const iceberg::PreparedTable& prepared);
  Result<> UpdateTables(const lake::Update& message, UpdateOk& answer);
  Result<UpdatedTable> UpdateOne(const TableUpdate& update, const lake::Update& message);
  Result<> JournalSuperseded(const SettledTable& table);
  Result<> RemoveAll();
  Result<> RemoveUnused();

  LakeContext& lake_;
  const SessionPeer& peer_;
  RequestGuard& request_;
  const TransactionKey key_;
  const table::Writer writer_;        ///< the same
  std::map<uint32_t, Table> tables_;  ///< by OID
  std::map<uint64_t, std::unique_ptr<WriteBuffer>> storages_;
  std::map<uint32_t, PreparedWrite> prepared_;  ///< by OID
  /// The files of step 1. They are settled by the end of step 3, beside what that waits for.
  std::unique_ptr<storage::Publication> prepared_files_;
  std::vector<std::string> data_files_;      ///< locations given out
  std::vector<std::string> metadata_files_;  ///< all others, as far as known
  std::set<std::string> used_files_;         ///< data files in committed metadata
  std::set<std::string> update_files_;       ///< metadata files of updates that may not count
  int32_t updates_ = 0;                      ///< counted, so that their files differ in name
  std::optional<RunningRewrite> rewrite_;
  std::vector<uint32_t> dropped_;  ///< tables that go with this transaction
  std::optional<Error> error_;
  int32_t next_file_ = 0;
  int32_t next_manifest_ = 0;
  /// A step failed: there may be files that nobody told us of.
  bool files_unknown_;
};

}  // namespace tarn::lake
