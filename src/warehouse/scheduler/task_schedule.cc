// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scheduler/task_schedule.h"

#include <charconv>
#include <string>

#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kSecondMs = 1000, kMinuteMs = 60 * kSecondMs, kHourMs = 60 * kMinuteMs;
constexpr int64_t kShortestMs = 10 * kSecondMs, kLongestMs = 8 * 24 * kHourMs;

int64_t UnitMs(std::string_view unit) {
  if (unit == "S" || unit == "SECOND" || unit == "SECONDS") return kSecondMs;
  if (unit == "M" || unit == "MINUTE" || unit == "MINUTES") return kMinuteMs;
  if (unit == "H" || unit == "HOUR" || unit == "HOURS") return kHourMs;
  return 0;
}

}  // namespace

StatementResult<int64_t> IntervalOfSchedule(std::string_view schedule) {
  const std::string upper = sql::syntax::UpperCase(std::string(schedule));
  int64_t count = 0;
  const auto [end, error] = std::from_chars(upper.data(), upper.data() + upper.size(), count);
  std::string_view unit(end, static_cast<size_t>(upper.data() + upper.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  while (unit.ends_with(' ')) unit.remove_suffix(1);
  const int64_t unit_ms = UnitMs(unit);
  if (error != std::errc() || unit_ms == 0 || count <= 0 || count > kLongestMs / unit_ms ||
      count * unit_ms < kShortestMs) {
    return InvalidParameterValue("SCHEDULE", schedule);
  }
  return count * unit_ms;
}

StatementResult<TaskSchedule> TaskSchedule::Parse(std::string_view text) {
  std::string_view rest = text;
  for (const std::string_view word : {"USING", "CRON"}) {
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    const bool is_cron = sql::syntax::UpperCase(std::string(rest.substr(0, word.size()))) == word &&
                         rest.substr(word.size()).starts_with(' ');
    if (!is_cron) {
      STATEMENT_ASSIGN(const int64_t interval_ms, IntervalOfSchedule(text));
      return TaskSchedule(interval_ms);
    }
    rest.remove_prefix(word.size());
  }
  STATEMENT_ASSIGN(CronSchedule cron, CronSchedule::Parse(rest));
  return TaskSchedule(std::move(cron));
}

std::optional<int64_t> TaskSchedule::DueAt(int64_t resumed_ms, int64_t now_ms) const {
  if (const auto* cron = std::get_if<CronSchedule>(&schedule_)) {
    return cron->Newest(resumed_ms, now_ms);
  }
  const int64_t interval_ms = std::get<int64_t>(schedule_);
  if (now_ms < resumed_ms + interval_ms) return std::nullopt;
  return now_ms - (now_ms - resumed_ms) % interval_ms;
}

}  // namespace tarn::warehouse
