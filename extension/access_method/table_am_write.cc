// SPDX-License-Identifier: Apache-2.0
// Inserting. Nothing here waits for the engine unless its socket is full.
#include "access_method/lake_relation.h"
#include "access_method/table_am.h"
#include "boundary/guard.h"
#include "definition/widening.h"
#include "scan/lake_scan.h"
#include "transaction/pending.h"

extern "C" {
#include <pgstat.h>
#include <storage/predicate.h>
}

namespace tarn::extension {
namespace {

void InsertSlot(Relation relation, TupleTableSlot* slot, CommandId cid) {
  if (TakesOverRows(relation)) return;
  const int64_t number = InsertRow(relation, slot, cid);
  slot->tts_tid = TidFromRowNumber(number);
  slot->tts_tableOid = RelationGetRelid(relation);
}

void TupleInsert(Relation relation, TupleTableSlot* slot, CommandId cid, int /*options*/,
                 struct BulkInsertStateData* /*state*/) {
  CheckForSerializableConflictIn(relation, nullptr, InvalidBlockNumber);
  Guard([&] { InsertSlot(relation, slot, cid); });
  pgstat_count_heap_insert(relation, 1);
}

void MultiInsert(Relation relation, TupleTableSlot** slots, int count, CommandId cid,
                 int /*options*/, struct BulkInsertStateData* /*state*/) {
  CheckForSerializableConflictIn(relation, nullptr, InvalidBlockNumber);
  Guard([&] {
    for (int i = 0; i < count; ++i) InsertSlot(relation, slots[i], cid);
  });
  pgstat_count_heap_insert(relation, count);
}

[[noreturn]] void RefuseChange(Relation relation, const char* what) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("%s is not supported on lake table \"%s\" yet", what,
                         RelationGetRelationName(relation)),
                  errhint("Insert corrected rows, or TRUNCATE and fill the table again.")));
  pg_unreachable();
}

TM_Result TupleDelete(Relation relation, ItemPointer /*tid*/, CommandId /*cid*/,
                      Snapshot /*snapshot*/, Snapshot /*crosscheck*/, bool /*wait*/,
                      TM_FailureData* /*failure*/, bool /*changing_part*/) {
  RefuseChange(relation, "DELETE");
}

TM_Result TupleUpdate(Relation relation, ItemPointer /*tid*/, TupleTableSlot* /*slot*/,
                      CommandId /*cid*/, Snapshot /*snapshot*/, Snapshot /*crosscheck*/,
                      bool /*wait*/, TM_FailureData* /*failure*/, LockTupleMode* /*mode*/,
                      TU_UpdateIndexes* /*indexes*/) {
  RefuseChange(relation, "UPDATE");
}

void InsertSpeculative(Relation relation, TupleTableSlot* /*slot*/, CommandId /*cid*/,
                       int /*options*/, struct BulkInsertStateData* /*state*/, uint32 /*token*/) {
  RefuseChange(relation, "ON CONFLICT");
}

void CompleteSpeculative(Relation relation, TupleTableSlot* /*slot*/, uint32 /*token*/,
                         bool /*succeeded*/) {
  RefuseChange(relation, "ON CONFLICT");
}

}  // namespace

void FillWriteCallbacks(TableAmRoutine& routine) {
  routine.tuple_insert = TupleInsert;
  routine.multi_insert = MultiInsert;
  routine.tuple_delete = TupleDelete;
  routine.tuple_update = TupleUpdate;
  routine.tuple_insert_speculative = InsertSpeculative;
  routine.tuple_complete_speculative = CompleteSpeculative;
}

}  // namespace tarn::extension
