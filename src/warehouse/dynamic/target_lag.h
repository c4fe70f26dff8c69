// SPDX-License-Identifier: Apache-2.0
// How fresh a dynamic table is to be, and when it is refreshed for that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// '1 minute', '30 seconds', '2 hours', '1 day'; absent: DOWNSTREAM, as often as its readers need.
/// 001008 for anything else, and for less than a second.
StatementResult<std::optional<int64_t>> ParseTargetLag(std::string_view written);

/// Between two refreshes: 48 · 2ⁿ seconds, n negative below a minute, the longest that leaves a
/// fifth of the lag for the refresh itself. Moments of refreshes are multiples of it, so that
/// tables whose lags differ are often refreshed to one moment ("Streaming Democratized", SIGMOD
/// 2025).
int64_t RefreshPeriodMs(int64_t target_lag_seconds);

/// The newest moment, up to `now_ms`, at which a table of this period is to be refreshed.
int64_t DueMoment(int64_t period_ms, int64_t now_ms);

}  // namespace tarn::warehouse
