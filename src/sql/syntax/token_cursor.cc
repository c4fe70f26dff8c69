// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/token_cursor.h"

#include <algorithm>

#include "sql/syntax/lexer.h"
#include "sql/syntax/syntax_error.h"

namespace tarn::sql::syntax {

TokenCursor::TokenCursor(std::string_view text, std::span<const Token> tokens)
    : text_(text), tokens_(tokens) {}

const Token& TokenCursor::Take() {
  const Token& token = Peek();
  if (token.kind != TokenKind::kEnd) ++at_;
  return token;
}

void TokenCursor::NoteExpected(size_t index, std::string_view word) const {
  auto* expected = index + 1 == recorded_   ? &expected_here_
                   : index + 2 == recorded_ ? &expected_before_
                                            : nullptr;
  if (expected == nullptr || std::ranges::find(*expected, word) != expected->end()) return;
  expected->push_back(word);
}

bool TokenCursor::IsWord(size_t ahead, Keyword word) const {
  if (recorded_ != 0) [[unlikely]]
    NoteExpected(at_ + ahead, word.text);
  const Token& token = Peek(ahead);
  return token.hash == word.hash && token.kind == TokenKind::kWord &&
         SameWord(Text(token), word.text);
}

bool TokenCursor::IsWordText(size_t ahead, std::string_view upper) const {
  if (recorded_ != 0) [[unlikely]]
    NoteExpected(at_ + ahead, upper);
  const Token& token = Peek(ahead);
  return token.kind == TokenKind::kWord && SameWord(Text(token), upper);
}

bool TokenCursor::AcceptAll(std::initializer_list<Keyword> words) {
  size_t ahead = 0;
  for (const Keyword& word : words) {
    if (!IsWord(ahead++, word)) return false;
  }
  at_ += words.size();
  return true;
}

void TokenCursor::Expect(TokenKind kind) {
  if (!Accept(kind)) FailHere();
}

void TokenCursor::Expect(Keyword word) {
  if (!Accept(word)) FailHere();
}

void TokenCursor::ExpectAll(std::initializer_list<Keyword> words) {
  for (const Keyword& word : words) Expect(word);
}

void TokenCursor::FailAt(size_t index) const {
  index = std::min(index, tokens_.size() - 1);
  throw SyntaxFailure{UnexpectedToken(text_, tokens_[index].span), index};
}

void TokenCursor::Refuse(std::string_view feature) const {
  throw SyntaxFailure{UnsupportedFeature(feature), at_};
}

bool TokenCursor::AtIdentifier(size_t ahead) const {
  const Token& token = Peek(ahead);
  if (token.kind == TokenKind::kQuotedWord) return true;
  return token.kind == TokenKind::kWord && token.word_class != WordClass::kReserved;
}

Identifier TokenCursor::TakeIdentifier() {
  if (!AtIdentifier()) FailHere();
  return TakeAnyWord();
}

Identifier TokenCursor::TakeAnyWord() {
  const Token& token = Peek();
  if (token.kind == TokenKind::kQuotedWord) {
    Take();
    return {token.span, DecodeQuotedWord(Text(token)), true};
  }
  if (token.kind != TokenKind::kWord) FailHere();
  Take();
  return {token.span, std::string(Text(token)), false};
}

std::string TokenCursor::TakeUpperWord() {
  if (!At(TokenKind::kWord)) FailHere();
  return UpperCase(Text(Take()));
}

std::string TokenCursor::TakeString() {
  if (!AtString()) FailHere();
  return DecodeString(Text(Take()));
}

Span TokenCursor::Since(uint32_t begin) const {
  const uint32_t end = at_ == 0 ? begin : tokens_[at_ - 1].span.end;
  return {begin, std::max(begin, end)};
}

TokenCursor::Level::Level(TokenCursor& cursor) : cursor_(cursor), height_before_(cursor.height_) {
  if (cursor_.nesting_ >= kMaxNesting) {
    throw SyntaxFailure{{ErrorKind::kResourceExhausted,
                         fmt::format("the statement nests deeper than {} levels", kMaxNesting),
                         {},
                         "Split it, or move inner queries to WITH."},
                        cursor_.at_};
  }
  ++cursor_.nesting_;
  cursor_.height_ = 0;
}

TokenCursor::Level::~Level() {
  --cursor_.nesting_;
  cursor_.height_ = std::max(height_before_, cursor_.height_ + 1);
}

void TokenCursor::Grow() {
  if (++height_ <= kMaxTreeHeight) return;
  throw SyntaxFailure{
      {ErrorKind::kResourceExhausted,
       fmt::format("the statement has a chain of more than {} operators", kMaxTreeHeight),
       {},
       "Set parentheses around parts of the chain."},
      at_};
}

}  // namespace tarn::sql::syntax
