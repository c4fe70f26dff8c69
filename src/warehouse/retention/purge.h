// SPDX-License-Identifier: Apache-2.0
// The end of what was dropped: when nothing can bring it back, its objects are erased and files of
// its tables go, by the journal, so that neither a crash nor a reader meets half of it.
#pragma once

#include "table/file_removal.h"
#include "table/journal.h"
#include "warehouse/session/account.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Erases objects whose retention is over, and deletes what nobody reads any more of their tables:
/// files that the last metadata reaches and that lie below the table's location. Files stay where
/// another table has a place in common with it. What cannot be deleted now is tried again by the
/// next call, of whatever process.
Result<> PurgeDroppedObjects(Account& account, const table::MayGoOn& may_go_on);

/// To be asked in the transaction that gives a table its place: Conflict where files of a dropped
/// one are being deleted.
StatementResult<> RefuseDyingPlace(const table::Journal& journal, std::string_view location);

}  // namespace tarn::warehouse
