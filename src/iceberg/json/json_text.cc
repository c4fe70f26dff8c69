// SPDX-License-Identifier: Apache-2.0
#include "iceberg/json/json_text.h"

#include <charconv>
#include <cstring>

namespace tarn::iceberg {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr uint64_t kHighBits = 0x8080808080808080ULL;

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

/// Whether one of eight bytes may need an escape; exact but for bytes above a match, which the
/// caller looks at one by one.
bool MayNeedEscape(const char* bytes) {
  constexpr uint64_t kOnes = 0x0101010101010101ULL;
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const auto has_less = [](uint64_t x, uint64_t n) { return (x - kOnes * n) & ~x & kHighBits; };
  return (has_less(word, 0x20) | has_less(word ^ (kOnes * '"'), 1) |
          has_less(word ^ (kOnes * '\\'), 1)) != 0;
}

bool IsContinuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

/// Length of the valid sequence at `p`, 0 if there is none.
size_t SequenceLength(const unsigned char* p, size_t available) {
  const unsigned char lead = p[0];
  if (lead < 0x80) return 1;
  size_t length = 0;
  if (lead >= 0xc2 && lead <= 0xdf) length = 2;
  if (lead >= 0xe0 && lead <= 0xef) length = 3;
  if (lead >= 0xf0 && lead <= 0xf4) length = 4;
  if (length == 0 || length > available) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (!IsContinuation(p[i])) return 0;
  }
  if (lead == 0xe0 && p[1] < 0xa0) return 0;   // overlong
  if (lead == 0xed && p[1] >= 0xa0) return 0;  // surrogates
  if (lead == 0xf0 && p[1] < 0x90) return 0;   // overlong
  if (lead == 0xf4 && p[1] >= 0x90) return 0;  // above U+10FFFF
  return length;
}

}  // namespace

void JsonText::Open(char bracket) {
  Comma();
  out_->push_back(bracket);
  needs_comma_ = false;
}

void JsonText::Close(char bracket) {
  out_->push_back(bracket);
  needs_comma_ = true;
}

void JsonText::Key(std::string_view name) {
  Comma();
  out_->push_back('"');
  out_->append(name);
  out_->append("\":");
  needs_comma_ = false;
}

void JsonText::EscapedKey(std::string_view name) {
  String(name);
  out_->push_back(':');
  needs_comma_ = false;
}

void JsonText::String(std::string_view text) {
  Comma();
  out_->push_back('"');
  AppendEscaped(text);
  out_->push_back('"');
  needs_comma_ = true;
}

void JsonText::Int(int64_t number) {
  Comma();
  char digits[24];
  const auto result = std::to_chars(digits, digits + sizeof digits, number);
  out_->append(digits, static_cast<size_t>(result.ptr - digits));
  needs_comma_ = true;
}

void JsonText::Raw(std::string_view json) {
  Comma();
  out_->append(json);
  needs_comma_ = true;
}

void JsonText::AppendEscaped(std::string_view text) {
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    while (i + sizeof(uint64_t) <= text.size() && !MayNeedEscape(text.data() + i)) {
      i += sizeof(uint64_t);
    }
    if (i == text.size()) break;
    if (!NeedsEscape(text[i])) continue;
    out_->append(text.substr(start, i - start));
    start = i + 1;
    out_->push_back('\\');
    if (text[i] == '"' || text[i] == '\\') {
      out_->push_back(text[i]);
    } else {
      out_->append("u00");
      out_->push_back(kHexDigits[static_cast<unsigned char>(text[i]) >> 4]);
      out_->push_back(kHexDigits[static_cast<unsigned char>(text[i]) & 0xf]);
    }
  }
  out_->append(text.substr(start));
}

void WriteStringMap(const std::map<std::string, std::string>& map, JsonText& out) {
  out.BeginObject();
  for (const auto& [key, value] : map) {
    out.EscapedKey(key);
    out.String(value);
  }
  out.EndObject();
}

bool IsValidUtf8(std::string_view text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t i = 0;
  while (i < text.size()) {
    uint64_t word = 0;
    while (i + sizeof word <= text.size()) {
      std::memcpy(&word, bytes + i, sizeof word);
      if ((word & kHighBits) != 0) break;
      i += sizeof word;
    }
    if (i >= text.size()) break;
    const size_t length = SequenceLength(bytes + i, text.size() - i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

}  // namespace tarn::iceberg
