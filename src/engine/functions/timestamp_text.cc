// SPDX-License-Identifier: Apache-2.0
#include "engine/functions/timestamp_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "engine/functions/decimal_text.h"

namespace tarn::engine {

namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday",  "wednesday", "thursday",
                                                   "friday", "saturday", "sunday"};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

int64_t DaysOfMonth(int64_t year, int64_t month) {
  constexpr std::array<int64_t, 12> kLengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kLengths[static_cast<size_t>(month - 1)];
}

/// What was read so far.
struct Fields {
  int64_t year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, micros = 0;
  std::optional<bool> afternoon;
  std::optional<int32_t> offset;
  bool date = false, time = false;

  std::optional<ParsedMoment> Moment() const {
    if (month < 1 || month > 12 || day < 1 || day > DaysOfMonth(year, month)) return std::nullopt;
    int64_t hours = hour;
    if (afternoon) {
      if (hour < 1 || hour > 12) return std::nullopt;
      hours = hour % 12 + (*afternoon ? 12 : 0);
    }
    if (hours > 23 || minute > 59 || second > 59) return std::nullopt;
    const int64_t seconds = (hours * 60 + minute) * 60 + second;
    return ParsedMoment{
        DaysFromCivil(year, month, day) * kMicrosPerDay + seconds * kMicrosPerSecond + micros,
        offset, date, time};
  }
};

