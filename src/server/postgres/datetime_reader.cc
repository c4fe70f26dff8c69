// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/datetime_reader.h"

#include "server/postgres/text_form.h"

namespace tarn::server::postgres {
namespace {

constexpr int32_t kYearMax = 294'276;  // of PostgreSQL's timestamps
constexpr int32_t kMonthDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {
    SkipSpace();
    while (!rest_.empty() && rest_.back() == ' ') rest_.remove_suffix(1);
  }

  std::optional<DateTimeText> Read() {
    DateTimeText read;
    const bool only_time = rest_.size() > 2 && rest_[2] == ':';
    if (!only_time) {
      const bool bc = rest_.ends_with(" BC");
      if (bc) rest_.remove_suffix(3);
      if (!ReadDate(bc, read)) return std::nullopt;
      if (rest_.empty()) return read;
      if (Take('T') || Take('t')) {
        if (!ReadTime(read)) return std::nullopt;
      } else {
        if (!Take(' ')) return std::nullopt;
        SkipSpace();
        // A date with an offset alone, as pgjdbc writes one.
        const bool offset = !rest_.empty() && (rest_[0] == '+' || rest_[0] == '-');
        if (!offset && !ReadTime(read)) return std::nullopt;
      }
    } else if (!ReadTime(read)) {
      return std::nullopt;
    }
    SkipSpace();
    if (!rest_.empty() && !ReadOffset(read)) return std::nullopt;
    if (!rest_.empty()) return std::nullopt;
    return read;
  }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void SkipSpace() {
    while (Take(' ')) {
    }
  }
  /// Digits, at least `least` and at most `most`.
  std::optional<int32_t> Number(size_t least, size_t most) {
    size_t count = 0;
    int32_t value = 0;
    while (count < most && count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
      value = value * 10 + (rest_[count++] - '0');
    }
    if (count < least) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }

  bool ReadDate(bool bc, DateTimeText& read) {
    const auto year = Number(4, 6);
    if (!year || !Take('-')) return false;
    const auto month = Number(1, 2);
    if (!month || !Take('-')) return false;
    const auto day = Number(1, 2);
    if (!day || *month < 1 || *month > 12 || *day < 1 || *year > kYearMax || *year < 1)
      return false;
    const CivilDate date{bc ? 1 - *year : *year, *month, *day};
    if (*day > kMonthDays[*month - 1]) return false;
    read.days = DaysFromCivil(date);
    // 29 February of a year without one is 1 March.
    return CivilFromDays(*read.days).day == *day;
  }

  bool ReadTime(DateTimeText& read) {
    const auto hour = Number(2, 2);
    if (!hour || !Take(':')) return false;
    const auto minute = Number(2, 2);
    int32_t second = 0;
    int64_t micros = 0;
    if (Take(':')) {
      const auto seconds = Number(2, 2);
      if (!seconds) return false;
      second = *seconds;
      if (Take('.') && !ReadFraction(micros)) return false;
    }
    if (!minute || *hour > 24 || *minute > 59 || second > 60) return false;
    const int64_t total =
        ((*hour * int64_t{60} + *minute) * 60 + second) * kMicrosPerSecond + micros;
    if (total > kSecondsPerDay * kMicrosPerSecond) return false;
    read.micros = total;
    return true;
  }

  /// Rounded to microseconds.
  bool ReadFraction(int64_t& micros) {
    int64_t unit = kMicrosPerSecond / 10;
    bool any = false, rounded = false;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1)) {
      const int64_t digit = rest_[0] - '0';
      any = true;
      if (unit > 0) {
        micros += digit * unit;
        unit /= 10;
      } else if (!rounded) {
        micros += digit >= 5 ? 1 : 0;
        rounded = true;
      }
    }
    return any;
  }

  bool ReadOffset(DateTimeText& read) {
    if (Take('Z') || Take('z')) {
      read.offset_seconds = 0;
      return true;
    }
    const bool west = Take('-');
    if (!west && !Take('+')) return false;
    const auto hours = Number(1, 2);
    if (!hours) return false;
    int32_t seconds = *hours * 3600;
    for (int32_t unit = 60; unit > 0; unit /= 60) {
      const bool colon = Take(':');
      if (!colon && rest_.empty()) break;
      const auto part = Number(2, 2);
      if (!part || *part > 59) return false;
      seconds += *part * unit;
    }
    if (*hours > 15) return false;
    read.offset_seconds = west ? -seconds : seconds;
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<DateTimeText> ReadDateTime(std::string_view text) { return Reader(text).Read(); }

}  // namespace tarn::server::postgres
