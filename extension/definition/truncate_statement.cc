// SPDX-License-Identifier: Apache-2.0
// PostgreSQL logs the relations of a TRUNCATE for logical decoding when it takes them, without
// asking their access method. So the taking is done here, and the rest by PostgreSQL.
#include "access_method/lake_relation.h"
#include "definition/publication_rules.h"

extern "C" {
#include <access/htup_details.h>
#include <access/table.h>
#include <access/transam.h>
#include <access/xlog.h>
#include <catalog/heap.h>
#include <catalog/namespace.h>
#include <catalog/objectaccess.h>
#include <catalog/pg_class.h>
#include <catalog/pg_inherits.h>
#include <commands/tablecmds.h>
#include <foreign/fdwapi.h>
#include <foreign/foreign.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

struct Targets {
  List* relations;
  List* oids;
  List* decoded;  ///< of them: those that logical decoding hears of
};

bool AnyIsLake(List* oids) {
  ListCell* cell = nullptr;
  foreach (cell, oids) {
    if (IsLakeTable(lfirst_oid(cell))) return true;
  }
  return false;
}

void CheckKind(Oid oid, Form_pg_class form) {
  const char* name = NameStr(form->relname);
  if (form->relkind == RELKIND_FOREIGN_TABLE) {
    if (GetFdwRoutineByServerId(GetForeignServerIdByRelId(oid))->ExecForeignTruncate == nullptr) {
      ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                      errmsg("cannot truncate foreign table \"%s\"", name)));
    }
  } else if (form->relkind != RELKIND_RELATION && form->relkind != RELKIND_PARTITIONED_TABLE) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("\"%s\" is not a table", name)));
  }
  if (!allowSystemTableMods && oid < FirstUnpinnedObjectId) {
    ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                    errmsg("permission denied: \"%s\" is a system catalog", name)));
  }
  InvokeObjectTruncateHook(oid);
}

void CheckPrivilege(Oid oid, Form_pg_class form) {
  const AclResult result = pg_class_aclcheck(oid, GetUserId(), ACL_TRUNCATE);
  if (result != ACLCHECK_OK)
    aclcheck_error(result, get_relkind_objtype(form->relkind), NameStr(form->relname));
}

/// Before the lock is taken: who may not truncate a table shall not wait for it, nor make others
/// wait.
void CheckBeforeLock(const RangeVar* /*name*/, Oid oid, Oid /*before*/, void* /*argument*/) {
  if (!OidIsValid(oid)) return;
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(oid));
  if (!HeapTupleIsValid(tuple)) return;
  auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
  CheckKind(oid, form);
  CheckPrivilege(oid, form);
  ReleaseSysCache(tuple);
}

/// REQUIRES: the caller holds the lock on the relation.
void Take(Relation relation, Targets* targets) {
  if (RELATION_IS_OTHER_TEMP(relation)) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("cannot truncate temporary tables of other sessions")));
  }
  CheckTableNotInUse(relation, "TRUNCATE");
  const Oid oid = RelationGetRelid(relation);
  targets->relations = lappend(targets->relations, relation);
  targets->oids = lappend_oid(targets->oids, oid);
  if (RelationIsLogicallyLogged(relation) && !IsLakeRelation(relation))
    targets->decoded = lappend_oid(targets->decoded, oid);
}

void TakeChildren(Oid parent, Targets* targets) {
  ListCell* cell = nullptr;
  foreach (cell, find_all_inheritors(parent, AccessExclusiveLock, nullptr)) {
    if (list_member_oid(targets->oids, lfirst_oid(cell))) continue;
    Relation child = table_open(lfirst_oid(cell), NoLock);
    if (RELATION_IS_OTHER_TEMP(child)) {
      table_close(child, AccessExclusiveLock);
      continue;
    }
    CheckKind(RelationGetRelid(child), child->rd_rel);
    Take(child, targets);
  }
}

void TakeNamed(RangeVar* name, Targets* targets) {
  const Oid oid = RangeVarGetRelidExtended(name, AccessExclusiveLock, 0, CheckBeforeLock, nullptr);
  if (list_member_oid(targets->oids, oid)) return;
  Relation relation = table_open(oid, NoLock);
  if (!name->inh && relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE) {
    ereport(ERROR,
            (errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("cannot truncate only a partitioned table"),
             errhint("Do not specify the ONLY keyword, or use TRUNCATE ONLY on the partitions "
                     "directly.")));
  }
  Take(relation, targets);
  if (name->inh) TakeChildren(oid, targets);
}

void TakeReferencing(Targets* targets) {
  while (List* found = heap_truncate_find_FKs(targets->oids)) {
    ListCell* cell = nullptr;
    foreach (cell, found) {
      Relation relation = table_open(lfirst_oid(cell), AccessExclusiveLock);
      ereport(NOTICE,
              (errmsg("truncate cascades to table \"%s\"", RelationGetRelationName(relation))));
      CheckKind(RelationGetRelid(relation), relation->rd_rel);
      CheckPrivilege(RelationGetRelid(relation), relation->rd_rel);
      Take(relation, targets);
    }
  }
}

}  // namespace

bool TruncatesLakeTable(const TruncateStmt* statement) {
  if (!XLogLogicalInfoActive()) return false;
  List* oids = NIL;
  ListCell* cell = nullptr;
  foreach (cell, statement->relations) {
    auto* name = lfirst_node(RangeVar, cell);
    const Oid oid = RangeVarGetRelid(name, NoLock, true);
    if (!OidIsValid(oid)) continue;
    oids = list_concat_unique_oid(
        oids, name->inh ? find_all_inheritors(oid, NoLock, nullptr) : list_make1_oid(oid));
  }
  if (statement->behavior == DROP_CASCADE) {
    while (List* found = heap_truncate_find_FKs(oids)) oids = list_concat(oids, found);
  }
  return AnyIsLake(oids);
}

void TruncateUndecoded(const TruncateStmt* statement) {
  Targets targets = {};
  ListCell* cell = nullptr;
  foreach (cell, statement->relations) TakeNamed(lfirst_node(RangeVar, cell), &targets);
  if (statement->behavior == DROP_CASCADE) TakeReferencing(&targets);
  ExecuteTruncateGuts(targets.relations, targets.oids, targets.decoded, statement->behavior,
                      statement->restart_seqs, false);
  foreach (cell, targets.relations) table_close(static_cast<Relation>(lfirst(cell)), NoLock);
}

}  // namespace tarn::extension
