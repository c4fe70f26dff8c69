// SPDX-License-Identifier: Apache-2.0
// The errors of lexer and parser, worded as Snowflake words them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/syntax/source.h"

namespace tarn::sql::syntax {

/// 001003 (42000): SQL compilation error: / syntax error line 1 at position 7 unexpected 'x'.
Error UnexpectedToken(std::string_view text, Span token);

/// 001003 (42000): SQL compilation error: / parse error line 1 at position 7 near 'x'.
Error UnreadableText(std::string_view text, Span token);

/// 000002 (0A000): SQL compilation error: / Unsupported feature 'MATCH_RECOGNIZE'.
Error UnsupportedFeature(std::string_view feature);

/// The expected word that `word` most resembles, if it is a likely slip of the fingers; else empty.
/// Both are upper case.
std::string NearestWord(std::string_view word, const std::vector<std::string_view>& expected);

}  // namespace tarn::sql::syntax
