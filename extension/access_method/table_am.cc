// SPDX-License-Identifier: Apache-2.0
#include "access_method/table_am.h"

#include "access_method/lake_relation.h"
#include "access_method/table_am_scan.h"

#include <algorithm>
#include <cstring>

extern "C" {
#include <access/genam.h>
#include <access/htup_details.h>
#include <access/table.h>
#include <catalog/pg_am.h>
#include <catalog/pg_class.h>
#include <catalog/pg_language.h>
#include <catalog/pg_proc.h>
#include <utils/builtins.h>
#include <utils/inval.h>
#include <utils/lsyscache.h>
#include <utils/syscache.h>

Datum tarn_iceberg_handler(PG_FUNCTION_ARGS);
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
  FillSampleCallbacks(routine);
  FillIndexCallbacks(routine);
  return routine;
}

constexpr char kHandlerSymbol[] = "tarn_iceberg_handler";
constexpr int kMaxLakeAms = 8;

/// Access methods of this database with our handler: one where the extension is installed, and
/// those that a superuser made with it.
struct LakeAms {
  bool known;
  int count;
  Oid oids[kMaxLakeAms];
};
LakeAms g_lake_ams = {};

void ForgetLakeAms(Datum /*argument*/, int /*cache*/, uint32 /*hash*/) { g_lake_ams.known = false; }

/// Nobody else's library is loaded for the question: only a function of our symbol is resolved.
bool IsOurHandler(Oid function) {
  HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(tuple)) return false;
  const bool in_c = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->prolang == ClanguageId;
  bool is_null = true;
  const Datum source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &is_null);
  const bool named = in_c && !is_null && strcmp(TextDatumGetCString(source), kHandlerSymbol) == 0;
  ReleaseSysCache(tuple);
  if (!named) return false;
  FmgrInfo info;
  fmgr_info(function, &info);
  return info.fn_addr == tarn_iceberg_handler;
}

const LakeAms& FindLakeAms() {
  static bool registered = false;
  if (!registered) {
    CacheRegisterSyscacheCallback(AMOID, ForgetLakeAms, 0);
    registered = true;
  }
  if (g_lake_ams.known) return g_lake_ams;
  g_lake_ams = {.known = true, .count = 0, .oids = {}};
  LakeAms found = {};
  Relation methods = table_open(AccessMethodRelationId, AccessShareLock);
  SysScanDesc scan = systable_beginscan(methods, InvalidOid, false, nullptr, 0, nullptr);
  while (HeapTuple tuple = systable_getnext(scan)) {
    auto* form = reinterpret_cast<Form_pg_am>(GETSTRUCT(tuple));
    if (form->amtype == AMTYPE_TABLE && found.count < kMaxLakeAms && IsOurHandler(form->amhandler))
      found.oids[found.count++] = form->oid;
  }
  systable_endscan(scan);
  table_close(methods, AccessShareLock);
  // An invalidation while the catalog was read has cleared `known`: the next caller reads again.
  std::copy_n(found.oids, kMaxLakeAms, g_lake_ams.oids);
  g_lake_ams.count = found.count;
  return g_lake_ams;
}

}  // namespace

const TableAmRoutine* LakeTableAm() {
  static const TableAmRoutine kRoutine = MakeRoutine();
  return &kRoutine;
}

bool HasLakeAm() { return FindLakeAms().count > 0; }

bool IsLakeAm(Oid access_method) {
  if (!OidIsValid(access_method) || access_method == HEAP_TABLE_AM_OID) return false;
  const LakeAms& lake = FindLakeAms();
  return std::find(lake.oids, lake.oids + lake.count, access_method) != lake.oids + lake.count;
}

bool IsLakeTable(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return false;
  auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
  const Oid am = form->relam;
  const char kind = form->relkind;
  ReleaseSysCache(tuple);
  return (kind == RELKIND_RELATION || kind == RELKIND_MATVIEW) && IsLakeAm(am);
}

}  // namespace tarn::extension

extern "C" {
PG_FUNCTION_INFO_V1(tarn_iceberg_handler);

Datum tarn_iceberg_handler(PG_FUNCTION_ARGS) {
  (void)fcinfo;
  PG_RETURN_POINTER(tarn::extension::LakeTableAm());
}
}
