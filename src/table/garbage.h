// SPDX-License-Identifier: Apache-2.0
// Deleting what committed writers made superfluous (docs/internals/commit-protocol.md, "Deleting
// what nobody needs any more").
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

struct GarbageCollected {
  int64_t files = 0;    ///< deleted
  int64_t waiting = 0;  ///< writers whose garbage may not go yet
};

/// Asked before each deletion; an error (Cancelled) ends the run.
using MayGoOn = std::function<Result<>()>;

/// Deletes what is due: files of drops and of expired snapshots whose writer committed, whom no
/// reader can still see (WriterFates::IsBeyondReaders), and which are past the safe age. One run at
/// a time per process; a second caller waits. What can't be deleted now is tried again the next
/// time.
Result<GarbageCollected> CollectGarbage(const TableContext& context, WriterFates& fates,
                                        int64_t safe_age_ms, const MayGoOn& may_go_on);

}  // namespace tarn::table
