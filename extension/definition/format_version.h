// SPDX-License-Identifier: Apache-2.0
// WITH (format_version = 2 | 3): the version of the Iceberg format that a lake table is written in,
// at least. PostgreSQL has no parameters for tables of other access methods, so the statement's is
// taken out, and stored among the relation's parameters afterwards, where pg_dump finds it.
// C-like: no C++ objects, everything may ereport.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/parsenodes.h>
#include <nodes/pg_list.h>
}

namespace tarn::extension {

/// Takes the parameter out of a list of DefElem, and returns its value; 0 if it is not there. An
/// error for versions that are not written.
int TakeFormatVersion(List** options);

/// As stored; 0 if it is not.
int StoredFormatVersion(Oid relation);
/// 0: takes it away. REQUIRES: a lock that ALTER TABLE ... SET takes, or a relation of this
/// transaction.
void StoreFormatVersion(Oid relation, int version);

/// ALTER TABLE with parameters: PostgreSQL would find fault with the stored one, so it is away
/// while the statement runs.
struct FormatVersionChange {
  Oid relation = InvalidOid;  ///< InvalidOid: nothing to put back
  int version = 0;            ///< to be stored afterwards
};
/// Before ALTER TABLE of a lake table. Changes the statement. Refuses to go back to an older
/// version.
FormatVersionChange BeginFormatVersionChange(AlterTableStmt* statement, Oid relation);
void EndFormatVersionChange(const FormatVersionChange& change);

}  // namespace tarn::extension
