// SPDX-License-Identifier: Apache-2.0
// Output formats of the query that a connection runs. Only for sources of this folder: it includes
// DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/main/client_context_state.hpp>

#include "engine/query.h"

namespace tarn::engine {

inline constexpr const char* kSessionFormatsState = "tarn_formats";

struct SessionFormatsState : duckdb::ClientContextState {
  explicit SessionFormatsState(TextFormats formats) : formats(std::move(formats)) {}
  TextFormats formats;
};

/// Those that Snowflake has by default, if none are set.
TextFormats SessionFormatsOf(duckdb::ClientContext& context);

}  // namespace tarn::engine
