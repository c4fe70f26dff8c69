// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <algorithm>
#include <cstdint>

namespace tarn {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kGroupBytes = 3, kGroupDigits = 4;
constexpr int kBitsPerDigit = 6, kBitsPerByte = 8;

}  // namespace

std::string EncodeBase64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + kGroupBytes - 1) / kGroupBytes * kGroupDigits);
  while (!bytes.empty()) {
    const size_t taken = std::min(bytes.size(), kGroupBytes);
    uint32_t bits = 0;
    for (size_t i = 0; i < kGroupBytes; ++i) {
      bits = bits << kBitsPerByte | (i < taken ? static_cast<uint8_t>(bytes[i]) : 0U);
    }
    for (size_t i = 0; i < kGroupDigits; ++i) {
      const int shift = kBitsPerDigit * static_cast<int>(kGroupDigits - 1 - i);
      text += i <= taken ? kDigits[bits >> shift & 0x3f] : '=';
    }
    bytes.remove_prefix(taken);
  }
  return text;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) break;
    bits = bits << kBitsPerDigit | static_cast<uint32_t>(digit);
    count += kBitsPerDigit;
    if (count < kBitsPerByte) continue;
    count -= kBitsPerByte;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  // Whatever is wrong with it, it is not what these bytes are written as.
  if (EncodeBase64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace tarn
