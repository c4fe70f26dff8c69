// SPDX-License-Identifier: Apache-2.0
// JSON as PARSE_JSON reads it, made canonical (variant_text.h).
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace tarn::engine {

struct JsonFault {
  std::string message;  ///< "misplaced }"
  size_t position = 0;  ///< from 1
  std::string text() const;
};

enum class DuplicateKeys : bool { kRefused, kLastWins };

/// Beyond the standard: NaN, Infinity and words in any case, keys without quotes, texts in single
/// quotes, and missing elements, which are `undefined`. Nesting is limited. Blanks alone: an empty
/// text.
std::expected<std::string, JsonFault> ParseVariant(std::string_view json, DuplicateKeys duplicates);

}  // namespace tarn::engine
