// SPDX-License-Identifier: Apache-2.0
// Where the query that a connection runs gets its numbers (QueryRequest::numbers). Only for sources
// of src/engine: it includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/main/client_context_state.hpp>

#include <memory>
#include <utility>
#include <vector>

#include "engine/query.h"

namespace tarn::engine {

inline constexpr const char* kQueryNumbersState = "tarn_numbers";

struct QueryNumbersState : duckdb::ClientContextState {
  explicit QueryNumbersState(std::vector<std::shared_ptr<NumberSource>> numbers)
      : numbers(std::move(numbers)) {}
  std::vector<std::shared_ptr<NumberSource>> numbers;
};

}  // namespace tarn::engine
