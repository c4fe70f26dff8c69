// SPDX-License-Identifier: Apache-2.0
// The proleptic Gregorian calendar over the whole range of 64-bit days, which std::chrono's years
// do not cover.
#pragma once

#include <cstdint>

namespace tarn::iceberg {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerHour = 3600 * kMicrosPerSecond;
inline constexpr int64_t kMicrosPerDay = 24 * kMicrosPerHour;
inline constexpr int64_t kNanosPerMicro = 1000;

struct CivilDate {
  int64_t year = 1970;  ///< astronomical: 0 is 1 BC
  int32_t month = 1;
  int32_t day = 1;
};

/// Towards negative infinity, as all of Iceberg's time arithmetic wants it. REQUIRES: divisor > 0.
constexpr int64_t FloorDiv(int64_t dividend, int64_t divisor) {
  const int64_t quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

/// Days since 1970-01-01.
CivilDate CivilFromDays(int64_t days);
int64_t DaysFromCivil(const CivilDate& date);
/// Whether the month and the day exist.
bool IsValidDate(const CivilDate& date);

}  // namespace tarn::iceberg
