// SPDX-License-Identifier: Apache-2.0
// Parquet files of an Iceberg table as a DuckDB table function. Only for sources of this folder: it
// includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/delete_store.h"
#include "engine/engine.h"
#include "iceberg/json/name_mapping.h"
#include "iceberg/plan/delete_file.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::engine {

/// `tarn_files(POINTER to a FileScan)` returns the columns of the FileScan and the two below. Order
/// of rows: files, then positions.
inline constexpr const char* kFileScanFunction = "tarn_files";
/// Position of a row in its file, and the number of the file's first row, both BIGINT.
inline constexpr const char* kPositionColumn = "file_row_number";
inline constexpr const char* kFirstRowColumn = "first_row";

/// Named parameter, BOOLEAN: statistics of float columns are read as if NaN were there.
inline constexpr const char* kCanHaveNanParameter = "can_have_nan";

/// What to read. Immutable while a query uses it, which it outlives.
struct FileScan {
  struct File {
    std::string location;
    int64_t record_count = 0;
    int64_t first_row = 0;
    const iceberg::ScanFile* source = nullptr;  ///< in the plan, for committed files
    /// Positions to return, ascending; all if `restricted` is false.
    std::vector<PendingRows::Range> positions;
    bool restricted = false;
    bool may_hide_nan = false;  ///< its statistics may leave NaN out
    /// Rows that are gone: those of `deletes->vector`, loaded when the file is opened, and those of
    /// `deleted`, which stands for all other deletes (ResolveDeletes). Not beside `restricted`.
    std::shared_ptr<const iceberg::FileDeletes> deletes;
    PositionsPtr deleted;
    iceberg::SequenceNumber sequence_number;  ///< what equality deletes are compared with
    PositionsPtr only;                        ///< the positions to return, in place of all that
    /// Values of columns in this file, where it does not have them.
    std::vector<std::pair<FieldId, duckdb::Value>> constants;
  };
  std::vector<File> files;
  /// Matched against the files by field id; the default expression, a constant, fills absent ones.
  duckdb::vector<duckdb::MultiFileColumnDefinition> columns;
  /// For files without field ids, which are refused if this is null.
  std::shared_ptr<const iceberg::NameMapping> names;
  DeleteStore* deletes = nullptr;  ///< null: no file has any
};

/// All deleted positions of a file; null if there are none.
Result<PositionsPtr> DeletedPositions(DeleteStore* store, const FileScan::File& file);

/// Makes the function known to a database.
void RegisterFileScan(duckdb::DatabaseInstance& instance);

}  // namespace tarn::engine
