// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/syntax_error.h"

#include <algorithm>

namespace tarn::sql::syntax {

namespace {

constexpr size_t kMaxQuotedBytes = 100;

std::string QuotedToken(std::string_view text, Span token) {
  std::string_view word = TextOf(text, token);
  if (word.empty()) return "<EOF>";
  if (word.size() <= kMaxQuotedBytes) return std::string(word);
  word = word.substr(0, kMaxQuotedBytes);
  // Not into a character.
  while (!word.empty() && (static_cast<unsigned char>(word.back()) & 0xC0U) == 0x80U)
    word.remove_suffix(1);
  if (!word.empty() && static_cast<unsigned char>(word.back()) >= 0xC0U) word.remove_suffix(1);
  return std::string(word) + "...";
}

/// Optimal string alignment distance: insertions, deletions, replacements, swaps of neighbours.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] =
          std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

Error UnexpectedToken(std::string_view text, Span token) {
  const SourcePosition position = PositionAt(text, token.begin);
  return {ErrorKind::kInvalidArgument,
          fmt::format("001003 (42000): SQL compilation error:\nsyntax error line {} at position {} "
                      "unexpected '{}'.",
                      position.line, position.column, QuotedToken(text, token)),
          {},
          {}};
}

Error UnreadableText(std::string_view text, Span token) {
  const SourcePosition position = PositionAt(text, token.begin);
  return {
      ErrorKind::kInvalidArgument,
      fmt::format(
          "001003 (42000): SQL compilation error:\nparse error line {} at position {} near '{}'.",
          position.line, position.column, QuotedToken(text, token)),
      {},
      {}};
}

Error UnsupportedFeature(std::string_view feature) {
  return {ErrorKind::kUnsupported,
          fmt::format("000002 (0A000): SQL compilation error:\nUnsupported feature '{}'.", feature),
          {},
          {}};
}

std::string NearestWord(std::string_view word, const std::vector<std::string_view>& expected) {
  constexpr size_t kMinLength = 4;  // AND, END, ADD and their like are all near to each other
  constexpr size_t kMaxLength = 64;
  if (word.size() < kMinLength || word.size() > kMaxLength) return {};
  const size_t allowed = word.size() < 5 ? 1 : 2;
  std::string_view nearest;
  size_t best = allowed + 1;
  for (const std::string_view candidate : expected) {
    if (candidate == word) return {};  // the word is right, its place is not
    if (candidate.size() < kMinLength || candidate.size() > word.size() + allowed ||
        candidate.size() + allowed < word.size()) {
      continue;
    }
    if (const size_t distance = EditDistance(word, candidate); distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return std::string(nearest);
}

}  // namespace tarn::sql::syntax
