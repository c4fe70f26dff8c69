// SPDX-License-Identifier: Apache-2.0
// What columns a lake table may have.
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

/// Type modifier of numeric(38,9).
int32 DefaultNumericTypmod();
/// True for numeric and arrays of it.
bool IsNumericType(Oid type);

/// Called while the relation is made, before its columns enter the catalog: gives unconstrained
/// numeric columns the type numeric(38,9), with a NOTICE. So CREATE TABLE, LIKE, CREATE TABLE AS,
/// SELECT INTO and materialised views are alike. May ereport.
void ConstrainNumericColumns(Relation relation);
/// While set, such columns are refused instead: a child must keep its parent's types.
void RefuseUnconstrainedNumeric(bool refuse);

/// True while CREATE TABLE and its relatives make the relation: it is in no catalog yet, and no
/// transient relation of a rewrite. May ereport.
bool IsNewTable(Relation relation);

/// Refuses columns that Iceberg can't hold, and databases whose text is not UTF-8. May ereport.
void CheckLakeColumns(Relation relation);

}  // namespace tarn::extension
