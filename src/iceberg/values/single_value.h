// SPDX-License-Identifier: Apache-2.0
// Single values in binary and JSON form (spec, Appendix D), and bounds made of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/column_type.h"
#include "base/result.h"
#include "base/value.h"

namespace tarn::iceberg {

/// Binary single-value serialisation. REQUIRES: a non-null value of the type's alternative.
std::string EncodeSingleValue(const Type& type, const Value& value);
/// Accepts the narrower widths that a promotion leaves behind (4 bytes for kLong, kDouble).
/// Corruption otherwise.
Result<Value> DecodeSingleValue(const Type& type, std::string_view bytes);

/// JSON single values, for defaults.
Result<std::string> EncodeSingleValueJson(const Type& type, const Value& value);
Result<Value> DecodeSingleValueJson(const Type& type, std::string_view json);

/// -1, 0, 1 in the order that bounds use: numbers; strings byte-wise; decimals by value; -0.0 <
/// +0.0; NaN greatest. REQUIRES: two non-null values of one type.
int CompareValues(const Type& type, const Value& a, const Value& b);

/// The first `length` code points of UTF-8 text.
std::string_view TextPrefix(std::string_view text, size_t length);

/// At most `length` code points (kString) or bytes (kBinary); a bound below or equal to the value.
std::string TruncateLowerBound(const Type& type, std::string_view value, size_t length);
/// A bound above or equal to the value, rounded up on code points past surrogates; none if there is
/// none.
std::optional<std::string> TruncateUpperBound(const Type& type, std::string_view value,
                                              size_t length);

}  // namespace tarn::iceberg
