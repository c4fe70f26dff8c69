// SPDX-License-Identifier: Apache-2.0
// Rows are deleted and replaced where they stand (merge on read): deletes of positions, and data
// files with the new rows, which keep their row ids where the table has lineage.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/batch.h"
#include "base/filter.h"
#include "base/result.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit.h"
#include "iceberg/plan/scan_plan.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::table {

/// A change of rows, its files written durably, committed by nobody yet.
struct PreparedRowChange {
  /// Changes nothing where no row did.
  iceberg::ChangeSet changes;
  iceberg::SnapshotId snapshot_id;
  std::vector<std::string> written_files;  ///< all named after the writer
  int64_t deleted_rows = 0;                ///< replaced ones are among them
  int64_t inserted_rows = 0;               ///< likewise
  int32_t next_ordinal = 0;                ///< after those in names of files and manifests
};

/// Collects what one change does to the rows of a plan. Used by one thread; without Finish nothing
/// but files under the writer's name remains.
class RowChangeWriter {
 public:
  virtual ~RowChangeWriter() = default;
  /// Rows by the numbers that a scan of the plan gives them (ScanRequest::row_numbers), in any
  /// order. InvalidArgument for numbers of no file.
  virtual Result<> Delete(std::span<const int64_t> row_numbers) = 0;
  /// New rows, of the table's columns.
  virtual Result<> Insert(const BatchView& rows) = 0;
  /// New rows in the place of old ones, whose _row_id (kLong) they keep in version 3; null where
  /// there is none. In versions without lineage as Insert, and `row_ids` is not looked at. Deletes
  /// nothing.
  virtual Result<> InsertReplaced(const BatchView& rows, const ColumnView& row_ids) = 0;
  /// The change, with the given validation; its filter says which rows it depends on. Call once.
  virtual Result<PreparedRowChange> Finish(iceberg::Validation validation) = 0;
};

/// `plan`: of the base's current snapshot. Files and manifests are named after the writer.
/// `context` outlives the writer. `first_ordinal` counts their names: a writer that makes several
/// changes of one table counts on. Fails as OpenRowWriter.
Result<std::unique_ptr<RowChangeWriter>> OpenRowChangeWriter(const TableContext& context,
                                                             const Writer& writer,
                                                             const iceberg::LoadedTable& base,
                                                             iceberg::ScanPlan plan,
                                                             int32_t first_ordinal = 0);

/// Deletes the rows of the base's current snapshot for which the filter is true; without one, all.
/// Conflicts by write.delete.isolation-level ("serializable" where it says nothing).
Result<PreparedRowChange> DeleteRows(const TableContext& context, const Writer& writer,
                                     const iceberg::LoadedTable& base,
                                     const std::optional<Filter>& filter);

/// Gives new rows for old ones of the table's columns: an encoded batch of as many rows, in their
/// order. Called from the thread of UpdateRows.
using NewRows = std::function<Result<std::vector<uint8_t>>(const BatchView& old_rows)>;

/// Replaces the rows for which the filter is true. Conflicts by write.update.isolation-level, and
/// always with deletes of such rows.
Result<PreparedRowChange> UpdateRows(const TableContext& context, const Writer& writer,
                                     const iceberg::LoadedTable& base,
                                     const std::optional<Filter>& filter, const NewRows& new_rows);

}  // namespace tarn::table
