// SPDX-License-Identifier: Apache-2.0
// Logs go to standard error, one line each; who starts the process decides where that leads. Code
// logs with spdlog::info, warn, error, debug; never passwords or rows.
#pragma once

#include <spdlog/spdlog.h>

#include <string_view>

#include "base/result.h"

namespace tarn {

/// Sends the process's log to standard error under a name. `level`: debug, info, warn, error;
/// InvalidArgument for others. Call once, before threads start.
Result<> StartLogging(std::string_view name, std::string_view level);

}  // namespace tarn
