// SPDX-License-Identifier: Apache-2.0
#include "engine/functions/variant_parse.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <vector>

#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

constexpr int kDepthMax = 512;

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$';
}

bool IsNumber(std::string_view text) {
  size_t i = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  size_t digits = 0;
  const auto skip = [&] {
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) ++digits;
  };
  skip();
  if (i < text.size() && text[i] == '.') {
    ++i;
    skip();
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    digits = 0;
    skip();
    if (digits == 0) return false;
  }
  return i == text.size();
}

/// One pass; what it appends is canonical as soon as a value ends.
class Parser {
 public:
  Parser(std::string_view text, DuplicateKeys duplicates) : text_(text), duplicates_(duplicates) {}

  std::expected<std::string, JsonFault> Parse() {
    SkipBlanks();
    if (at_ == text_.size()) return std::string();
    std::string out;
    if (!Value(out, 0)) return std::unexpected(fault_);
    SkipBlanks();
    if (at_ < text_.size()) {
      Fail(fmt::format("misplaced {}", text_[at_]), at_ + 1);
      return std::unexpected(fault_);
    }
    return out;
  }

 private:
  void SkipBlanks() {
    while (at_ < text_.size() &&
           std::string_view(" \t\n\r").find(text_[at_]) != std::string_view::npos)
      ++at_;
  }
  bool At(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool Fail(std::string message, size_t position) {
    fault_ = {std::move(message), position};
    return false;
  }

  bool Value(std::string& out, int depth) {
    if (at_ == text_.size()) return Fail("unfinished value", at_);
    if (depth > kDepthMax) return Fail("nesting too deep", at_ + 1);
    switch (text_[at_]) {
      case '{':
        return Object(out, depth);
      case '[':
        return Array(out, depth);
      case '"':
      case '\'': {
        std::string text;
        if (!Text(text)) return false;
        AppendQuoted(out, text);
        return true;
      }
      case '}':
      case ']':
      case ',':
      case ':':
        return Fail(fmt::format("misplaced {}", text_[at_]), at_ + 1);
      default:
        return Word(out);
    }
  }

  /// A number or a word.
  bool Word(std::string& out) {
    const size_t begin = at_;
    while (at_ < text_.size() &&
           (IsWordByte(text_[at_]) ||
            std::string_view("+-.").find(text_[at_]) != std::string_view::npos)) {
      ++at_;
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    if (IsNumber(word)) {
      out += NumberText(word);
      return true;
    }
    std::string lower(word);
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (lower == "true" || lower == "false" || lower == "null" || lower == "undefined") {
      out += lower;
    } else if (lower == "nan") {
      out += "NaN";
    } else if (lower == "inf" || lower == "infinity" || lower == "+infinity" || lower == "+inf") {
      out += "Infinity";
    } else if (lower == "-inf" || lower == "-infinity") {
      out += "-Infinity";
    } else if (word.empty()) {
      return Fail(fmt::format("unknown character {}", text_[at_]), at_ + 1);
    } else {
      return Fail(fmt::format("unknown keyword \"{}\"", word), at_);
    }
    return true;
  }

  bool Text(std::string& text) {
    const char quote = text_[at_];
    const size_t begin = at_ + 1;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\') ++at_;
    }
    if (at_ >= text_.size()) {
      at_ = text_.size();
      return Fail("unfinished string", at_);
    }
    // Quoted once more, since an inner quote of the other kind would end it.
    text = UnquotedText("\"" + std::string(text_.substr(begin, at_ - begin)) + "\"");
    ++at_;
    return true;
  }

  bool Key(std::string& key) {
    if (At('"') || At('\'')) return Text(key);
    const size_t begin = at_;
    while (at_ < text_.size() && IsWordByte(text_[at_])) ++at_;
    if (at_ == begin) {
      return at_ < text_.size() ? Fail(fmt::format("misplaced {}", text_[at_]), at_ + 1)
                                : Fail("unfinished object", at_);
    }
    key = text_.substr(begin, at_ - begin);
    return true;
  }

  bool Array(std::string& out, int depth) {
    ++at_;
    out.push_back('[');
    SkipBlanks();
    if (At(']')) {
      ++at_;
      out.push_back(']');
      return true;
    }
    while (true) {
      SkipBlanks();
      if (At(',') || At(']')) {
        out += "undefined";
      } else if (!Value(out, depth + 1)) {
        return false;
      }
      SkipBlanks();
      if (At(']')) break;
      if (at_ == text_.size()) return Fail("unfinished array", at_);
      if (!At(',')) return Fail("missing comma", at_ + 1);
      ++at_;
      out.push_back(',');
    }
    ++at_;
    out.push_back(']');
    return true;
  }

  bool Object(std::string& out, int depth) {
    ++at_;
    std::map<std::string, std::string> fields;
    SkipBlanks();
    while (!At('}')) {
      std::string key, value;
      const size_t begin = at_;
      if (!Key(key)) return false;
      SkipBlanks();
      if (!At(':')) return Fail("missing colon", at_ + 1);
      ++at_;
      SkipBlanks();
      if (!Value(value, depth + 1)) return false;
      const auto [field, is_new] = fields.try_emplace(std::move(key));
      if (!is_new && duplicates_ == DuplicateKeys::kRefused) {
        return Fail(fmt::format("duplicate object attribute \"{}\"", field->first), begin + 1);
      }
      field->second = std::move(value);
      SkipBlanks();
      if (At('}')) break;
      if (at_ == text_.size()) return Fail("unfinished object", at_);
      if (!At(',')) return Fail("missing comma", at_ + 1);
      ++at_;
      SkipBlanks();
    }
    ++at_;
    std::vector<VariantField> sorted;
    for (const auto& [key, value] : fields) sorted.push_back({key, value});
    out += ObjectOf(std::move(sorted));
    return true;
  }

  std::string_view text_;
  DuplicateKeys duplicates_;
  size_t at_ = 0;
  JsonFault fault_;
};

}  // namespace

std::string JsonFault::text() const { return fmt::format("{}, pos {}", message, position); }

std::expected<std::string, JsonFault> ParseVariant(std::string_view json,
                                                   DuplicateKeys duplicates) {
  return Parser(json, duplicates).Parse();
}

}  // namespace tarn::engine