/// A place in a text. Every reader moves on only if it found what it looks for.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  bool Char(char c) {
    if (rest_.empty() || Lower(rest_[0]) != Lower(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  size_t CountDigits() const {
    size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') ++count;
    return count;
  }
  bool Number(size_t min, size_t max, int64_t& value) {
    const size_t count = std::min(CountDigits(), max);
    if (count < min) return false;
    value = 0;
    for (size_t i = 0; i < count; ++i) value = value * 10 + (rest_[i] - '0');
    rest_.remove_prefix(count);
    return true;
  }
  /// Digits behind a point, as microseconds.
  bool Fraction(int64_t& micros) {
    const size_t count = CountDigits();
    if (count == 0 || count > 9) return false;
    micros = 0;
    for (size_t i = 0; i < 6; ++i) micros = micros * 10 + (i < count ? rest_[i] - '0' : 0);
    rest_.remove_prefix(count);
    return true;
  }
  /// A name of the list, whole or its first three letters; its place from 1.
  template <size_t n>
  bool Name(const std::array<std::string_view, n>& names, int64_t& place) {
    for (size_t i = 0; i < n; ++i) {
      for (const std::string_view name : {names[i], names[i].substr(0, 3)}) {
        if (!StartsWith(name)) continue;
        rest_.remove_prefix(name.size());
        place = static_cast<int64_t>(i) + 1;
        return true;
      }
    }
    return false;
  }
  bool Meridian(std::optional<bool>& afternoon) {
    if (!StartsWith("am") && !StartsWith("pm")) return false;
    afternoon = Lower(rest_[0]) == 'p';
    rest_.remove_prefix(2);
    return true;
  }
  /// Z, ±HH, ±HHMM, ±HH:MM.
  bool Offset(std::optional<int32_t>& offset) {
    if (Char('Z')) {
      offset = 0;
      return true;
    }
    const bool negative = !rest_.empty() && rest_[0] == '-';
    if (!negative && (rest_.empty() || rest_[0] != '+')) return false;
    const std::string_view before = rest_;
    rest_.remove_prefix(1);
    int64_t hours = 0;
    int64_t minutes = 0;
    bool good = Number(1, 2, hours);
    if (good && (Char(':') || CountDigits() > 0)) good = Number(2, 2, minutes);
    if (!good || hours > 14 || minutes > 59) {
      rest_ = before;
      return false;
    }
    const auto total = static_cast<int32_t>(hours * 60 + minutes);
    offset = negative ? -total : total;
    return true;
  }

 private:
  bool StartsWith(std::string_view lower) const {
    return rest_.size() >= lower.size() && std::equal(lower.begin(), lower.end(), rest_.begin(),
                                                      [](char a, char b) { return a == Lower(b); });
  }

  std::string_view rest_;
};

/// HH[:MI[:SS[.FF]]] [AM]; `hour_alone`: may end behind the hour.
bool ReadTime(Cursor& cursor, Fields& fields, bool hour_alone) {
  if (!cursor.Number(1, 2, fields.hour)) return false;
  fields.time = true;
  if (!cursor.Char(':')) return hour_alone;
  if (!cursor.Number(2, 2, fields.minute)) return false;
  if (cursor.Char(':')) {
    if (!cursor.Number(2, 2, fields.second)) return false;
    if (cursor.Char('.') && !cursor.Fraction(fields.micros)) return false;
  }
  Cursor ahead = cursor;
  while (ahead.Char(' ')) {
  }
  if (ahead.Meridian(fields.afternoon)) cursor = ahead;
  return true;
}

bool ReadZone(Cursor& cursor, Fields& fields) {
  while (cursor.Char(' ')) {
  }
  return cursor.AtEnd() || (cursor.Offset(fields.offset) && cursor.AtEnd());
}

/// YYYY-MM-DD, DD-MON-YYYY, MM/DD/YYYY.
bool ReadDate(Cursor& cursor, Fields& fields) {
  fields.date = true;
  if (cursor.CountDigits() == 4) {
    return cursor.Number(4, 4, fields.year) && cursor.Char('-') &&
           cursor.Number(1, 2, fields.month) && cursor.Char('-') && cursor.Number(1, 2, fields.day);
  }
  int64_t first = 0;
  if (!cursor.Number(1, 2, first)) return false;
  if (cursor.Char('/')) {
    fields.month = first;
    return cursor.Number(1, 2, fields.day) && cursor.Char('/') && cursor.Number(4, 4, fields.year);
  }
  fields.day = first;
  return cursor.Char('-') && cursor.Name(kMonths, fields.month) && cursor.Char('-') &&
         cursor.Number(4, 4, fields.year);
}

/// `Thu, 21 Dec 2000 16:01:07 +0200` and `Thu Dec 21 16:01:07 +0200 2000`.
bool ReadWeekdayForms(Cursor cursor, Fields& fields) {
  int64_t weekday = 0;
  if (!cursor.Name(kDays, weekday)) return false;
  fields.date = true;
  if (cursor.Char(',')) {
    return cursor.Char(' ') && cursor.Number(1, 2, fields.day) && cursor.Char(' ') &&
           cursor.Name(kMonths, fields.month) && cursor.Char(' ') &&
           cursor.Number(4, 4, fields.year) && cursor.Char(' ') &&
           ReadTime(cursor, fields, false) && ReadZone(cursor, fields);
  }
  return cursor.Char(' ') && cursor.Name(kMonths, fields.month) && cursor.Char(' ') &&
         cursor.Number(1, 2, fields.day) && cursor.Char(' ') && ReadTime(cursor, fields, false) &&
         cursor.Char(' ') && cursor.Offset(fields.offset) && cursor.Char(' ') &&
         cursor.Number(4, 4, fields.year) && cursor.AtEnd();
}

std::optional<ParsedMoment> ReadInstant(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end || text.starts_with('-')) return std::nullopt;
  constexpr int64_t kSecondsMax = 31'536'000'000;
  int64_t micros = 0;
  if (value < kSecondsMax) {
    micros = value * kMicrosPerSecond;
  } else if (value < kSecondsMax * 1000) {
    micros = value * 1000;
  } else if (value < kSecondsMax * 1000 * 1000) {
    micros = value;
  } else {
    micros = value / 1000;
  }
  return ParsedMoment{.micros = negative ? -micros : micros,
                      .offset_minutes = std::nullopt,
                      .has_date = true,
                      .has_time = true};
}

}  // namespace

int64_t DaysFromCivil(int64_t year, int64_t month, int64_t day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t yoe = y - era * 400;
  const int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146'097 + doe - 719'468;
}

std::optional<ParsedMoment> ParseMoment(std::string_view text) {
  text = TrimBlanks(text);
  if (auto instant = ReadInstant(text)) return instant;
  {
    Fields fields;
    if (ReadWeekdayForms(Cursor(text), fields)) return fields.Moment();
  }
  {
    Fields fields;
    Cursor cursor(text);
    if (ReadTime(cursor, fields, false) && cursor.AtEnd()) return fields.Moment();
  }
  Fields fields;
  Cursor cursor(text);
  if (!ReadDate(cursor, fields)) return std::nullopt;
  if (cursor.AtEnd()) return fields.Moment();
  if (!cursor.Char('T') && !cursor.Char(' ')) return std::nullopt;
  if (!ReadTime(cursor, fields, true) || !ReadZone(cursor, fields)) return std::nullopt;
  return fields.Moment();
}

