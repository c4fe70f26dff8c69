// SPDX-License-Identifier: Apache-2.0
// Deleting what committed writers made superfluous (docs/internals/commit-protocol.md, "Deleting
// what nobody needs any more").
#pragma once

#include <cstdint>

#include "base/result.h"
#include "table/file_removal.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

/// How long after a commit what it made superfluous stays, beyond what readers and pins ask for.
struct SafeAges {
  int64_t files_ms = 0;  ///< data files, manifests and their lists
  /// Metadata files that fell out of the table's log: nobody reads on in one.
  int64_t metadata_ms = 0;
};

struct GarbageCollected {
  int64_t files = 0;    ///< deleted
  int64_t waiting = 0;  ///< batches of the journal that are not done
};

/// Deletes what is due: files of drops and of expired snapshots of the issuer's writers, which no
/// reader can still see (WriterFates::IsBeyondReaders), no pin holds (table/pins.h), and which are
/// past the safe age. One run at a time per process; a second caller waits. What can't be deleted
/// now is tried again the next time.
Result<GarbageCollected> CollectGarbage(const TableContext& context, WriterFates& fates,
                                        const SafeAges& ages, const MayGoOn& may_go_on);

}  // namespace tarn::table
