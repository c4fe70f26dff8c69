// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn {

/// Distance of a zone's wall clock from UTC at any moment, from the system's time zone database
/// (RFC 8536, "TZif"). Immutable.
class TimeZone {
 public:
  /// "UTC" needs no database. InvalidArgument for a name that it does not have.
  static Result<std::shared_ptr<const TimeZone>> Load(std::string_view name);
  static std::shared_ptr<const TimeZone> Utc();

  /// Seconds east of UTC. `utc_seconds` since 1970.
  int32_t OffsetAt(int64_t utc_seconds) const;

  /// When daylight time begins or ends: the `week`-th `weekday` of a month (5: the last), or a day
  /// of the year.
  struct Change {
    enum class Kind : uint8_t { kWeekday, kJulian, kDayOfYear } kind = Kind::kWeekday;
    int32_t month = 1, week = 1, weekday = 0, day = 0;
    int32_t seconds = 7200;  ///< of the day, by the clock until then
  };
  /// What holds behind the last transition (POSIX TZ).
  struct Rule {
    int32_t standard = 0, daylight = 0;
    bool has_daylight = false;
    Change begin, end;
  };

 private:
  Result<> Parse(std::string_view file);

  std::vector<int64_t> transitions_;
  std::vector<int32_t> offsets_;  ///< [0] before the first transition, [i + 1] from transition i on
  Rule rule_;
  bool has_rule_ = false;
};

}  // namespace tarn
