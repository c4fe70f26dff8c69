// SPDX-License-Identifier: Apache-2.0
// The session parameters that there are (Snowflake, "Parameters").
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "warehouse/show/show_parameters.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// By name.
std::span<const ParameterFacts> SessionParameters();

/// Null for a name that there is not. `name` is upper case.
const ParameterFacts* FindSessionParameter(std::string_view name);

/// The value as it is kept; 001008 (22023) for one that the parameter does not take, 000002 (0A000)
/// for one that would have no effect here.
StatementResult<std::string> CheckSessionParameter(const ParameterFacts& parameter,
                                                   std::string_view value);

/// Longest time of one statement, which STATEMENT_TIMEOUT_IN_SECONDS of 0 asks for: seven days.
inline constexpr int64_t kStatementTimeoutMax = 604'800;
inline constexpr const char* kStatementTimeout = "STATEMENT_TIMEOUT_IN_SECONDS";

/// Seconds of a checked value of STATEMENT_TIMEOUT_IN_SECONDS, the longest time for 0.
int64_t StatementTimeoutOf(std::string_view value);

}  // namespace tarn::warehouse
