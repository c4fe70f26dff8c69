// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>

namespace tarn {

using Int128 = __int128;

/// One non-nested value, or null (std::monostate). Its TypeKind is known from the context:
///   bool: kBoolean; int32_t: kInt, kDate; int64_t: kLong, kTime, kTimestamp, kTimestampTz (and
///   _ns); float, double; Int128: kDecimal, unscaled; std::string: kString (UTF-8), kBinary,
///   kFixed, kUuid (16 bytes).
using Value =
    std::variant<std::monostate, bool, int32_t, int64_t, float, double, Int128, std::string>;

}  // namespace tarn
