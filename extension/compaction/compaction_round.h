// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tarn::extension {

/// Looks at the tables of this database that are due, or at all of them, and rewrites what is worth
/// it, each rewrite in a transaction of its own; what fails is logged, and tried another time. Ends
/// when the round's bytes are used up. REQUIRES: a worker's process, outside a transaction.
void RunCompactionRound(bool all_tables);

/// The database does not want to be compacted: it is left alone until somebody writes again.
void DeclineCompaction();

}  // namespace tarn::extension
