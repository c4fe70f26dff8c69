// SPDX-License-Identifier: Apache-2.0
#include "definition/row_type_changes.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "access_method/lake_relation.h"
#include "boundary/guard.h"
#include "definition/table_fields.h"
#include "transaction/pending.h"
#include "transaction/pointer.h"
#include "values/column_mapping.h"

extern "C" {
#include <access/genam.h>
#include <access/table.h>
#include <catalog/dependency.h>
#include <catalog/indexing.h>
#include <catalog/pg_class.h>
#include <catalog/pg_depend.h>
#include <catalog/pg_type.h>
#include <utils/builtins.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
#include <utils/rel.h>
}

namespace tarn::extension {
namespace {

struct NotedRelation {
  Oid relation;
  SubTransactionId subtransaction;
};

std::vector<NotedRelation> g_noted;

struct Column {
  Oid table;
  AttrNumber attnum;
};

/// Depth-first through what is made of a type: arrays, domains, attributes of other row types.
class ColumnSearch {
 public:
  explicit ColumnSearch(Relation dependencies) : dependencies_(dependencies) {}

  void Find(Oid type) {
    if (!OidIsValid(type) || std::ranges::find(seen_, type) != seen_.end()) return;
    seen_.push_back(type);
    const auto found = Pg([&] { return DependentsOf(type); });
    for (int i = 0; i < found.count; ++i) {
      const ObjectAddress& dependent = found.objects[i];
      if (dependent.classId == TypeRelationId) {
        Find(dependent.objectId);
      } else if (Pg([&] { return IsLakeTable(dependent.objectId); })) {
        columns_.push_back({dependent.objectId, static_cast<AttrNumber>(dependent.objectSubId)});
        Find(Pg([&] { return get_rel_type_id(dependent.objectId); }));
      } else {
        Find(Pg([&] { return get_rel_type_id(dependent.objectId); }));
      }
    }
  }

  const std::vector<Column>& columns() const { return columns_; }

 private:
  struct Dependents {
    ObjectAddress* objects;
    int count;
  };

  /// Types, and columns.
  Dependents DependentsOf(Oid type) const {
    ScanKeyData keys[2];
    ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(TypeRelationId));
    ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(type));
    SysScanDesc scan =
        systable_beginscan(dependencies_, DependReferenceIndexId, true, nullptr, 2, keys);
    Dependents found = {nullptr, 0};
    int capacity = 0;
    while (HeapTuple tuple = systable_getnext(scan)) {
      auto* form = reinterpret_cast<Form_pg_depend>(GETSTRUCT(tuple));
      const bool column = form->classid == RelationRelationId && form->objsubid > 0;
      if (form->classid != TypeRelationId && !column) continue;
      if (found.count == capacity) {
        capacity = Max(16, capacity * 2);
        const Size size = sizeof(ObjectAddress) * static_cast<Size>(capacity);
        found.objects = static_cast<ObjectAddress*>(
            found.objects == nullptr ? palloc(size) : repalloc(found.objects, size));
      }
      ObjectAddressSubSet(found.objects[found.count], form->classid, form->objid, form->objsubid);
      ++found.count;
    }
    systable_endscan(scan);
    return found;
  }

  Relation dependencies_;
  std::vector<Oid> seen_;
  std::vector<Column> columns_;
};

[[noreturn]] void Refuse(Oid row_type, Relation table, const FormData_pg_attribute& attribute,
                         const std::string& stored) {
  const char* type_name = Pg([&] { return format_type_be(row_type); });
  throw LakeError(Error{
      ErrorKind::kUnsupported,
      fmt::format("cannot change attributes of type {} while a lake table stores it", type_name),
      fmt::format("Values of column \"{}\" of lake table \"{}\" are stored as {}.",
                  NameStr(attribute.attname), RelationGetRelationName(table), stored),
      "Make a new type, and change the column to it with ALTER TABLE ... ALTER COLUMN ... "
      "TYPE ... USING ..."});
}

/// REQUIRES: an open relation.
void CheckColumn(Oid row_type, Relation table, AttrNumber attnum) {
  TupleDesc descriptor = RelationGetDescr(table);
  if (attnum > descriptor->natts) return;
  const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, attnum - 1);
  if (attribute.attisdropped) return;
  const std::string now = TypeText(MapAttribute(attribute).type);
  std::vector<AttributeType> stored = TypesOfPendingRows(table);
  if (const auto pointer = ReadNewestPointer(RelationGetRelid(table))) {
    if (const AttributeIds* ids = pointer->FindAttribute(attnum)) {
      stored.push_back({.attnum = attnum, .type = ids->type});
    }
  }
  for (const AttributeType& each : stored) {
    if (each.attnum == attnum && !IsPromotion(each.type, now)) {
      Refuse(row_type, table, attribute, each.type);
    }
  }
}

void CheckRowType(Oid row_type) {
  Relation dependencies = Pg([] { return table_open(DependRelationId, AccessShareLock); });
  ColumnSearch search(dependencies);
  search.Find(row_type);
  Pg([&] { table_close(dependencies, AccessShareLock); });
  for (const Column& column : search.columns()) {
    Relation table = Pg([&] { return try_table_open(column.table, AccessShareLock); });
    if (table == nullptr) continue;
    CheckColumn(row_type, table, column.attnum);
    Pg([&] { table_close(table, NoLock); });
  }
}

}  // namespace

void NoteAttributeChange(Oid relation) {
  const SubTransactionId subtransaction = GetCurrentSubTransactionId();
  const bool known = std::ranges::any_of(g_noted, [&](const NotedRelation& noted) {
    return noted.relation == relation && noted.subtransaction <= subtransaction;
  });
  if (!known) Guard([&] { g_noted.push_back({relation, subtransaction}); });
}

void CheckNotedRowTypes() {
  if (g_noted.empty() || IsBinaryUpgrade || !HasLakeAm()) return;
  CommandCounterIncrement();
  Guard([] {
    const std::vector<NotedRelation> noted = std::exchange(g_noted, {});
    for (const NotedRelation& each : noted) {
      CheckRowType(Pg([&] { return get_rel_type_id(each.relation); }));
    }
  });
}

void ForgetRowTypes(SubTransactionId from) {
  std::erase_if(g_noted,
                [from](const NotedRelation& noted) { return noted.subtransaction >= from; });
}

void ForgetAllRowTypes() { g_noted.clear(); }

}  // namespace tarn::extension
