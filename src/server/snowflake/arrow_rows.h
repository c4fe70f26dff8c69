// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/snowflake/spooled_result.h"

namespace tarn::server::snowflake {

/// A part of a result as an Arrow stream of its own, in the forms that Snowflake's clients read.
Result<std::string> ArrowStreamOf(const SpooledResult& result, const ResultPart& part);

}  // namespace tarn::server::snowflake
