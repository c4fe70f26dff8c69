// SPDX-License-Identifier: Apache-2.0
// Logical replication decodes what is in the write-ahead log; the rows of lake tables are not. So
// lake tables are in no publication. C-like: no C++ objects, everything may ereport.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/parsenodes.h>
}

namespace tarn::extension {

/// After CREATE or ALTER PUBLICATION: refuses lake tables in it, named, of a named schema, or
/// partitions. FOR ALL TABLES is accepted: it leaves them out, with a notice.
void CheckPublication(const char* name);

/// After a statement that may have made the relation a lake table, or moved it: refuses if it, or a
/// lake table below it, is in a publication of tables or schemas.
void CheckNotPublished(Oid relation);

/// In a connection of logical replication, COPY is the first copy of a published table, whose
/// changes would never follow.
void CheckReplicationCopy(Oid relation);

/// True if the statement truncates a lake table while the log is kept for logical decoding.
bool TruncatesLakeTable(const TruncateStmt* statement);
/// TRUNCATE that logical decoding hears nothing of as to lake tables: no row of theirs was ever in
/// it. All else is as PostgreSQL does it, privileges and locks included.
void TruncateUndecoded(const TruncateStmt* statement);

}  // namespace tarn::extension
