// SPDX-License-Identifier: Apache-2.0
#include "definition/outside_schema.h"

#include <algorithm>

#include "boundary/guard.h"
#include "definition/column_statements.h"
#include "definition/table_fields.h"
#include "transaction/pending.h"
#include "values/column_mapping.h"

extern "C" {
#include <access/relation.h>
#include <executor/spi.h>
#include <utils/lsyscache.h>
#include <utils/snapmgr.h>
}

namespace tarn::extension {
namespace {

/// Keeps the relation open for a C++ scope; it is locked already.
class LockedRelation {
 public:
  explicit LockedRelation(Oid oid) : relation_(Pg([&] { return relation_open(oid, NoLock); })) {}
  ~LockedRelation() { relation_close(relation_, NoLock); }
  LockedRelation(const LockedRelation&) = delete;
  LockedRelation& operator=(const LockedRelation&) = delete;
  Relation get() const { return relation_; }

 private:
  Relation relation_;
};

[[noreturn]] void Refuse(Oid table_oid, const std::string& what, std::string detail,
                         std::string hint) {
  const char* name = Pg([&] { return get_rel_name(table_oid); });
  throw LakeError(Error{ErrorKind::kUnsupported,
                        fmt::format("{} lake table \"{}\"", what, name != nullptr ? name : ""),
                        std::move(detail), std::move(hint)});
}

bool SameColumn(const Field& a, const Field& b) {
  return a.id == b.id && a.name == b.name && TypeText(a.type) == TypeText(b.type);
}

/// A change of columns from outside is a difference between metadata; what the transaction did to
/// the columns itself is in none yet.
void RequireUnaltered(Oid table_oid, const lake::UpdatedTable& updated) {
  const LockedRelation relation(table_oid);
  const std::vector<Field> now = CurrentFields(relation.get());
  const bool same = std::ranges::is_permutation(now, updated.fields_before, SameColumn);
  if (same) return;
  Refuse(table_oid, "another writer cannot change the columns of",
         "Its columns were altered in this transaction.", "Commit first.");
}

bool HasInitialDefault(const Field& field) {
  return field.initial_default && *field.initial_default != "null";
}

/// Rows that this transaction wrote before the column came would read its default from nowhere.
void RequireNoOwnRows(Oid table_oid, const lake::UpdatedTable& updated) {
  const bool defaults = std::ranges::any_of(updated.fields, [&](const Field& field) {
    return HasInitialDefault(field) && std::ranges::find(updated.fields_before, field.id,
                                                         &Field::id) == updated.fields_before.end();
  });
  if (!defaults) return;
  const LockedRelation relation(table_oid);
  if (TypesOfPendingRows(relation.get()).empty()) return;
  Refuse(table_oid, "another writer cannot add columns with defaults to",
         "This transaction has inserted rows.", "Commit first.");
}

void Run(const std::string& statement) {
  const char* text = statement.c_str();
  Pg([&] {
    SPI_connect();
    SPI_execute(text, false, 0);
    SPI_finish();
    CommandCounterIncrement();
  });
}

/// PostgreSQL must not have taken rows into a new storage of its own.
void RequireFilesKept(const Pointer& pointer, Relation relation) {
  if (CommittedStorage(relation->rd_locator.relNumber) == pointer.relfilenumber) return;
  Refuse(pointer.table_oid, "another writer cannot change a column's type of",
         "Rows would have to be rewritten: the transaction has inserted some, or a column was "
         "added with a default.",
         "Commit first, or change the type by ALTER TABLE.");
}

std::vector<AttributeIds> IdsByName(Relation relation, const std::vector<Field>& fields) {
  std::vector<AttributeIds> attributes;
  TupleDesc descriptor = RelationGetDescr(relation);
  for (int i = 0; i < descriptor->natts; ++i) {
    const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, i);
    if (attribute.attisdropped) continue;
    const std::string name = NameStr(attribute.attname);
    const auto field = std::ranges::find(fields, name, &Field::name);
    if (field == fields.end() || TypeText(field->type) != TypeText(MapAttribute(attribute).type)) {
      Refuse(RelationGetRelid(relation), "another writer cannot change the columns of",
             fmt::format("Column \"{}\" would differ in PostgreSQL.", name), {});
    }
    AttributeIds ids{.attnum = attribute.attnum, .ids = {}, .type = TypeText(field->type)};
    CollectFieldIds(*field, ids.ids);
    attributes.push_back(std::move(ids));
  }
  if (attributes.size() != fields.size()) {
    Refuse(RelationGetRelid(relation), "another writer cannot change the columns of",
           "PostgreSQL would lack one of them.", {});
  }
  return attributes;
}

}  // namespace

void FollowSchema(Pointer& pointer, const lake::UpdatedTable& updated) {
  const bool same = updated.fields == updated.fields_before &&
                    updated.last_column_id == updated.last_column_id_before;
  if (same) return;
  RequireUnaltered(pointer.table_oid, updated);
  RequireNoOwnRows(pointer.table_oid, updated);
  for (const std::string& statement :
       ColumnStatements(pointer.table_oid, updated.fields_before, updated.fields)) {
    Run(statement);
  }
  const LockedRelation relation(pointer.table_oid);
  RequireFilesKept(pointer, relation.get());
  pointer.field_ids = IdsByName(relation.get(), updated.fields);
}

}  // namespace tarn::extension
