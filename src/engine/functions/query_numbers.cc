// SPDX-License-Identifier: Apache-2.0
// tarn_next_value(i): for every row another number of the query's i-th source.
#include "engine/functions/query_numbers.h"

#include "engine/duckdb_error.h"
#include "engine/functions/registration.h"

namespace tarn::engine {

namespace {

NumberSource& SourceOf(duckdb::ExpressionState& state, duckdb::DataChunk& arguments) {
  const auto numbers =
      state.GetContext().registered_state->Get<QueryNumbersState>(kQueryNumbersState);
  const auto place = arguments.data[0].GetValue(0).GetValue<int64_t>();
  if (numbers == nullptr || place < 0 || static_cast<size_t>(place) >= numbers->numbers.size()) {
    // Not an internal error, which would end DuckDB.
    ThrowError(
        Error{ErrorKind::kUnsupported, "numbers of a sequence cannot be taken here", {}, {}});
  }
  return *numbers->numbers[static_cast<size_t>(place)];
}

void NextValues(duckdb::DataChunk& arguments, duckdb::ExpressionState& state,
                duckdb::Vector& result) {
  const duckdb::idx_t count = arguments.size();
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  if (count == 0) return;
  auto block = SourceOf(state, arguments).Take(static_cast<int64_t>(count));
  if (!block) {
    const QueryFailure& failure = block.error();
    if (failure.code.empty()) ThrowError(failure.error);
    ThrowSqlError(failure.code, failure.sqlstate, failure.error.message);
  }
  auto* const values = duckdb::FlatVector::GetData<int64_t>(result);
  int64_t next = block->first;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    values[row] = next;
    // One step behind the last may be out of range, and is never shown.
    next =
        static_cast<int64_t>(static_cast<uint64_t>(next) + static_cast<uint64_t>(block->increment));
  }
}

}  // namespace

void RegisterQueryNumbers(duckdb::ExtensionLoader& loader) {
  duckdb::ScalarFunction entry("tarn_next_value", {duckdb::LogicalType::BIGINT},
                               duckdb::LogicalType::BIGINT, NextValues);
  // Never folded, never computed once for several rows or for two places.
  entry.SetVolatile();
  entry.SetFallible();
  loader.RegisterFunction(entry);
}

}  // namespace tarn::engine
