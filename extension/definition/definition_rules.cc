// SPDX-License-Identifier: Apache-2.0
#include "definition/definition_rules.h"

#include <cstring>

#include "access_method/lake_relation.h"
#include "definition/format_version.h"
#include "definition/table_definition.h"
#include "definition/table_options.h"

extern "C" {
#include <access/relation.h>
#include <catalog/namespace.h>
#include <catalog/pg_class.h>
#include <catalog/pg_inherits.h>
#include <catalog/pg_type.h>
#include <commands/defrem.h>
#include <nodes/makefuncs.h>
#include <parser/parse_type.h>
#include <utils/builtins.h>
#include <utils/lsyscache.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

bool NamesLake(const char* access_method) {
  const char* name = access_method != nullptr ? access_method : default_table_access_method;
  return name != nullptr && IsLakeAm(get_table_am_oid(name, true));
}

bool IsTemporary(const RangeVar* relation) {
  return relation->relpersistence == RELPERSISTENCE_TEMP ||
         (relation->schemaname != nullptr && std::strcmp(relation->schemaname, "pg_temp") == 0);
}

Oid FindRelation(const RangeVar* relation) { return RangeVarGetRelid(relation, NoLock, true); }

bool IsLakeRangeVar(const RangeVar* relation) {
  const Oid oid = FindRelation(relation);
  return OidIsValid(oid) && IsLakeTable(oid);
}

/// A partition without USING takes its parent's access method, if that has one.
bool WillBeLake(const CreateStmt* statement) {
  if (statement->partspec != nullptr) return false;
  if (statement->accessMethod == nullptr && statement->partbound != nullptr &&
      statement->inhRelations != NIL) {
    const Oid parent = FindRelation(static_cast<RangeVar*>(linitial(statement->inhRelations)));
    const Oid am = OidIsValid(parent) ? get_rel_relam(parent) : InvalidOid;
    if (OidIsValid(am)) return IsLakeAm(am);
  }
  return NamesLake(statement->accessMethod);
}

[[noreturn]] void RefuseConstraint(const char* what, const RangeVar* table) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("%s is not supported on lake table \"%s\"", what, table->relname),
                  errhint("Lake tables have no indexes. Keep the constraint on a heap table that "
                          "feeds the lake table.")));
  pg_unreachable();
}

void CheckConstraint(const Constraint* constraint, bool lake, const RangeVar* table) {
  switch (constraint->contype) {
    case CONSTR_PRIMARY:
      if (lake) RefuseConstraint("PRIMARY KEY", table);
      break;
    case CONSTR_UNIQUE:
      if (lake) RefuseConstraint("UNIQUE", table);
      break;
    case CONSTR_EXCLUSION:
      if (lake) RefuseConstraint("EXCLUDE", table);
      break;
    case CONSTR_FOREIGN:
      if (constraint->pktable != nullptr && IsLakeRangeVar(constraint->pktable)) {
        ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                        errmsg("foreign keys to lake table \"%s\" are not supported",
                               constraint->pktable->relname),
                        errhint("A lake table has no unique key to refer to. The reverse, a "
                                "foreign key from a lake "
                                "table to a heap table, is supported.")));
      }
      break;
    default:
      break;
  }
}

void CheckConstraints(List* constraints, bool lake, const RangeVar* table) {
  ListCell* cell = nullptr;
  foreach (cell, constraints) {
    auto* node = static_cast<Node*>(lfirst(cell));
    if (IsA(node, Constraint)) CheckConstraint(reinterpret_cast<Constraint*>(node), lake, table);
  }
}

void CheckElements(List* elements, bool lake, const RangeVar* table) {
  ListCell* cell = nullptr;
  foreach (cell, elements) {
    auto* node = static_cast<Node*>(lfirst(cell));
    if (IsA(node, Constraint)) CheckConstraint(reinterpret_cast<Constraint*>(node), lake, table);
    if (IsA(node, ColumnDef))
      CheckConstraints(reinterpret_cast<ColumnDef*>(node)->constraints, lake, table);
  }
}

void RefuseUnlogged(const RangeVar* table) {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("lake table \"%s\" cannot be unlogged", table->relname),
                  errhint("Leave UNLOGGED out: rows of a lake table are written to its data files "
                          "only, not to the "
                          "write-ahead log.")));
}

