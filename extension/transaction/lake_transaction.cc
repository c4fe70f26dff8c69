// SPDX-License-Identifier: Apache-2.0
#include "transaction/lake_transaction.h"

#include "boundary/guard.h"
#include "definition/location.h"
#include "definition/privileges.h"
#include "definition/settings.h"
#include "process/engine_client.h"
#include "process/server_run.h"
#include "transaction/parallel_workers.h"
#include "transaction/pending.h"

extern "C" {
#include <access/transam.h>
#include <commands/dbcommands.h>
#include <utils/lsyscache.h>
}

namespace tarn::extension {
namespace {

std::unique_ptr<LakeTransaction> g_transaction;

std::string TableName(Oid table_oid) {
  const char* name = Pg([&] { return get_rel_name(table_oid); });
  return name != nullptr ? name : fmt::format("{}", table_oid);
}

std::string NewLocation(Oid table_oid, const std::string& prefix) {
  struct Names {
    const char *database, *schema, *table;
  };
  const Names names = Pg([&] {
    return Names{get_database_name(MyDatabaseId), get_namespace_name(get_rel_namespace(table_oid)),
                 get_rel_name(table_oid)};
  });
  return TableLocation(prefix, names.database != nullptr ? names.database : "",
                       names.schema != nullptr ? names.schema : "",
                       names.table != nullptr ? names.table : "", table_oid);
}

std::string_view TextOf(const char* setting) { return setting != nullptr ? setting : ""; }

/// The engine lets only the owner of the location write, and that is this database only at the end.
[[noreturn]] void RefuseChangeOfAdopted(const std::string& table_name) {
  throw LakeError(
      Error{ErrorKind::kUnsupported,
            fmt::format("lake table \"{}\" cannot be changed in the transaction that adopts it",
                        table_name),
            {},
            "Commit first."});
}

}  // namespace

Oid LogicalTable(Relation relation) {
  return OidIsValid(relation->rd_rel->relrewrite) ? relation->rd_rel->relrewrite
                                                  : RelationGetRelid(relation);
}

void RequireOwnPointer(const Pointer& pointer, const std::string& table_name) {
  if (IsOwnPointer(pointer, EngineClient::Get().node())) return;
  throw LakeError(Error{
      ErrorKind::kPermissionDenied, fmt::format("lake table \"{}\" is read-only here", table_name),
      fmt::format("Its location \"{}\" belongs to the database that this one was copied from.",
                  pointer.location),
      "If nothing writes to it there any more, run SELECT tarn.adopt_table(...) as its owner."});
}

std::string ChooseLocationPrefix(const char* table_name) {
  Pg([&] { CheckMayPlaceTable(table_name); });
  std::string prefix(TextOf(settings().default_location_prefix));
  if (!IsAllowedLocation(prefix, TextOf(settings().allowed_locations))) {
    throw LakeError(Error{
        ErrorKind::kPermissionDenied,
        fmt::format("location \"{}\" is outside the allowed locations", prefix),
        {},
        "Set pg_lake_iceberg.default_location_prefix to a bucket, or have the prefix added to "
        "tarn.allowed_locations."});
  }
  const std::string_view permitted = TextOf(settings().table_locations);
  if (!IsTableLocation(prefix, permitted)) {
    throw LakeError(
        Error{ErrorKind::kPermissionDenied,
              fmt::format("table \"{}\" may not be placed at \"{}\"", table_name, prefix),
              fmt::format("The setting tarn.table_locations permits {}.", permitted),
              "Set pg_lake_iceberg.default_location_prefix to one of these prefixes."});
  }
  return prefix;
}

void RefuseRowsWithoutColumns(const std::string& table_name) {
  throw LakeError(Error{
      ErrorKind::kUnsupported,
      fmt::format("lake table \"{}\" has no columns, so rows cannot be written to it", table_name),
      "A data file holds rows as values of columns.", "Add a column first."});
}

LakeTransaction& LakeTransaction::Current() {
  if (g_transaction == nullptr) {
    g_transaction = std::make_unique<LakeTransaction>();
    NoteLakeChanges(true);
  }
  return *g_transaction;
}

LakeTransaction* LakeTransaction::Find() { return g_transaction.get(); }

void LakeTransaction::Destroy() {
  g_transaction.reset();
  NoteLakeChanges(false);
}

const lake::TransactionKey& LakeTransaction::key() {
  if (!key_) {
    const uint64_t xid = Pg([] { return U64FromFullTransactionId(GetTopFullTransactionId()); });
    key_ = lake::TransactionKey{
        .uuid = NewTransactionUuid(), .full_xid = xid, .database_oid = MyDatabaseId};
  }
  return *key_;
}

lake::TablePlace LakeTransaction::PlaceOf(Oid table_oid, const std::optional<Pointer>& base) {
  if (base) {
    RequireOwnPointer(*base, TableName(table_oid));
    if (Table(table_oid).adopted_in != InvalidSubTransactionId)
      RefuseChangeOfAdopted(TableName(table_oid));
    return {.table_oid = table_oid, .table_uuid = base->table_uuid, .location = base->location};
  }
  TouchedTable& table = Table(table_oid);
  if (!table.made) ThrowMissingPointer(TableName(table_oid));
  if (table.new_uuid.is_nil()) {
    table.new_location = NewLocation(table_oid, table.location_prefix);
    table.new_uuid = Uuid::Random();
  }
  return {.table_oid = table_oid,
          .table_uuid = table.new_uuid,
          .location = table.new_location,
          .create = true};
}

WriteStorage* LakeTransaction::FindStorage(uint64_t key) {
  const auto found = storages_.find(key);
  return found == storages_.end() ? nullptr : &found->second;
}

WriteStorage& LakeTransaction::StorageFor(Relation relation) {
  const uint64_t storage_key = StorageKey(relation);
  WriteStorage* storage = FindStorage(storage_key);
  if (storage != nullptr && storage->FitsRelation(relation)) return *storage;

  Pg([&] { CheckWriteInWorker(relation); });
  const Oid table_oid = LogicalTable(relation);
  const auto base = ReadBasePointer(table_oid);
  (void)key();
  // Connects, too: a statement that cannot be finished fails here and not at commit.
  EngineClient::Get().Connect();
  const lake::TablePlace place = PlaceOf(table_oid, base);
  auto fields = Table(table_oid).ids.Fields(base ? &*base : nullptr, RelationGetDescr(relation),
                                            GetCurrentSubTransactionId());
  if (fields.empty()) RefuseRowsWithoutColumns(TableName(table_oid));
  if (storage == nullptr) {
    storage = &storages_
                   .try_emplace(storage_key, storage_key, table_oid,
                                OidIsValid(relation->rd_rel->relrewrite)
                                    ? TableName(table_oid)
                                    : RelationGetRelationName(relation))
                   .first->second;
  } else {
    SendPacked(*storage);
  }
  storage->CheckNotLost();
  storage->SetColumns(relation, std::move(fields));
  return *storage;
}

void LakeTransaction::SendPacked(WriteStorage& storage) {
  if (!storage.has_packed_rows()) return;
  engine_knows = true;
  storage.SendPacked(key(), PlaceOf(storage.table_oid(), ReadBasePointer(storage.table_oid())));
}

void LakeTransaction::SubtransactionCommitted(SubTransactionId child, SubTransactionId parent) {
  for (auto& [key, storage] : storages_) storage.segments().SubtransactionCommitted(child, parent);
  for (auto& [oid, table] : tables_) {
    table.ids.SubtransactionCommitted(child, parent);
    if (table.adopted_in == child) table.adopted_in = parent;
    for (OutsideUpdate& update : table.updates) {
      if (update.subtransaction == child) update.subtransaction = parent;
    }
  }
}

void LakeTransaction::SubtransactionAborted(SubTransactionId child) {
  for (auto& [key, storage] : storages_) storage.segments().SubtransactionAborted(child);
  for (auto& [oid, table] : tables_) {
    if (table.ids.SubtransactionAborted(child)) {
      for (auto& [key, storage] : storages_) {
        if (storage.table_oid() == oid) storage.ForgetColumns();
      }
    }
    if (table.adopted_in == child) table.adopted_in = InvalidSubTransactionId;
    for (OutsideUpdate& update : table.updates) {
      if (update.subtransaction == child) update.rolled_back = true;
    }
  }
}

}  // namespace tarn::extension
