// SPDX-License-Identifier: Apache-2.0
#include "definition/utility_hook.h"

#include "access_method/lake_relation.h"
#include "definition/definition_rules.h"
#include "definition/row_type_changes.h"
#include "definition/table_definition.h"
#include "definition/widening.h"
#include "process/dropped_database.h"

extern "C" {
#include <catalog/namespace.h>
#include <nodes/makefuncs.h>
#include <nodes/parsenodes.h>
#include <nodes/plannodes.h>
#include <parser/parse_type.h>
#include <tcop/utility.h>
}

namespace tarn::extension {
namespace {

ProcessUtility_hook_type g_next_hook = nullptr;

bool Concerns(Node* statement) {
  switch (nodeTag(statement)) {
    case T_CreateStmt:
    case T_CreateTableAsStmt:
    case T_ExplainStmt:
    case T_AlterTableStmt:
    case T_IndexStmt:
    case T_RenameStmt:
    case T_AlterEnumStmt:
      return true;
    default:
      return false;
  }
}

/// A new label changes no stored value; a renamed one would. After the statement, which has locked
/// the type.
void CheckEnumRename(Node* statement) {
  if (!IsA(statement, AlterEnumStmt)) return;
  auto* alter = reinterpret_cast<AlterEnumStmt*>(statement);
  if (alter->oldVal == nullptr) return;
  CheckTypeNotInUse(typenameTypeId(nullptr, makeTypeNameFromNameList(alter->typeName)),
                    "rename labels");
}

void ApplyRules(Node* statement) {
  switch (nodeTag(statement)) {
    case T_CreateStmt:
      ApplyCreateRules(reinterpret_cast<CreateStmt*>(statement));
      break;
    case T_CreateTableAsStmt:
      ApplyCreateAsRules(reinterpret_cast<CreateTableAsStmt*>(statement)->into);
      break;
    case T_ExplainStmt: {
      // EXPLAIN runs CREATE TABLE AS without coming here again.
      auto* query = reinterpret_cast<Query*>(reinterpret_cast<ExplainStmt*>(statement)->query);
      if (IsA(query, Query) && query->utilityStmt != nullptr &&
          IsA(query->utilityStmt, CreateTableAsStmt)) {
        ApplyCreateAsRules(reinterpret_cast<CreateTableAsStmt*>(query->utilityStmt)->into);
      }
      break;
    }
    case T_AlterTableStmt: {
      auto* alter = reinterpret_cast<AlterTableStmt*>(statement);
      if (alter->objtype == OBJECT_TABLE || alter->objtype == OBJECT_MATVIEW) {
        ApplyAlterRules(alter);
      }
      break;
    }
    case T_IndexStmt:
      CheckIndexStatement(reinterpret_cast<IndexStmt*>(statement));
      break;
    default:
      break;
  }
}

/// A child keeps its parent's column types, and a typed table its type's.
bool KeepsTypes(Node* statement) {
  if (!IsA(statement, CreateStmt)) return false;
  auto* create = reinterpret_cast<CreateStmt*>(statement);
  return create->inhRelations != NIL || create->ofTypename != nullptr;
}

void CallNext(PlannedStmt* statement, const char* query, bool read_only_tree,
              ProcessUtilityContext context, ParamListInfo parameters,
              QueryEnvironment* environment, DestReceiver* receiver, QueryCompletion* completion) {
  if (g_next_hook != nullptr) {
    g_next_hook(statement, query, read_only_tree, context, parameters, environment, receiver,
                completion);
  } else {
    standard_ProcessUtility(statement, query, read_only_tree, context, parameters, environment,
                            receiver, completion);
  }
}

/// RefuseUnconstrainedNumeric and SetWidenedTable for the time of one statement.
void CallNextWith(bool keep_types, Oid widened, PlannedStmt* statement, const char* query,
                  ProcessUtilityContext context, ParamListInfo parameters,
                  QueryEnvironment* environment, DestReceiver* receiver,
                  QueryCompletion* completion) {
  RefuseUnconstrainedNumeric(keep_types);
  SetWidenedTable(widened);
  PG_TRY();
  {
    CallNext(statement, query, false, context, parameters, environment, receiver, completion);
  }
  PG_FINALLY();
  {
    RefuseUnconstrainedNumeric(false);
    SetWidenedTable(InvalidOid);
  }
  PG_END_TRY();
}

void OnUtility(PlannedStmt* statement, const char* query, bool read_only_tree,
               ProcessUtilityContext context, ParamListInfo parameters,
               QueryEnvironment* environment, DestReceiver* receiver, QueryCompletion* completion) {
  // The database that goes may have the extension where this one has not.
  if (IsA(statement->utilityStmt, DropdbStmt) &&
      !IsInTransactionBlock(context == PROCESS_UTILITY_TOPLEVEL)) {
    JournalDroppedDatabase(reinterpret_cast<DropdbStmt*>(statement->utilityStmt)->dbname);
  }
  if (!Concerns(statement->utilityStmt) || IsBinaryUpgrade || !OidIsValid(LakeAmOid())) {
    CallNext(statement, query, read_only_tree, context, parameters, environment, receiver,
             completion);
    CheckNotedRowTypes();
    return;
  }
  if (read_only_tree) statement = static_cast<PlannedStmt*>(copyObjectImpl(statement));
  Node* utility = statement->utilityStmt;
  ApplyRules(utility);
  Oid altered = InvalidOid;
  if (IsA(utility, AlterTableStmt)) {
    auto* alter = reinterpret_cast<AlterTableStmt*>(utility);
    if (alter->objtype == OBJECT_TABLE) altered = RangeVarGetRelid(alter->relation, NoLock, true);
  } else if (IsA(utility, RenameStmt)) {
    auto* rename = reinterpret_cast<RenameStmt*>(utility);
    if (rename->renameType == OBJECT_COLUMN) {
      altered = RangeVarGetRelid(rename->relation, NoLock, true);
    }
  }
  const Oid widened = IsA(utility, AlterTableStmt)
                          ? FindWidenedTable(reinterpret_cast<AlterTableStmt*>(utility))
                          : InvalidOid;
  CallNextWith(KeepsTypes(utility), widened, statement, query, context, parameters, environment,
               receiver, completion);
  if (OidIsValid(altered)) CheckAlteredTable(altered);
  CheckNotedRowTypes();
  CheckEnumRename(utility);
}

}  // namespace

void InstallUtilityHook() {
  g_next_hook = ProcessUtility_hook;
  ProcessUtility_hook = OnUtility;
}

}  // namespace tarn::extension
