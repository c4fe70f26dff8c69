// SPDX-License-Identifier: Apache-2.0
// Which databases get a compaction worker next. State of the launcher, which alone calls this. No
// C++ objects outlive a call; everything may ereport.
#pragma once

namespace tarn::extension {

/// The engine is a new one, and knows of no commits: every database is to be looked at once.
void ForgetCompactionVisits();

/// Asks the engine which databases have tables that are due.
void FindDatabasesToCompact();

/// Starts workers in these databases, in turn, as far as tarn.compaction_workers allows. A worker's
/// end sets this process's latch: then the next one has its turn.
void StartCompactionWorkers();

}  // namespace tarn::extension
