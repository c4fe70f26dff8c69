// SPDX-License-Identifier: Apache-2.0
#include "transaction/pending.h"

#include <algorithm>

#include "boundary/guard.h"
#include "process/engine_client.h"
#include "transaction/lake_transaction.h"
#include "values/row_coercion.h"

namespace tarn::extension {

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
  transaction->SendPacked(*storage);
  storage->CheckNotLost();
  return scan;
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

void NoteNewStorage(Relation relation, RelFileNumber /*relfilenumber*/) {
  LakeTransaction::Current().Table(LogicalTable(relation)).altered = true;
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
