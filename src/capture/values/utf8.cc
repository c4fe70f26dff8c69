// SPDX-License-Identifier: Apache-2.0
#include "capture/values/utf8.h"

#include <algorithm>
#include <cstring>

namespace tarn::capture {
namespace {

bool Continues(uint8_t byte) { return (byte & 0xC0) == 0x80; }

/// Bytes of the character that starts at `at`; 0: there is none.
size_t CharacterBytes(const uint8_t* at, size_t left) {
  const uint8_t first = *at;
  if (first == 0) return 0;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return left >= 2 && Continues(at[1]) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (left < 3 || !Continues(at[1]) || !Continues(at[2])) return 0;
    if (first == 0xE0 && at[1] < 0xA0) return 0;  // longer than needed
    if (first == 0xED && at[1] > 0x9F) return 0;  // a surrogate
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (left < 4 || !Continues(at[1]) || !Continues(at[2]) || !Continues(at[3])) return 0;
    if (first == 0xF0 && at[1] < 0x90) return 0;
    if (first == 0xF4 && at[1] > 0x8F) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

}  // namespace

bool IsText(std::string_view bytes) {
  const auto* at = reinterpret_cast<const uint8_t*>(bytes.data());
  const uint8_t* const end = at + bytes.size();
  constexpr uint64_t kHighBits = 0x8080808080808080, kOnes = 0x0101010101010101;
  while (at < end) {
    // Eight ASCII characters at once: no high bit, and none that borrows when one is taken off.
    uint64_t word;
    while (end - at >= 8) {
      std::memcpy(&word, at, sizeof(word));
      if (((word | (word - kOnes)) & kHighBits) != 0) break;
      at += sizeof(word);
    }
    if (at == end) break;
    const size_t size = CharacterBytes(at, static_cast<size_t>(end - at));
    if (size == 0) return false;
    at += size;
  }
  return true;
}

int64_t CharacterCount(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return !Continues(static_cast<uint8_t>(c)); });
}

}  // namespace tarn::capture
