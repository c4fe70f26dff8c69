// SPDX-License-Identifier: Apache-2.0
// Dates and times as Snowflake reads and writes them ("Date and time input and output formats").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::engine {

/// A moment as the text's clock shows it. Fractions below a microsecond are dropped.
struct ParsedMoment {
  int64_t micros = 0;                     ///< since 1970-01-01 00:00 on that clock
  std::optional<int32_t> offset_minutes;  ///< east of UTC, if the text says one
  bool has_date = false;
  bool has_time = false;
};

/// The formats that AUTO finds: dates, times, timestamps, and whole numbers, which count seconds,
/// milli-, micro- or nanoseconds by their size.
std::optional<ParsedMoment> ParseMoment(std::string_view text);

/// By a model: YYYY YY MM MON MMMM DD DY HH24 HH12 AM PM MI SS FF0…9 TZH TZM "literal".
std::optional<ParsedMoment> ParseMoment(std::string_view text, std::string_view model);
std::string FormatMoment(int64_t micros, std::string_view model,
                         std::optional<int32_t> offset_minutes);

int64_t DaysFromCivil(int64_t year, int64_t month, int64_t day);

}  // namespace tarn::engine
