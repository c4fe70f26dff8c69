// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace tarn::iceberg {

inline constexpr std::string_view kFormatVersionProperty = "format-version";

/// Keys of properties for what metadata says elsewhere: they could only contradict it.
inline constexpr std::array<std::string_view, 9> kReservedProperties = {
    kFormatVersionProperty,     "uuid",
    "snapshot-count",           "current-snapshot-id",
    "current-snapshot-summary", "current-snapshot-timestamp-ms",
    "current-schema",           "default-partition-spec",
    "default-sort-order",
};

inline bool IsReservedProperty(std::string_view key) {
  return std::ranges::find(kReservedProperties, key) != kReservedProperties.end();
}

}  // namespace tarn::iceberg
