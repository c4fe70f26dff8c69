// SPDX-License-Identifier: Apache-2.0
#include "transaction/commit_driver.h"

#include <algorithm>

#include "access_method/lake_relation.h"
#include "boundary/guard.h"
#include "definition/format_version.h"
#include "definition/settings.h"
#include "definition/type_drift.h"
#include "process/engine_client.h"
#include "transaction/commit_notification.h"
#include "transaction/lake_transaction.h"
#include "transaction/missing_values.h"
#include "transaction/outside_commit.h"
#include "transaction/pending.h"
#include "values/row_packer.h"

extern "C" {
#include <access/relation.h>
#include <catalog/pg_attribute.h>
#include <storage/lmgr.h>
#include <storage/predicate.h>
#include <utils/snapmgr.h>
#include <utils/syscache.h>
}

namespace tarn::extension {
namespace {

/// One lake table that the transaction changes.
struct ChangedTable {
  Oid table_oid = InvalidOid;
  RelFileNumber relfilenumber = InvalidRelFileNumber;
  std::vector<AttributeIds> field_ids;
  lake::PrepareTable prepare;
  std::optional<Pointer> base;
  bool carried = false;  ///< the new storage generation has the old one's rows
};

struct ChangedTables {
  std::vector<ChangedTable> changed;
  std::vector<std::pair<Oid, std::optional<Pointer>>> dropped;
};

/// Keeps a relation open for a C++ scope. Its lock stays to the end of the transaction.
class OpenRelation {
 public:
  explicit OpenRelation(Oid oid)
      : relation_(Pg([&] { return try_relation_open(oid, AccessShareLock); })) {}
  ~OpenRelation() {
    if (relation_ != nullptr) relation_close(relation_, NoLock);
  }
  OpenRelation(const OpenRelation&) = delete;
  OpenRelation& operator=(const OpenRelation&) = delete;
  Relation get() const { return relation_; }

