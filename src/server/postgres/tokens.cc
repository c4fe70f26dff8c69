// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/tokens.h"

#include "server/postgres/startup.h"

namespace tarn::server::postgres {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool StartsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         (static_cast<uint8_t>(c) & 0x80) != 0;
}
bool ContinuesWord(char c) { return StartsWord(c) || IsDigit(c) || c == '$'; }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  bool Next(Token& token) {
    SkipSpace();
    if (at_ >= text_.size()) return false;
    token = {.begin = at_};
    const char c = text_[at_];
    bool closed = true;
    if ((c == 'e' || c == 'E') && Peek(1) == '\'') {
      ++at_;
      closed = Quoted('\'', true, token.text);
      token.kind = Token::Kind::kString;
    } else if (StartsWord(c)) {
      while (at_ < text_.size() && ContinuesWord(text_[at_])) ++at_;
      token.kind = Token::Kind::kWord;
      token.text = ToLower(text_.substr(token.begin, at_ - token.begin));
    } else if (c == '"') {
      closed = Quoted('"', false, token.text);
      token.kind = Token::Kind::kQuotedName;
    } else if (c == '\'') {
      closed = Quoted('\'', false, token.text);
      token.kind = Token::Kind::kString;
    } else if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      while (at_ < text_.size() && (ContinuesWord(text_[at_]) || text_[at_] == '.')) {
        const bool exponent = (text_[at_] | 0x20) == 'e' && (Peek(1) == '-' || Peek(1) == '+');
        at_ += exponent ? 2 : 1;
      }
      token.kind = Token::Kind::kNumber;
      token.text = text_.substr(token.begin, at_ - token.begin);
    } else if (c == '$') {
      closed = Dollar(token);
    } else {
      ++at_;
      token.text = c;
    }
    token.end = at_;
    return closed;
  }

 private:
  char Peek(size_t ahead) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void SkipSpace() {
    while (at_ < text_.size()) {
      if (IsSpace(text_[at_])) {
        ++at_;
      } else if (text_[at_] == '-' && Peek(1) == '-') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_[at_] == '/' && Peek(1) == '/') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (text_[at_] == '/' && Peek(1) == '*') {
        SkipComment();
      } else {
        return;
      }
    }
  }

  void SkipComment() {
    int depth = 0;
    do {
      if (text_[at_] == '/' && Peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (text_[at_] == '*' && Peek(1) == '/') {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < text_.size());
  }

  bool Quoted(char quote, bool escapes, std::string& out) {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        if (Peek(1) != quote) {
          ++at_;
          return true;
        }
        ++at_;
      } else if (escapes && text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
      }
      out += text_[at_];
    }
    return false;
  }

  /// "$1", "$$…$$" or "$tag$…$tag$".
  bool Dollar(Token& token) {
    if (IsDigit(Peek(1))) {
      ++at_;
      while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
      token.kind = Token::Kind::kParameter;
      token.text = text_.substr(token.begin + 1, at_ - token.begin - 1);
      return true;
    }
    size_t tag_end = at_ + 1;
    while (tag_end < text_.size() && ContinuesWord(text_[tag_end]) && text_[tag_end] != '$') {
      ++tag_end;
    }
    if (tag_end >= text_.size() || text_[tag_end] != '$') {
      ++at_;
      token.text = "$";
      return true;
    }
    const std::string_view tag = text_.substr(at_, tag_end + 1 - at_);
    const size_t end = text_.find(tag, tag_end + 1);
    if (end == std::string_view::npos) return false;
    token.kind = Token::Kind::kString;
    token.text = text_.substr(tag_end + 1, end - tag_end - 1);
    at_ = end + tag.size();
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

std::vector<Token> Tokenize(std::string_view statement, size_t limit) {
  Lexer lexer(statement);
  std::vector<Token> tokens;
  Token token;
  while (tokens.size() < limit && lexer.Next(token)) tokens.push_back(std::move(token));
  return tokens;
}

bool TokenCursor::IsWord(std::string_view word, size_t ahead) const {
  const Token* const token = peek(ahead);
  return token != nullptr && token->kind == Token::Kind::kWord && token->text == word;
}

bool TokenCursor::IsSymbol(std::string_view symbol, size_t ahead) const {
  const Token* const token = peek(ahead);
  return token != nullptr && token->kind == Token::Kind::kSymbol && token->text == symbol;
}

bool TokenCursor::TakeWord(std::string_view word) {
  if (!IsWord(word)) return false;
  ++at_;
  return true;
}

bool TokenCursor::TakeWords(std::initializer_list<std::string_view> words) {
  size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!IsWord(word, ahead++)) return false;
  }
  at_ += words.size();
  return true;
}

bool TokenCursor::TakeSymbol(std::string_view symbol) {
  if (!IsSymbol(symbol)) return false;
  ++at_;
  return true;
}

const Token* TokenCursor::TakeName() {
  if (at_end() || !tokens_[at_].is_name()) return nullptr;
  return &tokens_[at_++];
}

std::string_view TokenCursor::Rest() const {
  return at_end() ? std::string_view() : statement_.substr(tokens_[at_].begin);
}

}  // namespace tarn::server::postgres
