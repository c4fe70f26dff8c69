// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/script.h"

#include "sql/syntax/lexer.h"

namespace tarn::sql::syntax {

namespace {

/// Follows the words of one statement and knows how many BEGINs and CASEs wait for their END. (END
/// IF, END FOR and their like close what is not counted.)
class BlockDepth {
 public:
  BlockDepth(std::string_view text, const std::vector<Token>& tokens, size_t first)
      : text_(text), tokens_(tokens), first_(first) {}

  void Visit(size_t index) {
    if (tokens_[index].kind != TokenKind::kWord) return;
    if (Is(index, "CASE")) {
      if (!Is(index - 1, "END") || index == first_) ++depth_;
    } else if (Is(index, "END")) {
      Close(index);
    } else if (Is(index, "BEGIN")) {
      if (!BeginsTransaction(index) && (depth_ > 0 || MayOpenBlock(index))) ++depth_;
    } else if (Is(index, "DECLARE") && depth_ == 0 && MayOpenBlock(index)) {
      declares_ = true;
    }
    if (declares_ && Is(index, "BEGIN")) declares_ = false;
  }

  bool Closed() const { return depth_ == 0 && !declares_; }

 private:
  bool Is(size_t index, Keyword word) const {
    if (index >= tokens_.size()) return false;
    const Token& token = tokens_[index];
    return token.kind == TokenKind::kWord && token.hash == word.hash &&
           SameWord(TextOf(text_, token.span), word.text);
  }

  void Close(size_t index) {
    for (const Keyword loop :
         {Keyword("IF"), Keyword("FOR"), Keyword("WHILE"), Keyword("LOOP"), Keyword("REPEAT")}) {
      if (Is(index + 1, loop)) return;
    }
    if (depth_ > 0) --depth_;
  }

  bool BeginsTransaction(size_t index) const {
    const TokenKind next = tokens_[index + 1].kind;
    return next == TokenKind::kSemicolon || next == TokenKind::kEnd || next == TokenKind::kFlow ||
           Is(index + 1, "TRANSACTION") || Is(index + 1, "WORK") ||
           (Is(index + 1, "NAME") && tokens_[index + 2].kind != TokenKind::kAssign);
  }

  /// At the statement's beginning, after DECLARE, or as the body behind AS (of THEN in alerts).
  bool MayOpenBlock(size_t index) const {
    if (index == first_ || declares_) return true;
    const bool defines = Is(first_, "CREATE") || Is(first_, "ALTER") || Is(first_, "WITH");
    return defines && (Is(index - 1, "AS") || Is(index - 1, "THEN"));
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  size_t first_;
  int depth_ = 0;
  bool declares_ = false;  ///< after DECLARE, before its BEGIN
};

}  // namespace

Result<std::vector<Span>> SplitScript(std::string_view text) {
  TARN_ASSIGN(const std::vector<Token> tokens, Tokenize(text));
  std::vector<Span> statements;
  size_t first = 0;
  while (tokens[first].kind != TokenKind::kEnd) {
    if (tokens[first].kind == TokenKind::kSemicolon) {
      ++first;
      continue;
    }
    BlockDepth depth(text, tokens, first);
    size_t end = first;
    while (tokens[end].kind != TokenKind::kEnd &&
           !(tokens[end].kind == TokenKind::kSemicolon && depth.Closed())) {
      depth.Visit(end++);
    }
    statements.push_back({tokens[first].span.begin, tokens[end - 1].span.end});
    first = end;
  }
  return statements;
}

}  // namespace tarn::sql::syntax
