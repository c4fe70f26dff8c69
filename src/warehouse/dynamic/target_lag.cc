// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/target_lag.h"

#include <array>
#include <charconv>

#include "base/time_units.h"
#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

struct Unit {
  std::string_view name;
  int64_t seconds;
};
constexpr std::array kUnits = {Unit{"SECOND", 1}, Unit{"MINUTE", 60}, Unit{"HOUR", 3'600},
                               Unit{"DAY", 86'400}};
constexpr int64_t kBasePeriodMs = 48'000;
constexpr int64_t kShortestPeriodMs = 375;
/// Of the lag, what the period may take: four fifths.
constexpr int64_t kShare = 4, kShareOf = 5;
constexpr int64_t kLongestLagSeconds = int64_t{86'400} * 36'500;

StatementFailure NoLag(std::string_view written) {
  return InvalidParameterValue("TARGET_LAG", written);
}

}  // namespace

StatementResult<std::optional<int64_t>> ParseTargetLag(std::string_view written) {
  const std::string text = sql::syntax::UpperCase(std::string(written));
  if (text == "DOWNSTREAM") return std::nullopt;
  int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto number = std::from_chars(text.data(), end, count);
  if (number.ec != std::errc() || count < 1) return NoLag(written);
  std::string_view unit(number.ptr, static_cast<size_t>(end - number.ptr));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  while (unit.ends_with(' ')) unit.remove_suffix(1);
  if (unit.ends_with('S')) unit.remove_suffix(1);
  for (const Unit& known : kUnits) {
    if (unit != known.name) continue;
    if (count > kLongestLagSeconds / known.seconds) return NoLag(written);
    return count * known.seconds;
  }
  return NoLag(written);
}

int64_t RefreshPeriodMs(int64_t target_lag_seconds) {
  const int64_t most_ms = target_lag_seconds * 1000 / kShareOf * kShare;
  int64_t period_ms = kBasePeriodMs;
  while (period_ms * 2 <= most_ms) period_ms *= 2;
  while (period_ms > most_ms && period_ms > kShortestPeriodMs) period_ms /= 2;
  return period_ms;
}

int64_t DueMoment(int64_t period_ms, int64_t now_ms) { return now_ms - now_ms % period_ms; }

}  // namespace tarn::warehouse
