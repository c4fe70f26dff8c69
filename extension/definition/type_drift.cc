// SPDX-License-Identifier: Apache-2.0
#include "definition/type_drift.h"

#include "boundary/guard.h"
#include "definition/table_fields.h"

extern "C" {
#include <access/tupdesc.h>
#include <catalog/pg_type.h>
#include <storage/lmgr.h>
#include <utils/builtins.h>
#include <utils/lsyscache.h>
#include <utils/typcache.h>
}

namespace tarn::extension {

bool HoldsComposite(Oid type) {
  const Oid base = getBaseType(type);
  const Oid element = get_element_type(base);
  return OidIsValid(element) ? HoldsComposite(element) : get_typtype(base) == TYPTYPE_COMPOSITE;
}

void RequireStoredType(const std::string& table, const FormData_pg_attribute& attribute,
                       const std::string& stored, const std::string& now) {
  if (IsPromotion(stored, now)) return;
  struct Names {
    const char *column, *type;
    bool composite;
  };
  const Names names = Pg([&] {
    return Names{quote_identifier(NameStr(attribute.attname)),
                 format_type_with_typemod(attribute.atttypid, attribute.atttypmod),
                 HoldsComposite(attribute.atttypid)};
  });
  const std::string detail = fmt::format("Its rows have the type {}, the column {}.", stored, now);
  if (names.composite) {
    throw LakeError(Error{
        ErrorKind::kUnsupported,
        fmt::format("column \"{}\" of lake table \"{}\" cannot be read with the present attributes "
                    "of its type",
                    NameStr(attribute.attname), table),
        detail,
        fmt::format("Give {} the attributes again that the rows have, all by one statement, or "
                    "drop the column.",
                    names.type)});
  }
  throw LakeError(Error{
      ErrorKind::kUnsupported,
      fmt::format("column \"{}\" of lake table \"{}\" cannot change its type without a rewrite",
                  NameStr(attribute.attname), table),
      detail,
      fmt::format(
          "Have its rows computed anew: ALTER COLUMN {0} TYPE {1} USING coalesce({0})::{1}.",
          names.column, names.type)});
}

void LockTypeParts(Oid type) {
  check_stack_depth();
  const Oid base = getBaseType(type);
  const Oid element = get_element_type(base);
  if (OidIsValid(element)) {
    LockTypeParts(element);
  } else if (get_typtype(base) == TYPTYPE_ENUM) {
    // Against RENAME VALUE; new values are welcome, and take the same lock.
    LockDatabaseObject(TypeRelationId, base, 0, ShareLock);
  } else if (get_typtype(base) == TYPTYPE_COMPOSITE) {
    const Oid relation = get_typ_typrelid(base);
    LockRelationOid(relation, AccessShareLock);
    TupleDesc descriptor = lookup_rowtype_tupdesc(base, -1);
    for (int i = 0; i < descriptor->natts; ++i) {
      Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
      if (!attribute->attisdropped) LockTypeParts(attribute->atttypid);
    }
    ReleaseTupleDesc(descriptor);
  }
}

}  // namespace tarn::extension
