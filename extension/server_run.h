// SPDX-License-Identifier: Apache-2.0
// One run of the server: from one recovery to the next. A transaction id that a run gave and never
// flushed is given again by the next, so "committed" may be said of another transaction; the run
// that a transaction belongs to tells them apart.
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

/// Transaction ids below this were known to PostgreSQL when the run began; an earlier run's id that
/// is not below it was lost. May be too high, never too low. REQUIRES: not in recovery. May
/// ereport.
uint64_t FirstXidOfRun();

}  // namespace tarn::extension
