// SPDX-License-Identifier: Apache-2.0
// What this transaction did to lake tables and has not committed: storages with rows, relations
// that DDL touched.
#pragma once

#include "boundary/postgres_headers.h"

#include <cstdint>
#include <vector>

#include "base/column_type.h"
#include "lake/wire.h"
#include "transaction/storages.h"

namespace tarn::extension {

/// Key of a relation's present storage: tablespace OID << 32 | relfilenumber.
uint64_t StorageKey(Relation relation);

/// Packs one row; returns its row number (kPendingRowNumberBit | ordinal). Opens the storage at
/// first use.
int64_t InsertRow(Relation relation, TupleTableSlot* slot, CommandId cid);

/// Own rows of a storage.
struct PendingScan {
  uint64_t storage = 0;  ///< 0: none
  std::vector<lake::RowRange> visible;
  std::vector<AttributeType> types;  ///< that these rows have
};
/// Sends what is packed to the engine, then tells which own rows `curcid` sees (all alive ones for
/// `any_command`, as SnapshotSelf/SnapshotAny want).
PendingScan PendingRowsForScan(Relation relation, CommandId curcid, bool any_command);
/// The types of all own rows of the relation that are alive.
std::vector<AttributeType> TypesOfPendingRows(Relation relation);
/// True if an own row is alive, and inserted before `curcid` (by any command for `any_command`).
bool IsPendingRowVisible(Relation relation, int64_t ordinal, CommandId curcid, bool any_command);
/// Number of own rows visible, for planning; sends nothing.
int64_t CountPendingRows(Relation relation);

/// The Iceberg fields, with ids, of the relation's live attributes as of now: ids of the pointer
/// row, and ids given in this transaction.
std::vector<Field> CurrentFields(Relation relation);
/// The same for the live attributes of `descriptor`, which may be an earlier or later row type of
/// the relation. An id belongs to an (attribute, Iceberg type) pair: a type that is no promotion of
/// the stored one has ids of its own.
std::vector<Field> FieldsOf(Relation relation, TupleDesc descriptor);

/// relation_set_new_filelocator was called: the relation has a new, empty storage.
void NoteNewStorage(Relation relation);
/// CLUSTER, VACUUM FULL: the new storage holds the rows of the old one.
void NoteCarriedStorage(Oid table_oid, RelFileNumber from, RelFileNumber to);
/// DDL touched the relation; compared with the catalog at commit.
void NoteAltered(Oid table_oid);
void NoteDropped(Oid table_oid);
/// tarn.tables itself is about to be dropped: takes down what it says.
void NoteExtensionDropped();
/// Own rows of the relation's storage go, in whatever subtransaction: the storage was made in this
/// one.
void DiscardRows(Relation relation);

/// Registers the transaction and subtransaction callbacks. Called once from _PG_init.
void InstallTransactionCallbacks();

}  // namespace tarn::extension
