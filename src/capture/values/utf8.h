// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::capture {

/// Whether every character is well-formed UTF-8 (RFC 3629) and none is zero, as in every text of
/// PostgreSQL.
bool IsText(std::string_view bytes);

/// Characters of well-formed UTF-8.
int64_t CharacterCount(std::string_view text);

}  // namespace tarn::capture
