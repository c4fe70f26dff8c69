// SPDX-License-Identifier: Apache-2.0
// Deleting what committed writers made superfluous (docs/internals/commit-protocol.md, "Deleting
// what nobody needs any more").
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "iceberg/commit/commit.h"
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

/// What goes with a dropped table.
enum class DroppedFiles : uint8_t {
  kAllReached,
  /// Where others may have written the metadata: what it names elsewhere may not be the table's.
  kBelowLocation,
};

/// The newest state of the table at a location, from whoever publishes it.
using NewestState = std::function<Result<iceberg::LoadedTable>(const std::string& location)>;

/// Deletes what is due: files of drops and of expired snapshots of the issuer's writers, which no
/// reader can still see (WriterFates::IsBeyondReaders), no pin holds (table/pins.h), and which are
/// past the safe age. One run at a time per process; a second caller waits. What can't be deleted
/// now is tried again the next time.
/// Which files are still reached, the metadata of the last commit among the batches tells. Where
/// other journals tell of commits to the same table, too, snapshots of it may have expired since
/// and be gone: `newest` is what tells then which ones must be there. Null: this journal alone.
Result<GarbageCollected> CollectGarbage(const TableContext& context, WriterFates& fates,
                                        const SafeAges& ages, const MayGoOn& may_go_on,
                                        const NewestState& newest = nullptr,
                                        DroppedFiles dropped = DroppedFiles::kAllReached);

}  // namespace tarn::table
