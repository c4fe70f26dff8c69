// SPDX-License-Identifier: Apache-2.0
// What a caller can do about an error that a PostgreSQL server reports.
#pragma once

#include <string_view>

#include "base/result.h"

namespace tarn {

/// PostgreSQL 17, appendix A; kInternal for what no caller can do anything about.
ErrorKind KindOfSqlstate(std::string_view sqlstate);

}  // namespace tarn
