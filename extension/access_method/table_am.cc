// SPDX-License-Identifier: Apache-2.0
#include "access_method/table_am.h"

#include "access_method/lake_relation.h"
#include "access_method/table_am_scan.h"

extern "C" {
#include <catalog/pg_class.h>
#include <commands/defrem.h>
#include <utils/lsyscache.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

const TupleTableSlotOps* SlotCallbacks(Relation relation) { return SlotKind(relation); }

TableAmRoutine MakeRoutine() {
  TableAmRoutine routine = {};
  routine.type = T_TableAmRoutine;
  routine.slot_callbacks = SlotCallbacks;
  FillScanCallbacks(routine);
  FillFetchCallbacks(routine);
  FillWriteCallbacks(routine);
  FillDefinitionCallbacks(routine);
  FillMaintenanceCallbacks(routine);
  FillIndexCallbacks(routine);
  return routine;
}

}  // namespace

const TableAmRoutine* LakeTableAm() {
  static const TableAmRoutine kRoutine = MakeRoutine();
  return &kRoutine;
}

Oid LakeAmOid() { return get_table_am_oid("iceberg", true); }

bool IsLakeTable(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return false;
  auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
  const Oid am = form->relam;
  const char kind = form->relkind;
  ReleaseSysCache(tuple);
  return (kind == RELKIND_RELATION || kind == RELKIND_MATVIEW) && OidIsValid(am) &&
         am == LakeAmOid();
}

}  // namespace tarn::extension

extern "C" {
PG_FUNCTION_INFO_V1(tarn_iceberg_handler);

Datum tarn_iceberg_handler(PG_FUNCTION_ARGS) {
  (void)fcinfo;
  PG_RETURN_POINTER(tarn::extension::LakeTableAm());
}
}
