// SPDX-License-Identifier: Apache-2.0
// The schema that a Parquet file declares, in Iceberg's terms (Iceberg spec, Appendix A,
// "Parquet"). Only for sources of this folder: it includes DuckDB.
#pragma once

#include <parquet_types.h>
#include <duckdb.hpp>

#include <string>
#include <vector>

#include "base/column_type.h"
#include "base/result.h"

namespace tarn::engine {

/// One column, at any depth.
struct ParquetColumn {
  Field field;  ///< id 0 where the file gives none
  std::string
      path;  ///< names from the top, joined by dots; of lists "element", of maps "key" and "value"
  int leaf = -1;  ///< index among the columns of a row group; -1 for nested ones
  std::vector<std::string> deviations;  ///< from what the specification asks for, in words
  std::vector<ParquetColumn> children;
};

/// Top-level columns. Corruption if the schema is not a tree; Unsupported for types that Iceberg
/// lacks.
Result<std::vector<ParquetColumn>> ReadParquetSchema(const duckdb_parquet::FileMetaData& metadata);

}  // namespace tarn::engine
