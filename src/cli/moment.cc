// SPDX-License-Identifier: Apache-2.0
#include "cli/moment.h"

#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

namespace tarn::cli {
namespace {

constexpr int64_t kSecondMs = 1000;

std::optional<int64_t> UnitMs(std::string_view unit) {
  if (unit == "s" || unit == "sec") return kSecondMs;
  if (unit == "m" || unit == "min") return 60 * kSecondMs;
  if (unit == "h") return 3600 * kSecondMs;
  if (unit == "d") return 24 * 3600 * kSecondMs;
  return std::nullopt;
}

std::optional<int64_t> ParseAge(const std::string& text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || number < 0) return std::nullopt;
  const std::string_view unit(parsed.ptr, end);
  if (unit.empty() && number == 0) return 0;
  const auto unit_ms = UnitMs(unit);
  int64_t age = 0;
  if (!unit_ms || __builtin_mul_overflow(number, *unit_ms, &age)) return std::nullopt;
  return age;
}

/// A number of exactly `digits` at `at`, which moves behind it.
std::optional<unsigned> TakeNumber(std::string_view& at, size_t digits) {
  unsigned number = 0;
  if (at.size() < digits) return std::nullopt;
  const auto parsed = std::from_chars(at.data(), at.data() + digits, number);
  if (parsed.ec != std::errc() || parsed.ptr != at.data() + digits) return std::nullopt;
  at.remove_prefix(digits);
  return number;
}

bool Take(std::string_view& at, std::string_view any_of) {
  if (at.empty() || any_of.find(at.front()) == std::string_view::npos) return false;
  at.remove_prefix(1);
  return true;
}

std::optional<int64_t> ParseDate(std::string_view at) {
  const auto year = TakeNumber(at, 4);
  if (!year || !Take(at, "-")) return std::nullopt;
  const auto month = TakeNumber(at, 2);
  if (!month || !Take(at, "-")) return std::nullopt;
  const auto day = TakeNumber(at, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month), std::chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  int64_t seconds = 0;
  if (Take(at, " T")) {
    const auto hour = TakeNumber(at, 2);
    if (!hour || *hour > 23 || !Take(at, ":")) return std::nullopt;
    const auto minute = TakeNumber(at, 2);
    if (!minute || *minute > 59 || !Take(at, ":")) return std::nullopt;
    const auto second = TakeNumber(at, 2);
    if (!second || *second > 59) return std::nullopt;
    seconds = *hour * 3600 + *minute * 60 + *second;
  }
  Take(at, "Z");
  if (!at.empty()) return std::nullopt;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (days * 86'400 + seconds) * kSecondMs;
}

}  // namespace

Result<int64_t> ParseMoment(const std::string& text, int64_t now_ms) {
  if (const auto age = ParseAge(text)) return now_ms - *age;
  if (const auto date = ParseDate(text)) return *date;
  return std::unexpected(
      Error{ErrorKind::kInvalidArgument,
            fmt::format("\"{}\" is no time", text),
            {},
            "Give an age (7d, 12h, 30m) or a date of UTC (2026-01-31 12:30:00)."});
}

}  // namespace tarn::cli
