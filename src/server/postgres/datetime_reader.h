// SPDX-License-Identifier: Apache-2.0
// Dates and times as PostgreSQL's clients write them: ISO 8601 with a space or T, any fraction, any
// offset, " BC".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tarn::server::postgres {

struct DateTimeText {
  std::optional<int64_t> days;            ///< since 1970-01-01
  std::optional<int64_t> micros;          ///< of the day; 24:00 is the day's end
  std::optional<int32_t> offset_seconds;  ///< east of UTC
};

/// Absent: written in another way, or not a moment that there is.
std::optional<DateTimeText> ReadDateTime(std::string_view text);

}  // namespace tarn::server::postgres
