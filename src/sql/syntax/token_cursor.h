// SPDX-License-Identifier: Apache-2.0
// A place in the tokens of a statement, and the questions that a grammar asks there.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/syntax/name.h"
#include "sql/syntax/token.h"

namespace tarn::sql::syntax {

/// How the grammar stops at the first error. It is thrown and caught inside of src/sql/syntax only
/// (parser.cc): every step of some three hundred productions may fail, and none of them can do
/// anything about it.
struct SyntaxFailure {
  Error error;
  size_t token = 0;  ///< index of the token that was not expected
};

/// Deeper nesting of parentheses, queries and blocks is refused, so that no input exhausts the
/// stack.
inline constexpr int kMaxNesting = 400;
/// Trees grow higher than their text nests: a chain a - b - c … is one level per operator.
inline constexpr int kMaxTreeHeight = 2000;

/// One thread at a time. Refers to the text and its tokens, and owns neither.
class TokenCursor {
 public:
  TokenCursor(std::string_view text, std::span<const Token> tokens);

  /// From now on, notes the keywords that are asked for at the token `index` and the one before it.
  void RecordExpectations(size_t index) { recorded_ = index + 1; }
  const std::vector<std::string_view>& ExpectedHere() const { return expected_here_; }
  const std::vector<std::string_view>& ExpectedBefore() const { return expected_before_; }

  size_t Index() const { return at_; }
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  std::string_view Text(const Token& token) const { return TextOf(text_, token.span); }
  std::string_view Source() const { return text_; }
  const Token& TokenAt(size_t index) const { return tokens_[index]; }

 protected:
  const Token& Peek(size_t ahead = 0) const {
    const size_t index = at_ + ahead;
    return tokens_[index < tokens_.size() ? index : tokens_.size() - 1];
  }
  const Token& Take();
  void MoveTo(size_t index) { at_ = index; }

  bool At(TokenKind kind) const { return Peek().kind == kind; }
  bool At(Keyword word) const { return IsWord(0, word); }
  bool IsKind(size_t ahead, TokenKind kind) const { return Peek(ahead).kind == kind; }
  bool IsWord(size_t ahead, Keyword word) const;
  bool IsWordText(size_t ahead, std::string_view upper)
      const;  ///< REQUIRES: the text lives as long as the program
  bool AtAny(std::initializer_list<Keyword> words) const {
    for (const Keyword& word : words) {
      if (At(word)) return true;
    }
    return false;
  }

  bool Accept(TokenKind kind) { return At(kind) && (++at_, true); }
  bool Accept(Keyword word) { return At(word) && (++at_, true); }
  /// All of them in this order, or nothing.
  bool AcceptAll(std::initializer_list<Keyword> words);
  void Expect(TokenKind kind);
  void Expect(Keyword word);
  void ExpectAll(std::initializer_list<Keyword> words);

  [[noreturn]] void FailHere() const { FailAt(at_); }
  [[noreturn]] void FailAt(size_t index) const;
  [[noreturn]] void Refuse(std::string_view feature) const;

  // --- Words and literals that are no expressions ---
  bool AtIdentifier(size_t ahead = 0) const;
  Identifier TakeIdentifier();  ///< no reserved word
  Identifier TakeAnyWord();     ///< reserved ones too: keys, options, names of arguments
  std::string TakeUpperWord();  ///< any unquoted word
  bool AtString() const { return At(TokenKind::kString) || At(TokenKind::kDollarString); }
  std::string TakeString();

  uint32_t Begin() const { return Peek().span.begin; }
  /// From `begin` to the end of the last token that was taken.
  Span Since(uint32_t begin) const;

  /// Counts nesting and the height of the tree below; lives as long as the production.
  class Level {
   public:
    explicit Level(TokenCursor& cursor);
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    ~Level();

   private:
    TokenCursor& cursor_;
    int height_before_;
  };
  /// Measures an operand apart from those before it; lives as long as the production.
  class Operand {
   public:
    explicit Operand(TokenCursor& cursor) : cursor_(cursor), height_before_(cursor.height_) {
      cursor.height_ = 0;
    }
    Operand(const Operand&) = delete;
    Operand& operator=(const Operand&) = delete;
    ~Operand() { cursor_.height_ = std::max(height_before_, cursor_.height_); }

   private:
    TokenCursor& cursor_;
    int height_before_;
  };
  /// What was parsed last becomes a child of what comes: called once per operator of a chain.
  void Grow();

 private:
  friend class Level;
  friend class Operand;
  void NoteExpected(size_t index, std::string_view word) const;

  std::string_view text_;
  std::span<const Token> tokens_;
  size_t at_ = 0;
  int nesting_ = 0;
  int height_ = 0;
  size_t recorded_ = 0;  ///< 1 + the index of the failing token, 0: no recording
  mutable std::vector<std::string_view> expected_here_;
  mutable std::vector<std::string_view> expected_before_;
};

}  // namespace tarn::sql::syntax
