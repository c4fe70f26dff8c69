// SPDX-License-Identifier: Apache-2.0
#include "definition/widening.h"

#include "access_method/lake_relation.h"
#include "boundary/guard.h"
#include "transaction/pending.h"
#include "transaction/pointer.h"

extern "C" {
#include <access/relation.h>
#include <catalog/namespace.h>
#include <catalog/pg_inherits.h>
#include <catalog/pg_type.h>
#include <parser/parse_type.h>
#include <utils/lsyscache.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

Oid g_widened_table = InvalidOid;
/// The storage that PostgreSQL fills for it, once that is known, and whether it takes over rows.
RelFileNumber g_new_storage = InvalidRelFileNumber;
bool g_takes_over = false;

bool IsWider(Oid from, Oid to) {
  switch (from) {
    case INT2OID:
      return to == INT4OID || to == INT8OID;
    case INT4OID:
      return to == INT8OID;
    case FLOAT4OID:
      return to == FLOAT8OID;
    default:
      return false;
  }
}

bool Widens(const AlterTableCmd* command, Oid table) {
  if (command->subtype != AT_AlterColumnType) return false;
  const auto* column = reinterpret_cast<const ColumnDef*>(command->def);
  if (column->raw_default != nullptr || column->collClause != nullptr) return false;
  const AttrNumber attnum = get_attnum(table, command->name);
  if (attnum == InvalidAttrNumber) return false;
  HeapTuple type = LookupTypeName(nullptr, column->typeName, nullptr, true);
  if (type == nullptr) return false;
  const Oid wanted = reinterpret_cast<Form_pg_type>(GETSTRUCT(type))->oid;
  ReleaseSysCache(type);
  return IsWider(get_atttype(table, attnum), wanted);
}

/// Rows are taken over from committed files: there are no own rows, and no values of columns that
/// the catalog holds in place of the files.
bool HasOnlyCommittedFiles(Relation relation) {
  TupleDesc descriptor = RelationGetDescr(relation);
  for (int i = 0; i < descriptor->natts; ++i) {
    if (TupleDescAttr(descriptor, i)->atthasmissing) return false;
  }
  const auto pointer = ReadNewestPointer(RelationGetRelid(relation));
  return pointer && pointer->relfilenumber == CommittedStorage(relation->rd_locator.relNumber) &&
         TypesOfPendingRows(relation).empty();
}

}  // namespace

Oid FindWidenedTable(const AlterTableStmt* statement) {
  if (statement->objtype != OBJECT_TABLE) return InvalidOid;
  const Oid table = RangeVarGetRelid(statement->relation, NoLock, true);
  if (!OidIsValid(table) || !IsLakeTable(table) || has_subclass(table)) return InvalidOid;
  ListCell* cell = nullptr;
  foreach (cell, statement->cmds) {
    if (!Widens(static_cast<AlterTableCmd*>(lfirst(cell)), table)) return InvalidOid;
  }
  return table;
}

void SetWidenedTable(Oid table) {
  g_widened_table = table;
  g_new_storage = InvalidRelFileNumber;
}

bool TakesOverRows(Relation relation) {
  if (!OidIsValid(g_widened_table) || relation->rd_rel->relrewrite != g_widened_table) return false;
  const RelFileNumber to = relation->rd_locator.relNumber;
  if (to == g_new_storage) return g_takes_over;
  Relation table = Pg([] { return relation_open(g_widened_table, NoLock); });
  g_takes_over = HasOnlyCommittedFiles(table);
  if (g_takes_over) NoteCarriedStorage(g_widened_table, table->rd_locator.relNumber, to);
  g_new_storage = to;
  Pg([&] { relation_close(table, NoLock); });
  return g_takes_over;
}

}  // namespace tarn::extension
