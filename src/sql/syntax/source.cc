// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/source.h"

#include <algorithm>

namespace tarn::sql::syntax {

SourcePosition PositionAt(std::string_view text, uint32_t offset) {
  SourcePosition position;
  const size_t end = std::min<size_t>(offset, text.size());
  for (size_t i = 0; i < end; ++i) {
    if (text[i] == '\n') {
      ++position.line;
      position.column = 0;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
      ++position.column;  // the first byte of a character
    }
  }
  return position;
}

std::string_view TextOf(std::string_view text, Span span) {
  if (span.begin > span.end || span.end > text.size()) return {};
  return text.substr(span.begin, span.end - span.begin);
}

}  // namespace tarn::sql::syntax