/// The access method that a temporary table gets instead.
char* TemporaryAccessMethod(const RangeVar* table) {
  ereport(NOTICE, (errmsg("temporary table \"%s\" uses the access method heap", table->relname),
                   errdetail("Iceberg tables are permanent.")));
  return pstrdup("heap");
}

/// numeric → numeric(38,9) in the statement, where the column is known to be one of a lake table.
void ConstrainTypeName(TypeName* type_name, const char* column, const RangeVar* table) {
  if (type_name == nullptr || type_name->typmods != NIL) return;
  int32 typmod = -1;
  HeapTuple type = LookupTypeName(nullptr, type_name, &typmod, true);
  if (type == nullptr) return;  // SERIAL and unknown ones
  const Oid oid = reinterpret_cast<Form_pg_type>(GETSTRUCT(type))->oid;
  ReleaseSysCache(type);
  if (!IsNumericType(oid) || typmod >= 0) return;
  // Modifiers in the grammar's form.
  auto* precision = makeNode(A_Const);
  precision->val.ival.type = T_Integer;
  precision->val.ival.ival = 38;
  precision->location = -1;
  auto* scale = makeNode(A_Const);
  scale->val.ival.type = T_Integer;
  scale->val.ival.ival = 9;
  scale->location = -1;
  type_name->typmods = list_make2(precision, scale);
  ereport(NOTICE,
          (errmsg("column \"%s\" of lake table \"%s\" gets the type numeric(38,9)%s", column,
                  table->relname, oid == NUMERICARRAYOID ? "[]" : ""),
           errdetail(
               "Iceberg has no numbers without a limit: values are rounded to 9 decimal places.")));
}

bool IsTimestampType(const TypeName* type_name) {
  HeapTuple type = LookupTypeName(nullptr, type_name, nullptr, true);
  if (type == nullptr) return false;
  const Oid oid = getBaseType(reinterpret_cast<Form_pg_type>(GETSTRUCT(type))->oid);
  ReleaseSysCache(type);
  return oid == TIMESTAMPOID || oid == TIMESTAMPTZOID;
}

/// While the time zone is UTC, PostgreSQL changes timestamp to timestamptz (and back) without
/// touching the rows. In the lake these are two types, so the rows are rewritten: an expression
/// that PostgreSQL can't see through makes it do so. Its type stays that of the column, or of
/// USING, so that the same casts are allowed; a constant is no column, and has no type yet.
void ForceTimestampRewrite(ColumnDef* definition, const char* column) {
  if (!IsTimestampType(definition->typeName)) return;
  Node* expression = definition->raw_default;
  if (expression == nullptr) {
    auto* reference = makeNode(ColumnRef);
    reference->fields = list_make1(makeString(pstrdup(column)));
    reference->location = -1;
    expression = reinterpret_cast<Node*>(reference);
  }
  if (IsA(expression, A_Const)) return;
  auto* coalesce = makeNode(CoalesceExpr);
  coalesce->args = list_make1(expression);
  coalesce->location = -1;
  definition->raw_default = reinterpret_cast<Node*>(coalesce);
}

bool HasLakeChild(Oid table_oid) {
  ListCell* cell = nullptr;
  foreach (cell, find_all_inheritors(table_oid, NoLock, nullptr)) {
    if (IsLakeTable(lfirst_oid(cell))) return true;
  }
  return false;
}

void CheckConvertible(Oid table_oid) {
  Relation relation = relation_open(table_oid, NoLock);
  TupleDesc descriptor = RelationGetDescr(relation);
  for (int i = 0; i < descriptor->natts; ++i) {
    Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    if (attribute->attisdropped || attribute->atttypmod >= 0 || !IsNumericType(attribute->atttypid))
      continue;
    ereport(ERROR,
            (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
             errmsg("column \"%s\" of lake table \"%s\" has type numeric without a precision",
                    NameStr(attribute->attname), RelationGetRelationName(relation)),
             errhint("ALTER TABLE ... ALTER COLUMN %s TYPE numeric(38,9) first.",
                     quote_identifier(NameStr(attribute->attname)))));
  }
  CheckLakeColumns(relation);
  relation_close(relation, NoLock);
}

bool HasStorage(Oid table_oid) {
  const char kind = get_rel_relkind(table_oid);
  return kind == RELKIND_RELATION || kind == RELKIND_MATVIEW;
}

