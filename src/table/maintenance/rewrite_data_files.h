// SPDX-License-Identifier: Apache-2.0
// Many small data files, and files with many deleted rows, become few whole ones. Planning is pure;
// a prepared rewrite is a change like any other, for whoever commits: table/commit.h, or PostgreSQL
// under its pointer's lock.
//
// Which files: those outside [min, max] of the target size and those with too many deletes, in
// groups of one partition and one spec, as Java's BinPackRewriteFilePlanner chooses them. That is
// right for someone who asks for a rewrite. Whatever rewrites by itself, over and over, sets
// `min_growth` as well: then small files come together only where every file of the group becomes a
// part of one at least so many times as large, or of a final one. A 100 MB file is not written
// again to take in 20 small ones; it waits until there is as much beside it as it is worth. A row
// is written at most log(target size / size of its first file) / log(min_growth) times (10 times
// from 1 KB to 512 MB by a growth of 4), and what waits are at most log(bytes / smallest file) /
// log(g / (g - 1)) files for a growth of g (46, of 1 KB to 512 MB).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/filter.h"
#include "base/result.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit.h"
#include "iceberg/plan/scan_plan.h"
#include "table/maintenance/maintenance_run.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

/// Names and defaults of Iceberg's rewrite_data_files planner (reference: Java's
/// BinPackRewriteFilePlanner), but for the group's size and what it does not have.
struct RewriteDataFilesOptions {
  std::optional<Filter> filter;        ///< only files that may hold such rows
  int64_t target_file_size_bytes = 0;  ///< 0 = write.target-file-size-bytes, else 512 MiB
  double min_file_size_ratio = 0.75;   ///< of the target: smaller files are too small
  double max_file_size_ratio = 1.8;    ///< of the target: larger ones are too large
  /// So many files, or more than one with more content than the target, are worth it.
  int32_t min_input_files = 5;
  /// Files with so many delete files, equality deletes too, are rewritten whatever their size.
  int32_t delete_file_threshold = std::numeric_limits<int32_t>::max();
  /// So is a file that so many of its rows are deleted of, counting deletes for it alone.
  double delete_ratio_threshold = 0.3;
  /// One commit; small groups lose fewer races. No file becomes larger than that.
  int64_t max_group_bytes = int64_t{1} << 30;
  int32_t max_group_files = 10'000;
  /// How many times as large the file of a row becomes, at least; see above. 0 = any.
  double min_growth = 0;
  /// Of an earlier plan which left nothing: while fewer than `min_input_files` data files and no
  /// deletes came since, by the snapshots' summaries, there is nothing to do now either.
  std::optional<iceberg::SnapshotId> planned_at;
  bool rewrite_all = false;
  bool sort = false;  ///< by the table's default sort order
};

/// Files that become one commit, in row order: of one partition, or of earlier partition specs,
/// whose rows find their partitions anew.
struct RewriteGroup {
  iceberg::ScanPlan plan;  ///< of these files alone, with the equality deletes that reach them
  /// The table's default; that of the files where the default has a transform that is unknown.
  iceberg::SpecId output_spec_id;
  int64_t input_bytes = 0;
  int64_t output_files = 0;  ///< expected
};

/// Groups worth rewriting, the ones that save most files first. Reads manifests, through the cache,
/// and writes nothing; cost follows the table's live files, but where the summary tells that
/// nothing can be worth doing (few files and no deletes, `planned_at`) no manifest is read. A file
/// is in one group at most; files that are not Parquet, or of specs with unknown transforms, are in
/// none. InvalidArgument for options that make no sense. Thread-safe.
Result<std::vector<RewriteGroup>> PlanRewriteDataFiles(const TableContext& context,
                                                       const iceberg::LoadedTable& table,
                                                       const RewriteDataFilesOptions& options);

/// A group in new files, written durably and described by `changes`, committed by nobody yet.
struct PreparedRewrite {
  iceberg::ChangeSet changes;  ///< is_rewrite; validated against everything since the base
  iceberg::SnapshotId snapshot_id;
  std::vector<std::string> written_files;  ///< data files and manifests: all named after the writer
  int64_t added_files = 0, added_bytes = 0;
};

/// Reads the group's live rows and writes them anew, in their order or sorted, in files of the
/// group's partition or of the output spec's partitions, with their row ids and sequence numbers
/// where the table has lineage (as columns of the reserved ids). Deletion vectors and position
/// deletes of the group's files go with them; equality deletes stay, and those that come after the
/// base still reach the rows, since the new files have the base's data sequence number (where the
/// spec changes, they are a conflict). A group without live rows adds nothing. `base` is the table
/// that the group was planned on; `writer` is journalled by the caller before, and stands for one
/// rewrite alone: its files are numbered from 0. Memory is bounded by the engine's limit. A failure
/// leaves files only under the writer's name. Cancelled when the run says so. Unsupported for types
/// that cannot be written, and for sort orders that no order of the columns refines (sort_keys.h).
Result<PreparedRewrite> PrepareRewrite(const TableContext& context, const Writer& writer,
                                       const iceberg::LoadedTable& base, const RewriteGroup& group,
                                       const RewriteDataFilesOptions& options,
                                       const MaintenanceRun& run);

}  // namespace tarn::table
