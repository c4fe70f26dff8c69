// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "server/snowflake/spooled_result.h"

namespace tarn::server::snowflake {

/// The rows of a part as JSON arrays with commas between them, without brackets around them. Every
/// value is a string, or null.
Result<std::string> JsonRowsOf(const SpooledResult& result, const ResultPart& part);

}  // namespace tarn::server::snowflake
