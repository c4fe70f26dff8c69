// SPDX-License-Identifier: Apache-2.0
// Rows that change between two snapshots of a table, however their writers encoded it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/query.h"
#include "iceberg/commit/commit.h"
#include "table/table_context.h"

namespace tarn::table {

/// Values are part of the stream's `kind` column.
enum class RowChangeKind : int32_t {
  kDelete = -1,
  kInsert = 1,
};

struct RowChangesRequest {
  iceberg::LoadedTable table;
  std::optional<iceberg::SnapshotId> from;  ///< exclusive; absent: the empty table
  iceberg::SnapshotId to;                   ///< inclusive
  /// Columns of the schema of `to`; rows of older files have the types of `to`.
  std::vector<engine::ScanColumn> columns;
  std::optional<Filter> filter;
  /// Rows are the same where `columns` are: others are not read. What differs elsewhere is no
  /// change.
  bool only_columns = false;
};

/// The net difference of the two states as a stream: `columns`, then `kind` (kInt,
/// RowChangeKind), then `row_id` (kLong; null without lineage). A row that both states hold does
/// not appear: rewrites are invisible, copy-on-write is netted. Rows are compared by the columns of
/// the schema of `to`, whatever is asked for (NaN equals NaN, null null, -0.0 0.0): those of one
/// row_id with each other, all others as multisets. An update is a delete and an insert, of one
/// row_id where there is lineage. Deletes come before inserts. The filter is asked of rows of both
/// states: an update that leads into it is an insert.
/// Reads the files that differ and of files with new deletes only the deleted rows; memory is
/// bounded by the engine's limit (it spills), but for bitmaps of the deletes. `from` need not be an
/// ancestor of `to`. NotFound when a snapshot has expired, naming the oldest that can be used;
/// Unsupported for metadata columns.
Result<std::unique_ptr<engine::RowStream>> OpenRowChanges(const TableContext& context,
                                                          RowChangesRequest request);

/// The same for a query over it (engine/query.h): what is read when that runs.
Result<engine::QueryDifference> PlanRowChanges(const TableContext& context,
                                               RowChangesRequest request);

enum class AppendedRows : uint8_t {
  /// Rows that a statement inserted; of files with updated rows the new ones, by their ids.
  kNewRows,
  /// All rows of new files, whatever they were made of.
  kNewFiles,
};

/// Rows that the snapshots after `from` up to `to` added, whatever became of them since: deletes
/// and updates count for nothing, rewrites add nothing. NotFound where one of these snapshots has
/// expired, or `from` is no ancestor of `to`. Unsupported where rows without ids (v2) were changed
/// and new ones cannot be told from them.
Result<engine::QueryDifference> PlanAppendedRows(const TableContext& context,
                                                 RowChangesRequest request, AppendedRows which);

}  // namespace tarn::table
