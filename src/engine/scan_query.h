// SPDX-License-Identifier: Apache-2.0
// A scan request as a sequence of DuckDB queries. Only for sources of this folder: it includes
// DuckDB.
#pragma once

#include <duckdb.hpp>

#include <memory>
#include <vector>

#include "base/result.h"
#include "engine/batch_scan.h"
#include "engine/engine.h"
#include "engine/file_scan.h"

namespace tarn::engine {

/// One query, and what it reads: either of the two.
struct ScanQuery {
  std::unique_ptr<FileScan> files;
  std::unique_ptr<BatchScan> batches;
  duckdb::unique_ptr<duckdb::SQLStatement> statement;
};

/// A request, taken apart. Rows of the queries, one query after the other, are the rows of the
/// scan.
struct ScanQueries {
  std::vector<Type> types;  ///< of the columns that come back
  std::vector<ScanQuery> queries;
  /// Rows whose number is known from the plan alone: those of a request without columns and filter.
  int64_t counted_rows = 0;
};

Result<ScanQueries> BuildQueries(ScanRequest request);

}  // namespace tarn::engine
