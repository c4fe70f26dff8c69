// SPDX-License-Identifier: Apache-2.0
// A background worker that compacts the lake tables of one database, one round of it, and ends. It
// yields as autovacuum does: whoever waits for a lock of it, or drops the database, ends it.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <postmaster/bgworker.h>
}

namespace tarn::extension {

/// What the launcher tells the worker, beside the database.
struct CompactionErrand {
  bool all_tables;  ///< the engine is new and knows of no commits: every table is looked at
};
static_assert(sizeof(CompactionErrand) <= BGW_EXTRALEN);

/// Starts a worker whose end is signalled to this process; null where no slot is free.
BackgroundWorkerHandle* StartCompactionWorker(Oid database, const CompactionErrand& errand);

/// The worker's life.
void CompactionMain(Oid database);

}  // namespace tarn::extension
