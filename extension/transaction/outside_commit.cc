// SPDX-License-Identifier: Apache-2.0
#include "transaction/outside_commit.h"

#include <algorithm>

#include "boundary/guard.h"
#include "definition/format_version.h"
#include "definition/location.h"
#include "definition/outside_access.h"
#include "definition/outside_schema.h"
#include "definition/settings.h"
#include "lake/wire_update.h"
#include "process/engine_client.h"
#include "transaction/lake_transaction.h"
#include "transaction/pending.h"

extern "C" {
#include <access/relation.h>
#include <access/xact.h>
#include <catalog/pg_authid.h>
#include <storage/predicate.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
#include <utils/snapmgr.h>
}

namespace tarn::extension {
namespace {

std::string NameOf(Oid table_oid) {
  const char* name = Pg([&] { return get_rel_name(table_oid); });
  return name != nullptr ? name : fmt::format("{}", table_oid);
}

[[noreturn]] void RefuseInTransaction(Oid table_oid, const char* what) {
  throw LakeError(
      Error{ErrorKind::kUnsupported,
            fmt::format("lake table \"{}\" was {} in this transaction", NameOf(table_oid), what),
            "A commit of another writer starts from metadata, which tells of this at commit only.",
            "Commit first."});
}

/// What a transaction with a snapshot of its own does not see must not come with its own changes.
void CheckSeen(const Pointer& newest) {
  if (!Pg([] { return IsolationUsesXactSnapshot(); })) return;
  Snapshot snapshot = Pg([] { return GetTransactionSnapshot(); });
  const auto seen = ReadPointer(newest.table_oid, snapshot);
  ItemPointerData tid = newest.tid;
  if (seen && ItemPointerEquals(const_cast<ItemPointerData*>(&seen->tid), &tid)) return;
  throw LakeError(
      Error{ErrorKind::kConflict, "could not serialize access due to concurrent update", {}, {}});
}

/// The newest state that a commit may start from. REQUIRES: the pointer's lock.
Pointer BaseOf(Oid table_oid) {
  const auto pointer = ReadBasePointer(table_oid);
  if (!pointer) RefuseInTransaction(table_oid, "made");
  const RelFileNumber present = Pg([&] {
    Relation relation = relation_open(table_oid, NoLock);
    const RelFileNumber number = relation->rd_locator.relNumber;
    relation_close(relation, NoLock);
    return number;
  });
  if (CommittedStorage(present) != pointer->relfilenumber) {
    RefuseInTransaction(table_oid, "truncated or rewritten");
  }
  CheckSeen(*pointer);
  return *pointer;
}

/// Only who may read and delete files of the server may make them a table's, which deletes them.
std::vector<std::string> AllowedPrefixes() {
  const bool may_take = Pg([] {
    return has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES) &&
           has_privs_of_role(GetUserId(), ROLE_PG_WRITE_SERVER_FILES);
  });
  const char* allowed = settings().allowed_locations;
  if (!may_take || allowed == nullptr) return {};
  return Check(ParseAllowedLocations(allowed));
}

/// Ids of the columns that PostgreSQL knows to have no nulls, whatever the metadata says of them.
std::vector<FieldId> NotNullFields(const Pointer& pointer) {
  std::vector<FieldId> fields;
  Relation relation = Pg([&] { return relation_open(pointer.table_oid, NoLock); });
  TupleDesc descriptor = RelationGetDescr(relation);
  for (int i = 0; i < descriptor->natts; ++i) {
    const FormData_pg_attribute& attribute = *TupleDescAttr(descriptor, i);
    const AttributeIds* ids = pointer.FindAttribute(attribute.attnum);
    if (attribute.attnotnull && !attribute.attisdropped && ids != nullptr) {
      fields.emplace_back(ids->ids.front());
    }
  }
  Pg([&] { relation_close(relation, NoLock); });
  return fields;
}

lake::UpdateOk Ask(LakeTransaction& transaction, const std::vector<OutsideChange>& changes,
                   const std::vector<Pointer>& bases) {
  lake::Update update;
  update.transaction = transaction.key();
  update.allowed_prefixes = AllowedPrefixes();
  for (size_t i = 0; i < changes.size(); ++i) {
    update.tables.push_back({.place = transaction.PlaceOf(changes[i].table_oid, bases[i]),
                             .base_metadata_location = bases[i].metadata_location,
                             .requirements = changes[i].requirements,
                             .updates = changes[i].updates,
                             .not_null = NotNullFields(bases[i])});
  }
  transaction.engine_knows = true;
  auto answer = EngineClient::Get().Ask<lake::UpdateOk>(lake::MessageType::kUpdate, update);
  if (answer.tables.size() != changes.size()) {
    throw LakeError(
        Error{ErrorKind::kInternal, "unexpected answer of the lake engine to Update", {}, {}});
  }
  return answer;
}

/// The pointer row is this transaction's own version from here on: its later commands see it.
void TakeOver(LakeTransaction& transaction, Pointer next, const lake::UpdatedTable& updated) {
  const Oid table_oid = next.table_oid;
  transaction.Table(table_oid).updates.push_back({.base = next.metadata_location,
                                                  .metadata_location = updated.metadata_location,
                                                  .subtransaction = GetCurrentSubTransactionId()});
  transaction.Table(table_oid).ids.Skip(updated.last_column_id);
  FollowSchema(next, updated);
  next.MoveTo(updated.metadata_location, updated.snapshot_id, updated.sequence_number,
              transaction.key().full_xid);
  next.last_column_id = updated.last_column_id;
  UpdatePointer(next);
  Pg([&] {
    CommandCounterIncrement();
    // What the table has, a dump shall tell.
    if (updated.format_version > 2) StoreFormatVersion(table_oid, updated.format_version);
    Relation relation = relation_open(table_oid, NoLock);
    CheckForSerializableConflictIn(relation, nullptr, InvalidBlockNumber);
    relation_close(relation, NoLock);
  });
}

}  // namespace

