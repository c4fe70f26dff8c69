// SPDX-License-Identifier: Apache-2.0
// Snowflake's reserved and limited keywords (sql-reference/reserved-keywords), and plain names.
#include <algorithm>
#include <array>

#include "sql/syntax/name.h"
#include "sql/syntax/token.h"

namespace tarn::sql::syntax {

namespace {

struct ClassifiedWord {
  uint64_t hash;
  std::string_view text;
  WordClass word_class;
};

constexpr std::string_view kReservedWords[] = {
    "ALL",    "ALTER",     "AND",         "ANY",       "AS",     "BETWEEN",  "BY",      "CHECK",
    "COLUMN", "CONNECT",   "CREATE",      "CURRENT",   "DELETE", "DISTINCT", "DROP",    "ELSE",
    "EXISTS", "FOLLOWING", "FOR",         "FROM",      "GRANT",  "GROUP",    "HAVING",  "ILIKE",
    "IN",     "INCREMENT", "INSERT",      "INTERSECT", "INTO",   "IS",       "LIKE",    "MINUS",
    "NOT",    "NULL",      "OF",          "ON",        "OR",     "ORDER",    "QUALIFY", "REGEXP",
    "REVOKE", "RLIKE",     "ROW",         "ROWS",      "SAMPLE", "SELECT",   "SET",     "SOME",
    "START",  "TABLE",     "TABLESAMPLE", "THEN",      "TO",     "TRIGGER",  "UNION",   "UNIQUE",
    "UPDATE", "VALUES",    "WHENEVER",    "WHERE",     "WINDOW", "WITH"};
constexpr std::string_view kNoTableWords[] = {"CROSS", "FULL",    "INNER", "JOIN", "LATERAL",
                                              "LEFT",  "NATURAL", "RIGHT", "USING"};
constexpr std::string_view kNoColumnWords[] = {"CASE", "CAST", "FALSE", "TRUE", "TRY_CAST", "WHEN"};

constexpr size_t kWordCount =
    std::size(kReservedWords) + std::size(kNoTableWords) + std::size(kNoColumnWords);

constexpr std::array<ClassifiedWord, kWordCount> kWords = [] {
  std::array<ClassifiedWord, kWordCount> words{};
  size_t next = 0;
  const auto add = [&](const auto& list, WordClass word_class) {
    for (const std::string_view word : list) words[next++] = {HashWord(word), word, word_class};
  };
  add(kReservedWords, WordClass::kReserved);
  add(kNoTableWords, WordClass::kNoTable);
  add(kNoColumnWords, WordClass::kNoColumn);
  std::ranges::sort(words, {}, &ClassifiedWord::hash);
  return words;
}();

bool IsUpperStart(char c) { return (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

WordClass ClassOf(uint64_t hash, std::string_view word) {
  const auto found = std::ranges::lower_bound(kWords, hash, {}, &ClassifiedWord::hash);
  if (found == kWords.end() || found->hash != hash || !SameWord(found->text, word)) {
    return WordClass::kFree;
  }
  return found->word_class;
}

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

bool IsPlainName(std::string_view text) {
  if (text.empty() || !IsUpperStart(text.front())) return false;
  const bool plain = std::ranges::all_of(
      text, [](char c) { return IsUpperStart(c) || (c >= '0' && c <= '9') || c == '$'; });
  return plain && ClassOf(HashWord(text), text) == WordClass::kFree;
}

std::string Identifier::Canonical() const { return quoted ? text : UpperCase(text); }

bool Identifier::Is(std::string_view upper) const {
  return quoted ? text == upper : SameWord(text, upper);
}

}  // namespace tarn::sql::syntax
