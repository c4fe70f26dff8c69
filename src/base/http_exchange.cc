// SPDX-License-Identifier: Apache-2.0
#include "base/http_exchange.h"

#include <unistd.h>

#include <algorithm>

namespace tarn::http {
namespace {

int HexDigit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

std::optional<std::string> Decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(16 * high + low);
      i += 2;
    }
  }
  return decoded;
}

std::optional<std::string_view> Find(const NamedValues& values, std::string_view name) {
  const auto found = std::ranges::find(values, name, &NamedValues::value_type::first);
  if (found == values.end()) return std::nullopt;
  return found->second;
}

Response Typed(int status, std::string text, const char* type) {
  Response response{.status = status};
  response.headers.emplace_back("Content-Type", type);
  response.body = std::move(text);
  return response;
}

}  // namespace

BodyFile::~BodyFile() { unlink(path_.c_str()); }

std::optional<std::string_view> Request::Header(std::string_view name) const {
  return Find(headers, name);
}

std::optional<std::string_view> Request::Parameter(std::string_view name) const {
  return Find(query, name);
}

Response Response::Text(int status, std::string text) {
  return Typed(status, std::move(text), "text/plain; charset=utf-8");
}

Response Response::Json(int status, std::string text) {
  return Typed(status, std::move(text), "application/json");
}

std::optional<std::string> DecodePercent(std::string_view text) { return Decode(text, false); }

std::optional<NamedValues> ParseQuery(std::string_view text) {
  NamedValues values;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    auto name = Decode(pair.substr(0, equals), true);
    auto value = Decode(
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    values.emplace_back(std::move(*name), std::move(*value));
  }
  return values;
}

}  // namespace tarn::http
