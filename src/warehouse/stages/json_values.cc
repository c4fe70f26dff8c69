// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/json_values.h"

namespace tarn::warehouse {

bool JsonValues::Give(size_t end, std::string_view& value) {
  if (begin_ == std::string_view::npos) return false;
  value = text_.substr(begin_, end - begin_);
  begin_ = std::string_view::npos;
  return true;
}

bool JsonValues::Next(std::string_view& value) {
  bool quoted = false;
  while (at_ < text_.size()) {
    const char c = text_[at_];
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    const bool opens = !quoted && (c == '{' || c == '[');
    const bool closes = !quoted && (c == '}' || c == ']');
    const bool outside = !quoted && depth_ == outer_;
    // Looked at again with the next value.
    if (outside && (blank || c == ',' || (closes && outer_ > 0)) && Give(at_, value)) return true;
    if (closes && depth_ <= 0) {
      value = text_.substr(at_);
      at_ = text_.size();
      return true;
    }
    const bool starts = outside && !blank && !closes && c != ',';
    if (starts && begin_ == std::string_view::npos) begin_ = at_;
    ++at_;
    if (opens) ++depth_;
    if (closes && --depth_ == outer_ && Give(at_, value)) return true;
    if (c == '"') quoted = !quoted;
    if (c == '\\' && quoted) ++at_;
  }
  return Give(text_.size(), value);
}

}  // namespace tarn::warehouse
