// SPDX-License-Identifier: Apache-2.0
// The one object that holds what the current transaction did to lake tables. Made at the first
// need, destroyed by the callbacks at the transaction's end. It records only; commit_driver.h
// compares it with the catalog at commit.
#pragma once

#include "boundary/postgres_headers.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "definition/table_fields.h"
#include "lake/wire.h"
#include "transaction/pointer.h"
#include "transaction/storages.h"

namespace tarn::extension {

/// A commit of another writer that this transaction applied (outside_commit.h).
struct OutsideUpdate {
  std::string base, metadata_location;
  SubTransactionId subtransaction = InvalidSubTransactionId;
  bool rolled_back = false;
};

/// A lake table as this transaction knows it. Keyed by the OID that it has after a rewrite
/// (pg_class.relrewrite of the transient relation that ALTER TABLE fills).
struct TouchedTable {
  bool altered = false;  ///< DDL: compare it with the catalog even without rows
  /// Where its adoption stands: its location becomes ours when the transaction commits.
  SubTransactionId adopted_in = InvalidSubTransactionId;
  bool made = false;  ///< it became a lake table in this transaction: no pointer row yet
  GivenFieldIds ids;
  Uuid new_uuid;  ///< for a table without a pointer row
  std::string new_location;
  std::string location_prefix;     ///< of a table that is made: as it was set then, and may be used
  std::optional<Pointer> dropped;  ///< its pointer row as it was when it was dropped
  std::vector<OutsideUpdate> updates;
};

class LakeTransaction {
 public:
  /// The current transaction's; made if there is none.
  static LakeTransaction& Current();
  /// The current transaction's, or null.
  static LakeTransaction* Find();
  /// The transaction is over.
  static void Destroy();

  TouchedTable& Table(Oid table_oid) { return tables_[table_oid]; }
  std::map<Oid, TouchedTable>& tables() { return tables_; }
  std::map<uint64_t, WriteStorage>& storages() { return storages_; }
  std::map<RelFileNumber, RelFileNumber>& carried() { return carried_; }

  /// Where rows of the relation go; its columns are the relation's. Refuses tables of others.
  WriteStorage& StorageFor(Relation relation);
  WriteStorage* FindStorage(uint64_t key);
  /// Sends what a storage has packed.
  void SendPacked(WriteStorage& storage);

  /// Takes a transaction id if there is none yet.
  const lake::TransactionKey& key();
  bool has_key() const { return key_.has_value(); }
  /// `base`: the newest pointer row. Throws if the table is another's.
  lake::TablePlace PlaceOf(Oid table_oid, const std::optional<Pointer>& base);

  /// True once the engine was told of the transaction: it must be told its end.
  bool engine_knows = false;

  void SubtransactionCommitted(SubTransactionId child, SubTransactionId parent);
  void SubtransactionAborted(SubTransactionId child);

 private:
  std::map<Oid, TouchedTable> tables_;
  std::map<uint64_t, WriteStorage> storages_;
  std::map<RelFileNumber, RelFileNumber>
      carried_;  ///< new relfilenumber → the one whose rows it holds
  std::optional<lake::TransactionKey> key_;
};

/// The OID that the relation's rows belong to in the end.
Oid LogicalTable(Relation relation);

/// The prefix that a table that is made now goes to. Throws if the role may not place it there.
std::string ChooseLocationPrefix(const char* table_name);

/// The pointer row of a relation that may be another's. Throws.
void RequireOwnPointer(const Pointer& pointer, const std::string& table_name);
/// Throws LakeError kUnsupported.
[[noreturn]] void RefuseRowsWithoutColumns(const std::string& table_name);

}  // namespace tarn::extension
