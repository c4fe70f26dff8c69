// SPDX-License-Identifier: Apache-2.0
// Transactions whose end nobody reported: which they are, and what happens when PostgreSQL knows
// their fate (docs/internals/commit-protocol.md, "When a process dies").
#pragma once

#include "base/result.h"
#include "lake/lake_context.h"
#include "lake/session_registry.h"
#include "lake/wire.h"

namespace tarn::lake {

/// Journalled transactions whose end is not known. Also writes down commits that are old enough.
Result<Transactions> ListOpenTransactions(LakeContext& lake, const SessionRegistry& registry);

/// Aborted: every file that carries the UUID goes. Committed: those that the table's metadata does
/// not reach go. Transactions of connected sessions are left to them. Goes on after a failure; the
/// first is returned, and its transaction stays open.
Result<> Resolve(LakeContext& lake, const SessionRegistry& registry,
                 const ResolveTransactions& message);

}  // namespace tarn::lake
