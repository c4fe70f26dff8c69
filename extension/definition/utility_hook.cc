// SPDX-License-Identifier: Apache-2.0
#include "definition/utility_hook.h"

#include <cstring>

#include "access_method/lake_relation.h"
#include "definition/definition_rules.h"
#include "definition/format_version.h"
#include "definition/privileges.h"
#include "definition/publication_rules.h"
#include "definition/row_type_changes.h"
#include "definition/setting_names.h"
#include "definition/table_definition.h"
#include "definition/widening.h"
#include "process/dropped_database.h"
#include "transaction/pointer_table.h"

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
    case T_RefreshMatViewStmt:
    case T_TruncateStmt:
    case T_CopyStmt:
    case T_CreatePublicationStmt:
    case T_AlterPublicationStmt:
    case T_AlterObjectSchemaStmt:
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

/// COPY knows files of the server, and no URLs.
void CheckCopyFile(const CopyStmt* statement) {
  if (statement->filename == nullptr || statement->is_program ||
      strstr(statement->filename, "://") == nullptr) {
    return;
  }
  ereport(ERROR,
          (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
           errmsg("COPY %s \"%s\" is not supported", statement->is_from ? "FROM" : "TO",
                  statement->filename),
           statement->is_from
               ? errhint("COPY ... FROM STDIN takes rows from the client (psql: \\copy).")
               : errhint("CREATE TABLE ... USING iceberg AS makes Parquet files at a location "
                         "(iceberg_tables shows it); COPY ... TO STDOUT sends rows to the client "
                         "(psql: \\copy).")));
}

/// EXPLAIN runs CREATE TABLE AS without coming here again. Null for others.
IntoClause* ExplainedInto(Node* statement) {
  auto* query = reinterpret_cast<Query*>(reinterpret_cast<ExplainStmt*>(statement)->query);
  if (!IsA(query, Query) || query->utilityStmt == nullptr ||
      !IsA(query->utilityStmt, CreateTableAsStmt)) {
    return nullptr;
  }
  return reinterpret_cast<CreateTableAsStmt*>(query->utilityStmt)->into;
}

/// Its query fails by itself; WITH NO DATA would not run it.
void CheckRefresh(const RefreshMatViewStmt* statement) {
  const Oid relation = RangeVarGetRelid(statement->relation, NoLock, true);
  if (!OidIsValid(relation) || relation != FindPointerTable()) return;
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("\"%s\" cannot be refreshed", statement->relation->relname),
                  errdetail("Its rows tell where the rows of lake tables are, and come from no "
                            "query."),
                  errhint("Leave it out.")));
}

/// The relation that a statement makes; null for others.
const RangeVar* MadeRelation(Node* statement) {
  switch (nodeTag(statement)) {
    case T_CreateStmt:
      return reinterpret_cast<CreateStmt*>(statement)->relation;
    case T_CreateTableAsStmt:
      return reinterpret_cast<CreateTableAsStmt*>(statement)->into->rel;
    case T_ExplainStmt: {
      IntoClause* into = ExplainedInto(statement);
      return into != nullptr ? into->rel : nullptr;
    }
    default:
      return nullptr;
  }
}

/// What a statement that makes a lake table says of its format: stored when the table is there.
struct MadeFormat {
  const RangeVar* relation;
  Oid before;  ///< that had the name: IF NOT EXISTS
  int version;
};

MadeFormat ApplyMakingRules(Node* statement) {
  MadeFormat made = {MadeRelation(statement), InvalidOid, 0};
  if (made.relation == nullptr) return made;
  if (IsA(statement, CreateStmt)) {
    made.version = ApplyCreateRules(reinterpret_cast<CreateStmt*>(statement));
  } else if (IsA(statement, CreateTableAsStmt)) {
    made.version = ApplyCreateAsRules(reinterpret_cast<CreateTableAsStmt*>(statement)->into);
  } else {
    made.version = ApplyCreateAsRules(ExplainedInto(statement));
  }
  if (made.version != 0) made.before = RangeVarGetRelid(made.relation, NoLock, true);
  return made;
}

void StoreMadeFormat(const MadeFormat& made) {
  if (made.version == 0) return;
  CommandCounterIncrement();
  const Oid oid = RangeVarGetRelid(made.relation, NoLock, true);
  if (OidIsValid(oid) && oid != made.before && IsLakeTable(oid))
    StoreFormatVersion(oid, made.version);
}

void ApplyRules(Node* statement) {
  switch (nodeTag(statement)) {
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
    case T_CopyStmt: {
      auto* copy = reinterpret_cast<CopyStmt*>(statement);
      CheckCopyFile(copy);
      if (copy->relation != nullptr && !copy->is_from)
        CheckReplicationCopy(RangeVarGetRelid(copy->relation, NoLock, true));
      break;
    }
    case T_RefreshMatViewStmt:
      CheckRefresh(reinterpret_cast<RefreshMatViewStmt*>(statement));
      break;
    default:
      break;
  }
}

/// A heap has no such parameter.
void ForgetFormat(Oid altered) {
  CommandCounterIncrement();
  if (!IsLakeTable(altered)) StoreFormatVersion(altered, 0);
}

void CheckMade(const RangeVar* relation) {
  const Oid oid = RangeVarGetRelid(relation, NoLock, true);
  if (OidIsValid(oid)) CheckNotPublished(oid);
}

