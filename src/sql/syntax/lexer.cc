// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/lexer.h"

#include <array>

#include "sql/syntax/syntax_error.h"

namespace tarn::sql::syntax {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsWordStart(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsWordPart(char c) { return IsWordStart(c) || IsDigit(c) || c == '$'; }
bool IsBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// The length of the character at `at`, 0 where the bytes are not UTF-8 (RFC 3629).
size_t CharacterLength(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return 1;
  const size_t length = first < 0xC2   ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
  if (length == 0 || at + length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned char second = byte(at + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool surrogate = first == 0xED && second > 0x9F;
  const bool too_big = first == 0xF4 && second > 0x8F;
  return overlong || surrogate || too_big ? 0 : length;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> Run() {
    TARN_TRY(CheckEncoding());
    tokens_.reserve(text_.size() / 5 + 4);
    while (true) {
      TARN_TRY(SkipBlanks());
      if (at_ >= text_.size()) break;
      const size_t begin = at_;
      TARN_ASSIGN(const TokenKind kind, Next());
      Add(kind, begin);
    }
    Add(TokenKind::kEnd, at_);
    return std::move(tokens_);
  }

 private:
  char Ahead(size_t distance) const {
    return at_ + distance < text_.size() ? text_[at_ + distance] : '\0';
  }

  std::unexpected<Error> Unreadable(size_t begin, size_t end) const {
    return std::unexpected(
        UnreadableText(text_, {static_cast<uint32_t>(begin), static_cast<uint32_t>(end)}));
  }
  std::unexpected<Error> EndsTooEarly() const { return Unreadable(text_.size(), text_.size()); }

  Result<> CheckEncoding() const {
    for (size_t i = 0; i < text_.size();) {
      const size_t length = CharacterLength(text_, i);
      if (length == 0) {
        const SourcePosition position = PositionAt(text_, static_cast<uint32_t>(i));
        return Fail(ErrorKind::kInvalidArgument,
                    "001003 (42000): SQL compilation error:\nparse error line {} at position {}: "
                    "byte 0x{:02x} is "
                    "not UTF-8.",
                    position.line, position.column, static_cast<unsigned char>(text_[i]));
      }
      i += length;
    }
    return {};
  }

  Result<> SkipBlanks() {
    while (at_ < text_.size()) {
      if (IsBlank(text_[at_])) {
        ++at_;
      } else if (text_.substr(at_, 2) == "--" || text_.substr(at_, 2) == "//") {
        const size_t end = text_.find('\n', at_);
        at_ = end == std::string_view::npos ? text_.size() : end + 1;
      } else if (text_.substr(at_, 2) == "/*") {
        const size_t end = text_.find("*/", at_ + 2);  // comments do not nest
        if (end == std::string_view::npos) return EndsTooEarly();
        at_ = end + 2;
      } else if (text_.substr(at_, 2) == "\u00A0") {
        at_ += 2;
      } else if (text_.substr(at_, 3) == "\uFEFF") {
        at_ += 3;
      } else {
        break;
      }
    }
    return {};
  }

  void Add(TokenKind kind, size_t begin) {
    Token token;
    token.kind = kind;
    token.span = {static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)};
    if (kind == TokenKind::kWord) {
      const std::string_view word = TextOf(text_, token.span);
      token.hash = HashWord(word);
      token.word_class = ClassOf(token.hash, word);
      const bool starts = tokens_.empty() || tokens_.back().kind == TokenKind::kSemicolon;
      if (starts) moves_files_ = SameWord(word, "PUT") || SameWord(word, "GET");
    }
    const auto index = static_cast<uint32_t>(tokens_.size());
    switch (kind) {
      case TokenKind::kLeftParenthesis:
      case TokenKind::kLeftBracket:
      case TokenKind::kLeftBrace:
        open_.push_back(index);
        break;
      case TokenKind::kRightParenthesis:
      case TokenKind::kRightBracket:
      case TokenKind::kRightBrace:
        Close(kind, index);
        break;
      default:
        break;
    }
    tokens_.push_back(token);
  }

  void Close(TokenKind kind, uint32_t index) {
    if (open_.empty()) return;
    // Each closing kind stands right behind its opening one.
    const auto opening = static_cast<TokenKind>(static_cast<uint8_t>(kind) - 1);
    if (tokens_[open_.back()].kind == opening) tokens_[open_.back()].partner = index;
    open_.pop_back();
  }

  Result<TokenKind> Next() {
    const char c = text_[at_];
    if (IsWordStart(c)) return Word();
    if (IsDigit(c) || (c == '.' && IsDigit(Ahead(1)))) return Number();
    switch (c) {
      case '\'':
        return String(TokenKind::kString);
      case '"':
        return QuotedWord();
      case '$':
        return Dollar();
      case '@':
        return Stage();
      default:
        return Punctuation();
    }
  }

  Result<TokenKind> Word() {
    if ((text_[at_] == 'x' || text_[at_] == 'X') && Ahead(1) == '\'') {
      ++at_;
      return String(TokenKind::kBinary);
    }
    if (moves_files_ && SameWord(text_.substr(at_, 5), "FILE:") &&
        text_.substr(at_ + 5, 2) == "//") {
      while (at_ < text_.size() && !IsBlank(text_[at_]) && text_[at_] != ';') ++at_;
      return TokenKind::kFileUrl;
    }
    while (at_ < text_.size() && IsWordPart(text_[at_])) ++at_;
    return TokenKind::kWord;
  }

  Result<TokenKind> Number() {
    while (IsDigit(Ahead(0))) ++at_;
    if (Ahead(0) == '.') {
      ++at_;
      while (IsDigit(Ahead(0))) ++at_;
    }
    if (Ahead(0) == 'e' || Ahead(0) == 'E') {
      const size_t sign = Ahead(1) == '+' || Ahead(1) == '-' ? 1 : 0;
      if (IsDigit(Ahead(1 + sign))) {
        at_ += 1 + sign;
        while (IsDigit(Ahead(0))) ++at_;
      }
    }
    return TokenKind::kNumber;
  }

  Result<TokenKind> String(TokenKind kind) {
    ++at_;
    while (at_ < text_.size()) {
      if (text_[at_] == '\\') {
        at_ += 2;
      } else if (text_[at_] != '\'') {
        ++at_;
      } else if (Ahead(1) == '\'') {
        at_ += 2;
      } else {
        ++at_;
        return kind;
      }
    }
    return EndsTooEarly();
  }

  Result<TokenKind> QuotedWord() {
    const size_t begin = at_;
    ++at_;
    while (at_ < text_.size()) {
      if (text_[at_] != '"') {
        ++at_;
      } else if (Ahead(1) == '"') {
        at_ += 2;
      } else {
        ++at_;
        if (at_ - begin == 2) return Unreadable(begin, at_);  // no name is empty
        return TokenKind::kQuotedWord;
      }
    }
    return EndsTooEarly();
  }

  Result<TokenKind> Dollar() {
    if (Ahead(1) == '$') {
      const size_t end = text_.find("$$", at_ + 2);
      if (end == std::string_view::npos) return EndsTooEarly();
      at_ = end + 2;
      return TokenKind::kDollarString;
    }
    const size_t begin = at_++;
    if (IsDigit(Ahead(0))) {
      while (IsDigit(Ahead(0))) ++at_;
      return TokenKind::kPositional;
    }
    if (!IsWordStart(Ahead(0))) return Unreadable(begin, at_);
    while (IsWordPart(Ahead(0))) ++at_;
    return TokenKind::kSessionVariable;
  }

  /// The name's parts, then a path up to a blank or to what can only follow it.
  Result<TokenKind> Stage() {
    const size_t begin = at_++;
    if (Ahead(0) == '~' || Ahead(0) == '%') ++at_;
    while (at_ < text_.size() &&
           (IsWordPart(text_[at_]) || text_[at_] == '.' || text_[at_] == '"')) {
      if (text_[at_] == '"') {
        TARN_TRY(QuotedWord());
      } else {
        ++at_;
        if (text_[at_ - 1] == '.' && Ahead(0) == '%') ++at_;  // @db.schema.%table
      }
    }
    if (at_ - begin == 1) return Unreadable(begin, at_);
    if (Ahead(0) == '/') {
      constexpr std::string_view kEnds = ",;()]}'\"";
      while (at_ < text_.size() && !IsBlank(text_[at_]) &&
             kEnds.find(text_[at_]) == std::string_view::npos)
        ++at_;
    }
    return TokenKind::kStage;
  }

  Result<TokenKind> Punctuation() {
    using enum TokenKind;
    struct Spelling {
      std::string_view text;
      TokenKind kind;
    };
    // Longer ones first.
    static constexpr std::array kSpellings = std::to_array<Spelling>({
        {"->>", kFlow},
        {"->", kArrow},
        {"=>", kFatArrow},
        {"::", kDoubleColon},
        {":=", kAssign},
        {"||", kConcatenate},
        {"<>", kNotEqual},
        {"!=", kNotEqual},
        {"<=", kLessEqual},
        {">=", kGreaterEqual},
        {"**", kDoubleStar},
        {"(", kLeftParenthesis},
        {")", kRightParenthesis},
        {",", kComma},
        {";", kSemicolon},
        {".", kDot},
        {"=", kEqual},
        {"+", kPlus},
        {"-", kMinus},
        {"*", kStar},
        {"/", kSlash},
        {"%", kPercent},
        {"<", kLess},
        {">", kGreater},
        {":", kColon},
        {"?", kQuestion},
        {"[", kLeftBracket},
        {"]", kRightBracket},
        {"{", kLeftBrace},
        {"}", kRightBrace},
        {"!", kBang},
    });
    for (const Spelling& spelling : kSpellings) {
      if (text_.substr(at_, spelling.text.size()) == spelling.text) {
        at_ += spelling.text.size();
        return spelling.kind;
      }
    }
    const size_t begin = at_;
    at_ += CharacterLength(text_, at_);
    return Unreadable(begin, at_);
  }

  std::string_view text_;
  size_t at_ = 0;
  bool moves_files_ = false;  ///< the statement is PUT or GET
  std::vector<Token> tokens_;
  std::vector<uint32_t> open_;  ///< indices of brackets that are not closed yet
};

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return Fail(ErrorKind::kResourceExhausted,
                "the text of {} bytes is longer than the limit of {}", text.size(), kMaxTextBytes);
  }
  return Lexer(text).Run();
}

}  // namespace tarn::sql::syntax
