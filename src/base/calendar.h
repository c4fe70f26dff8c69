// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tarn {

inline constexpr int64_t kSecondsPerDay = 86'400;

/// A day of the proleptic Gregorian calendar. `year` 0 is 1 BC.
struct CivilDate {
  int64_t year = 1970;
  int32_t month = 1, day = 1;
};
/// Days since 1970-01-01.
CivilDate CivilFromDays(int64_t days);
int64_t DaysFromCivil(const CivilDate& date);
/// 0 is Sunday. `days` since 1970-01-01.
int32_t WeekdayOf(int64_t days);

}  // namespace tarn
