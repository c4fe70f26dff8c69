// SPDX-License-Identifier: Apache-2.0
// Who may commit to a lake table from outside, and under which lock. C-like: no C++ objects,
// everything may ereport.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <utils/jsonb.h>
}

namespace tarn::extension {

/// The lock that ALTER TABLE would take for what the updates name: none stronger than INSERT's for
/// rows alone. What is no array of updates is the engine's to refuse.
LOCKMODE LockForUpdates(Jsonb* updates);

/// Opens, checks and closes the relation; its lock stays. Refuses what is no lake table, roles
/// without any right to change it, and roles under row-level security: files pass by its policies.
void LockForCommit(Oid table, LOCKMODE lock);

/// By what the commit was found to do: INSERT for rows that come, DELETE or TRUNCATE for rows that
/// go, the owner's rights for all else. Rows do not come to tables with CHECK constraints or
/// foreign keys, nor to partitions: nobody would check them.
void CheckMayCommit(Oid table, bool only_rows, bool adds_rows, bool removes_rows);

}  // namespace tarn::extension
