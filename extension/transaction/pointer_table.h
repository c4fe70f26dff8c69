// SPDX-License-Identifier: Apache-2.0
// tarn.tables, the table of pointer rows: where it is, and its columns. C-like: no C++ objects,
// everything may ereport.
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

enum PointerColumn {
  kTableOid = 1,
  kTableUuid,
  kLocation,
  kMetadataLocation,
  kPreviousMetadataLocation,
  kDatabaseOid,
  kNode,
  kRelfilenumber,
  kCarriedRelfilenumbers,
  kFieldIds,
  kFieldTypes,
  kLastColumnId,
  kSnapshotId,
  kSequenceNumber,
  kCommittedXid,
  kColumnsEnd
};
inline constexpr int kPointerColumns = kColumnsEnd - 1;

/// OID of the pointer table: the member of the extension of this name that belongs to the bootstrap
/// superuser, as the extension's script made it, in whatever schema. InvalidOid where the extension
/// is not installed. An error where it is installed, but the table cannot be found, or its columns
/// are not those that this library reads and writes: then nothing can be said of any lake table.
Oid RequirePointerTable();

/// The same without errors, for what runs while the extension is made, updated or dropped:
/// InvalidOid if it is not there (any more), and while a script of the extension runs. Its columns
/// may be others.
Oid FindPointerTable();

/// Its unique index over table_oid; InvalidOid while the extension is dropped, index first.
Oid PointerIndex(Relation pointer_table);

}  // namespace tarn::extension
