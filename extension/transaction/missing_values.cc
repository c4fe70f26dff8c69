// SPDX-License-Identifier: Apache-2.0
#include "transaction/missing_values.h"

extern "C" {
#include <access/htup_details.h>
#include <access/relation.h>
#include <catalog/heap.h>
#include <nodes/pg_list.h>
#include <utils/datum.h>
#include <utils/memutils.h>
}

namespace tarn::extension {
namespace {

struct MissingValue {
  Oid table;
  AttrNumber attnum;
  Datum value;
};

List* g_kept = NIL;  // of MissingValue; it lives in the transaction's memory

}  // namespace

void KeepMissingValues(Relation relation) {
  TupleDesc descriptor = RelationGetDescr(relation);
  MemoryContext caller = MemoryContextSwitchTo(TopTransactionContext);
  for (int i = 0; i < descriptor->natts; ++i) {
    Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    if (attribute->attisdropped || !attribute->atthasmissing) continue;
    bool is_null = true;
    const Datum value = getmissingattr(descriptor, attribute->attnum, &is_null);
    if (is_null) continue;
    auto* kept = static_cast<MissingValue*>(palloc(sizeof(MissingValue)));
    kept->table = RelationGetRelid(relation);
    kept->attnum = attribute->attnum;
    kept->value = datumCopy(value, attribute->attbyval, attribute->attlen);
    g_kept = lappend(g_kept, kept);
  }
  MemoryContextSwitchTo(caller);
}

void RestoreMissingValues() {
  ListCell* cell = nullptr;
  foreach (cell, g_kept) {
    const auto* kept = static_cast<MissingValue*>(lfirst(cell));
    Relation relation = relation_open(kept->table, NoLock);
    Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(relation), kept->attnum - 1);
    if (!attribute->attisdropped && !attribute->atthasmissing) {
      StoreAttrMissingVal(relation, kept->attnum, kept->value);
      CommandCounterIncrement();
    }
    relation_close(relation, NoLock);
  }
  g_kept = NIL;
}

void ForgetMissingValues() { g_kept = NIL; }

}  // namespace tarn::extension
