// SPDX-License-Identifier: Apache-2.0
// Deleted rows become delete files of a table: vectors in version 3, position deletes in version 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit.h"
#include "iceberg/deletes/position_bitmap.h"
#include "iceberg/plan/scan_plan.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

/// Rows of one data file that are to go, as a plan of the base shows the file.
struct DeletedRows {
  iceberg::ScanFile file;
  iceberg::PositionBitmap positions;  ///< of the file; those deleted already do no harm
};

/// What a row delta adds to a change set: manifests are written and described.
struct WrittenDeletes {
  std::optional<iceberg::SnapshotId> read_snapshot;  ///< the base's
  std::vector<iceberg::ManifestFile> manifests;
  std::vector<iceberg::AddedDelete> added;
  /// Absorbed vectors and position delete files that hold nothing else.
  std::vector<iceberg::RemovedFile> removed_delete_files;
  /// Files that have no row left: the caller removes them instead of deleting in them.
  std::vector<iceberg::RemovedFile> removed_data_files;
  std::vector<std::string> written_files;
  int64_t deleted_rows = 0;  ///< by this change: not those that were deleted by position before
  int32_t next_ordinal = 0;  ///< after those in names of files and manifests
};

/// Writes the deletes of one change. In version 3 one vector per data file, with everything that
/// was deleted in it before by position, several to a Puffin file; in version 2 one position delete
/// file per data file, sorted, absorbing the files that are its alone. Deletes are durable when it
/// returns. A file comes once. InvalidArgument for positions beyond a file, and for tables of
/// version 1. `first_ordinal` counts names of files and, apart from them, of manifests. Rows that
/// equality deletes took are not known here: to delete them again does no harm.
Result<WrittenDeletes> WriteDeletes(const TableContext& context, const Writer& writer,
                                    const iceberg::LoadedTable& base,
                                    iceberg::SnapshotId snapshot_id,
                                    std::vector<DeletedRows> deleted, int32_t first_ordinal);

/// The same as parts of a change that deletes rows: validated so that no deleted row was changed
/// since, and none of the files went.
void AddDeletes(WrittenDeletes written, iceberg::ChangeSet& changes);

/// New data files of one partition spec as part of a change: their manifest is written, named after
/// the writer with `manifest_ordinal`. Nothing for no files.
Result<> AddDataFiles(const TableContext& context, const Writer& writer,
                      const iceberg::LoadedTable& base, iceberg::SnapshotId snapshot_id,
                      iceberg::NewFiles files, int32_t manifest_ordinal,
                      iceberg::ChangeSet& changes);

/// A data file of a plan, to be removed.
iceberg::RemovedFile RemovalOf(const iceberg::ScanFile& file);

}  // namespace tarn::table
