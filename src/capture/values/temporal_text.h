// SPDX-License-Identifier: Apache-2.0
// Dates and times as PostgreSQL writes them with DateStyle ISO.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tarn::capture {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

/// Takes a text from its front. What is not there makes it fail for good.
class TemporalText {
 public:
  explicit TemporalText(std::string_view text) : rest_(text) {}

  /// "2024-02-29", years of four digits or more. Days since 1970; `bc` years count backwards.
  int64_t TakeDate(bool bc);
  /// "23:59:59.999999", to "24:00:00": microseconds.
  int64_t TakeTime();
  /// "+02", "-03:30", "+00:19:32": seconds east of UTC.
  int64_t TakeZone();
  void TakeBlank() { TakeLetter(' '); }
  /// Takes " BC" off the end.
  bool TakeEra();

  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  int64_t TakeNumber(size_t fewest, size_t most);
  void TakeLetter(char letter);

  std::string_view rest_;
  bool failed_ = false;
};

/// For messages: "10000-01-01", "0044-03-15 BC".
std::string DateText(int64_t days);
/// "10000-01-01 00:00:00.5": `micros` since the beginning of `day`, which counts since 1970.
std::string TimestampText(int64_t day, int64_t micros);

}  // namespace tarn::capture
