// SPDX-License-Identifier: Apache-2.0
// Text → tokens.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/syntax/token.h"

namespace tarn::sql::syntax {

/// A longer text is refused: positions have 32 bits, and the tokens of a text take ten times its
/// memory.
inline constexpr size_t kMaxTextBytes = size_t{64} << 20U;

/// All tokens of a text, comments and blanks left out, ended by one of kind kEnd. Needs linear
/// time. Fails with Snowflake's parse error on what ends too early (strings, comments) and on
/// characters that start no token; the text must be UTF-8.
Result<std::vector<Token>> Tokenize(std::string_view text);

/// What a kString, kDollarString or kQuotedWord token stands for: without quotes, doubled quotes
/// and escapes. REQUIRES: `raw` is the text of such a token.
std::string DecodeString(std::string_view raw);
std::string DecodeQuotedWord(std::string_view raw);

}  // namespace tarn::sql::syntax
