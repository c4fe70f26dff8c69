// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/secret_text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace tarn::warehouse {
namespace {

constexpr std::array<std::string_view, 10> kSecretOptions = {
    "PASSWORD",   "AWS_KEY_ID",    "AWS_SECRET_KEY",      "AWS_TOKEN",    "AZURE_SAS_TOKEN",
    "MASTER_KEY", "SECRET_STRING", "OAUTH_CLIENT_SECRET", "BEARER_TOKEN", "OAUTH_REFRESH_TOKEN"};
constexpr std::string_view kShown = "***";

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

bool IsSpace(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

bool EqualsFolded(std::string_view a, std::string_view upper) {
  return std::ranges::equal(
      a, upper, [](char x, char y) { return std::toupper(static_cast<unsigned char>(x)) == y; });
}

size_t SkipSpaces(std::string_view text, size_t at) {
  while (at < text.size() && IsSpace(text[at])) ++at;
  return at;
}

/// How many quotes stand there.
size_t QuotesAt(std::string_view text, size_t at) {
  size_t count = 0;
  while (at + count < text.size() && text[at + count] == '\'') ++count;
  return count;
}

/// Behind the literal that begins at `at` with `quotes` quotes: more than one where the statement
/// is itself a string. Doubled ones are part of it.
size_t EndOfLiteral(std::string_view text, size_t at, size_t quotes) {
  at += quotes;
  while (at < text.size()) {
    if (text[at] == '\\') {
      at += 2;
      continue;
    }
    const size_t here = QuotesAt(text, at);
    if (here == 0) {
      ++at;
    } else if (here >= quotes && here % (2 * quotes) != 0) {
      return at + here / (2 * quotes) * (2 * quotes) + quotes;
    } else {
      at += here;
    }
  }
  return text.size();
}

}  // namespace

std::string WithoutSecrets(std::string_view text) {
  std::string shown;
  size_t copied = 0;
  size_t at = 0;
  while (at < text.size()) {
    if (!IsWord(text[at])) {
      ++at;
      continue;
    }
    size_t end = at;
    while (end < text.size() && IsWord(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    at = end;
    const bool secret = std::ranges::any_of(
        kSecretOptions, [&](std::string_view option) { return EqualsFolded(word, option); });
    const size_t equals = SkipSpaces(text, end);
    if (!secret || equals >= text.size() || text[equals] != '=') continue;
    const size_t begin = SkipSpaces(text, equals + 1);
    const size_t quotes = QuotesAt(text, begin);
    if (quotes > 0) {
      at = EndOfLiteral(text, begin, quotes);
    } else if (text.substr(begin).starts_with("$$")) {
      at = std::min(text.find("$$", begin + 2), text.size() - 2) + 2;
    } else {
      continue;
    }
    shown += text.substr(copied, begin - copied);
    shown += kShown;
    copied = at;
  }
  shown += text.substr(copied);
  return shown;
}

}  // namespace tarn::warehouse
