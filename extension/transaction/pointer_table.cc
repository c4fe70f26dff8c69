// SPDX-License-Identifier: Apache-2.0
#include "transaction/pointer_table.h"

#include <cstring>

extern "C" {
#include <access/genam.h>
#include <access/htup_details.h>
#include <access/stratnum.h>
#include <access/table.h>
#include <catalog/dependency.h>
#include <catalog/pg_authid.h>
#include <catalog/pg_class.h>
#include <catalog/pg_depend.h>
#include <catalog/pg_extension.h>
#include <catalog/pg_index.h>
#include <catalog/pg_type.h>
#include <commands/extension.h>
#include <utils/fmgroids.h>
#include <utils/inval.h>
#include <utils/lsyscache.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

constexpr char kExtensionName[] = "tarn";
constexpr char kTableName[] = "tables";

struct ColumnLayout {
  const char* name;
  Oid type;
};

/// In the order of PointerColumn, as extension/sql makes them.
constexpr ColumnLayout kLayout[kPointerColumns] = {
    {"table_oid", OIDOID},
    {"table_uuid", UUIDOID},
    {"location", TEXTOID},
    {"metadata_location", TEXTOID},
    {"previous_metadata_location", TEXTOID},
    {"database_oid", OIDOID},
    {"node", UUIDOID},
    {"relfilenumber", OIDOID},
    {"carried_relfilenumbers", OIDARRAYOID},
    {"field_ids", INT4ARRAYOID},
    {"field_types", TEXTARRAYOID},
    {"last_column_id", INT4OID},
    {"snapshot_id", INT8OID},
    {"sequence_number", INT8OID},
    {"committed_xid", XID8OID},
};

Oid g_pointer_table = InvalidOid;
Oid g_pointer_index = InvalidOid;
bool g_layout_checked = false;

void ForgetPointerTable(Datum /*argument*/, Oid relation) {
  if (relation != InvalidOid && relation != g_pointer_table) return;
  g_pointer_table = InvalidOid;
  g_pointer_index = InvalidOid;
  g_layout_checked = false;
}

/// Only what the extension's script made: the owner of the extension may add tables of his own to
/// it, under any name, but cannot make them the bootstrap superuser's.
bool IsPointerTable(Oid relation) {
  HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
  if (!HeapTupleIsValid(tuple)) return false;
  const auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
  const bool is_ours = (form->relkind == RELKIND_MATVIEW || form->relkind == RELKIND_RELATION) &&
                       form->relowner == BOOTSTRAP_SUPERUSERID &&
                       strcmp(NameStr(form->relname), kTableName) == 0;
  ReleaseSysCache(tuple);
  return is_ours;
}

/// InvalidOid if there is none.
Oid FindMember(Oid extension) {
  ScanKeyData keys[2];
  ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(ExtensionRelationId));
  ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
              ObjectIdGetDatum(extension));
  Relation depend = table_open(DependRelationId, AccessShareLock);
  SysScanDesc scan = systable_beginscan(depend, DependReferenceIndexId, true, nullptr, 2, keys);
  Oid found = InvalidOid;
  while (HeapTuple tuple = systable_getnext(scan)) {
    const auto* form = reinterpret_cast<Form_pg_depend>(GETSTRUCT(tuple));
    if (form->deptype == DEPENDENCY_EXTENSION && form->classid == RelationRelationId &&
        IsPointerTable(form->objid)) {
      found = form->objid;
      break;
    }
  }
  systable_endscan(scan);
  table_close(depend, AccessShareLock);
  return found;
}

Oid LookUp(Oid* extension) {
  static bool registered = false;
  if (!registered) {
    CacheRegisterRelcacheCallback(ForgetPointerTable, 0);
    registered = true;
  }
  if (OidIsValid(g_pointer_table)) return g_pointer_table;
  // The name of an extension cannot be changed.
  *extension = get_extension_oid(kExtensionName, true);
  if (!OidIsValid(*extension)) return InvalidOid;
  g_pointer_table = FindMember(*extension);
  return g_pointer_table;
}

[[noreturn]] void RefuseLayout(const char* detail, const char* column) {
  ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                  errmsg("the extension \"%s\" in this database does not fit the library that the "
                         "server has loaded",
                         kExtensionName),
                  errdetail(detail, column),
                  errhint("Run ALTER EXTENSION %s UPDATE; if it says that the version is installed "
                          "already, restart the server, so that it loads the library that belongs "
                          "to that version.",
                          kExtensionName)));
  pg_unreachable();
}

void CheckLayout(Oid table_oid) {
  Relation table = table_open(table_oid, AccessShareLock);
  TupleDesc descriptor = RelationGetDescr(table);
  for (int i = 0; i < kPointerColumns; ++i) {
    if (i >= descriptor->natts)
      RefuseLayout("Its table of pointers has no column \"%s\".", kLayout[i].name);
    const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, i);
    if (attribute.attisdropped || attribute.atttypid != kLayout[i].type ||
        strcmp(NameStr(attribute.attname), kLayout[i].name) != 0) {
      RefuseLayout("Its table of pointers has another column in the place of \"%s\".",
                   kLayout[i].name);
    }
  }
  if (descriptor->natts > kPointerColumns) {
    RefuseLayout("Its table of pointers has a column \"%s\" that the library does not know.",
                 NameStr(TupleDescAttr(descriptor, kPointerColumns)->attname));
  }
  table_close(table, AccessShareLock);
}

}  // namespace

Oid FindPointerTable() {
  if (creating_extension && CurrentExtensionObject == get_extension_oid(kExtensionName, true)) {
    return InvalidOid;
  }
  Oid extension = InvalidOid;
  return LookUp(&extension);
}

Oid RequirePointerTable() {
  Oid extension = InvalidOid;
  const Oid table = LookUp(&extension);
  if (!OidIsValid(table)) {
    if (!OidIsValid(extension)) return InvalidOid;
    ereport(ERROR,
            (errcode(ERRCODE_DATA_CORRUPTED),
             errmsg("the table of pointers of extension \"%s\" cannot be found", kExtensionName),
             errdetail("Its rows tell where the rows of lake tables are."),
             errhint("The table \"%s\" has to be a member of the extension and to belong "
                     "to the bootstrap superuser: undo what has changed that.",
                     kTableName)));
  }
  if (!g_layout_checked) {
    CheckLayout(table);
    g_layout_checked = g_pointer_table == table;
  }
  return table;
}

Oid PointerIndex(Relation pointer_table) {
  if (OidIsValid(g_pointer_index)) return g_pointer_index;
  Oid found = InvalidOid;
  ListCell* cell = nullptr;
  foreach (cell, RelationGetIndexList(pointer_table)) {
    Relation index = index_open(lfirst_oid(cell), AccessShareLock);
    const FormData_pg_index& form = *index->rd_index;
    if (form.indisunique && form.indisvalid && form.indnkeyatts == 1 &&
        form.indkey.values[0] == kTableOid) {
      found = lfirst_oid(cell);
    }
    index_close(index, AccessShareLock);
  }
  if (RelationGetRelid(pointer_table) == g_pointer_table) g_pointer_index = found;
  return found;
}

}  // namespace tarn::extension
