// SPDX-License-Identifier: Apache-2.0
#include "transaction/pending.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "access_method/lake_relation.h"
#include "boundary/guard.h"
#include "process/engine_client.h"
#include "transaction/lake_transaction.h"
#include "values/row_coercion.h"

extern "C" {
#include <utils/lsyscache.h>
}

namespace tarn::extension {

namespace {

/// While PostgreSQL makes the transient relation of a rewrite, only its name tells whose it is.
Oid RewrittenTable(Relation relation) {
  constexpr std::string_view kTransient = "pg_temp_";
  const std::string_view name = RelationGetRelationName(relation);
  Oid table_oid = InvalidOid;
  if (name.starts_with(kTransient)) {
    std::from_chars(name.data() + kTransient.size(), name.data() + name.size(), table_oid);
  }
  return OidIsValid(table_oid) ? table_oid : LogicalTable(relation);
}

}  // namespace

uint64_t StorageKey(Relation relation) {
  return static_cast<uint64_t>(relation->rd_locator.spcOid) << 32 | relation->rd_locator.relNumber;
}

int64_t InsertRow(Relation relation, TupleTableSlot* slot, CommandId cid) {
  LakeTransaction& transaction = LakeTransaction::Current();
  WriteStorage& storage = transaction.StorageFor(relation);
  const int64_t ordinal = storage.Insert(CoerceRow(relation, slot), cid);
  if (storage.packed_enough()) transaction.SendPacked(storage);
  return lake::kPendingRowNumberBit | ordinal;
}

PendingScan PendingRowsForScan(Relation relation, CommandId curcid, bool any_command) {
  LakeTransaction* transaction = LakeTransaction::Find();
  WriteStorage* storage =
      transaction != nullptr ? transaction->FindStorage(StorageKey(relation)) : nullptr;
  if (storage == nullptr) return {};
  PendingScan scan{.storage = storage->key(),
                   .visible = storage->segments().Visible(curcid, any_command)};
  if (scan.visible.empty()) return {};
  scan.types = storage->TypesOf(scan.visible);
  transaction->SendPacked(*storage);
  storage->CheckNotLost();
  return scan;
}

std::vector<AttributeType> TypesOfPendingRows(Relation relation) {
  LakeTransaction* transaction = LakeTransaction::Find();
  WriteStorage* storage =
      transaction != nullptr ? transaction->FindStorage(StorageKey(relation)) : nullptr;
  if (storage == nullptr) return {};
  return storage->TypesOf(storage->segments().Visible(0, true));
}

bool IsPendingRowVisible(Relation relation, int64_t ordinal, CommandId curcid, bool any_command) {
  LakeTransaction* transaction = LakeTransaction::Find();
  WriteStorage* storage =
      transaction != nullptr ? transaction->FindStorage(StorageKey(relation)) : nullptr;
  return storage != nullptr && storage->segments().IsVisible(ordinal, curcid, any_command);
}

int64_t CountPendingRows(Relation relation) {
  LakeTransaction* transaction = LakeTransaction::Find();
  WriteStorage* storage =
      transaction != nullptr ? transaction->FindStorage(StorageKey(relation)) : nullptr;
  return storage == nullptr ? 0
                            : storage->segments().CountVisible(GetCurrentCommandId(false), false);
}

std::vector<Field> FieldsOf(Relation relation, TupleDesc descriptor) {
  const Oid table_oid = LogicalTable(relation);
  const auto base = ReadBasePointer(table_oid);
  const Pointer* known = base ? &*base : nullptr;
  LakeTransaction* transaction = LakeTransaction::Find();
  if (transaction != nullptr) {
    return transaction->Table(table_oid).ids.Fields(known, descriptor,
                                                    GetCurrentSubTransactionId());
  }
  // Nothing was written: ids that this gives to new columns stand for nothing, and may be given
  // again.
  return GivenFieldIds().Fields(known, descriptor, GetCurrentSubTransactionId());
}

std::vector<Field> CurrentFields(Relation relation) {
  return FieldsOf(relation, RelationGetDescr(relation));
}

void NoteNewStorage(Relation relation) {
  LakeTransaction& transaction = LakeTransaction::Current();
  transaction.Table(LogicalTable(relation)).altered = true;
  // Not in the catalog yet, or there with another access method. A lake table that is truncated or
  // rewritten has a pointer row, and must have it.
  const Oid table_oid = RewrittenTable(relation);
  if (Pg([&] { return IsLakeTable(table_oid); })) return;
  TouchedTable& table = transaction.Table(table_oid);
  const char* name = Pg([&] { return get_rel_name(table_oid); });
  table.location_prefix =
      ChooseLocationPrefix(name != nullptr ? name : RelationGetRelationName(relation));
  table.made = true;
}

void NoteCarriedStorage(Oid table_oid, RelFileNumber from, RelFileNumber to) {
  LakeTransaction& transaction = LakeTransaction::Current();
  transaction.Table(table_oid).altered = true;
  transaction.carried()[to] = from;
}

void NoteAltered(Oid table_oid) { LakeTransaction::Current().Table(table_oid).altered = true; }

void NoteDropped(Oid table_oid) {
  TouchedTable& table = LakeTransaction::Current().Table(table_oid);
  table.altered = true;
  if (!table.dropped) table.dropped = ReadNewestPointer(table_oid);
}

void NoteExtensionDropped() {
  for (Pointer& pointer : ReadAllPointers()) {
    TouchedTable& table = LakeTransaction::Current().Table(pointer.table_oid);
    table.altered = true;
    if (!table.dropped) table.dropped = std::move(pointer);
  }
}

void DiscardRows(Relation relation) {
  LakeTransaction* transaction = LakeTransaction::Find();
  WriteStorage* storage =
      transaction != nullptr ? transaction->FindStorage(StorageKey(relation)) : nullptr;
  if (storage != nullptr) storage->DiscardRows();
}

}  // namespace tarn::extension
