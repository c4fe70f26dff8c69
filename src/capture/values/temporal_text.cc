// SPDX-License-Identifier: Apache-2.0
#include "capture/values/temporal_text.h"

#include <fmt/core.h>

#include "base/calendar.h"

namespace tarn::capture {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

int64_t TemporalText::TakeNumber(size_t fewest, size_t most) {
  int64_t number = 0;
  size_t digits = 0;
  for (; digits < most && digits < rest_.size() && IsDigit(rest_[digits]); ++digits) {
    number = number * 10 + (rest_[digits] - '0');
  }
  if (digits < fewest) failed_ = true;
  rest_.remove_prefix(digits);
  return number;
}

void TemporalText::TakeLetter(char letter) {
  if (!rest_.starts_with(letter)) {
    failed_ = true;
    return;
  }
  rest_.remove_prefix(1);
}

int64_t TemporalText::TakeDate(bool bc) {
  constexpr size_t kYearDigits = 7;
  const int64_t year = TakeNumber(4, kYearDigits);
  TakeLetter('-');
  const int64_t month = TakeNumber(2, 2);
  TakeLetter('-');
  const int64_t day = TakeNumber(2, 2);
  if (month < 1 || month > 12 || day < 1 || day > 31) failed_ = true;
  if (failed_) return 0;
  return DaysFromCivil(
      {bc ? 1 - year : year, static_cast<int32_t>(month), static_cast<int32_t>(day)});
}

int64_t TemporalText::TakeTime() {
  const int64_t hours = TakeNumber(2, 2);
  TakeLetter(':');
  const int64_t minutes = TakeNumber(2, 2);
  TakeLetter(':');
  const int64_t seconds = TakeNumber(2, 2);
  if (hours > 24 || minutes > 59 || seconds > 60) failed_ = true;
  int64_t micros = 0;
  if (!failed_ && rest_.starts_with('.')) {
    rest_.remove_prefix(1);
    constexpr size_t kDigits = 6;
    const size_t before = rest_.size();
    micros = TakeNumber(1, kDigits);
    for (size_t digits = before - rest_.size(); digits < kDigits; ++digits) micros *= 10;
  }
  return ((hours * 60 + minutes) * 60 + seconds) * kMicrosPerSecond + micros;
}

int64_t TemporalText::TakeZone() {
  const bool west = rest_.starts_with('-');
  TakeLetter(west ? '-' : '+');
  int64_t seconds = TakeNumber(2, 2) * 3600;
  for (int64_t unit = 60; unit > 0 && rest_.starts_with(':'); unit /= 60) {
    rest_.remove_prefix(1);
    seconds += TakeNumber(2, 2) * unit;
  }
  return west ? -seconds : seconds;
}

bool TemporalText::TakeEra() {
  constexpr std::string_view kBc = " BC";
  if (!rest_.ends_with(kBc)) return false;
  rest_.remove_suffix(kBc.size());
  return true;
}

std::string DateText(int64_t days) {
  const CivilDate date = CivilFromDays(days);
  if (date.year > 0) return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
  return fmt::format("{:04}-{:02}-{:02} BC", 1 - date.year, date.month, date.day);
}

std::string TimestampText(int64_t day, int64_t micros) {
  day += micros / kMicrosPerDay;
  int64_t rest = micros % kMicrosPerDay;
  if (rest < 0) {
    --day;
    rest += kMicrosPerDay;
  }
  const int64_t seconds = rest / kMicrosPerSecond;
  std::string time =
      fmt::format(" {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (rest % kMicrosPerSecond != 0) time += fmt::format(".{:06}", rest % kMicrosPerSecond);
  std::string date = DateText(day);
  // The era comes last.
  const size_t blank = date.find(' ');
  return date.insert(std::min(blank, date.size()), time);
}

}  // namespace tarn::capture
