// SPDX-License-Identifier: Apache-2.0
// SCHEDULE of tasks.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "warehouse/scheduler/cron.h"
#include "warehouse/statement_error.h"

namespace tarn::warehouse {

/// The interval of '2 MINUTES' (units in singular and plural, and H, M, S), from ten seconds to
/// eight days. 001008 for what is none.
StatementResult<int64_t> IntervalOfSchedule(std::string_view schedule);

class TaskSchedule {
 public:
  /// An interval, or 'USING CRON …'. 001008 for what is neither.
  static StatementResult<TaskSchedule> Parse(std::string_view text);

  /// The newest moment at or before `now_ms` at which a task that was resumed at `resumed_ms` is
  /// due: runs never begin early. Absent: not yet.
  std::optional<int64_t> DueAt(int64_t resumed_ms, int64_t now_ms) const;

 private:
  explicit TaskSchedule(std::variant<int64_t, CronSchedule> schedule)
      : schedule_(std::move(schedule)) {}
  std::variant<int64_t, CronSchedule> schedule_;  ///< milliseconds, or minutes of a clock
};

}  // namespace tarn::warehouse
