// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tarn::provision {

/// The first `digits` hexadecimal digits of the SHA-256 of `content`: a short name for a long one.
std::string HexDigest(std::string_view content, size_t digits);

}  // namespace tarn::provision
