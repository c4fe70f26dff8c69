// SPDX-License-Identifier: Apache-2.0
// Values as PostgreSQL writes them (DateStyle ISO, extra_float_digits 1, bytea_output hex). Each
// function writes at `out`, which has kTextFormMax bytes, and returns the end.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/calendar.h"
#include "base/value.h"

namespace tarn::server::postgres {

inline constexpr size_t kTextFormMax = 64;
inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int32_t kPostgresEpochDays = 10'957;  ///< 2000-01-01

char* WriteInteger(char* out, int64_t value);
/// `value` / 10^`scale`, with exactly `scale` decimals.
char* WriteDecimal(char* out, Int128 value, int32_t scale);
char* WriteDouble(char* out, double value);
/// Days since 1970-01-01.
char* WriteDate(char* out, int32_t days);
/// Microseconds since midnight.
char* WriteTime(char* out, int64_t micros);
/// Microseconds since 1970-01-01 00:00:00 of the wall clock shown.
char* WriteTimestamp(char* out, int64_t micros);
/// The same with the wall clock's distance from UTC: "+01", "+05:30", "-00:44:30".
char* WriteTimestampTz(char* out, int64_t utc_micros, int32_t offset_seconds);
/// 16 bytes.
char* WriteUuid(char* out, const uint8_t* bytes);

}  // namespace tarn::server::postgres
