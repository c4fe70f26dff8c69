// SPDX-License-Identifier: Apache-2.0
// Tokens of Snowflake's SQL.
#pragma once

#include <cstdint>
#include <string_view>

#include "sql/syntax/source.h"

namespace tarn::sql::syntax {

enum class TokenKind : uint8_t {
  kEnd,
  kWord,          ///< unquoted identifier or keyword
  kQuotedWord,    ///< "…"
  kString,        ///< '…'
  kDollarString,  ///< $$…$$
  kBinary,        ///< X'…'
  kNumber,
  kSessionVariable,  ///< $name
  kPositional,       ///< $1
  kQuestion,
  kStage,    ///< @stage/path, with the whole path
  kFileUrl,  ///< file://…, in PUT and GET only
  kLeftParenthesis,
  kRightParenthesis,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kComma,
  kSemicolon,
  kDot,
  kColon,
  kDoubleColon,
  kAssign,
  kArrow,
  kFatArrow,
  kFlow,
  kPlus,
  kMinus,
  kStar,
  kDoubleStar,
  kSlash,
  kPercent,
  kConcatenate,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kBang,
};

/// Where an unquoted word may stand (Snowflake's list of reserved and limited keywords).
enum class WordClass : uint8_t {
  kFree,
  kReserved,  ///< nowhere
  kNoTable,   ///< not as a table's name or alias: CROSS, LEFT, …
  kNoColumn,  ///< not as a reference to a column: CASE, TRUE, …
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  WordClass word_class = WordClass::kFree;
  Span span;
  uint32_t partner = 0;  ///< of an opening bracket: the index of what closes it; 0 if nothing does
  uint64_t hash = 0;     ///< of a word: HashWord of it
};

/// FNV-1a over the upper case of ASCII letters.
constexpr uint64_t HashWord(std::string_view text) {
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) {
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    hash = (hash ^ static_cast<unsigned char>(upper)) * 1099511628211ULL;
  }
  return hash;
}

/// Whether two words are equal but for the case of ASCII letters.
constexpr bool SameWord(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto upper = [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    };
    if (upper(a[i]) != upper(b[i])) return false;
  }
  return true;
}

/// A keyword that the grammar asks for, hashed by the compiler.
struct Keyword {
  // NOLINTNEXTLINE(google-explicit-constructor): Accept("SELECT") is what the grammar should look
  // like
  consteval Keyword(const char* word) : text(word), hash(HashWord(word)) {}
  std::string_view text;
  uint64_t hash;
};

WordClass ClassOf(uint64_t hash, std::string_view word);

}  // namespace tarn::sql::syntax
