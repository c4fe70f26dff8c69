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

/// One query, and what it reads: one of them.
struct ScanQuery {
  std::unique_ptr<FileScan> files;
  std::unique_ptr<BatchScan> batches;
  std::vector<std::unique_ptr<FileScan>> compared;
  duckdb::unique_ptr<duckdb::SQLStatement> statement;
};

/// Rows [begin, end) of a file of which nothing is wanted but their number.
struct CountedFile {
  std::unique_ptr<FileScan::File> file;
  int64_t begin = 0;
  int64_t end = 0;
};

/// A request, taken apart. Rows of the queries, one query after the other, are the rows of the
/// scan.
struct ScanQueries {
  std::vector<Type> types;  ///< of the columns that come back
  std::vector<ScanQuery> queries;
  /// Rows whose number is known from the plan alone: those of a request without columns and filter.
  int64_t counted_rows = 0;
  /// To be counted without what is deleted in them.
  std::vector<CountedFile> counted_files;
  /// Files, here or in the queries, whose deletes are to be resolved before (ResolveDeletes).
  std::vector<FileScan::File*> with_deletes;
  std::unique_ptr<const iceberg::ScanPlan> plan;  ///< what the files come from; null without one
  std::shared_ptr<const iceberg::NameMapping> names;
  std::shared_ptr<const DifferenceRequest> difference;  ///< likewise
};

/// Queries over rows of files, of the request's columns, filter and filter columns: nothing else of
/// it counts. The rows outlive the queries; without one, no query.
Result<ScanQueries> BuildFileRowQueries(ScanRequest request, const iceberg::TableMetadata& metadata,
                                        const std::vector<FileRows>& rows);

/// `deletes` is where the files' deletion vectors are loaded; it outlives the queries.
Result<ScanQueries> BuildQueries(ScanRequest request, DeleteStore* deletes);

}  // namespace tarn::engine
