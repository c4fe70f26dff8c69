// SPDX-License-Identifier: Apache-2.0
#include "iceberg/values/value_text.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "iceberg/values/calendar.h"

namespace tarn::iceberg {
namespace {

constexpr int kMicroDigits = 6;
constexpr int kNanoDigits = 9;
constexpr int64_t kSecondsPerDay = 86400;

int64_t PowerOfTen(int exponent) {
  int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

/// Takes exactly `digits` digits from the front.
bool TakeDigits(std::string_view& text, size_t digits, int64_t& number) {
  if (text.size() < digits) return false;
  number = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool Take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeDate(std::string_view& text, int64_t& days) {
  const bool negative = text.starts_with('-');
  const bool is_signed = negative || text.starts_with('+');
  if (is_signed) text.remove_prefix(1);
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  CivilDate date;
  int64_t month = 0;
  int64_t day = 0;
  if (digits < 4 || digits > 7 || (digits > 4 && !is_signed)) return false;
  if (!TakeDigits(text, digits, date.year) || !Take(text, '-') || !TakeDigits(text, 2, month) ||
      !Take(text, '-') || !TakeDigits(text, 2, day)) {
    return false;
  }
  if (negative) date.year = -date.year;
  date.month = static_cast<int32_t>(month);
  date.day = static_cast<int32_t>(day);
  days = IsValidDate(date) ? DaysFromCivil(date) : 0;
  return IsValidDate(date);
}

/// Seconds of the day and the fraction in units of 10^-`digits` seconds.
bool TakeTime(std::string_view& text, int digits, int64_t& seconds, int64_t& fraction) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  if (!TakeDigits(text, 2, hour) || !Take(text, ':') || !TakeDigits(text, 2, minute) ||
      !Take(text, ':') || !TakeDigits(text, 2, second) || hour > 23 || minute > 59 || second > 59) {
    return false;
  }
  seconds = hour * 3600 + minute * 60 + second;
  fraction = 0;
  if (!Take(text, '.')) return true;
  size_t present = 0;
  while (present < text.size() && text[present] >= '0' && text[present] <= '9') ++present;
  if (present == 0 || present > static_cast<size_t>(digits)) return false;
  if (!TakeDigits(text, present, fraction)) return false;
  fraction *= PowerOfTen(digits - static_cast<int>(present));
  return true;
}

std::string ClockText(int64_t seconds, int64_t fraction, int digits) {
  return fmt::format("{:02}:{:02}:{:02}.{:0{}}", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     fraction, digits);
}

}  // namespace

std::string DecimalText(Int128 unscaled, int32_t scale) {
  const bool negative = unscaled < 0;
  auto magnitude = static_cast<unsigned __int128>(unscaled);
  if (negative) magnitude = -magnitude;
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0);
  const auto places = static_cast<size_t>(scale);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return negative ? "-" + digits : digits;
}

std::optional<Int128> ParseDecimalText(std::string_view text, int32_t precision, int32_t scale) {
  const bool negative = Take(text, '-');
  const size_t point = text.find('.');
  const size_t places = point == std::string_view::npos ? 0 : text.size() - point - 1;
  if (text.empty() || places != static_cast<size_t>(scale) || (scale == 0 && text.back() == '.')) {
    return std::nullopt;
  }
  Int128 unscaled = 0;
  int32_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == point) continue;
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    if (unscaled != 0 || text[i] != '0') ++digits;
    if (digits > precision) return std::nullopt;
    unscaled = unscaled * 10 + (text[i] - '0');
  }
  return negative ? -unscaled : unscaled;
}

std::string DateText(int32_t days) {
  const CivilDate date = CivilFromDays(days);
  const bool extended = date.year < 0 || date.year > 9999;
  const char* sign = date.year < 0 ? "-" : extended ? "+" : "";
  const int64_t year = date.year < 0 ? -date.year : date.year;
  return fmt::format("{}{:04}-{:02}-{:02}", sign, year, date.month, date.day);
}

std::optional<int32_t> ParseDateText(std::string_view text) {
  int64_t days = 0;
  if (!TakeDate(text, days) || !text.empty()) return std::nullopt;
  if (days < std::numeric_limits<int32_t>::min() || days > std::numeric_limits<int32_t>::max()) {
    return std::nullopt;
  }
  return static_cast<int32_t>(days);
}

std::string TimeText(int64_t micros) {
  return ClockText(micros / kMicrosPerSecond, micros % kMicrosPerSecond, kMicroDigits);
}

std::optional<int64_t> ParseTimeText(std::string_view text) {
  int64_t seconds = 0;
  int64_t fraction = 0;
  if (!TakeTime(text, kMicroDigits, seconds, fraction) || !text.empty()) return std::nullopt;
  return seconds * kMicrosPerSecond + fraction;
}

TimestampForm TimestampFormOf(TypeKind kind) {
  return {.nanos = kind == TypeKind::kTimestampNs || kind == TypeKind::kTimestampTzNs,
          .zoned = kind == TypeKind::kTimestampTz || kind == TypeKind::kTimestampTzNs};
}

std::string TimestampText(int64_t value, TimestampForm form) {
  const int digits = form.nanos ? kNanoDigits : kMicroDigits;
  const int64_t unit = PowerOfTen(digits);
  const int64_t days = FloorDiv(value, kSecondsPerDay * unit);
  const int64_t rest = value - days * kSecondsPerDay * unit;
  return fmt::format("{}T{}{}", DateText(static_cast<int32_t>(days)),
                     ClockText(rest / unit, rest % unit, digits), form.zoned ? "+00:00" : "");
}

std::optional<int64_t> ParseTimestampText(std::string_view text, TimestampForm form) {
  const int digits = form.nanos ? kNanoDigits : kMicroDigits;
  int64_t days = 0;
  int64_t seconds = 0;
  int64_t fraction = 0;
  if (!TakeDate(text, days) || !Take(text, 'T') || !TakeTime(text, digits, seconds, fraction)) {
    return std::nullopt;
  }
  if (form.zoned ? (text != "+00:00" && text != "Z") : !text.empty()) return std::nullopt;
  const Int128 value =
      (static_cast<Int128>(days) * kSecondsPerDay + seconds) * PowerOfTen(digits) + fraction;
  if (value < std::numeric_limits<int64_t>::min() || value > std::numeric_limits<int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<int64_t>(value);
}

}  // namespace tarn::iceberg
