// SPDX-License-Identifier: Apache-2.0
#include "rest/uri_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

namespace tarn::rest {
namespace {

constexpr char kSeparator = '\x1f';

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

/// Length of a separator at the start: 1, 3 where it is encoded, 0: there is none.
size_t SeparatorAt(std::string_view text) {
  if (text.starts_with(kSeparator)) return 1;
  return text.starts_with("%1F") || text.starts_with("%1f") ? 3 : 0;
}

}  // namespace

std::string DecodeUriPart(std::string_view encoded) {
  std::string text;
  for (size_t i = 0; i < encoded.size(); ++i) {
    const char c = encoded[i];
    const bool escape = c == '%' && i + 2 < encoded.size() && HexDigit(encoded[i + 1]) >= 0 &&
                        HexDigit(encoded[i + 2]) >= 0;
    if (escape) {
      text += static_cast<char>(HexDigit(encoded[i + 1]) * 16 + HexDigit(encoded[i + 2]));
      i += 2;
    } else {
      text += c == '+' ? ' ' : c;
    }
  }
  return text;
}

std::string EncodeUriPart(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    }
  }
  return encoded;
}

std::map<std::string, std::string, std::less<>> ParseForm(std::string_view encoded) {
  std::map<std::string, std::string, std::less<>> values;
  while (!encoded.empty()) {
    const std::string_view pair = encoded.substr(0, encoded.find('&'));
    encoded.remove_prefix(std::min(pair.size() + 1, encoded.size()));
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    std::string_view value;
    if (equals != std::string_view::npos) value = pair.substr(equals + 1);
    values[DecodeUriPart(pair.substr(0, equals))] = DecodeUriPart(value);
  }
  return values;
}

std::vector<std::string> NamespaceOfPath(std::string_view encoded) {
  std::vector<std::string> levels;
  size_t start = 0;
  for (size_t i = 0; i < encoded.size();) {
    const size_t separator = SeparatorAt(encoded.substr(i));
    if (separator == 0) {
      ++i;
      continue;
    }
    levels.push_back(DecodeUriPart(encoded.substr(start, i - start)));
    start = i += separator;
  }
  levels.push_back(DecodeUriPart(encoded.substr(start)));
  return levels;
}

std::vector<std::string> NamespaceOfText(std::string_view text) {
  std::vector<std::string> levels;
  if (text.empty()) return levels;
  for (;;) {
    const size_t separator = text.find(kSeparator);
    levels.emplace_back(text.substr(0, separator));
    if (separator == std::string_view::npos) return levels;
    text.remove_prefix(separator + 1);
  }
}

}  // namespace tarn::rest