// --- Models --------------------------------------------------------------------------------------

namespace {

enum class Element : uint8_t {
  kYear4,
  kYear2,
  kMonth,
  kMonthShort,
  kMonthLong,
  kDay,
  kWeekday,
  kHour24,
  kHour12,
  kMeridian,
  kMinute,
  kSecond,
  kFraction,
  kZone,
  kZoneColon,
  kZoneHour,
  kZoneMinute,
  kLiteral,
};

struct Token {
  Element element = Element::kLiteral;
  char literal = ' ';
  int digits = 9;
};

constexpr std::array<std::pair<std::string_view, Element>, 18> kElements = {{
    {"yyyy", Element::kYear4},
    {"uuuu", Element::kYear4},
    {"yy", Element::kYear2},
    {"mmmm", Element::kMonthLong},
    {"mon", Element::kMonthShort},
    {"mm", Element::kMonth},
    {"dd", Element::kDay},
    {"dy", Element::kWeekday},
    {"hh24", Element::kHour24},
    {"hh12", Element::kHour12},
    {"am", Element::kMeridian},
    {"pm", Element::kMeridian},
    {"mi", Element::kMinute},
    {"ss", Element::kSecond},
    {"tzh:tzm", Element::kZoneColon},
    {"tzhtzm", Element::kZone},
    {"tzh", Element::kZoneHour},
    {"tzm", Element::kZoneMinute},
}};

std::vector<Token> ReadTokens(std::string_view model) {
  std::vector<Token> tokens;
  std::string lower(model);
  for (char& c : lower) c = Lower(c);
  for (size_t i = 0; i < model.size();) {
    const std::string_view rest = std::string_view(lower).substr(i);
    if (model[i] == '"') {
      for (++i; i < model.size() && model[i] != '"'; ++i) tokens.push_back({.literal = model[i]});
      ++i;
      continue;
    }
    if (rest.starts_with("ff")) {
      Token token{.element = Element::kFraction};
      i += 2;
      if (i < model.size() && model[i] >= '0' && model[i] <= '9') token.digits = model[i++] - '0';
      tokens.push_back(token);
      continue;
    }
    const auto found = std::ranges::find_if(
        kElements, [&](const auto& element) { return rest.starts_with(element.first); });
    if (found == kElements.end()) {
      tokens.push_back({.literal = model[i++]});
      continue;
    }
    tokens.push_back({.element = found->second});
    i += found->first.size();
  }
  return tokens;
}

/// Nearly every row has the model of the one before.
const std::vector<Token>& Tokens(std::string_view model) {
  thread_local std::string known;
  thread_local std::vector<Token> tokens;
  if (known != model) {
    tokens = ReadTokens(model);
    known = model;
  }
  return tokens;
}

bool ReadElement(const Token& token, Cursor& cursor, Fields& fields) {
  int64_t ignored = 0;
  switch (token.element) {
    case Element::kYear4:
      fields.date = true;
      return cursor.Number(1, 4, fields.year);
    case Element::kYear2:
      fields.date = true;
      if (!cursor.Number(1, 2, fields.year)) return false;
      fields.year += fields.year < 70 ? 2000 : 1900;
      return true;
    case Element::kMonth:
      fields.date = true;
      return cursor.Number(1, 2, fields.month);
    case Element::kMonthShort:
    case Element::kMonthLong:
      fields.date = true;
      return cursor.Name(kMonths, fields.month);
    case Element::kDay:
      fields.date = true;
      return cursor.Number(1, 2, fields.day);
    case Element::kWeekday:
      return cursor.Name(kDays, ignored);
    case Element::kHour24:
    case Element::kHour12:
      fields.time = true;
      return cursor.Number(1, 2, fields.hour);
    case Element::kMeridian:
      return cursor.Meridian(fields.afternoon);
    case Element::kMinute:
      fields.time = true;
      return cursor.Number(1, 2, fields.minute);
    case Element::kSecond:
      fields.time = true;
      return cursor.Number(1, 2, fields.second);
    case Element::kFraction:
      return cursor.Fraction(fields.micros);
    case Element::kZone:
    case Element::kZoneColon:
    case Element::kZoneHour:
      return cursor.Offset(fields.offset);
    case Element::kZoneMinute:
      return cursor.Number(2, 2, ignored);
    case Element::kLiteral:
      return cursor.Char(token.literal);
  }
  return false;
}

}  // namespace

