// SPDX-License-Identifier: Apache-2.0
// One query whose rows are taken as encoded batches. Only for sources of this folder: it includes
// DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/planner/expression/bound_parameter_data.hpp>

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <vector>

#include "base/column_type.h"
#include "base/memory_budget.h"
#include "engine/encoded_rows.h"

namespace tarn::engine {

/// Values of a statement's parameters, by their names ("1", "2", …).
using QueryValues = duckdb::case_insensitive_map_t<duckdb::BoundParameterData>;

/// Runs on the connection of `context`, which it does not outlive, from Start to its destruction.
/// Used by one thread.
class RunningQuery {
 public:
  /// `types` are those of the first columns of the result; others are left out. `memory`, which may
  /// be null, counts what waits to be taken.
  static std::expected<std::unique_ptr<RunningQuery>, duckdb::ErrorData> Start(
      duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement,
      std::vector<Type> types, int64_t max_batch_rows, MemoryBudget* memory,
      QueryValues values = {});
  RunningQuery(const RunningQuery&) = delete;
  RunningQuery& operator=(const RunningQuery&) = delete;
  /// Before the end: what still runs ends at once.
  ~RunningQuery();

  /// Works on the query's tasks until there is a batch; nothing at its end. What `memory` holds is
  /// memory for batches to come.
  std::expected<std::optional<EncodedBatch>, duckdb::ErrorData> Await(std::vector<uint8_t>& memory);

  const duckdb::vector<duckdb::LogicalType>& types() const { return query_->types; }

 private:
  RunningQuery(duckdb::ClientContext& context, MemoryBudget* memory);

  duckdb::ClientContext& context_;
  const std::shared_ptr<EncodedRows> rows_;
  duckdb::unique_ptr<duckdb::PendingQueryResult> query_;
  bool finished_ = false;  ///< its tasks are done
};

}  // namespace tarn::engine
