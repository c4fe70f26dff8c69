// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/text_form.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace tarn::server::postgres {
namespace {

constexpr int kDoubleDigitsMax = 17;
constexpr int kFixedExponentMax = 15;  // above, PostgreSQL writes an exponent
constexpr int kFixedExponentMin = -4;

char* WriteWord(char* out, const char* word) {
  const size_t length = std::strlen(word);
  std::memcpy(out, word, length);
  return out + length;
}

char* WriteTwo(char* out, int64_t value) {
  out[0] = static_cast<char>('0' + value / 10);
  out[1] = static_cast<char>('0' + value % 10);
  return out + 2;
}

/// Seconds' decimals without zeros at the end.
char* WriteMicros(char* out, int64_t micros) {
  if (micros == 0) return out;
  *out++ = '.';
  for (int64_t unit = kMicrosPerSecond / 10; micros > 0; unit /= 10) {
    *out++ = static_cast<char>('0' + micros / unit);
    micros %= unit;
  }
  return out;
}

char* WriteDay(char* out, const CivilDate& date) {
  const int64_t year = date.year > 0 ? date.year : 1 - date.year;
  for (int64_t shown = 1000; shown > year && shown > 1; shown /= 10) *out++ = '0';
  out = WriteInteger(out, year);
  *out++ = '-';
  out = WriteTwo(out, date.month);
  *out++ = '-';
  return WriteTwo(out, date.day);
}

char* WriteWallClock(char* out, int64_t micros, CivilDate& date) {
  int64_t seconds = micros / kMicrosPerSecond, rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    rest += kMicrosPerSecond;
    --seconds;
  }
  int64_t days = seconds / kSecondsPerDay, second = seconds % kSecondsPerDay;
  if (second < 0) {
    second += kSecondsPerDay;
    --days;
  }
  date = CivilFromDays(days);
  out = WriteDay(out, date);
  *out++ = ' ';
  return WriteTime(out, second * kMicrosPerSecond + rest);
}

char* WriteBc(char* out, const CivilDate& date) {
  return date.year > 0 ? out : WriteWord(out, " BC");
}

char* WriteOffset(char* out, int32_t offset) {
  *out++ = offset < 0 ? '-' : '+';
  const int32_t seconds = std::abs(offset);
  out = WriteTwo(out, seconds / 3600);
  if (seconds % 3600 != 0) {
    *out++ = ':';
    out = WriteTwo(out, seconds / 60 % 60);
  }
  if (seconds % 60 != 0) {
    *out++ = ':';
    out = WriteTwo(out, seconds % 60);
  }
  return out;
}

}  // namespace

// Both after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of 400 years that
// begin in March.
char* WriteInteger(char* out, int64_t value) {
  return std::to_chars(out, out + kTextFormMax, value).ptr;
}

char* WriteDecimal(char* out, Int128 value, int32_t scale) {
  if (scale == 0 && value == static_cast<int64_t>(value)) {
    return WriteInteger(out, static_cast<int64_t>(value));
  }
  auto magnitude = static_cast<unsigned __int128>(value);
  if (value < 0) {
    magnitude = -magnitude;
    *out++ = '-';
  }
  char digits[kTextFormMax];
  int count = 0;
  // Chunks of 18 digits, since division of 128 bits is slow.
  constexpr uint64_t kChunk = 1'000'000'000'000'000'000;
  while (magnitude > 0 || count <= scale) {
    auto chunk = static_cast<uint64_t>(magnitude % kChunk);
    magnitude /= kChunk;
    for (int i = 0; i < 18; ++i) {
      if (magnitude == 0 && chunk == 0 && count > scale) break;
      digits[count++] = static_cast<char>('0' + chunk % 10);
      chunk /= 10;
    }
  }
  while (count > 0) {
    *out++ = digits[--count];
    if (count == scale && scale > 0) *out++ = '.';
  }
  return out;
}

char* WriteDouble(char* out, double value) {
  if (std::isnan(value)) return WriteWord(out, "NaN");
  if (std::isinf(value)) return WriteWord(out, value < 0 ? "-Infinity" : "Infinity");
  if (value == 0) return WriteWord(out, std::signbit(value) ? "-0" : "0");
  // d.ddde±xx, the fewest digits that read back the same.
  char scientific[kTextFormMax];
  const char* const end = std::to_chars(scientific, scientific + sizeof scientific, value,
                                        std::chars_format::scientific)
                              .ptr;
  const char* at = scientific;
  if (*at == '-') *out++ = *at++;
  char digits[kDoubleDigitsMax + 1];
  int count = 0;
  for (; *at != 'e'; ++at) {
    if (*at != '.') digits[count++] = *at;
  }
  int exponent = 0;
  const char* const sign = at + 1;
  std::from_chars(*sign == '+' ? sign + 1 : sign, end, exponent);
  if (exponent < kFixedExponentMin || exponent >= kFixedExponentMax) {
    *out++ = digits[0];
    if (count > 1) *out++ = '.';
    for (int i = 1; i < count; ++i) *out++ = digits[i];
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    const int magnitude = std::abs(exponent);
    return magnitude < 10 ? WriteTwo(out, magnitude) : WriteInteger(out, magnitude);
  }
  if (exponent < 0) {
    out = WriteWord(out, "0.");
    for (int i = -1; i > exponent; --i) *out++ = '0';
  }
  for (int i = 0; i < count || i <= exponent; ++i) {
    if (exponent >= 0 && i == exponent + 1) *out++ = '.';
    *out++ = i < count ? digits[i] : '0';
  }
  return out;
}

char* WriteDate(char* out, int32_t days) {
  const CivilDate date = CivilFromDays(days);
  return WriteBc(WriteDay(out, date), date);
}

char* WriteTime(char* out, int64_t micros) {
  const int64_t seconds = micros / kMicrosPerSecond;
  out = WriteTwo(out, seconds / 3600);
  *out++ = ':';
  out = WriteTwo(out, seconds / 60 % 60);
  *out++ = ':';
  out = WriteTwo(out, seconds % 60);
  return WriteMicros(out, micros % kMicrosPerSecond);
}

char* WriteTimestamp(char* out, int64_t micros) {
  CivilDate date;
  out = WriteWallClock(out, micros, date);
  return WriteBc(out, date);
}

char* WriteTimestampTz(char* out, int64_t utc_micros, int32_t offset_seconds) {
  int64_t wall = 0;
  if (__builtin_add_overflow(utc_micros, offset_seconds * kMicrosPerSecond, &wall)) {
    wall = utc_micros;
    offset_seconds = 0;
  }
  CivilDate date;
  out = WriteWallClock(out, wall, date);
  return WriteBc(WriteOffset(out, offset_seconds), date);
}

char* WriteUuid(char* out, const uint8_t* bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    *out++ = kHex[bytes[i] >> 4];
    *out++ = kHex[bytes[i] & 15];
  }
  return out;
}

}  // namespace tarn::server::postgres
