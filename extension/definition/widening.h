// SPDX-License-Identifier: Apache-2.0
// ALTER COLUMN TYPE to a wider type whose values the data files hold as they are: smallint to
// integer, both an Iceberg int, integer to bigint and real to double precision, which the
// specification calls promotions. PostgreSQL copies all rows into a new storage generation; of a
// lake table the files stay, and the new generation takes over their rows.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/parsenodes.h>
}

namespace tarn::extension {

/// The table that an ALTER TABLE only widens, if its files can stay; InvalidOid otherwise. To be
/// called before the statement runs. May ereport.
Oid FindWidenedTable(const AlterTableStmt* statement);

/// While set, the rows that PostgreSQL copies into the table's new storage are not written.
/// InvalidOid: for no table.
void SetWidenedTable(Oid table);

/// True if `relation` is the new storage of the widened table. The row that is about to be inserted
/// is one of those that it takes over. Throws.
bool TakesOverRows(Relation relation);

}  // namespace tarn::extension
