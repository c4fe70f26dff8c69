// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::server::postgres {

struct Token {
  enum class Kind : uint8_t { kWord, kQuotedName, kString, kNumber, kParameter, kSymbol };
  Kind kind = Kind::kSymbol;
  std::string text;           ///< a word in lower case; names and strings without quotes
  size_t begin = 0, end = 0;  ///< in the statement

  bool is_name() const { return kind == Kind::kWord || kind == Kind::kQuotedName; }
};

/// The first `limit` tokens of a statement, without comments. Where a quote is not closed the
/// tokens end: whoever runs the statement reports it.
std::vector<Token> Tokenize(std::string_view statement, size_t limit);

/// The token at `at` and what follows, with comments and space skipped: where a statement inside
/// another begins.
class TokenCursor {
 public:
  TokenCursor(const std::vector<Token>& tokens, std::string_view statement)
      : tokens_(tokens), statement_(statement) {}

  bool at_end() const { return at_ >= tokens_.size(); }
  const Token* peek(size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? &tokens_[at_ + ahead] : nullptr;
  }
  bool IsWord(std::string_view word, size_t ahead = 0) const;
  bool IsSymbol(std::string_view symbol, size_t ahead = 0) const;
  bool TakeWord(std::string_view word);
  bool TakeWords(std::initializer_list<std::string_view> words);
  bool TakeSymbol(std::string_view symbol);
  /// nullptr at the end.
  const Token* Take() { return at_end() ? nullptr : &tokens_[at_++]; }
  const Token* TakeName();
  /// The statement's text from the next token on, "" at the end.
  std::string_view Rest() const;
  size_t position() const { return at_end() ? statement_.size() : tokens_[at_].begin; }

 private:
  const std::vector<Token>& tokens_;
  std::string_view statement_;
  size_t at_ = 0;
};

}  // namespace tarn::server::postgres
