// SPDX-License-Identifier: Apache-2.0
// Values that clients bind to the placeholders of a statement.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "warehouse/session.h"

namespace tarn::server::snowflake {

/// One row of values for each execution; a plain value.
struct BoundRows {
  std::vector<std::vector<warehouse::BoundValue>> rows;  ///< empty: nothing is bound
  bool is_array = false;                                 ///< clients then count executions
};

/// The member `bindings`: {"1": {"type", "value"}, …}, where the value may be an array of values,
/// one for each execution. 002049 (42601) and 100037 (22018) for what is not well formed.
warehouse::StatementResult<BoundRows> ReadBindings(const nlohmann::json& bindings);

/// How many values the text's placeholders want: `?`, or the highest of `:1`. 0 for a text that
/// cannot be read.
int32_t CountPlaceholders(std::string_view text);

/// An INSERT of one row of values, all of whose placeholders are `?` in that row, as one of `rows`
/// rows; "" for every other statement.
std::string InsertOfRows(std::string_view text, size_t rows);

}  // namespace tarn::server::snowflake
