// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/client_text.h"

#include <algorithm>
#include <charconv>

namespace tarn::warehouse {
namespace {

constexpr size_t kParametersMax = 65535;

bool IsWordPart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

size_t EndOf(std::string_view text, std::string_view what, size_t from) {
  const size_t found = text.find(what, from);
  return found == std::string_view::npos ? text.size() : found + what.size();
}

}  // namespace

ClientText::ClientText(std::string_view written, const Dialect& dialect) {
  if (dialect.backslash_escapes && !dialect.dollar_parameters) {
    text_ = written;
    return;
  }
  while (at_ < written.size()) {
    const std::string_view rest = written.substr(at_);
    const char c = rest[0];
    if (rest.starts_with("--") || rest.starts_with("//")) {
      CopyUntil(written, EndOf(written, "\n", at_));
    } else if (rest.starts_with("/*")) {
      CopyUntil(written, EndOf(written, "*/", at_ + 2));
    } else if (rest.starts_with("$$")) {
      CopyUntil(written, EndOf(written, "$$", at_ + 2));
    } else if (c == '\'') {
      CopyString(written, !dialect.backslash_escapes);
    } else if (c == '"') {
      CopyQuoted(written);
    } else if (c == '@') {
      // A stage's path may hold what begins a comment elsewhere.
      CopyUntil(written, std::min(written.size(), written.find_first_of(" \t\r\n,;()]}'\"", at_)));
    } else if (c == '$') {
      CopyDollar(written, dialect.dollar_parameters);
    } else if (IsWordPart(c)) {
      size_t end = at_ + 1;
      while (end < written.size() && IsWordPart(written[end])) ++end;
      CopyUntil(written, end);
    } else {
      CopyUntil(written, at_ + 1);
    }
  }
}

void ClientText::CopyUntil(std::string_view written, size_t end) {
  text_ += written.substr(at_, end - at_);
  at_ = end;
}

void ClientText::CopyString(std::string_view written, bool doubles_backslashes) {
  CopyUntil(written, at_ + 1);
  while (at_ < written.size()) {
    const char c = written[at_];
    if (c == '\\' && doubles_backslashes) {
      inserted_.push_back(static_cast<int64_t>(text_.size()));
      text_ += '\\';
      CopyUntil(written, at_ + 1);
    } else if (c == '\\') {
      CopyUntil(written, std::min(written.size(), at_ + 2));
    } else {
      // A doubled quote is the end of one string and the beginning of the next, to the same effect.
      CopyUntil(written, at_ + 1);
      if (c == '\'') return;
    }
  }
}

void ClientText::CopyQuoted(std::string_view written) {
  CopyUntil(written, EndOf(written, "\"", at_ + 1));
}

void ClientText::CopyDollar(std::string_view written, bool is_parameter) {
  size_t number = 0;
  const char* const begin = written.data() + at_ + 1;
  const char* const end = written.data() + written.size();
  const auto [stop, error] = std::from_chars(begin, end, number);
  const bool ends_word = stop == end || !IsWordPart(*stop);
  if (is_parameter && error == std::errc() && ends_word && number >= 1 &&
      number <= kParametersMax) {
    // As long as what it stands for: positions stay.
    text_ += ':';
    ++at_;
    parameters_ = std::max(parameters_, static_cast<int32_t>(number));
    return;
  }
  CopyUntil(written, at_ + 1);
}

int64_t ClientText::WrittenOffset(int64_t offset) const {
  return offset - (std::ranges::lower_bound(inserted_, offset) - inserted_.begin());
}

}  // namespace tarn::warehouse
