// SPDX-License-Identifier: Apache-2.0
// What a parallel worker must know of its leader: the worker shares the leader's transaction and
// snapshot, but neither its memory nor its connection to the engine, so it cannot see rows and
// definitions that the transaction has not committed.
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

/// Reserves shared memory. REQUIRES: called from _PG_init while shared_preload_libraries are
/// loaded.
void InstallParallelWorkers();

/// Tells the workers of this backend whether its transaction has changed lake tables. Never fails.
void NoteLakeChanges(bool changed);

/// ereports in a parallel worker whose leader has changed lake tables: reading `relation` here
/// would miss what the transaction did.
void CheckReadInWorker(Relation relation);
/// ereports in a parallel worker: rows that it wrote would be nobody's.
void CheckWriteInWorker(Relation relation);

}  // namespace tarn::extension
