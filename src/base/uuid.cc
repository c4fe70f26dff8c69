// SPDX-License-Identifier: Apache-2.0
#include "base/uuid.h"

#include <sys/random.h>

#include <algorithm>
#include <cstdlib>

namespace tarn {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr size_t kTextLength = 36;

constexpr bool IsHyphenAt(size_t position) {
  return position == 8 || position == 13 || position == 18 || position == 23;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool Uuid::is_nil() const {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; });
}

std::string Uuid::ToString() const {
  std::string text;
  text.reserve(kTextLength);
  for (uint8_t byte : bytes) {
    if (IsHyphenAt(text.size())) text.push_back('-');
    text.push_back(kHexDigits[byte >> 4]);
    text.push_back(kHexDigits[byte & 0xf]);
  }
  return text;
}

Uuid Uuid::Random() {
  Uuid uuid;
  // getrandom of 16 bytes can't be interrupted or fall short (getrandom(2)).
  if (getrandom(uuid.bytes.data(), uuid.bytes.size(), 0) !=
      static_cast<ssize_t>(uuid.bytes.size())) {
    std::abort();
  }
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
  return uuid;
}

Result<Uuid> Uuid::Parse(std::string_view text) {
  Uuid uuid;
  size_t digits = 0;
  bool valid = text.size() == kTextLength;
  for (size_t i = 0; valid && i < text.size(); ++i) {
    if (IsHyphenAt(i)) {
      valid = text[i] == '-';
      continue;
    }
    const int value = HexValue(text[i]);
    valid = value >= 0;
    if (!valid) break;
    uuid.bytes[digits / 2] = static_cast<uint8_t>((uuid.bytes[digits / 2] << 4) | value);
    ++digits;
  }
  if (!valid) return Fail(ErrorKind::kInvalidArgument, "invalid uuid \"{}\"", text);
  return uuid;
}

}  // namespace tarn
