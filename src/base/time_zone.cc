// SPDX-License-Identifier: Apache-2.0
#include "base/time_zone.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "base/calendar.h"

namespace tarn {
namespace {

constexpr std::string_view kDatabase = "/usr/share/zoneinfo/";
constexpr size_t kHeaderBytes = 44, kNameMax = 64;
constexpr int32_t kHour = 3600;

/// Big-endian fields of a file; past its end everything is zero and `failed` is set.
struct FileReader {
  std::string_view rest;
  bool failed = false;

  std::string_view Bytes(size_t count) {
    if (count > rest.size()) {
      failed = true;
      rest = {};
      return {};
    }
    const std::string_view taken = rest.substr(0, count);
    rest.remove_prefix(count);
    return taken;
  }
  int64_t Number(size_t bytes) {
    uint64_t value = 0;
    const std::string_view taken = Bytes(bytes);
    for (const char c : taken) value = value << 8 | static_cast<uint8_t>(c);
    return bytes == 4 ? static_cast<int32_t>(static_cast<uint32_t>(value))
                      : static_cast<int64_t>(value);
  }
};

struct Counts {
  size_t utc = 0, standard = 0, leaps = 0, transitions = 0, kinds = 0, letters = 0;

  size_t BlockBytes(size_t time_bytes) const {
    return transitions * (time_bytes + 1) + kinds * 6 + letters + leaps * (time_bytes + 4) +
           standard + utc;
  }
};

std::optional<Counts> ReadHeader(FileReader& reader) {
  const std::string_view magic = reader.Bytes(4);
  reader.Bytes(16);
  Counts counts;
  for (size_t* count : {&counts.utc, &counts.standard, &counts.leaps, &counts.transitions,
                        &counts.kinds, &counts.letters}) {
    *count = static_cast<size_t>(static_cast<uint32_t>(reader.Number(4)));
    if (*count > 1'000'000) return std::nullopt;
  }
  if (magic != "TZif" || reader.failed || counts.kinds == 0) return std::nullopt;
  return counts;
}

/// A POSIX TZ string: "CET-1CEST,M3.5.0,M10.5.0/3", "<+03>-3".
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : rest_(text) {}

  std::optional<TimeZone::Rule> Read() {
    TimeZone::Rule rule;
    if (!Name()) return std::nullopt;
    rule.standard = -Clock();
    if (rest_.empty()) return failed_ ? std::nullopt : std::optional(rule);
    rule.has_daylight = true;
    if (!Name()) return std::nullopt;
    rule.daylight = rule.standard + kHour;
    if (!rest_.empty() && rest_[0] != ',') rule.daylight = -Clock();
    rule.begin = ReadChange();
    rule.end = ReadChange();
    if (failed_ || !rest_.empty()) return std::nullopt;
    return rule;
  }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool Name() {
    size_t length = 0;
    if (Take('<')) {
      length = rest_.find('>');
      if (length == std::string_view::npos) return false;
      rest_.remove_prefix(length + 1);
      return true;
    }
    while (length < rest_.size() &&
           ((rest_[length] | 0x20) >= 'a' && (rest_[length] | 0x20) <= 'z'))
      ++length;
    rest_.remove_prefix(length);
    return length > 0;
  }
  int32_t Number() {
    int32_t value = 0;
    bool any = false;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9' && value < 100'000) {
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
      any = true;
    }
    failed_ |= !any;
    return value;
  }
  /// Seconds of [+-]hh[:mm[:ss]].
  int32_t Clock() {
    const bool negative = Take('-');
    if (!negative) Take('+');
    int32_t seconds = Number() * kHour;
    if (Take(':')) seconds += Number() * 60;
    if (Take(':')) seconds += Number();
    return negative ? -seconds : seconds;
  }
  TimeZone::Change ReadChange() {
    TimeZone::Change change;
    failed_ |= !Take(',');
    if (Take('M')) {
      change.month = Number();
      failed_ |= !Take('.');
      change.week = Number();
      failed_ |= !Take('.');
      change.weekday = Number();
      failed_ |= change.month < 1 || change.month > 12 || change.week < 1 || change.week > 5 ||
                 change.weekday > 6;
    } else {
      change.kind =
          Take('J') ? TimeZone::Change::Kind::kJulian : TimeZone::Change::Kind::kDayOfYear;
      change.day = Number();
    }
    if (Take('/')) change.seconds = Clock();
    return change;
  }

  std::string_view rest_;
  bool failed_ = false;
};

