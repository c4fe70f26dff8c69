// SPDX-License-Identifier: Apache-2.0
// Which relations are lake tables.
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

/// The access method `iceberg`. It is known by its handler, never by its name: anybody's may be
/// called so.
const TableAmRoutine* LakeTableAm();

inline bool IsLakeRelation(Relation relation) { return relation->rd_tableam == LakeTableAm(); }

/// True if the database has an access method of ours. May ereport.
bool HasLakeAm();
/// True if the handler of the access method is ours. May ereport.
bool IsLakeAm(Oid access_method);
/// True for tables and materialised views of the access method (partitioned tables have no rows of
/// their own). May ereport.
bool IsLakeTable(Oid relation);

}  // namespace tarn::extension
