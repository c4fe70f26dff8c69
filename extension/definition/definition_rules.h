// SPDX-License-Identifier: Apache-2.0
// What DDL statements may say about lake tables. C-like: no C++ objects, everything may ereport.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <nodes/parsenodes.h>
}

namespace tarn::extension {

/// CREATE TABLE: temporary → heap, refused persistence and constraints. May change the statement.
/// Returns the format version that it asks for, 0 if none.
int ApplyCreateRules(CreateStmt* statement);
/// CREATE TABLE AS, SELECT INTO, CREATE MATERIALIZED VIEW.
int ApplyCreateAsRules(IntoClause* into);
/// Before ALTER TABLE. May change the statement.
void ApplyAlterRules(AlterTableStmt* statement);
/// After ALTER TABLE: the columns of the table and of its children.
void CheckAlteredTable(Oid table_oid);

void CheckIndexStatement(const IndexStmt* statement);

/// Refuses if a column of a lake table holds values of the type, itself or inside another type.
void CheckTypeNotInUse(Oid type, const char* change);
}  // namespace tarn::extension
