// SPDX-License-Identifier: Apache-2.0
// For tests: tables whose data files are lines of numbers, so that programs which hammer commits
// need no query engine. Metadata, manifests and deletion vectors are real.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/catalog.h"
#include "iceberg/deletes/position_bitmap.h"
#include "iceberg/plan/scan_plan.h"
#include "table/commit.h"

namespace tarn::table {

/// A data file of a snapshot, read.
struct PlainFile {
  iceberg::ScanFile scan;
  std::vector<int64_t> rows;  ///< by position, deleted ones too
  iceberg::PositionBitmap deleted;

  std::vector<int64_t> LiveRows() const;
  std::vector<int64_t> LivePositions() const;
};

/// A change and what it does to the rows.
struct PlainChange {
  TableChange change;
  std::string kind;
  std::vector<int64_t> added, removed;
};

/// Used by one thread; any number may share the context.
class PlainTable {
 public:
  PlainTable(const TableContext& context, catalog::Catalog& catalog, catalog::TableName name)
      : context_(context), catalog_(catalog), name_(std::move(name)) {}

  /// Loads the newest state and reads its rows.
  Result<> Refresh();
  /// Reads the rows of this state.
  Result<> Open(iceberg::LoadedTable table);
  const iceberg::LoadedTable& loaded() const { return table_; }
  const std::vector<PlainFile>& files() const { return files_; }
  /// Of all files.
  std::vector<int64_t> LiveRows() const;

  // Changes computed from the state last refreshed; their files are written. None where the state
  // gives no occasion.
  Result<PlainChange> Append(const Uuid& writer, std::vector<int64_t> rows);
  Result<std::optional<PlainChange>> Delete(const Uuid& writer, std::minstd_rand& random,
                                            std::vector<int64_t> rows_instead);
  Result<std::optional<PlainChange>> Rewrite(const Uuid& writer, std::minstd_rand& random);

 private:
  Result<PlainFile> ReadFile(const iceberg::ScanFile& scan) const;
  PlainChange NewChange(std::string kind) const;
  std::string NewLocation(const Uuid& writer, const std::string& suffix);
  /// Written; not yet part of the change.
  Result<iceberg::DataFile> WriteRows(const Uuid& writer, const std::vector<int64_t>& rows);
  Result<iceberg::DataFile> WriteDeletes(const Uuid& writer, const PlainFile& file,
                                         const std::vector<int64_t>& positions);
  Result<> AddFile(const Uuid& writer, iceberg::DataFile file, PlainChange& change);

  const TableContext& context_;
  catalog::Catalog& catalog_;
  catalog::TableName name_;
  iceberg::LoadedTable table_;
  std::vector<PlainFile> files_;
  int32_t next_file_ = 0;
  int32_t next_manifest_ = 0;
};

}  // namespace tarn::table
