// SPDX-License-Identifier: Apache-2.0
// A rewrite of a lake table's files within the current transaction.
#pragma once

#include "boundary/postgres_headers.h"

#include "lake/wire_maintenance.h"

namespace tarn::extension {

enum class RelationLock {
  kHeld,         ///< the caller has locked the relation against whatever changes its storage
  kConditional,  ///< taken when the files are written; who has a conflicting one goes first
};

/// Rewrites what the pass finds worth it, and publishes it in this transaction, which must have
/// done nothing to lake tables before and does nothing else. Holds no snapshot while the engine
/// works. Nothing happens to a table that is gone, another's, or has nothing to rewrite. Throws
/// LakeError kConflict where others changed what was rewritten; the transaction then aborts.
lake::RewriteOutcome RewriteLakeTable(Oid table_oid, lake::CompactionPass pass,
                                      const lake::RewriteLimits& limits, RelationLock lock);

}  // namespace tarn::extension
