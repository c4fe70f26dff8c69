// SPDX-License-Identifier: Apache-2.0
// Rows by TID: triggers, SELECT FOR UPDATE, WHERE ctid = …
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

/// Stores the row with this TID in `slot` (materialised); false if `snapshot` sees none. A non-MVCC
/// snapshot sees all own rows that are not rolled back, and committed rows as the active snapshot
/// does. Neighbours are kept for the calls to come.
bool FetchRow(Relation relation, const ItemPointerData& tid, Snapshot snapshot,
              TupleTableSlot* slot);

/// The transaction is over.
void ForgetFetchedRows();

}  // namespace tarn::extension
