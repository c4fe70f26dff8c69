// SPDX-License-Identifier: Apache-2.0
// Parameters and clauses of tables that mean something for heaps and nothing for lake tables: an
// option without effect is refused. C-like: no C++ objects, everything may ereport.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/parsenodes.h>
}

namespace tarn::extension {

/// WITH (...), a list of DefElem, and TABLESPACE of CREATE TABLE and its relatives. Parameters of
/// autovacuum have an effect.
void CheckLakeStorageClauses(const List* options, const char* tablespace, const char* table);

/// ALTER TABLE of a lake table.
void CheckLakeAlterClause(const AlterTableCmd* command, const char* table);

/// Columns that say of themselves how a heap shall store them, of a relation that is just made, or
/// is about to become a lake table; those of the parent are its own business.
void CheckLakeColumnClauses(Relation relation);

/// What a heap table that becomes a lake table brings along.
void CheckCarriedOptions(Oid relation);

}  // namespace tarn::extension