 private:
  Relation relation_;
};

bool NothingToCommit(LakeTransaction& transaction, Oid table_oid, const TouchedTable& table) {
  if (table.altered) return false;
  for (auto& [key, storage] : transaction.storages()) {
    if (storage.table_oid() == table_oid && storage.segments().has_live_rows()) return false;
  }
  return true;
}

struct MissingValue {
  Datum value;
  bool present;
};

MissingValue ReadMissingValue(Relation relation, int attribute) {
  return Pg([&] {
    MissingValue missing{};
    TupleDesc descriptor = RelationGetDescr(relation);
    if (TupleDescAttr(descriptor, attribute)->atthasmissing) {
      bool is_null = true;
      missing.value = getmissingattr(descriptor, attribute + 1, &is_null);
      missing.present = !is_null;
    }
    return missing;
  });
}

/// Values of columns younger than the base's metadata, for rows written before them.
std::vector<lake::ColumnDefault> YoungDefaults(Relation relation,
                                               const std::optional<Pointer>& base,
                                               const std::vector<Field>& fields) {
  std::vector<lake::ColumnDefault> defaults;
  TupleDesc descriptor = RelationGetDescr(relation);
  size_t live = 0;
  for (int i = 0; i < descriptor->natts; ++i) {
    const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, i);
    if (attribute.attisdropped) continue;
    const Field& field = fields.at(live++);
    if (base && base->FindAttribute(attribute.attnum) != nullptr) continue;
    const MissingValue missing = ReadMissingValue(relation, i);
    if (!missing.present) continue;
    defaults.push_back({.field = field.id, .batch = EncodeDatum(attribute, missing.value, false)});
  }
  return defaults;
}

std::vector<AttributeIds> IdsOf(Relation relation, const std::vector<Field>& fields) {
  std::vector<AttributeIds> attributes;
  TupleDesc descriptor = RelationGetDescr(relation);
  size_t live = 0;
  for (int i = 0; i < descriptor->natts; ++i) {
    if (TupleDescAttr(descriptor, i)->attisdropped) continue;
    const Field& field = fields.at(live++);
    AttributeIds ids{
        .attnum = TupleDescAttr(descriptor, i)->attnum, .ids = {}, .type = TypeText(field.type)};
    CollectFieldIds(field, ids.ids);
    attributes.push_back(std::move(ids));
  }
  return attributes;
}

/// A type that is another one in the lake takes rewritten rows. Where PostgreSQL left them as they
/// are (it holds the two types for the same), they would read as null: refused.
void CheckTypesKept(Relation relation, const ChangedTable& change) {
  if (!change.base || (change.base->relfilenumber != change.relfilenumber && !change.carried)) {
    return;
  }
  for (const AttributeIds& attribute : change.field_ids) {
    const AttributeIds* before = change.base->FindAttribute(attribute.attnum);
    if (before == nullptr) continue;
    RequireStoredType(RelationGetRelationName(relation),
                      *TupleDescAttr(RelationGetDescr(relation), attribute.attnum - 1),
                      before->type, attribute.type);
  }
}

/// The same for rows that the transaction wrote itself.
void CheckOwnTypesKept(Relation relation, const ChangedTable& change,
                       const std::vector<AttributeType>& own) {
  for (const AttributeType& stored : own) {
    const auto now = std::ranges::find(change.field_ids, stored.attnum, &AttributeIds::attnum);
    if (now == change.field_ids.end()) continue;  // dropped since
    RequireStoredType(RelationGetRelationName(relation),
                      *TupleDescAttr(RelationGetDescr(relation), stored.attnum - 1), stored.type,
                      now->type);
  }
}

/// What the transaction wants of one table, compared with the catalog as it is now.
ChangedTable DescribeChange(LakeTransaction& transaction, Relation relation, TouchedTable& table) {
  ChangedTable change;
  change.table_oid = RelationGetRelid(relation);
  change.relfilenumber = relation->rd_locator.relNumber;
  change.base = ReadBasePointer(change.table_oid);
  lake::PrepareTable& prepare = change.prepare;
  prepare.place = transaction.PlaceOf(change.table_oid, change.base);
  const Pointer* base = change.base ? &*change.base : nullptr;
  prepare.fields = table.ids.Fields(base, RelationGetDescr(relation), GetCurrentSubTransactionId());
  prepare.last_column_id = table.ids.last_id(base);
  change.field_ids = IdsOf(relation, prepare.fields);
  prepare.defaults = YoungDefaults(relation, change.base, prepare.fields);
  prepare.format_version = Pg([&] { return StoredFormatVersion(change.table_oid); });
  if (base != nullptr) {
    prepare.base_metadata_location = base->metadata_location;
    if (base->relfilenumber != change.relfilenumber) {
      change.carried = CommittedStorage(change.relfilenumber) == base->relfilenumber;
      prepare.replace_all = !change.carried;
    }
    prepare.materialize_defaults = !prepare.replace_all && !prepare.defaults.empty();
    CheckTypesKept(relation, change);
  }
  WriteStorage* storage = transaction.FindStorage(StorageKey(relation));
  if (storage != nullptr && storage->segments().has_live_rows()) {
    if (prepare.fields.empty()) RefuseRowsWithoutColumns(RelationGetRelationName(relation));
    transaction.SendPacked(*storage);
    storage->CheckNotLost();
    prepare.storage = storage->key();
    prepare.live = storage->segments().Visible(0, true);
    CheckOwnTypesKept(relation, change, storage->TypesOf(prepare.live));
  }
  return change;
}

ChangedTables FindChanges(LakeTransaction& transaction) {
  ChangedTables found;
  for (auto& [table_oid, table] : transaction.tables()) {
    if (NothingToCommit(transaction, table_oid, table)) continue;
    OpenRelation relation(table_oid);
    if (relation.get() != nullptr && IsLakeRelation(relation.get())) {
      found.changed.push_back(DescribeChange(transaction, relation.get(), table));
    } else if (table.dropped || ReadNewestPointer(table_oid)) {
      found.dropped.emplace_back(table_oid, std::move(table.dropped));
    }
  }
  return found;
}

/// Locks come before the newest pointer is read; in the order of OIDs, as every transaction takes
/// them.
void LockAll(const ChangedTables& tables) {
  std::vector<Oid> oids;
  for (const ChangedTable& change : tables.changed) oids.push_back(change.table_oid);
  for (const auto& [oid, pointer] : tables.dropped) oids.push_back(oid);
  std::ranges::sort(oids);
  for (const Oid oid : oids) LockPointer(oid);
}

lake::DroppedTable Describe(const Pointer& pointer) {
  return {.place = {.table_oid = pointer.table_oid,
                    .table_uuid = pointer.table_uuid,
                    .location = pointer.location},
          .metadata_location = pointer.metadata_location};
}

/// A dropped table is locked exclusively by its DROP: nobody commits to it any more, so its newest
/// pointer needs no lock.
void SendPrepare(LakeTransaction& transaction, ChangedTables& tables) {
  lake::Prepare prepare;
  prepare.transaction = transaction.key();
  for (ChangedTable& change : tables.changed) prepare.tables.push_back(change.prepare);
  EngineClient& client = EngineClient::Get();
  for (auto& [oid, captured] : tables.dropped) {
    auto pointer = ReadNewestPointer(oid);
    if (!pointer) pointer = captured;
    // The files of a table that is another's are not ours to delete.
    if (pointer && IsOwnPointer(*pointer, client.node()))
      prepare.dropped.push_back(Describe(*pointer));
  }
  if (prepare.tables.empty() && prepare.dropped.empty()) return;
  transaction.engine_knows = true;
  (void)client.CallMessage(lake::MessageType::kPrepare, prepare);
}

bool SameIds(const std::vector<AttributeIds>& a, const std::vector<AttributeIds>& b) {
  return std::ranges::equal(a, b, [](const AttributeIds& x, const AttributeIds& y) {
    return x.attnum == y.attnum && x.ids == y.ids && x.type == y.type;
  });
}

void PublishTable(const ChangedTable& change, const lake::CommittedTable& committed,
                  const std::optional<Pointer>& base, uint64_t xid) {
  Pointer next;
  if (base) {
    next = *base;
  } else {
    next.table_oid = change.table_oid;
    next.table_uuid = change.prepare.place.table_uuid;
    next.database_oid = MyDatabaseId;
    next.node = EngineClient::Get().node();
  }
  next.location = committed.location;
  if (committed.metadata_location != next.metadata_location) {
    next.MoveTo(committed.metadata_location, committed.snapshot_id, committed.sequence_number, xid);
  }
  if (change.carried) {
    next.carried_relfilenumbers.push_back(next.relfilenumber);
  } else if (next.relfilenumber != change.relfilenumber) {
    next.carried_relfilenumbers.clear();
  }
  next.relfilenumber = change.relfilenumber;
  next.field_ids = change.field_ids;
  next.last_column_id = change.prepare.last_column_id;
  if (!base) {
    InsertPointer(next);
    return;
  }
  const bool same = next.metadata_location == base->metadata_location &&
                    next.location == base->location && next.relfilenumber == base->relfilenumber &&
                    next.last_column_id == base->last_column_id &&
                    SameIds(next.field_ids, base->field_ids);
  if (!same) UpdatePointer(next);
}

/// Serializable readers of the tables who started before this transaction's rows became theirs to
/// see. After the pointers were written: a reader either has its lock by now, or finds the new
/// pointer (pointer.cc).
void CheckReaders(const std::vector<ChangedTable>& changed) {
  for (const ChangedTable& change : changed) {
    OpenRelation relation(change.table_oid);
    if (relation.get() == nullptr) continue;
    Pg([&] { CheckForSerializableConflictIn(relation.get(), nullptr, InvalidBlockNumber); });
  }
}

void Publish(LakeTransaction& transaction, ChangedTables& tables) {
  lake::Commit commit;
  commit.transaction = transaction.key();
  std::vector<std::optional<Pointer>> bases;
  for (const ChangedTable& change : tables.changed) {
    auto base = ReadBasePointer(change.table_oid);
    commit.tables.push_back({.table_oid = change.table_oid,
                             .base_metadata_location = base ? base->metadata_location : ""});
    bases.push_back(std::move(base));
  }
  if (!commit.tables.empty()) {
    const auto answer = EngineClient::Get().Ask<lake::CommitOk>(lake::MessageType::kCommit, commit);
    if (answer.tables.size() != commit.tables.size()) {
      throw LakeError(
          Error{ErrorKind::kInternal, "unexpected answer of the lake engine to Commit", {}, {}});
    }
    for (size_t i = 0; i < bases.size(); ++i) {
      const auto committed = std::ranges::find(answer.tables, tables.changed[i].table_oid,
                                               &lake::CommittedTable::table_oid);
      if (committed == answer.tables.end()) {
        throw LakeError(Error{ErrorKind::kInternal,
                              "a table is missing in the lake engine's answer to Commit",
                              {},
                              {}});
      }
      PublishTable(tables.changed[i], *committed, bases[i], commit.transaction.full_xid);
    }
  }
  for (const auto& [oid, captured] : tables.dropped) {
    const auto pointer = ReadNewestPointer(oid);
    if (pointer) DeletePointer(*pointer);
  }
  CheckReaders(tables.changed);
}

/// Of tables whose pointer row this transaction made ours. What fails after this leaves the table
/// read-only on both sides until one adopts it (docs/internals/commit-protocol.md).
void TakeAdopted(LakeTransaction& transaction) {
  for (const auto& [table_oid, table] : transaction.tables()) {
    if (table.adopted_in == InvalidSubTransactionId) continue;
    EngineClient& client = EngineClient::Get();
    const auto pointer = ReadNewestPointer(table_oid);
    if (!pointer || !IsOwnPointer(*pointer, client.node())) continue;
    (void)client.CallMessage(lake::MessageType::kAdoptTable,
                             lake::AdoptTable{.place = {.table_oid = table_oid,
                                                        .table_uuid = pointer->table_uuid,
                                                        .location = pointer->location}});
  }
}

/// Of tables whose metadata is another than before the transaction: their pointer row carries its
/// id.
void NotifyOfChanges(LakeTransaction& transaction) {
  if (!settings().notify_commits || !transaction.has_key()) return;
  for (const auto& [table_oid, table] : transaction.tables()) {
    const auto pointer = ReadNewestPointer(table_oid);
    if (pointer && pointer->committed_xid == transaction.key().full_xid) NotifyCommit(*pointer);
  }
}

}  // namespace

