// SPDX-License-Identifier: Apache-2.0
#include "definition/format_version.h"

#include <cstring>

#include "access_method/lake_relation.h"

extern "C" {
#include <access/htup_details.h>
#include <access/reloptions.h>
#include <access/table.h>
#include <catalog/indexing.h>
#include <catalog/objectaccess.h>
#include <catalog/pg_class.h>
#include <commands/defrem.h>
#include <nodes/makefuncs.h>
#include <storage/lmgr.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

constexpr char kName[] = "format_version";
constexpr int kOldest = 2;
constexpr int kNewest = 3;

bool IsFormatVersion(const DefElem* option) {
  return option->defnamespace == nullptr && strcmp(option->defname, kName) == 0;
}

int ParseVersion(DefElem* option) {
  const char* text = option->arg != nullptr ? defGetString(option) : "";
  for (int version = kOldest; version <= kNewest; ++version) {
    const char digits[] = {static_cast<char>('0' + version), '\0'};
    if (strcmp(text, digits) == 0) return version;
  }
  ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                  errmsg("invalid value for parameter \"%s\": \"%s\"", kName, text),
                  errhint("Lake tables are written in version %d or %d of the format.", kOldest,
                          kNewest)));
  pg_unreachable();
}

/// The stored list with the parameter set, or without it.
Datum ChangedOptions(Datum old, int version) {
  DefElem* option = makeDefElem(pstrdup(kName), reinterpret_cast<Node*>(makeInteger(version)), -1);
  if (version == 0) option->arg = nullptr;
  return transformRelOptions(old, list_make1(option), nullptr, nullptr, false, version == 0);
}

bool ChangesOptions(const AlterTableCmd* command) {
  return command->subtype == AT_SetRelOptions || command->subtype == AT_ResetRelOptions ||
         command->subtype == AT_ReplaceRelOptions;
}

void CheckReset(const AlterTableCmd* command) {
  ListCell* cell = nullptr;
  foreach (cell, reinterpret_cast<const List*>(command->def)) {
    if (!IsFormatVersion(lfirst_node(DefElem, cell))) continue;
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("parameter \"%s\" of a lake table cannot be reset", kName),
                    errhint("A table stays in the version of the format that it has.")));
  }
}

void CheckNoDowngrade(Oid relation, int stored, int wanted) {
  if (wanted == 0 || wanted >= Max(stored, kOldest)) return;
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("lake table \"%s\" cannot go back from version %d of the format to "
                         "version %d",
                         get_rel_name(relation), stored, wanted),
                  errhint("CREATE TABLE ... USING iceberg WITH (%s = %d) AS makes a copy of it.",
                          kName, wanted)));
}

}  // namespace

int TakeFormatVersion(List** options) {
  int version = 0;
  ListCell* cell = nullptr;
  foreach (cell, *options) {
    auto* option = lfirst_node(DefElem, cell);
    if (!IsFormatVersion(option)) continue;
    version = ParseVersion(option);
    *options = foreach_delete_current(*options, cell);
  }
  return version;
}

int StoredFormatVersion(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return 0;
  bool is_null = true;
  const Datum stored = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &is_null);
  List* options = is_null ? NIL : untransformRelOptions(stored);
  ReleaseSysCache(tuple);
  return TakeFormatVersion(&options);
}

void StoreFormatVersion(Oid relation, int version) {
  if (StoredFormatVersion(relation) == version) return;
  Relation catalog = table_open(RelationRelationId, RowExclusiveLock);
  HeapTuple tuple = SearchSysCacheLockedCopy1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for relation %u", relation);
  bool is_null = true;
  const Datum old = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &is_null);
  Datum values[Natts_pg_class] = {};
  bool nulls[Natts_pg_class] = {};
  bool replaced[Natts_pg_class] = {};
  values[Anum_pg_class_reloptions - 1] = ChangedOptions(is_null ? Datum{0} : old, version);
  nulls[Anum_pg_class_reloptions - 1] = values[Anum_pg_class_reloptions - 1] == Datum{0};
  replaced[Anum_pg_class_reloptions - 1] = true;
  HeapTuple changed = heap_modify_tuple(tuple, RelationGetDescr(catalog), values, nulls, replaced);
  CatalogTupleUpdate(catalog, &changed->t_self, changed);
  UnlockTuple(catalog, &tuple->t_self, InplaceUpdateTupleLock);
  InvokeObjectPostAlterHook(RelationRelationId, relation, 0);
  table_close(catalog, RowExclusiveLock);
  CommandCounterIncrement();
}

FormatVersionChange BeginFormatVersionChange(AlterTableStmt* statement, Oid relation) {
  FormatVersionChange change;
  int wanted = 0;
  bool any = false;
  ListCell* cell = nullptr;
  foreach (cell, statement->cmds) {
    auto* command = static_cast<AlterTableCmd*>(lfirst(cell));
    if (!ChangesOptions(command)) continue;
    any = true;
    if (command->subtype == AT_ResetRelOptions) {
      CheckReset(command);
      continue;
    }
    auto* options = reinterpret_cast<List*>(command->def);
    const int version = TakeFormatVersion(&options);
    wanted = Max(wanted, version);
    command->def = reinterpret_cast<Node*>(options);
  }
  // Who does not own the table is refused by the statement itself.
  if (!any || !object_ownercheck(RelationRelationId, relation, GetUserId())) return change;
  LockRelationOid(relation, ShareUpdateExclusiveLock);
  const int stored = StoredFormatVersion(relation);
  CheckNoDowngrade(relation, stored, wanted);
  change.relation = relation;
  change.version = Max(stored, wanted);
  StoreFormatVersion(relation, 0);
  return change;
}

void EndFormatVersionChange(const FormatVersionChange& change) {
  if (!OidIsValid(change.relation)) return;
  CommandCounterIncrement();
  if (IsLakeTable(change.relation)) StoreFormatVersion(change.relation, change.version);
}

}  // namespace tarn::extension
