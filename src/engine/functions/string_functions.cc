// SPDX-License-Identifier: Apache-2.0
// Strings by characters, with Snowflake's edges: tarn_substr(s, start, length),
// tarn_position(needle, s, start), tarn_lpad and tarn_rpad(s, length, pad), tarn_split_part(s,
// separator, part), tarn_strtok(s, delimiters, n), tarn_initcap(s, delimiters), tarn_ascii(s);
// arrays (variant_text.h): tarn_split_array(s, separator), tarn_strtok_array(s, delimiters).
#include <algorithm>
#include <string>
#include <vector>

#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"
#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using Text = std::optional<std::string>;

bool IsContinuation(char c) { return (c & 0xC0) == 0x80; }

int64_t CountCharacters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return !IsContinuation(c); });
}

/// The byte where character `index` begins, or the end.
size_t ByteOf(std::string_view text, int64_t index) {
  size_t at = 0;
  for (; at < text.size(); ++at) {
    if (IsContinuation(text[at])) continue;
    if (index-- == 0) break;
  }
  return at;
}

std::string_view Slice(std::string_view text, int64_t begin, int64_t end) {
  const size_t first = ByteOf(text, begin);
  return text.substr(first, ByteOf(text.substr(first), end - begin));
}

/// From 1; 0 is 1; negative from the end, and nothing if that is before the beginning.
Text Substring(const RowArguments& row) {
  const std::string_view text = row.Text(0);
  const int64_t start = row.Integer(1);
  const int64_t length = row.Integer(2);
  if (length <= 0) return "";
  const int64_t characters = CountCharacters(text);
  const int64_t begin = start > 0 ? start - 1 : start == 0 ? 0 : characters + start;
  if (begin < 0 || begin >= characters) return "";
  return std::string(Slice(text, begin, begin + std::min(length, characters - begin)));
}

std::optional<int64_t> Position(const RowArguments& row) {
  const std::string_view needle = row.Text(0);
  const std::string_view text = row.Text(1);
  const int64_t start = std::max<int64_t>(row.Integer(2), 1);
  const size_t first = ByteOf(text, start - 1);
  if (start > CountCharacters(text) + 1) return 0;
  const size_t found = text.find(needle, first);
  if (found == std::string_view::npos) return 0;
  return CountCharacters(text.substr(0, found)) + 1;
}

template <bool left>
Text Pad(const RowArguments& row) {
  constexpr int64_t kMaxCharacters = 134'217'728;
  const std::string_view text = row.Text(0);
  const int64_t wanted = std::min(row.Integer(1), kMaxCharacters);
  const std::string_view pad = row.Text(2);
  if (wanted <= 0) return "";
  const int64_t missing = wanted - CountCharacters(text);
  if (missing <= 0) return std::string(Slice(text, 0, wanted));
  const int64_t step = CountCharacters(pad);
  if (step == 0) return std::string(text);
  std::string padding;
  for (int64_t i = 0; i < missing / step; ++i) padding += pad;
  padding += Slice(pad, 0, missing % step);
  return left ? padding + std::string(text) : std::string(text) + padding;
}

std::vector<std::string_view> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  if (separator.empty()) return {text};
  size_t begin = 0;
  for (size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator, begin)) {
    parts.push_back(text.substr(begin, at - begin));
    begin = at + separator.size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

Text SplitPart(const RowArguments& row) {
  const auto parts = Split(row.Text(0), row.Text(1));
  const auto count = static_cast<int64_t>(parts.size());
  int64_t part = row.Integer(2);
  if (part == 0) part = 1;
  if (part < 0) part = count + part + 1;
  if (part < 1 || part > count) return "";
  return std::string(parts[static_cast<size_t>(part - 1)]);
}

/// Runs of delimiters part tokens; there are no empty ones.
Text Token(const RowArguments& row) {
  std::string_view rest = row.Text(0);
  const std::string_view delimiters = row.Text(1);
  for (int64_t n = row.Integer(2); n > 0; --n) {
    rest.remove_prefix(std::min(rest.find_first_not_of(delimiters), rest.size()));
    if (rest.empty()) return std::nullopt;
    const size_t end = std::min(rest.find_first_of(delimiters), rest.size());
    if (n == 1) return std::string(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  return std::nullopt;
}

/// Of ASCII letters; others stay. The first argument's case is changed behind each delimiter.
Text Capitalized(const RowArguments& row) {
  if (row.IsNull(0)) return std::nullopt;
  constexpr std::string_view kDelimiters = " \t\n\r\f\v!?@\"^#$&~_,.:;+-*%/|\\[](){}<>";
  const std::string_view delimiters = row.IsNull(1) ? kDelimiters : row.Text(1);
  std::string text(row.Text(0));
  bool first = true;
  for (char& c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool lower = c >= 'a' && c <= 'z';
    if (first && lower) c = static_cast<char>(c - 32);
    if (!first && upper) c = static_cast<char>(c + 32);
    first = delimiters.find(c) != std::string_view::npos;
  }
  return text;
}

std::string TextArray(const std::vector<std::string_view>& texts) {
  std::string out = "[";
  for (const std::string_view text : texts) {
    if (out.size() > 1) out.push_back(',');
    AppendQuoted(out, text);
  }
  return out + "]";
}

/// As Token, but all of them.
Text TokenArray(const RowArguments& row) {
  std::string_view rest = row.Text(0);
  const std::string_view delimiters = row.Text(1);
  std::vector<std::string_view> tokens;
  while (true) {
    rest.remove_prefix(std::min(rest.find_first_not_of(delimiters), rest.size()));
    if (rest.empty()) break;
    const size_t end = std::min(rest.find_first_of(delimiters), rest.size());
    tokens.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  return TextArray(tokens);
}

}  // namespace

void RegisterStringFunctions(duckdb::ExtensionLoader& loader) {
  const LogicalType text = LogicalType::VARCHAR;
  const LogicalType number = LogicalType::BIGINT;
  AddFunction(loader, "tarn_substr", {text, number, number}, text, Substring);
  AddFunction(loader, "tarn_position", {text, text, number}, number, Position);
  AddFunction(loader, "tarn_lpad", {text, number, text}, text, Pad<true>);
  AddFunction(loader, "tarn_rpad", {text, number, text}, text, Pad<false>);
  AddFunction(loader, "tarn_split_part", {text, text, number}, text, SplitPart);
  AddFunction(loader, "tarn_strtok", {text, text, number}, text, Token);
  AddFunction<true>(loader, "tarn_initcap", {text, text}, text, Capitalized);
  AddFunction(loader, "tarn_ascii", {text}, number,
              [](const RowArguments& row) -> std::optional<int64_t> {
                return row.Text(0).empty() ? 0 : static_cast<uint8_t>(row.Text(0)[0]);
              });
  AddFunction(loader, "tarn_split_array", {text, text}, text, [](const RowArguments& row) -> Text {
    return TextArray(Split(row.Text(0), row.Text(1)));
  });
  AddFunction(loader, "tarn_strtok_array", {text, text}, text, TokenArray);
}

}  // namespace tarn::engine
