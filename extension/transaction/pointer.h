// SPDX-License-Identifier: Apache-2.0
// The pointer row of a lake table (docs/internals/commit-protocol.md).
#pragma once

#include "boundary/postgres_headers.h"

#include <optional>
#include <string>
#include <vector>

#include "base/uuid.h"

namespace tarn::extension {

/// Ids of one attribute and its nested fields in preorder, and the Iceberg type (TypeText) that
/// they stand for: an attribute whose type has become another is another field.
struct AttributeIds {
  AttrNumber attnum = 0;
  std::vector<int32_t> ids;
  std::string type;
};

struct Pointer {
  Oid table_oid = InvalidOid;
  Uuid table_uuid;
  std::string location;
  std::string metadata_location;
  std::string previous_metadata_location;
  Oid database_oid = InvalidOid;
  Uuid node;
  RelFileNumber relfilenumber = InvalidRelFileNumber;
  std::vector<RelFileNumber> carried_relfilenumbers;
  std::vector<AttributeIds> field_ids;
  int32_t last_column_id = 0;
  std::optional<int64_t> snapshot_id;  ///< that is current
  int64_t sequence_number = 0;         ///< the last one of the table
  uint64_t committed_xid = 0;          ///< of the commit that made the metadata file current
  ItemPointerData tid{};               ///< of the row version

  const AttributeIds* FindAttribute(AttrNumber attnum) const;
  /// Another metadata file is current from the transaction on, whose state the other columns tell.
  void MoveTo(std::string metadata_file, std::optional<int64_t> snapshot, int64_t last_sequence,
              uint64_t xid);
};

/// The row visible to `snapshot`; none if there is none. Throws.
std::optional<Pointer> ReadPointer(Oid table_oid, Snapshot snapshot);
/// The newest committed row, or this transaction's own version. No predicate lock. Under the lock
/// of LockPointer nobody else can write another. None, too, where the extension is gone.
std::optional<Pointer> ReadNewestPointer(Oid table_oid);
/// The same of a table that is to be read or written: none only if this transaction makes it a lake
/// table. Throws kCorruption where a row must be.
std::optional<Pointer> ReadBasePointer(Oid table_oid);
/// All of them, for the extension's end.
std::vector<Pointer> ReadAllPointers();
/// OID of tarn.tables; InvalidOid where the extension is not installed. Throws if it is installed
/// and the table cannot be found (pointer_table.h); so do all that read or write rows.
Oid PointerTableOid();
/// True if this database, on this engine, may write to the table.
bool IsOwnPointer(const Pointer& pointer, const Uuid& node);
/// Takes the lock that serialises commits on this table, held to the end of the transaction.
void LockPointer(Oid table_oid);
void InsertPointer(const Pointer& pointer);
void UpdatePointer(const Pointer& pointer);  ///< REQUIRES: LockPointer, `tid` of the newest version
void DeletePointer(const Pointer& pointer);

/// The rows that a scan of `relation` under `snapshot` may take from the lake: the visible pointer,
/// if it belongs to the relation's present storage generation; none = no committed rows, since the
/// table, or its storage, is younger than the snapshot. Throws kCorruption where there must be a
/// row, under whatever snapshot, and is none. Takes the
/// predicate locks of a serializable transaction on the relation, and checks for writers that
/// `snapshot` does not see.
std::optional<Pointer> ReadPointerForScan(Relation relation, Snapshot snapshot);

/// A table that must have a pointer row has none.
[[noreturn]] void ThrowMissingPointer(const std::string& table_name);

}  // namespace tarn::extension
