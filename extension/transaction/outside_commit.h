// SPDX-License-Identifier: Apache-2.0
// Commits of other writers within this transaction (docs/internals/commit-protocol.md, "Commits of
// other writers").
#pragma once

#include "boundary/postgres_headers.h"

#include <string>
#include <vector>

namespace tarn::extension {

class LakeTransaction;

/// One table's part: JSON arrays of requirements and updates as the REST specification has them.
/// The relation is locked as the updates need it (definition/outside_access.h), and not open.
struct OutsideChange {
  Oid table_oid = InvalidOid;
  std::string requirements, updates;
};

/// Applies all or none, `changes` in the order of OIDs, and returns the new metadata locations.
/// Takes the pointers' locks, lets PostgreSQL's columns follow, and makes the new states this
/// transaction's own. Throws: Conflict for requirements that do not hold, InvalidArgument for
/// malformed ones, Unsupported for what PostgreSQL cannot follow.
std::vector<std::string> CommitFromOutside(const std::vector<OutsideChange>& changes);

/// Tells the engine which updates are part of the transaction that is about to commit. REQUIRES:
/// called before Prepare. Throws.
void SettleOutsideUpdates(LakeTransaction& transaction);

}  // namespace tarn::extension
