// SPDX-License-Identifier: Apache-2.0
// Where something stands in the text of a statement.
#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::sql::syntax {

/// Bytes [begin, end) of the text that was parsed. The text of an expression names its result
/// column, and the text of a body is what SHOW and GET_DDL print: so every node keeps its span.
struct Span {
  uint32_t begin = 0;
  uint32_t end = 0;
};

/// As Snowflake counts: lines from 1, columns from 0, in characters.
struct SourcePosition {
  uint32_t line = 1;
  uint32_t column = 0;
};

/// REQUIRES: text is UTF-8. An offset beyond the text means its end.
SourcePosition PositionAt(std::string_view text, uint32_t offset);

/// The bytes of the span; empty where the span lies outside of the text.
std::string_view TextOf(std::string_view text, Span span);

}  // namespace tarn::sql::syntax
