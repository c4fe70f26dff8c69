// SPDX-License-Identifier: Apache-2.0
// Batches in memory as a DuckDB table function. Only for sources of this folder: it includes
// DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/common/multi_file/multi_file_data.hpp>

#include <cstdint>
#include <vector>

#include "engine/engine.h"

namespace tarn::engine {

/// `tarn_batches(POINTER to a BatchScan)` returns the columns of the BatchScan and kOrdinalColumn,
/// in ordinal order.
inline constexpr const char* kBatchScanFunction = "tarn_batches";
inline constexpr const char* kOrdinalColumn = "ordinal";

/// What to read. Immutable while a query uses it, which it outlives.
struct BatchScan {
  std::vector<PendingRows::Batch> batches;  ///< by first_ordinal
  std::vector<PendingRows::Range> visible;  ///< ascending
  std::vector<Field> fields;                ///< one per column
  std::vector<duckdb::string> names;
  std::vector<duckdb::LogicalType> types;
  std::vector<duckdb::Value> defaults;  ///< for batches without the field
};

/// Makes the function known to a database.
void RegisterBatchScan(duckdb::DatabaseInstance& instance);

}  // namespace tarn::engine
