// SPDX-License-Identifier: Apache-2.0
// Queries over delete files. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/file_scan.h"
#include "iceberg/model/table_metadata.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::engine {

/// Reads the rows of position delete files; the number of each in `sources` is its first row.
FileScan PositionDeleteScan(const std::vector<const iceberg::DeleteFile*>& sources);

/// Calls `visit(number of the delete file, data file, position)` for each row. Corruption for
/// nulls.
Result<> ReadPositionDeletes(
    duckdb::ClientContext& context, const FileScan& scan,
    const std::function<Result<>(int64_t, std::string_view, int64_t)>& visit);

/// Rows of data files whose key columns equal those of a delete row in scope, null equal to null.
class EqualityJoin {
 public:
  /// Over the columns `ids`, which the deletes share; all of them reach one partition each, or all
  /// of them every partition. Columns that were dropped are taken from older schemas. Unsupported
  /// for columns inside structs.
  static Result<EqualityJoin> Make(const iceberg::TableMetadata& metadata,
                                   const std::shared_ptr<const iceberg::NameMapping>& names,
                                   const std::vector<FieldId>& ids,
                                   const std::vector<const FileScan::File*>& files,
                                   const std::vector<const iceberg::EqualityDelete*>& deletes);

  /// Calls `visit(number of the file in `files`, position)` for each row.
  Result<> Run(duckdb::ClientContext& context,
               const std::function<Result<>(int64_t, int64_t)>& visit) const;

 private:
  FileScan data_;
  FileScan deletes_;
  std::vector<Field> keys_;
};

}  // namespace tarn::engine
