// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tarn {

/// RFC 4648, with padding.
std::string EncodeBase64(std::string_view bytes);

/// Absent unless it is exactly what EncodeBase64 writes.
std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace tarn
