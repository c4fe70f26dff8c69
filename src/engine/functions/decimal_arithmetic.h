// SPDX-License-Identifier: Apache-2.0
// Exact arithmetic on unscaled decimals of up to 38 digits.
#pragma once

#include <cstdint>
#include <optional>

namespace tarn::engine {

using Int128 = __int128;

/// 10^exponent, 0…38.
Int128 PowerOfTen(int32_t exponent);
/// Whether |value| has at most `precision` digits.
bool FitsPrecision(Int128 value, int32_t precision);

/// a × b × 10^up / (divisor × 10^down), rounded half away from zero, whatever the size of what lies
/// between; nothing if the result has more than 38 digits. REQUIRES: divisor ≠ 0, |each| < 10^38,
/// 0 ≤ up, down ≤ 76.
std::optional<Int128> MultiplyDivide(Int128 a, Int128 b, int32_t up, Int128 divisor, int32_t down);

}  // namespace tarn::engine
