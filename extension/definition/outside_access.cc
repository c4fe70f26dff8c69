// SPDX-License-Identifier: Apache-2.0
#include "definition/outside_access.h"

#include <cstring>

#include "access_method/lake_relation.h"

extern "C" {
#include <access/relation.h>
#include <catalog/pg_class.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/rls.h>
}

namespace tarn::extension {
namespace {

bool IsAction(const JsonbValue* action, const char* name) {
  return static_cast<size_t>(action->val.string.len) == std::strlen(name) &&
         std::memcmp(action->val.string.val, name, std::strlen(name)) == 0;
}

LOCKMODE LockForAction(const JsonbValue* action) {
  if (IsAction(action, "add-snapshot") || IsAction(action, "set-snapshot-ref"))
    return RowExclusiveLock;
  if (IsAction(action, "add-schema") || IsAction(action, "set-current-schema"))
    return AccessExclusiveLock;
  return ShareUpdateExclusiveLock;
}

bool HasPrivilege(Oid table, AclMode mode) {
  return pg_class_aclcheck(table, GetUserId(), mode) == ACLCHECK_OK;
}

bool IsOwner(Oid table) { return object_ownercheck(RelationRelationId, table, GetUserId()); }

void Refuse(AclResult result, Oid table) {
  aclcheck_error(result, get_relkind_objtype(get_rel_relkind(table)), get_rel_name(table));
}

void RefuseUnchecked(const char* what, Relation relation) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("commits of files to lake table \"%s\" are not supported, since it %s",
                         RelationGetRelationName(relation), what),
                  errdetail("PostgreSQL relies on it, and does not check rows in files."),
                  errhint("Use INSERT statements instead.")));
}

/// What every row of the table is taken to fulfil.
void CheckNoPromises(Oid table) {
  Relation relation = relation_open(table, NoLock);
  const TupleConstr* constraints = RelationGetDescr(relation)->constr;
  if (relation->rd_rel->relispartition) RefuseUnchecked("is a partition", relation);
  if (constraints != nullptr && constraints->num_check > 0)
    RefuseUnchecked("has CHECK constraints", relation);
  if (RelationGetFKeyList(relation) != NIL) RefuseUnchecked("has foreign keys", relation);
  relation_close(relation, NoLock);
}

void CheckAnyRight(Oid table) {
  if (get_rel_name(table) == nullptr) {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
                    errmsg("relation with OID %u does not exist", table)));
  }
  // With ACLMASK_ANY semantics: one of them.
  if (!HasPrivilege(table, ACL_INSERT | ACL_DELETE | ACL_TRUNCATE) && !IsOwner(table))
    Refuse(ACLCHECK_NO_PRIV, table);
}

}  // namespace

LOCKMODE LockForUpdates(Jsonb* updates) {
  LOCKMODE lock = RowExclusiveLock;
  if (!JB_ROOT_IS_ARRAY(updates)) return lock;
  const uint32 count = JB_ROOT_COUNT(updates);
  for (uint32 i = 0; i < count; ++i) {
    JsonbValue* update = getIthJsonbValueFromContainer(&updates->root, i);
    if (update == nullptr || update->type != jbvBinary) continue;
    if (!JsonContainerIsObject(update->val.binary.data)) continue;
    JsonbValue* action =
        getKeyJsonValueFromContainer(update->val.binary.data, "action", 6, nullptr);
    if (action == nullptr || action->type != jbvString) continue;
    lock = Max(lock, LockForAction(action));
  }
  return lock;
}

void LockForCommit(Oid table, LOCKMODE lock) {
  // Before the lock: who may not change the table shall keep nobody waiting.
  CheckAnyRight(table);
  Relation relation = relation_open(table, lock);
  CheckAnyRight(table);
  if (!IsLakeRelation(relation)) {
    ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
                    errmsg("\"%s\" is not a lake table", RelationGetRelationName(relation))));
  }
  if (relation->rd_rel->relkind != RELKIND_RELATION) {
    ereport(ERROR,
            (errcode(ERRCODE_WRONG_OBJECT_TYPE),
             errmsg("cannot change materialized view \"%s\"", RelationGetRelationName(relation))));
  }
  if (check_enable_rls(table, InvalidOid, false) == RLS_ENABLED) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("commits of files to lake table \"%s\" are not supported with row-level "
                           "security",
                           RelationGetRelationName(relation)),
                    errhint("Use INSERT statements instead.")));
  }
  relation_close(relation, NoLock);
}

void CheckMayCommit(Oid table, bool only_rows, bool adds_rows, bool removes_rows) {
  if (!only_rows && !IsOwner(table)) Refuse(ACLCHECK_NOT_OWNER, table);
  if (adds_rows && !HasPrivilege(table, ACL_INSERT)) Refuse(ACLCHECK_NO_PRIV, table);
  if (adds_rows) CheckNoPromises(table);
  if (removes_rows && !HasPrivilege(table, ACL_DELETE | ACL_TRUNCATE))
    Refuse(ACLCHECK_NO_PRIV, table);
}

}  // namespace tarn::extension
