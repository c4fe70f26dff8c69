// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace tarn::cli {

/// A time as a user says it, in milliseconds since 1970: how long ago ("7d", "12h", "30m", "90s",
/// "0"), or a date of UTC ("2026-01-31", "2026-01-31 12:30:00", with or without "T" and "Z").
/// InvalidArgument for anything else.
Result<int64_t> ParseMoment(const std::string& text, int64_t now_ms);

}  // namespace tarn::cli
