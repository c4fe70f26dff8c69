// SPDX-License-Identifier: Apache-2.0
// Rows by TID. Locks on them are refused (statements that ask for one, before they start).
#include "access_method/row_fetch.h"
#include "access_method/table_am.h"
#include "boundary/guard.h"
#include "definition/statement_checks.h"
#include "scan/lake_scan.h"

namespace tarn::extension {
namespace {

bool FetchRowVersion(Relation relation, ItemPointer tid, Snapshot snapshot, TupleTableSlot* slot) {
  return Guard([&] { return FetchRow(relation, *tid, snapshot, slot); });
}

bool TidValid(TableScanDesc /*scan*/, ItemPointer tid) { return ItemPointerIsValid(tid); }

/// Rows have one version only.
void GetLatestTid(TableScanDesc /*scan*/, ItemPointer /*tid*/) {}

/// A slot holds only rows that a snapshot saw, or that were just inserted.
bool SatisfiesSnapshot(Relation /*relation*/, TupleTableSlot* /*slot*/, Snapshot /*snapshot*/) {
  return true;
}

TM_Result LockRow(Relation relation, ItemPointer tid, Snapshot snapshot, TupleTableSlot* slot,
                  CommandId /*cid*/, LockTupleMode mode, LockWaitPolicy /*policy*/, uint8 /*flags*/,
                  TM_FailureData* failure) {
  if (mode != LockTupleKeyShare || !IsForeignKeyCheck())
    RefuseRowLock(RelationGetRelationName(relation));
  failure->traversed = false;
  return FetchRowVersion(relation, tid, snapshot, slot) ? TM_Ok : TM_Deleted;
}

}  // namespace

void FillFetchCallbacks(TableAmRoutine& routine) {
  routine.tuple_fetch_row_version = FetchRowVersion;
  routine.tuple_tid_valid = TidValid;
  routine.tuple_get_latest_tid = GetLatestTid;
  routine.tuple_satisfies_snapshot = SatisfiesSnapshot;
  routine.tuple_lock = LockRow;
}

}  // namespace tarn::extension
