// SPDX-License-Identifier: Apache-2.0
// One run of the server: from one recovery to the next. A transaction id that a run gave and never
// flushed is given again by the next, so "committed" may be said of another transaction; the run
// that a transaction belongs to tells them apart. The file tarn/runs in the data directory
// remembers the runs, so that several crashes in a row are told apart, too.
#pragma once

#include <cstdint>

#include "base/uuid.h"

namespace tarn::extension {

/// Reserves shared memory. REQUIRES: called from _PG_init while shared_preload_libraries are
/// loaded.
void InstallServerRun();

/// A UUID (version 8: random, and a tag of the run) for a transaction of this run.
Uuid NewTransactionUuid();
/// True if the UUID was made in this run.
bool IsOfThisRun(const Uuid& transaction);

/// Writes this run down, once: before a client of it can commit, and before anybody's fate is asked
/// for. Nothing happens in recovery. What can't be written is logged, and tried again by the next
/// call. May ereport.
void RecordServerRun();

/// Transaction ids below this were known to PostgreSQL when the run after the transaction's own
/// began; one that is not below it was lost with its run. May be too high, never too low. REQUIRES:
/// not in recovery, and not of this run. May ereport.
uint64_t FirstXidAfterRunOf(const Uuid& transaction);

}  // namespace tarn::extension
