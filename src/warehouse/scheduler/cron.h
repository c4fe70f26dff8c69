// SPDX-License-Identifier: Apache-2.0
// USING CRON of schedules (Snowflake, "CREATE TASK").
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time_zone.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// Minutes of a time zone's clock at which something is due. A minute that the clock shows twice
/// in autumn is two, one that it leaves out in spring is none. Immutable.
class CronSchedule {
 public:
  /// "minute hour day-of-month month day-of-week zone": numbers, JAN-DEC, SUN-SAT, `*`, lists,
  /// ranges, steps, L as the last day of the month and nL as its last weekday n. 001008 for what is
  /// none of it.
  static StatementResult<CronSchedule> Parse(std::string_view expression);

  /// The newest minute in (`after_ms`, `until_ms`], by the milliseconds of its beginning.
  std::optional<int64_t> Newest(int64_t after_ms, int64_t until_ms) const;

 private:
  static constexpr size_t kMinutes = 60, kHours = 24, kDays = 32, kMonths = 13, kWeekdays = 7;

  bool ParseFields(std::string_view expression);
  bool ParseDays(std::string_view field);
  bool ParseWeekdays(std::string_view field);
  bool HoldsOn(int64_t day) const;
  std::optional<int64_t> NewestOn(int64_t day, int64_t after, int64_t until) const;

  std::bitset<kMinutes> minutes_;
  std::bitset<kHours> hours_;
  std::bitset<kDays> days_;
  std::bitset<kMonths> months_;
  std::bitset<kWeekdays> weekdays_, last_weekdays_;
  bool last_day_ = false;
  /// `*`: the other one of the two decides alone.
  bool any_day_ = false, any_weekday_ = false;
  std::shared_ptr<const TimeZone> zone_;
};

}  // namespace tarn::warehouse
