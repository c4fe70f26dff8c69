// SPDX-License-Identifier: Apache-2.0
// Which relations are lake tables.
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

/// The access method `iceberg`.
const TableAmRoutine* LakeTableAm();

inline bool IsLakeRelation(Relation relation) { return relation->rd_tableam == LakeTableAm(); }

/// OID of the access method; InvalidOid where the extension is not installed. May ereport.
Oid LakeAmOid();
/// True for tables and materialised views of the access method (partitioned tables have no rows of
/// their own). May ereport.
bool IsLakeTable(Oid relation);

}  // namespace tarn::extension
