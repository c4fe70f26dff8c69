// SPDX-License-Identifier: Apache-2.0
// Numbers as Snowflake writes and reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/functions/decimal_arithmetic.h"

namespace tarn::engine {

/// "-1.50" of −150 and scale 2.
std::string DecimalToText(Int128 unscaled, int32_t scale);
/// Shortest of at most 15 significant digits, without trailing zeros: 5, 0.1, 1.23e+28, NaN, inf.
std::string DoubleToText(double value);

enum class NumberFault : uint8_t { kNone, kNotANumber, kOutOfRange };

struct ParsedDecimal {
  NumberFault fault = NumberFault::kNone;
  Int128 unscaled = 0;
};

/// Optional sign, digits, point and exponent, blanks around; digits beyond the scale round half
/// away from zero.
ParsedDecimal ParseDecimal(std::string_view text, int32_t precision, int32_t scale);
/// The same for FLOAT, which knows NaN, inf and infinity too.
std::optional<double> ParseDouble(std::string_view text);
/// true t yes y on 1, false f no n off 0, in any case.
std::optional<bool> ParseBoolean(std::string_view text);
std::string_view TrimBlanks(std::string_view text);

}  // namespace tarn::engine
