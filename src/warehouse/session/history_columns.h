// SPDX-License-Identifier: Apache-2.0
// What the table functions of history (TASK_HISTORY, QUERY_HISTORY) have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "warehouse/session/table_functions.h"

namespace tarn::warehouse {

MadeColumn TextColumnOfHistory(const char* name);
/// TIMESTAMP_TZ of milliseconds.
MadeColumn TimeColumnOfHistory(const char* name);
MadeColumn NumberColumnOfHistory(const char* name);

/// NULL for "".
Value TextOrNull(const std::string& text);
/// NULL for an absent one.
Value TimeOrNull(const std::optional<int64_t>& ms);

/// RESULT_LIMIT, named or at `position`: from 1 to 10,000, 100 where it is not written. 001008
/// (22023) for anything else.
StatementResult<int64_t> ResultLimit(const TableCall& call, size_t position);

}  // namespace tarn::warehouse