std::optional<ParsedMoment> ParseMoment(std::string_view text, std::string_view model) {
  text = TrimBlanks(text);
  std::string lower(model);
  for (char& c : lower) c = Lower(c);
  if (lower == "auto") return ParseMoment(text);
  Fields fields;
  Cursor cursor(text);
  for (const Token& token : Tokens(model)) {
    if (!ReadElement(token, cursor, fields)) return std::nullopt;
  }
  if (!cursor.AtEnd()) return std::nullopt;
  return fields.Moment();
}

namespace {

/// A moment by its parts.
struct Clock {
  int64_t days = 0, year = 0, month = 0, day = 0, seconds = 0, micros = 0;
  std::optional<int32_t> offset;
};

Clock ClockOf(int64_t micros) {
  Clock clock;
  clock.days =
      micros >= 0 ? micros / kMicrosPerDay : -((kMicrosPerDay - 1 - micros) / kMicrosPerDay);
  const int64_t rest = micros - clock.days * kMicrosPerDay;
  clock.seconds = rest / kMicrosPerSecond;
  clock.micros = rest % kMicrosPerSecond;
  // Civil from days.
  const int64_t z = clock.days + 719'468;
  const int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const int64_t doe = z - era * 146'097;
  const int64_t yoe = (doe - doe / 1460 + doe / 36'524 - doe / 146'096) / 365;
  const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const int64_t mp = (5 * doy + 2) / 153;
  clock.month = mp < 10 ? mp + 3 : mp - 9;
  clock.day = doy - (153 * mp + 2) / 5 + 1;
  clock.year = yoe + era * 400 + (clock.month <= 2 ? 1 : 0);
  return clock;
}

std::string Title(std::string_view name) {
  std::string text(name);
  text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string ZoneText(const Clock& clock, Element element) {
  const int32_t offset = clock.offset.value_or(0);
  const int32_t size = offset < 0 ? -offset : offset;
  const std::string hours = fmt::format("{}{:02}", offset < 0 ? '-' : '+', size / 60);
  const std::string minutes = fmt::format("{:02}", size % 60);
  if (element == Element::kZoneHour) return hours;
  if (element == Element::kZoneMinute) return minutes;
  if (!clock.offset) return "Z";
  return element == Element::kZone ? hours + minutes : hours + ":" + minutes;
}

std::string TextOf(const Token& token, const Clock& clock) {
  const auto two = [](int64_t number) { return fmt::format("{:02}", number); };
  const int64_t hour = clock.seconds / 3600;
  const std::string_view month = kMonths[static_cast<size_t>(clock.month - 1)];
  switch (token.element) {
    case Element::kYear4:
      return fmt::format("{:04}", clock.year);
    case Element::kYear2:
      return two(((clock.year % 100) + 100) % 100);
    case Element::kMonth:
      return two(clock.month);
    case Element::kMonthShort:
      return Title(month.substr(0, 3));
    case Element::kMonthLong:
      return Title(month);
    case Element::kDay:
      return two(clock.day);
    case Element::kWeekday:
      // 1970-01-01 was a Thursday.
      return Title(kDays[static_cast<size_t>(((clock.days + 3) % 7 + 7) % 7)].substr(0, 3));
    case Element::kHour24:
      return two(hour);
    case Element::kHour12:
      return two((hour + 11) % 12 + 1);
    case Element::kMeridian:
      return hour < 12 ? "AM" : "PM";
    case Element::kMinute:
      return two(clock.seconds / 60 % 60);
    case Element::kSecond:
      return two(clock.seconds % 60);
    case Element::kFraction:
      return fmt::format("{:06}000", clock.micros).substr(0, static_cast<size_t>(token.digits));
    case Element::kZone:
    case Element::kZoneColon:
    case Element::kZoneHour:
    case Element::kZoneMinute:
      return ZoneText(clock, token.element);
    case Element::kLiteral:
      return std::string(1, token.literal);
  }
  return {};
}

}  // namespace

std::string FormatMoment(int64_t micros, std::string_view model,
                         std::optional<int32_t> offset_minutes) {
  Clock clock = ClockOf(micros);
  clock.offset = offset_minutes;
  std::string text;
  for (const Token& token : Tokens(model)) text += TextOf(token, clock);
  return text;
}

}  // namespace tarn::engine
