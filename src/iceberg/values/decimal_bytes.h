// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/value.h"

namespace tarn::iceberg {

/// Two's complement, big-endian, in as few bytes as hold it (at least one).
std::string EncodeDecimal(Int128 unscaled);
/// Up to 16 bytes; none if there are more or none.
std::optional<Int128> DecodeDecimal(std::string_view bytes);

}  // namespace tarn::iceberg
