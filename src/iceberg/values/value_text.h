// SPDX-License-Identifier: Apache-2.0
// Decimals, dates and times as ISO text, in the forms that JSON single values use (spec, Appendix
// D). Years beyond 9999 carry a sign, as ISO 8601 has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/column_type.h"
#include "base/value.h"

namespace tarn::iceberg {

/// "14.20"
std::string DecimalText(Int128 unscaled, int32_t scale);
/// Exactly `scale` digits after the point; none if it does not fit the precision.
std::optional<Int128> ParseDecimalText(std::string_view text, int32_t precision, int32_t scale);

/// "2017-11-16"
std::string DateText(int32_t days);
std::optional<int32_t> ParseDateText(std::string_view text);

/// "22:31:08.123456"
std::string TimeText(int64_t micros);
std::optional<int64_t> ParseTimeText(std::string_view text);

struct TimestampForm {
  bool nanos = false;
  bool zoned = false;  ///< ends in +00:00
};
TimestampForm TimestampFormOf(TypeKind kind);

/// "2017-11-16T22:31:08.123456", with "+00:00" when zoned.
std::string TimestampText(int64_t value, TimestampForm form);
/// The fraction may be shorter or absent; "Z" counts as +00:00, any other offset as malformed.
std::optional<int64_t> ParseTimestampText(std::string_view text, TimestampForm form);

}  // namespace tarn::iceberg
