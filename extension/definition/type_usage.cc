// SPDX-License-Identifier: Apache-2.0
// Which lake tables store values of a type. Stored values name enum labels and composite
// attributes, so these can't change under them.
#include "access_method/lake_relation.h"
#include "definition/definition_rules.h"

extern "C" {
#include <access/genam.h>
#include <access/htup_details.h>
#include <access/table.h>
#include <catalog/namespace.h>
#include <catalog/pg_class.h>
#include <catalog/pg_type.h>
#include <utils/builtins.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
#include <utils/typcache.h>
}

namespace tarn::extension {
namespace {

/// Values of `type` hold values of `wanted`: through domains, arrays and composites.
bool TypeHolds(Oid type, Oid wanted) {
  check_stack_depth();
  if (type == wanted) return true;
  const Oid base = getBaseType(type);
  if (base != type) return TypeHolds(base, wanted);
  const Oid element = get_element_type(type);
  if (OidIsValid(element)) return TypeHolds(element, wanted);
  if (get_typtype(type) != TYPTYPE_COMPOSITE) return false;
  TupleDesc descriptor = lookup_rowtype_tupdesc(type, -1);
  bool holds = false;
  for (int i = 0; i < descriptor->natts && !holds; ++i) {
    Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    holds = !attribute->attisdropped && TypeHolds(attribute->atttypid, wanted);
  }
  ReleaseTupleDesc(descriptor);
  return holds;
}

void CheckTable(Oid table_oid, Oid type, const char* change) {
  Relation relation = try_table_open(table_oid, AccessShareLock);
  if (relation == nullptr) return;
  TupleDesc descriptor = RelationGetDescr(relation);
  for (int i = 0; i < descriptor->natts; ++i) {
    Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    if (attribute->attisdropped || !TypeHolds(attribute->atttypid, type)) continue;
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("cannot %s of type %s while a lake table stores it", change,
                           format_type_be(type)),
                    errdetail("Column \"%s\" of lake table \"%s\" uses it.",
                              NameStr(attribute->attname), RelationGetRelationName(relation)),
                    errhint("Make a new type, and change the column to it with ALTER TABLE ... "
                            "ALTER COLUMN ... TYPE.")));
  }
  table_close(relation, AccessShareLock);
}

}  // namespace

void CheckTypeNotInUse(Oid type, const char* change) {
  Relation classes = table_open(RelationRelationId, AccessShareLock);
  SysScanDesc scan = systable_beginscan(classes, InvalidOid, false, nullptr, 0, nullptr);
  while (HeapTuple tuple = systable_getnext(scan)) {
    auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
    if (IsLakeAm(form->relam) &&
        (form->relkind == RELKIND_RELATION || form->relkind == RELKIND_MATVIEW)) {
      CheckTable(form->oid, type, change);
    }
  }
  systable_endscan(scan);
  table_close(classes, AccessShareLock);
}

}  // namespace tarn::extension
