// SPDX-License-Identifier: Apache-2.0
// Many delete files become one vector or file per data file, for whoever commits: table/commit.h,
// or PostgreSQL under its pointer's lock.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit.h"
#include "table/maintenance/maintenance_run.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

/// Deletes in new files, written durably, committed by nobody yet.
struct PreparedDeletesRewrite {
  iceberg::ChangeSet changes;  ///< is_rewrite; changes nothing where all is as it should be
  iceberg::SnapshotId snapshot_id;
  std::vector<std::string> written_files;  ///< delete files and manifests, named after the writer
  int64_t rewritten_files = 0, rewritten_bytes = 0;
  int64_t added_files = 0, added_bytes = 0;
};

/// Rewrites what is deleted by position in the base's current snapshot: in version 3 every data
/// file that position delete files reach gets one vector; in version 2 one file, where it has
/// several or shares one. Position deletes and vectors of data files that are gone go, too.
/// Equality deletes stay. A commit conflicts with deletes in the same data files that came since.
/// Reads all delete manifests; holds the bitmaps of what it rewrites. `writer` is journalled by the
/// caller before. A failure leaves files only under the writer's name. Cancelled when the run says
/// so.
Result<PreparedDeletesRewrite> PrepareDeletesRewrite(const TableContext& context,
                                                     const Writer& writer,
                                                     const iceberg::LoadedTable& base,
                                                     const MaintenanceRun& run);

}  // namespace tarn::table
