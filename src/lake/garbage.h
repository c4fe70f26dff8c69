// SPDX-License-Identifier: Apache-2.0
// Deleting what committed transactions made superfluous (docs/internals/commit-protocol.md,
// "Deleting what nobody needs any more").
#pragma once

#include "base/result.h"
#include "lake/lake_context.h"
#include "lake/request_guard.h"
#include "lake/wire.h"

namespace tarn::lake {

/// One at a time per process; a second caller waits. What can't be deleted now is tried again the
/// next time.
Result<GarbageCollected> RunGarbageCollection(LakeContext& lake,
                                              const lake::CollectGarbage& message,
                                              RequestGuard& request);

}  // namespace tarn::lake