/// Seconds since 1970, by the wall clock, of a change in a year.
int64_t ChangeAt(const TimeZone::Change& change, int64_t year) {
  const int64_t january = DaysFromCivil({year, 1, 1});
  int64_t day = january + change.day;
  if (change.kind == TimeZone::Change::Kind::kJulian) {
    const bool leap = DaysFromCivil({year + 1, 1, 1}) - january == 366;
    day = january + change.day - 1 + (leap && change.day >= 60 ? 1 : 0);
  } else if (change.kind == TimeZone::Change::Kind::kWeekday) {
    const int64_t first = DaysFromCivil({year, change.month, 1});
    const int64_t next = change.month == 12 ? DaysFromCivil({year + 1, 1, 1})
                                            : DaysFromCivil({year, change.month + 1, 1});
    day = first + (change.weekday - WeekdayOf(first) + 7) % 7 + (change.week - 1) * 7;
    while (day >= next) day -= 7;
  }
  return day * kSecondsPerDay + change.seconds;
}

int32_t RuleOffset(const TimeZone::Rule& rule, int64_t utc) {
  if (!rule.has_daylight) return rule.standard;
  const int64_t wall = utc + rule.standard;
  const int64_t days = wall >= 0 ? wall / kSecondsPerDay : -((-wall - 1) / kSecondsPerDay) - 1;
  const int64_t year = CivilFromDays(days).year;
  const int64_t begin = ChangeAt(rule.begin, year) - rule.standard;
  const int64_t end = ChangeAt(rule.end, year) - rule.daylight;
  const bool daylight = begin < end ? utc >= begin && utc < end : utc >= begin || utc < end;
  return daylight ? rule.daylight : rule.standard;
}

bool IsZoneName(std::string_view name) {
  if (name.empty() || name.size() > kNameMax || name[0] == '/' || name.find("..") != name.npos) {
    return false;
  }
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  });
}

}  // namespace

std::shared_ptr<const TimeZone> TimeZone::Utc() {
  static const auto utc = [] {
    auto made = std::make_shared<TimeZone>();
    made->offsets_ = {0};
    return made;
  }();
  return utc;
}

Result<std::shared_ptr<const TimeZone>> TimeZone::Load(std::string_view name) {
  if (name == "UTC" || name == "utc" || name == "Etc/UTC" || name == "GMT") return Utc();
  std::string file;
  const std::string path = std::string(kDatabase) + std::string(name);
  std::error_code unreadable;
  // "America" is a directory, and reading one throws.
  if (IsZoneName(name) && std::filesystem::is_regular_file(path, unreadable)) {
    std::ifstream in(path, std::ios::binary);
    file.assign(std::istreambuf_iterator<char>(in), {});
  }
  auto made = std::make_shared<TimeZone>();
  if (file.empty() || !made->Parse(file)) {
    return Fail(ErrorKind::kInvalidArgument, "invalid value for parameter \"TimeZone\": \"{}\"",
                name);
  }
  return made;
}

Result<> TimeZone::Parse(std::string_view file) {
  const auto malformed = [] { return Fail(ErrorKind::kCorruption, "malformed time zone file"); };
  FileReader reader{file};
  // The first block is for readers of 32 bits; the second repeats it with 64.
  const auto narrow = ReadHeader(reader);
  if (!narrow || file[4] < '2') return malformed();
  reader.Bytes(narrow->BlockBytes(4));
  const auto counts = ReadHeader(reader);
  if (!counts || counts->BlockBytes(8) > reader.rest.size()) return malformed();
  for (size_t i = 0; i < counts->transitions; ++i) transitions_.push_back(reader.Number(8));
  const std::string_view kinds = reader.Bytes(counts->transitions);
  std::vector<int32_t> offsets;
  for (size_t i = 0; i < counts->kinds; ++i) {
    offsets.push_back(static_cast<int32_t>(reader.Number(4)));
    reader.Bytes(2);
  }
  reader.Bytes(counts->letters + counts->leaps * 12 + counts->standard + counts->utc);
  offsets_.push_back(offsets[0]);
  for (const char kind : kinds) {
    if (static_cast<uint8_t>(kind) >= offsets.size()) return malformed();
    offsets_.push_back(offsets[static_cast<uint8_t>(kind)]);
  }
  if (reader.failed || !std::ranges::is_sorted(transitions_)) return malformed();
  std::string_view footer = reader.rest;
  if (footer.size() > 2 && footer.front() == '\n' && footer.back() == '\n') {
    if (const auto rule = RuleReader(footer.substr(1, footer.size() - 2)).Read()) {
      rule_ = *rule;
      has_rule_ = true;
    }
  }
  return {};
}

int32_t TimeZone::OffsetAt(int64_t utc_seconds) const {
  if (transitions_.empty() || utc_seconds >= transitions_.back()) {
    return has_rule_ ? RuleOffset(rule_, utc_seconds) : offsets_.back();
  }
  const auto later = std::ranges::upper_bound(transitions_, utc_seconds);
  return offsets_[static_cast<size_t>(later - transitions_.begin())];
}

}  // namespace tarn
