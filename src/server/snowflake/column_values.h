// SPDX-License-Identifier: Apache-2.0
// Values of result columns as numbers, whatever carries them.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/batch.h"
#include "base/value.h"
#include "warehouse/session.h"

namespace tarn::server::snowflake {

inline constexpr int64_t kNanosPerSecond = 1'000'000'000;

template <typename T>
T LoadValue(const ColumnView& values, int64_t row) {
  T value;
  std::memcpy(&value, values.values + static_cast<size_t>(row) * sizeof(T), sizeof(T));
  return value;
}

inline bool BitAt(const ColumnView& values, int64_t row) {
  return (values.values[row >> 3] >> (row & 7) & 1) != 0;
}

inline std::string_view BytesAt(const ColumnView& values, int64_t row) {
  return {reinterpret_cast<const char*>(values.values) + values.offsets[row],
          static_cast<size_t>(values.offsets[row + 1] - values.offsets[row])};
}

/// A point in time; `nanoseconds` count from the second before it.
struct Moment {
  int64_t seconds = 0;
  int32_t nanoseconds = 0;
  int32_t offset_minutes = 0;
};

/// 10^exponent, up to 18.
int64_t PowerOfTen(int32_t exponent);
/// In units of 10^-scale seconds. REQUIRES: scale ≤ 9; ≤ 7 for times far from now.
int64_t UnitsOf(const Moment& moment, int32_t scale);

/// Unscaled.
Int128 NumberAt(const warehouse::ResultColumn& column, const ColumnView& values, int64_t row);
/// Of a column of timestamps.
Moment MomentAt(const warehouse::ResultColumn& column, const ColumnView& values, int64_t row);
/// In units of the column's digits.
int64_t TimeOfDayAt(const warehouse::ResultColumn& column, const ColumnView& values, int64_t row);

}  // namespace tarn::server::snowflake
