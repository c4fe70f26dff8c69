// SPDX-License-Identifier: Apache-2.0
#include "iceberg/values/calendar.h"

#include <array>
#include <cstddef>

namespace tarn::iceberg {
namespace {

constexpr int64_t kDaysPer400Years = 146097;
constexpr int64_t kDaysPer100Years = 36524;
constexpr int64_t kDaysPer4Years = 1461;
constexpr int64_t kDaysPerYear = 365;
/// From 0000-03-01, where the year of this reckoning begins (leap days come last), to 1970-01-01.
constexpr int64_t kEpochOffset = 719468;
/// Days before each month of a year that begins in March.
constexpr std::array<int32_t, 13> kDaysBefore = {0,   31,  61,  92,  122, 153, 184,
                                                 214, 245, 275, 306, 337, 366};

bool IsLeap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

}  // namespace

CivilDate CivilFromDays(int64_t days) {
  const int64_t shifted = days + kEpochOffset;
  const int64_t era = FloorDiv(shifted, kDaysPer400Years);
  int64_t rest = shifted - era * kDaysPer400Years;
  // The last day of 100 and of 4 years is a leap day: it must not begin another period.
  const int64_t centuries = rest / kDaysPer100Years - (rest == kDaysPer400Years - 1 ? 1 : 0);
  rest -= centuries * kDaysPer100Years;
  const int64_t quads = rest / kDaysPer4Years;
  rest -= quads * kDaysPer4Years;
  const int64_t years = rest / kDaysPerYear - (rest == kDaysPer4Years - 1 ? 1 : 0);
  rest -= years * kDaysPerYear;
  int32_t month = 0;
  while (kDaysBefore[static_cast<std::size_t>(month) + 1] <= rest) ++month;
  CivilDate date;
  date.day = static_cast<int32_t>(rest) - kDaysBefore[static_cast<std::size_t>(month)] + 1;
  date.month = month < 10 ? month + 3 : month - 9;
  date.year = era * 400 + centuries * 100 + quads * 4 + years + (date.month <= 2 ? 1 : 0);
  return date;
}

int64_t DaysFromCivil(const CivilDate& date) {
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const int32_t month = date.month > 2 ? date.month - 3 : date.month + 9;
  return year * kDaysPerYear + FloorDiv(year, 4) - FloorDiv(year, 100) + FloorDiv(year, 400) +
         kDaysBefore[static_cast<std::size_t>(month)] + date.day - 1 - kEpochOffset;
}

bool IsValidDate(const CivilDate& date) {
  constexpr std::array<int32_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (date.month < 1 || date.month > 12 || date.day < 1) return false;
  const int32_t leap_day = date.month == 2 && IsLeap(date.year) ? 1 : 0;
  return date.day <= kDays[static_cast<std::size_t>(date.month) - 1] + leap_day;
}

}  // namespace tarn::iceberg