/// What only the result tells.
void CheckResult(Node* statement, Oid altered) {
  switch (nodeTag(statement)) {
    case T_CreateStmt:
      CheckMade(reinterpret_cast<CreateStmt*>(statement)->relation);
      break;
    case T_CreateTableAsStmt:
      CheckMade(reinterpret_cast<CreateTableAsStmt*>(statement)->into->rel);
      break;
    case T_ExplainStmt:
      if (ExplainedInto(statement) != nullptr) CheckMade(ExplainedInto(statement)->rel);
      break;
    case T_AlterObjectSchemaStmt:
      if (OidIsValid(altered)) CheckNotPublished(altered);
      break;
    case T_RenameStmt:
      if (OidIsValid(altered)) CheckAlteredTable(altered);
      break;
    case T_AlterTableStmt:
      if (!OidIsValid(altered)) break;
      CheckAlteredTable(altered);
      CheckNotPublished(altered);
      ForgetFormat(altered);
      break;
    case T_CreatePublicationStmt:
      CheckPublication(reinterpret_cast<CreatePublicationStmt*>(statement)->pubname);
      break;
    case T_AlterPublicationStmt:
      CheckPublication(reinterpret_cast<AlterPublicationStmt*>(statement)->pubname);
      break;
    default:
      break;
  }
}

/// The table that an ALTER TABLE is about; it may have another name or schema afterwards. Of
/// renames only those of columns.
Oid AlteredTable(Node* statement) {
  const RangeVar* relation = nullptr;
  if (IsA(statement, AlterTableStmt)) {
    auto* alter = reinterpret_cast<AlterTableStmt*>(statement);
    if (alter->objtype == OBJECT_TABLE) relation = alter->relation;
  }
  if (IsA(statement, RenameStmt)) {
    auto* rename = reinterpret_cast<RenameStmt*>(statement);
    if (rename->renameType == OBJECT_COLUMN) relation = rename->relation;
  }
  if (IsA(statement, AlterObjectSchemaStmt)) {
    auto* alter = reinterpret_cast<AlterObjectSchemaStmt*>(statement);
    if (alter->objectType == OBJECT_TABLE) relation = alter->relation;
  }
  return relation != nullptr ? RangeVarGetRelid(relation, NoLock, true) : InvalidOid;
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

/// Takes the relations out of a TRUNCATE that is ours to run: those who come after us check and
/// note the statement, and find nothing left to do. Null for others.
const TruncateStmt* TakeTruncate(Node* statement) {
  if (!IsA(statement, TruncateStmt)) return nullptr;
  auto* truncate = reinterpret_cast<TruncateStmt*>(statement);
  if (!TruncatesLakeTable(truncate)) return nullptr;
  auto* taken = makeNode(TruncateStmt);
  *taken = *truncate;
  truncate->relations = NIL;
  return taken;
}

void OnUtility(PlannedStmt* statement, const char* query, bool read_only_tree,
               ProcessUtilityContext context, ParamListInfo parameters,
               QueryEnvironment* environment, DestReceiver* receiver, QueryCompletion* completion) {
  // The database that goes may have the extension where this one has not.
  if (IsA(statement->utilityStmt, DropdbStmt) &&
      !IsInTransactionBlock(context == PROCESS_UTILITY_TOPLEVEL)) {
    JournalDroppedDatabase(reinterpret_cast<DropdbStmt*>(statement->utilityStmt)->dbname);
  }
  CheckSettingNames(statement->utilityStmt);
  if (!IsBinaryUpgrade) CheckRoleName(statement->utilityStmt);
  const bool upgrades = IsBinaryUpgrade && !IsA(statement->utilityStmt, CreateStmt);
  if (!Concerns(statement->utilityStmt) || upgrades || !HasLakeAm()) {
    CallNext(statement, query, read_only_tree, context, parameters, environment, receiver,
             completion);
    CheckNotedRowTypes();
    return;
  }
  if (read_only_tree) statement = static_cast<PlannedStmt*>(copyObjectImpl(statement));
  Node* utility = statement->utilityStmt;
  const MadeFormat made = ApplyMakingRules(utility);
  const Oid altered = AlteredTable(utility);
  FormatVersionChange format;
  if (IsA(utility, AlterTableStmt) && OidIsValid(altered) && IsLakeTable(altered))
    format = BeginFormatVersionChange(reinterpret_cast<AlterTableStmt*>(utility), altered);
  ApplyRules(utility);
  const TruncateStmt* truncate = TakeTruncate(utility);
  const Oid widened = IsA(utility, AlterTableStmt)
                          ? FindWidenedTable(reinterpret_cast<AlterTableStmt*>(utility))
                          : InvalidOid;
  CallNextWith(KeepsTypes(utility), widened, statement, query, context, parameters, environment,
               receiver, completion);
  if (truncate != nullptr) TruncateUndecoded(truncate);
  StoreMadeFormat(made);
  EndFormatVersionChange(format);
  CheckResult(utility, altered);
  CheckNotedRowTypes();
  CheckEnumRename(utility);
}

}  // namespace

void InstallUtilityHook() {
  g_next_hook = ProcessUtility_hook;
  ProcessUtility_hook = OnUtility;
}

}  // namespace tarn::extension
