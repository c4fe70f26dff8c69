// SPDX-License-Identifier: Apache-2.0
// Lake tables have no indexes: these refuse. (The utility hook refuses earlier what names a lake
// table; partitioned indexes reach their partitions only here.)
#include "access_method/table_am.h"

extern "C" {
#include <access/genam.h>
}

namespace tarn::extension {
namespace {

[[noreturn]] void RefuseIndex(Relation relation) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("indexes on lake table \"%s\" are not supported",
                         RelationGetRelationName(relation)),
                  errhint("Scans skip files by the bounds of their columns: load rows in an order "
                          "that suits the queries.")));
  pg_unreachable();
}

double IndexBuildRangeScan(Relation table, Relation /*index*/, struct IndexInfo* /*info*/,
                           bool /*allow_sync*/, bool /*anyvisible*/, bool /*progress*/,
                           BlockNumber /*start*/, BlockNumber /*blocks*/,
                           IndexBuildCallback /*callback*/, void* /*state*/,
                           TableScanDesc /*scan*/) {
  RefuseIndex(table);
}

void IndexValidateScan(Relation table, Relation /*index*/, struct IndexInfo* /*info*/,
                       Snapshot /*snapshot*/, struct ValidateIndexState* /*state*/) {
  RefuseIndex(table);
}

struct IndexFetchTableData* IndexFetchBegin(Relation relation) { RefuseIndex(relation); }
void IndexFetchReset(struct IndexFetchTableData* fetch) { RefuseIndex(fetch->rel); }
void IndexFetchEnd(struct IndexFetchTableData* fetch) { RefuseIndex(fetch->rel); }
bool IndexFetchTuple(struct IndexFetchTableData* fetch, ItemPointer /*tid*/, Snapshot /*snapshot*/,
                     TupleTableSlot* /*slot*/, bool* /*call_again*/, bool* /*all_dead*/) {
  RefuseIndex(fetch->rel);
}
TransactionId IndexDeleteTuples(Relation relation, TM_IndexDeleteOp* /*state*/) {
  RefuseIndex(relation);
}

}  // namespace

void FillIndexCallbacks(TableAmRoutine& routine) {
  routine.index_build_range_scan = IndexBuildRangeScan;
  routine.index_validate_scan = IndexValidateScan;
  routine.index_fetch_begin = IndexFetchBegin;
  routine.index_fetch_reset = IndexFetchReset;
  routine.index_fetch_end = IndexFetchEnd;
  routine.index_fetch_tuple = IndexFetchTuple;
  routine.index_delete_tuples = IndexDeleteTuples;
}

}  // namespace tarn::extension