void ApplyAlterRule(AlterTableCmd* command, const AlterTableStmt* statement, Oid table_oid,
                    bool lake) {
  if (lake) CheckLakeAlterClause(command, statement->relation->relname);
  auto* column = command->def != nullptr && IsA(command->def, ColumnDef)
                     ? reinterpret_cast<ColumnDef*>(command->def)
                     : nullptr;
  switch (command->subtype) {
    case AT_AddColumn:
      CheckConstraints(column->constraints, lake, statement->relation);
      if (lake) ConstrainTypeName(column->typeName, column->colname, statement->relation);
      break;
    case AT_AlterColumnType:
      if (lake) ConstrainTypeName(column->typeName, command->name, statement->relation);
      if (lake || HasLakeChild(table_oid)) ForceTimestampRewrite(column, command->name);
      break;
    case AT_AddConstraint:
      CheckConstraint(reinterpret_cast<Constraint*>(command->def), lake, statement->relation);
      break;
    case AT_SetUnLogged:
      if (lake) RefuseUnlogged(statement->relation);
      break;
    case AT_SetAccessMethod:
      if (!lake && NamesLake(command->name) && HasStorage(table_oid)) {
        CheckConvertible(table_oid);
        CheckCarriedOptions(table_oid);
      }
      break;
    default:
      break;
  }
}

}  // namespace

int ApplyCreateRules(CreateStmt* statement) {
  const bool lake = WillBeLake(statement);
  int format_version = 0;
  if (lake && IsTemporary(statement->relation)) {
    statement->accessMethod = TemporaryAccessMethod(statement->relation);
    CheckElements(statement->tableElts, false, statement->relation);
    CheckElements(statement->constraints, false, statement->relation);
    return 0;
  }
  if (lake && statement->relation->relpersistence == RELPERSISTENCE_UNLOGGED)
    RefuseUnlogged(statement->relation);
  if (lake) {
    format_version = TakeFormatVersion(&statement->options);
    CheckLakeStorageClauses(statement->options, statement->tablespacename,
                            statement->relation->relname);
  }
  CheckElements(statement->tableElts, lake, statement->relation);
  CheckElements(statement->constraints, lake, statement->relation);
  return format_version;
}

int ApplyCreateAsRules(IntoClause* into) {
  if (!NamesLake(into->accessMethod)) return 0;
  if (IsTemporary(into->rel)) {
    into->accessMethod = TemporaryAccessMethod(into->rel);
    return 0;
  }
  if (into->rel->relpersistence == RELPERSISTENCE_UNLOGGED) RefuseUnlogged(into->rel);
  const int format_version = TakeFormatVersion(&into->options);
  CheckLakeStorageClauses(into->options, into->tableSpaceName, into->rel->relname);
  return format_version;
}

void ApplyAlterRules(AlterTableStmt* statement) {
  const Oid table_oid = FindRelation(statement->relation);
  if (!OidIsValid(table_oid)) return;
  const bool lake = IsLakeTable(table_oid);
  ListCell* cell = nullptr;
  foreach (cell, statement->cmds) {
    ApplyAlterRule(static_cast<AlterTableCmd*>(lfirst(cell)), statement, table_oid, lake);
  }
}

void CheckAlteredTable(Oid table_oid) {
  CommandCounterIncrement();
  ListCell* cell = nullptr;
  foreach (cell, find_all_inheritors(table_oid, NoLock, nullptr)) {
    const Oid oid = lfirst_oid(cell);
    if (IsLakeTable(oid)) CheckConvertible(oid);
  }
}

void CheckIndexStatement(const IndexStmt* statement) {
  if (statement->relation == nullptr || !IsLakeRangeVar(statement->relation)) return;
  if (statement->primary) RefuseConstraint("PRIMARY KEY", statement->relation);
  if (statement->isconstraint)
    RefuseConstraint(statement->unique ? "UNIQUE" : "EXCLUDE", statement->relation);
  ereport(
      ERROR,
      (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
       errmsg("indexes on lake table \"%s\" are not supported", statement->relation->relname),
       errhint(
           "Scans skip files by the bounds of their columns: load rows in an order that suits the "
           "queries.")));
}

}  // namespace tarn::extension
