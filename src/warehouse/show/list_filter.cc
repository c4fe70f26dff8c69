// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/list_filter.h"

namespace tarn::warehouse {
namespace {

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Bytes that the character at `at` takes.
size_t CharacterBytes(std::string_view text, size_t at) {
  size_t bytes = 1;
  while (at + bytes < text.size() && (static_cast<unsigned char>(text[at + bytes]) >> 6) == 2) {
    ++bytes;
  }
  return bytes;
}

}  // namespace

bool MatchesLike(std::string_view text, std::string_view pattern) {
  size_t t = 0;
  size_t p = 0;
  // Where the last % stood, and from where in the text it was tried: for going back.
  size_t star = std::string_view::npos;
  size_t retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      star = ++p;
      retry = t;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '_') {
      ++p;
      t += CharacterBytes(text, t);
      continue;
    }
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && Lower(pattern[p + (escaped ? 1 : 0)]) == Lower(text[t])) {
      p += escaped ? 2 : 1;
      ++t;
      continue;
    }
    if (star == std::string_view::npos) return false;
    p = star;
    retry += CharacterBytes(text, retry);
    t = retry;
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

}  // namespace tarn::warehouse
