// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scheduler/cron.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <vector>

#include "base/calendar.h"
#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kMinuteSeconds = 60, kHourSeconds = 3600, kSecondMs = 1000;
constexpr size_t kFields = 6;
constexpr std::array<std::string_view, 12> kMonthNames = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdayNames = {"SUN", "MON", "TUE", "WED",
                                                           "THU", "FRI", "SAT"};

std::vector<std::string_view> SplitAt(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words = SplitAt(text, ' ');
  std::erase(words, std::string_view());
  return words;
}

std::optional<size_t> NumberIn(std::string_view text) {
  size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

/// What a field's values may be: `names` stand for `least` and on.
struct Domain {
  size_t least, most;
  std::span<const std::string_view> names;

  std::optional<size_t> Value(std::string_view text) const {
    const auto name = std::ranges::find(names, text);
    if (name != names.end()) return least + static_cast<size_t>(name - names.begin());
    const auto number = NumberIn(text);
    if (!number || *number < least || *number > most) return std::nullopt;
    return number;
  }

  /// "*", "4", "4-6", each with "/3" behind it: a lone number with a step goes on to the end.
  template <size_t N>
  bool Add(std::string_view item, std::bitset<N>& set) const {
    const size_t slash = item.find('/');
    std::optional<size_t> step = 1;
    if (slash != std::string_view::npos) step = NumberIn(item.substr(slash + 1));
    if (!step || *step == 0) return false;
    item = item.substr(0, slash);
    const size_t dash = item.find('-');
    std::optional<size_t> first = least, last = most;
    if (item != "*") {
      first = Value(item.substr(0, dash));
      if (dash != std::string_view::npos) last = Value(item.substr(dash + 1));
      if (dash == std::string_view::npos && slash == std::string_view::npos) last = first;
    }
    if (!first || !last || *first > *last) return false;
    for (size_t value = *first; value <= *last; value += *step) {
      set.set(value);
      if (*step > most) break;
    }
    return true;
  }
  template <size_t N>
  bool AddAll(std::string_view field, std::bitset<N>& set) const {
    return std::ranges::all_of(SplitAt(field, ','),
                               [&](std::string_view item) { return Add(item, set); });
  }
};

constexpr Domain kMinuteDomain = {0, 59, {}};
constexpr Domain kHourDomain = {0, 23, {}};
constexpr Domain kDayDomain = {1, 31, {}};
constexpr Domain kMonthDomain = {1, 12, kMonthNames};
constexpr Domain kWeekdayDomain = {0, 6, kWeekdayNames};

int64_t FloorDivide(int64_t value, int64_t by) {
  return value >= 0 ? value / by : -((-value - 1) / by) - 1;
}

}  // namespace

bool CronSchedule::ParseDays(std::string_view field) {
  any_day_ = field == "*";
  return std::ranges::all_of(SplitAt(field, ','), [&](std::string_view item) {
    if (item != "L") return kDayDomain.Add(item, days_);
    last_day_ = true;
    return true;
  });
}

bool CronSchedule::ParseWeekdays(std::string_view field) {
  any_weekday_ = field == "*";
  return std::ranges::all_of(SplitAt(field, ','), [&](std::string_view item) {
    // Only behind a day: no document says which day L alone would be.
    if (item.size() < 2 || item.back() != 'L') return kWeekdayDomain.Add(item, weekdays_);
    const auto weekday = kWeekdayDomain.Value(item.substr(0, item.size() - 1));
    if (weekday) last_weekdays_.set(*weekday);
    return weekday.has_value();
  });
}

bool CronSchedule::ParseFields(std::string_view expression) {
  const std::string upper = sql::syntax::UpperCase(std::string(expression));
  const auto fields = Words(upper);
  if (fields.size() != kFields) return false;
  // The zone's name keeps its case.
  auto zone = TimeZone::Load(Words(expression).back());
  if (!zone) return false;
  zone_ = *std::move(zone);
  return kMinuteDomain.AddAll(fields[0], minutes_) && kHourDomain.AddAll(fields[1], hours_) &&
         ParseDays(fields[2]) && kMonthDomain.AddAll(fields[3], months_) &&
         ParseWeekdays(fields[4]);
}

StatementResult<CronSchedule> CronSchedule::Parse(std::string_view expression) {
  CronSchedule schedule;
  if (schedule.ParseFields(expression)) return schedule;
  return InvalidParameterValue("SCHEDULE", "USING CRON " + std::string(expression));
}

bool CronSchedule::HoldsOn(int64_t day) const {
  const CivilDate date = CivilFromDays(day);
  if (!months_[static_cast<size_t>(date.month)]) return false;
  const auto weekday = static_cast<size_t>(WeekdayOf(day));
  constexpr int64_t kWeek = 7;
  const bool by_day =
      days_[static_cast<size_t>(date.day)] || (last_day_ && CivilFromDays(day + 1).day == 1);
  const bool by_weekday = weekdays_[weekday] || (last_weekdays_[weekday] &&
                                                 CivilFromDays(day + kWeek).month != date.month);
  // Where both are restricted, either will do.
  if (any_day_) return by_weekday;
  if (any_weekday_) return by_day;
  return by_day || by_weekday;
}

std::optional<int64_t> CronSchedule::NewestOn(int64_t day, int64_t after, int64_t until) const {
  // What the zone's distance from UTC may be on that day.
  std::array<int64_t, 2> offsets = {zone_->OffsetAt((day - 1) * kSecondsPerDay),
                                    zone_->OffsetAt((day + 2) * kSecondsPerDay)};
  std::optional<int64_t> newest;
  for (size_t hour = 0; hour < kHours; ++hour) {
    if (!hours_[hour]) continue;
    for (size_t minute = 0; minute < kMinutes; ++minute) {
      if (!minutes_[minute]) continue;
      const int64_t wall = day * kSecondsPerDay + static_cast<int64_t>(hour) * kHourSeconds +
                           static_cast<int64_t>(minute) * kMinuteSeconds;
      for (const int64_t offset : offsets) {
        const int64_t utc = wall - offset;
        if (utc <= after || utc > until || zone_->OffsetAt(utc) != offset) continue;
        newest = std::max(newest.value_or(utc), utc);
      }
    }
  }
  return newest;
}

std::optional<int64_t> CronSchedule::Newest(int64_t after_ms, int64_t until_ms) const {
  const int64_t after = FloorDivide(after_ms, kSecondMs), until = FloorDivide(until_ms, kSecondMs);
  const auto day_of = [&](int64_t utc) {
    return FloorDivide(utc + zone_->OffsetAt(utc), kSecondsPerDay);
  };
  // A day more on both sides: the clock may jump over midnight.
  for (int64_t day = day_of(until) + 1; day >= day_of(after) - 1; --day) {
    if (!HoldsOn(day)) continue;
    if (const auto newest = NewestOn(day, after, until)) return *newest * kSecondMs;
  }
  return std::nullopt;
}

}  // namespace tarn::warehouse
