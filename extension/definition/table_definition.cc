// SPDX-License-Identifier: Apache-2.0
#include "definition/table_definition.h"

#include <cstring>
#include <vector>

#include "base/field_names.h"
#include "boundary/guard.h"
#include "definition/type_drift.h"
#include "values/column_mapping.h"

extern "C" {
#include <catalog/pg_type.h>
#include <mb/pg_wchar.h>
#include <utils/builtins.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

constexpr int kPrecision = 38;
constexpr int kScale = 9;

bool g_refuse_unconstrained = false;

/// ALTER TABLE fills a transient relation of this name and swaps its storage in; its columns are
/// those of the table.
bool IsTransientName(const char* name) { return std::strncmp(name, "pg_temp_", 8) == 0; }

}  // namespace

int32 DefaultNumericTypmod() { return ((kPrecision << 16) | kScale) + VARHDRSZ; }

bool IsNumericType(Oid type) { return type == NUMERICOID || type == NUMERICARRAYOID; }

void RefuseUnconstrainedNumeric(bool refuse) { g_refuse_unconstrained = refuse; }

void ConstrainNumericColumns(Relation relation) {
  TupleDesc descriptor = RelationGetDescr(relation);
  const bool transient = IsTransientName(RelationGetRelationName(relation));
  for (int i = 0; i < descriptor->natts; ++i) {
    Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
    if (attribute->attisdropped || attribute->atttypmod >= 0 || !IsNumericType(attribute->atttypid))
      continue;
    if (g_refuse_unconstrained) {
      ereport(
          ERROR,
          (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
           errmsg("column \"%s\" of lake table \"%s\" has type numeric without a precision",
                  NameStr(attribute->attname), RelationGetRelationName(relation)),
           errhint(
               "Give the parent's column a precision and a scale, for example numeric(38,9).")));
    }
    if (!transient) {
      ereport(
          NOTICE,
          (errmsg("column \"%s\" of lake table \"%s\" gets the type numeric(%d,%d)%s",
                  NameStr(attribute->attname), RelationGetRelationName(relation), kPrecision,
                  kScale, attribute->atttypid == NUMERICARRAYOID ? "[]" : ""),
           errdetail(
               "Iceberg has no numbers without a limit: values are rounded to %d decimal places.",
               kScale)));
    }
    attribute->atttypmod = DefaultNumericTypmod();
  }
}

bool IsNewTable(Relation relation) {
  return !IsTransientName(RelationGetRelationName(relation)) &&
         !SearchSysCacheExists1(RELOID, ObjectIdGetDatum(RelationGetRelid(relation)));
}

void CheckLakeColumns(Relation relation) {
  if (GetDatabaseEncoding() != PG_UTF8) {
    ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                    errmsg("lake tables need a database with encoding UTF8, not %s",
                           GetDatabaseEncodingName()),
                    errhint("Create a database WITH ENCODING 'UTF8' TEMPLATE template0.")));
  }
  TupleDesc attributes = RelationGetDescr(relation);
  for (int i = 0; i < attributes->natts; ++i) {
    Form_pg_attribute attribute = TupleDescAttr(attributes, i);
    if (!attribute->attisdropped) LockTypeParts(attribute->atttypid);
  }
  Guard([&] {
    TupleDesc descriptor = RelationGetDescr(relation);
    std::vector<Field> fields;
    for (int i = 0; i < descriptor->natts; ++i) {
      if (!TupleDescAttr(descriptor, i)->attisdropped)
        fields.push_back(MapAttribute(*TupleDescAttr(descriptor, i)));
    }
    if (const auto shared = FindSharedFullName(fields)) {
      throw LakeError(
          Error{ErrorKind::kUnsupported,
                fmt::format("lake table \"{}\" cannot have two fields with the full name \"{}\"",
                            RelationGetRelationName(relation), *shared),
                "Other engines find nested fields by their names joined with dots: attributes of "
                "composite types, \"element\" of arrays.",
                "Rename the column, or the attribute, whose name has dots."});
    }
  });
}

}  // namespace tarn::extension
