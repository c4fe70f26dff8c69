// SPDX-License-Identifier: Apache-2.0
// tarn_soundex(s); tarn_parse_url(s): an object (variant_text.h), or an error, and
// tarn_try_parse_url(s): an object that says it.
#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "engine/duckdb_error.h"
#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using Text = std::optional<std::string>;

/// The letter's digit; 0: a vowel, which parts equal digits; '-': H and W, which do not.
char SoundOf(char letter) {
  //                                  ABCDEFGHIJKLMNOPQRSTUVWXYZ
  constexpr std::string_view kSounds = "01230120022455012623010202";
  const char upper = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
  if (upper == 'H' || upper == 'W') return '-';
  return upper >= 'A' && upper <= 'Z' ? kSounds[static_cast<size_t>(upper - 'A')] : '0';
}

Text Soundex(const RowArguments& row) {
  const std::string_view text = row.Text(0);
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto* const first = std::ranges::find_if(text, is_letter);
  if (first == text.end()) return "";
  std::string code(1, *first >= 'a' ? static_cast<char>(*first - 32) : *first);
  char last = SoundOf(*first);
  for (const auto* c = first + 1; c != text.end() && code.size() < 4; ++c) {
    if (!is_letter(*c)) continue;
    const char sound = SoundOf(*c);
    if (sound == '-') continue;
    if (sound != '0' && sound != last) code.push_back(sound);
    last = sound;
  }
  code.resize(4, '0');
  return code;
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendQuoted(out, text);
  return out;
}

/// The part behind `mark`, cut off; absent: null.
/// Its size where the mark is not in it.
size_t PlaceOf(std::string_view text, char mark) {
  size_t at = 0;
  while (at < text.size() && text[at] != mark) ++at;
  return at;
}

std::string CutOff(std::string_view& text, char mark) {
  const size_t at = PlaceOf(text, mark);
  if (at == text.size()) return "null";
  std::string part = Quoted(text.substr(at + 1));
  text = text.substr(0, at);
  return part;
}

std::string ParametersOf(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> known;
  while (!query.empty()) {
    const size_t end = PlaceOf(query, '&');
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const size_t equals = PlaceOf(pair, '=');
    std::string name(pair.substr(0, equals));
    std::string value = equals < pair.size() ? Quoted(pair.substr(equals + 1)) : "null";
    const auto found = std::ranges::find(known, name, &std::pair<std::string, std::string>::first);
    if (found != known.end()) {
      found->second = std::move(value);
    } else {
      known.emplace_back(std::move(name), std::move(value));
    }
  }
  std::vector<VariantField> fields;
  for (const auto& [name, value] : known) fields.push_back({name, value});
  return ObjectOf(std::move(fields));
}

/// Nothing: there is no scheme.
Text ParsedUrl(std::string_view url) {
  std::string_view rest = url;
  const size_t colon = rest.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string scheme = Quoted(rest.substr(0, colon));
  rest.remove_prefix(colon + 1);
  const std::string fragment = CutOff(rest, '#');
  std::string query = CutOff(rest, '?');
  const std::string parameters = query == "null" ? query : ParametersOf(UnquotedText(query));
  std::string host = "null";
  std::string port = "null";
  std::string path = "null";
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, slash);
    if (slash < rest.size()) path = Quoted(rest.substr(slash + 1));
    if (!authority.ends_with(']')) port = CutOff(authority, ':');
    host = Quoted(authority);
  } else {
    path = Quoted(rest);
  }
  return ObjectOf({{"fragment", fragment},
                   {"host", host},
                   {"parameters", parameters},
                   {"path", path},
                   {"port", port},
                   {"query", query},
                   {"scheme", scheme}});
}

}  // namespace

void RegisterTextAnalysis(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  AddFunction(loader, "tarn_soundex", {text}, text, Soundex);
  AddFunction(loader, "tarn_parse_url", {text}, text, [](const RowArguments& row) {
    auto parsed = ParsedUrl(row.Text(0));
    if (!parsed) {
      ThrowSqlError("100139", "22000",
                    fmt::format("Error parsing URL: scheme not specified, {}", row.Text(0)));
    }
    return parsed;
  });
  AddFunction(loader, "tarn_try_parse_url", {text}, text, [](const RowArguments& row) -> Text {
    if (auto parsed = ParsedUrl(row.Text(0))) return parsed;
    return ObjectOf({{"error", "\"scheme not specified\""}});
  });
}

}  // namespace tarn::engine
