// SPDX-License-Identifier: Apache-2.0
#include "compaction/rewrite_table.h"

#include "access_method/lake_relation.h"
#include "boundary/guard.h"
#include "process/engine_client.h"
#include "transaction/lake_transaction.h"
#include "transaction/pointer.h"
#include "transaction/pointer_table.h"

extern "C" {
#include <access/relation.h>
#include <access/xact.h>
#include <storage/lmgr.h>
#include <utils/guc.h>
#include <utils/resowner.h>
#include <utils/snapmgr.h>
}

namespace tarn::extension {
namespace {

constexpr char kPatience[] = "2s";

[[noreturn]] void FailConflict(const char* what) {
  throw LakeError(Error{ErrorKind::kConflict, "the table cannot be rewritten now", what, {}});
}

/// Values of catalogs may lie outside their rows: reading them takes a snapshot.
std::optional<Pointer> ReadOwnPointer(Oid table_oid) {
  Pg([] { PushActiveSnapshot(GetLatestSnapshot()); });
  auto pointer = ReadNewestPointer(table_oid);
  Pg([] { PopActiveSnapshot(); });
  if (pointer && !IsOwnPointer(*pointer, EngineClient::Get().node())) pointer.reset();
  return pointer;
}

/// Nobody waits for a compaction, and a compaction waits for nobody who changes the table itself.
void LockRelation(Oid table_oid) {
  const bool is_there = Pg([&] {
    if (!ConditionalLockRelationOid(table_oid, AccessShareLock)) return false;
    Relation relation = try_relation_open(table_oid, NoLock);
    if (relation == nullptr) return false;
    const bool lake = IsLakeRelation(relation);
    relation_close(relation, NoLock);
    return lake;
  });
  if (!is_there) FailConflict("It is being changed or dropped.");
}

/// LockPointer, but no longer than writers take for the end of their commits: prepared transactions
/// hold the lock for as long as they like. False: not in time.
bool LockPointerInTime(Oid pointer_table, Oid table_oid) {
  MemoryContext context = CurrentMemoryContext;
  ResourceOwner owner = CurrentResourceOwner;
  volatile bool locked = true;
  BeginInternalSubTransaction(nullptr);
  PG_TRY();
  {
    const int level = NewGUCNestLevel();
    (void)set_config_option("lock_timeout", kPatience, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
                            true, 0, false);
    LockDatabaseObject(pointer_table, table_oid, 0, ExclusiveLock);
    AtEOXact_GUC(false, level);
    ReleaseCurrentSubTransaction();
  }
  PG_CATCH();
  {
    MemoryContextSwitchTo(context);
    ErrorData* error = CopyErrorData();
    FlushErrorState();
    RollbackAndReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(context);
    CurrentResourceOwner = owner;
    if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE) ReThrowError(error);
    FreeErrorData(error);
    locked = false;
  }
  PG_END_TRY();
  MemoryContextSwitchTo(context);
  CurrentResourceOwner = owner;
  return locked;
}

/// As every commit does (docs/internals/commit-protocol.md), but that of the table only its files
/// change.
void Publish(LakeTransaction& transaction, const Pointer& base, RelationLock lock) {
  if (lock == RelationLock::kConditional) LockRelation(base.table_oid);
  if (!Pg([&] { return LockPointerInTime(RequirePointerTable(), base.table_oid); })) {
    FailConflict("Another transaction that wrote to it is being committed, or is prepared.");
  }
  auto newest = ReadOwnPointer(base.table_oid);
  if (!newest || newest->relfilenumber != base.relfilenumber ||
      newest->table_uuid != base.table_uuid) {
    FailConflict("It was truncated or rewritten meanwhile.");
  }
  const lake::Commit commit{.transaction = transaction.key(),
                            .tables = {{.table_oid = base.table_oid,
                                        .base_metadata_location = newest->metadata_location}}};
  const auto answer = EngineClient::Get().Ask<lake::CommitOk>(lake::MessageType::kCommit, commit);
  if (answer.tables.size() != 1 || answer.tables[0].table_oid != base.table_oid) {
    throw LakeError(
        Error{ErrorKind::kInternal, "unexpected answer of the lake engine to Commit", {}, {}});
  }
  const lake::CommittedTable& committed = answer.tables[0];
  if (committed.metadata_location == newest->metadata_location) return;
  newest->MoveTo(committed.metadata_location, committed.snapshot_id, committed.sequence_number,
                 transaction.key().full_xid);
  Pg([] { PushActiveSnapshot(GetLatestSnapshot()); });
  UpdatePointer(*newest);
  Pg([] { PopActiveSnapshot(); });
}

}  // namespace

lake::RewriteOutcome RewriteLakeTable(Oid table_oid, lake::CompactionPass pass,
                                      const lake::RewriteLimits& limits, RelationLock lock) {
  const auto base = ReadOwnPointer(table_oid);
  if (!base || base->metadata_location.empty()) return {};
  LakeTransaction& transaction = LakeTransaction::Current();
  const lake::Rewrite rewrite{.transaction = transaction.key(),
                              .place = transaction.PlaceOf(table_oid, base),
                              .base_metadata_location = base->metadata_location,
                              .pass = pass,
                              .limits = limits};
  transaction.engine_knows = true;
  Pg([] { InvalidateCatalogSnapshot(); });
  const auto outcome =
      EngineClient::Get().Ask<lake::RewriteOutcome>(lake::MessageType::kRewrite, rewrite);
  if (outcome.changes) Publish(transaction, *base, lock);
  return outcome;
}

}  // namespace tarn::extension