void RefusePreparedAdoption() {
  LakeTransaction* transaction = LakeTransaction::Find();
  if (transaction == nullptr) return;
  for (const auto& [table_oid, table] : transaction->tables()) {
    if (table.adopted_in == InvalidSubTransactionId) continue;
    throw LakeError(Error{ErrorKind::kUnsupported,
                          "cannot PREPARE a transaction that has adopted a lake table",
                          {},
                          "Adopt it in a transaction of its own."});
  }
}

void CommitLakeTables(bool prepares) {
  LakeTransaction* transaction = LakeTransaction::Find();
  if (transaction == nullptr) return;
  // Catalogs are read as they are now, with the transaction's own last commands.
  Pg([] {
    PushActiveSnapshot(GetTransactionSnapshot());
    CommandCounterIncrement();
    RestoreMissingValues();
  });
  SettleOutsideUpdates(*transaction);
  ChangedTables tables = FindChanges(*transaction);
  if (!tables.changed.empty() || !tables.dropped.empty()) {
    SendPrepare(*transaction, tables);
    LockAll(tables);
    Publish(*transaction, tables);
  }
  TakeAdopted(*transaction);
  if (!prepares) NotifyOfChanges(*transaction);
  Pg([] { PopActiveSnapshot(); });
}

}  // namespace tarn::extension
