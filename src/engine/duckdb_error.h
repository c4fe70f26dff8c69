// SPDX-License-Identifier: Apache-2.0
// Errors across the border to DuckDB. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>

#include <exception>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/query.h"

namespace tarn::engine {

/// Throws an exception that carries an error through DuckDB; ToError gives it back whole. An
/// internal error is fatal to DuckDB, as its own are.
[[noreturn]] void ThrowError(const Error& error);

/// The same for an error that Snowflake words: its code and SQLSTATE (engine/query.h).
[[noreturn]] void ThrowSqlError(std::string_view code, std::string_view sqlstate,
                                const std::string& message);

/// Whether one of these made it.
bool IsCarried(const duckdb::ErrorData& data);

/// Exceptions about a file's content say in many ways that it can't be read.
bool IsContentError(duckdb::ExceptionType type);

/// What DuckDB reports, in Tarn's vocabulary. The one place that finds out that DuckDB is lost
/// (fatal_error.h).
Error ToError(const duckdb::ErrorData& data);
Error ToError(const std::exception& exception);
/// The same for queries.
QueryFailure ToQueryFailure(const duckdb::ErrorData& data);

/// Runs `action`, which returns a Result, and turns exceptions into its error.
template <typename Action>
auto Guarded(Action&& action) -> decltype(action()) {
  try {
    return action();
  } catch (const std::exception& exception) {
    return std::unexpected<Error>(ToError(exception));
  }
}

}  // namespace tarn::engine
