// SPDX-License-Identifier: Apache-2.0
// What rows from before ADD COLUMN ... DEFAULT have in the new column (pg_attribute.attmissingval).
// VACUUM FULL writes the values into a heap's rows, and forgets them; a lake table's files stay as
// they are, and older snapshots go on reading those without the column.
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

/// Keeps the relation's missing values over the end of the running VACUUM FULL. May ereport.
void KeepMissingValues(Relation relation);
/// Before the transaction commits: puts them back where they were forgotten. May ereport.
void RestoreMissingValues();
/// At the transaction's end.
void ForgetMissingValues();

}  // namespace tarn::extension