std::vector<std::string> CommitFromOutside(const std::vector<OutsideChange>& changes) {
  LakeTransaction& transaction = LakeTransaction::Current();
  for (const OutsideChange& change : changes) LockPointer(change.table_oid);
  std::vector<Pointer> bases;
  for (const OutsideChange& change : changes) bases.push_back(BaseOf(change.table_oid));
  const lake::UpdateOk answer = Ask(transaction, changes, bases);
  std::vector<std::string> locations;
  for (size_t i = 0; i < changes.size(); ++i) {
    const lake::UpdatedTable& updated = answer.tables[i];
    Pg([&] {
      CheckMayCommit(changes[i].table_oid, updated.is_only_rows, updated.adds_rows,
                     updated.removes_rows);
    });
    locations.push_back(updated.metadata_location);
    if (updated.metadata_location == bases[i].metadata_location) continue;
    TakeOver(transaction, std::move(bases[i]), updated);
  }
  return locations;
}

void SettleOutsideUpdates(LakeTransaction& transaction) {
  lake::SettleUpdates settle;
  for (const auto& [table_oid, table] : transaction.tables()) {
    if (table.updates.empty()) continue;
    lake::SettledTable settled;
    for (const OutsideUpdate& update : table.updates) {
      if (update.rolled_back) {
        settled.discarded.push_back(update.metadata_location);
        continue;
      }
      if (settled.states.empty()) settled.states.push_back(update.base);
      settled.states.push_back(update.metadata_location);
    }
    auto pointer = ReadNewestPointer(table_oid);
    if (!pointer) pointer = table.dropped;
    if (!pointer) continue;
    settled.place = {
        .table_oid = table_oid, .table_uuid = pointer->table_uuid, .location = pointer->location};
    settle.tables.push_back(std::move(settled));
  }
  if (settle.tables.empty()) return;
  settle.transaction = transaction.key();
  transaction.engine_knows = true;
  (void)EngineClient::Get().CallMessage(lake::MessageType::kSettleUpdates, settle);
}

}  // namespace tarn::extension
