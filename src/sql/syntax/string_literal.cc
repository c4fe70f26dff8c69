// SPDX-License-Identifier: Apache-2.0
// What strings and quoted names stand for (sql-reference/data-types-text, escape sequences).
#include <optional>

#include "sql/syntax/lexer.h"

namespace tarn::sql::syntax {

namespace {

constexpr size_t kMaxOctalDigits = 3;

void AppendCharacter(std::string& out, uint32_t code) {
  constexpr uint32_t kFirstSurrogate = 0xD800;
  constexpr uint32_t kLastSurrogate = 0xDFFF;
  if (code >= kFirstSurrogate && code <= kLastSurrogate)
    code = 0xFFFD;  // half of a pair is no character
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0U | (code >> 6U));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  } else {
    out += static_cast<char>(0xE0U | (code >> 12U));
    out += static_cast<char>(0x80U | ((code >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (code & 0x3FU));
  }
}

std::optional<uint32_t> Digit(char c, uint32_t base) {
  uint32_t digit = base;
  if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') digit = static_cast<uint32_t>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') digit = static_cast<uint32_t>(c - 'A') + 10;
  return digit < base ? std::optional(digit) : std::nullopt;
}

/// Reads up to `most` digits at `at`, at least `least`, or nothing.
std::optional<uint32_t> Digits(std::string_view body, size_t& at, uint32_t base, size_t least,
                               size_t most) {
  uint32_t code = 0;
  size_t read = 0;
  while (read < most && at + read < body.size()) {
    const auto digit = Digit(body[at + read], base);
    if (!digit) break;
    code = code * base + *digit;
    ++read;
  }
  if (read < least) return std::nullopt;
  at += read;
  return code;
}

/// The escape whose backslash stands before `at`; an unknown one loses its backslash.
void AppendEscape(std::string& out, std::string_view body, size_t& at) {
  const char c = body[at];
  if (const auto code = Digits(body, at, 8, 1, kMaxOctalDigits)) return AppendCharacter(out, *code);
  ++at;
  switch (c) {
    case 'b':
      out += '\b';
      return;
    case 'f':
      out += '\f';
      return;
    case 'n':
      out += '\n';
      return;
    case 'r':
      out += '\r';
      return;
    case 't':
      out += '\t';
      return;
    case 'x':
      if (const auto code = Digits(body, at, 16, 2, 2)) return AppendCharacter(out, *code);
      break;
    case 'u':
      if (const auto code = Digits(body, at, 16, 4, 4)) return AppendCharacter(out, *code);
      break;
    default:
      break;
  }
  out += c;
}

}  // namespace

std::string DecodeString(std::string_view raw) {
  if (raw.starts_with("$$")) return std::string(raw.substr(2, raw.size() - 4));
  const std::string_view body = raw.substr(1, raw.size() - 2);
  if (body.find_first_of("\\'") == std::string_view::npos) return std::string(body);
  std::string out;
  out.reserve(body.size());
  for (size_t at = 0; at < body.size();) {
    if (body[at] == '\\' && at + 1 < body.size()) {
      AppendEscape(out, body, ++at);
    } else {
      out += body[at];
      at += body[at] == '\'' ? 2 : 1;  // a quote is doubled
    }
  }
  return out;
}

std::string DecodeQuotedWord(std::string_view raw) {
  const std::string_view body = raw.substr(1, raw.size() - 2);
  std::string out;
  out.reserve(body.size());
  for (size_t at = 0; at < body.size(); ++at) {
    out += body[at];
    if (body[at] == '"') ++at;
  }
  return out;
}

}  // namespace tarn::sql::syntax
