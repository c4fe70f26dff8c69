// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/delimited_text.h"

#include <algorithm>
#include <charconv>

#include "sql/syntax/name.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

/// A delimiter or escape as it is written: itself, NONE, 0x7c, or \t and the like where the
/// literal kept them.
StatementResult<std::string> Unescaped(std::string_view option, const std::string& written) {
  if (sql::syntax::UpperCase(written) == "NONE") return std::string();
  if (written == "\\t") return std::string("\t");
  if (written == "\\n") return std::string("\n");
  if (written == "\\r") return std::string("\r");
  if (written == "\\r\\n") return std::string("\r\n");
  if (!written.starts_with("0x") && !written.starts_with("\\x")) return written;
  std::string bytes;
  for (size_t i = 2; i < written.size(); i += 2) {
    unsigned byte = 0;
    const char* const begin = written.data() + i;
    const char* const end = written.data() + std::min(i + 2, written.size());
    const auto parsed = std::from_chars(begin, end, byte, 16);
    if (parsed.ec != std::errc() || parsed.ptr != begin + 2) {
      return InvalidParameterValue(option, written);
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

StatementResult<> ReadText(const Options& options, const char* name, bool one_character,
                           std::string& value) {
  const auto found = options.find(name);
  if (found == options.end()) return {};
  STATEMENT_ASSIGN(value, Unescaped(name, found->second));
  if (one_character && value.size() > 1) return InvalidParameterValue(name, found->second);
  return {};
}

void ReadBool(const Options& options, const char* name, bool& value) {
  const auto found = options.find(name);
  if (found != options.end()) value = found->second == "TRUE";
}

/// "('a', 'b')", as option_reader.h makes it.
std::vector<std::string> ListOf(std::string_view text) {
  std::vector<std::string> values;
  size_t at = 0;
  while ((at = text.find('\'', at)) != std::string_view::npos) {
    size_t end = text.find("', '", at + 1);
    if (end == std::string_view::npos) end = text.rfind('\'');
    if (end <= at) break;
    values.emplace_back(text.substr(at + 1, end - at - 1));
    at = end + 1;
    if (at + 2 >= text.size()) break;
  }
  return values;
}

bool IsSpace(char c) { return c == ' ' || c == '\t'; }

void Trim(std::string& text) {
  while (!text.empty() && IsSpace(text.back())) text.pop_back();
  text.erase(0, static_cast<size_t>(std::ranges::find_if_not(text, IsSpace) - text.begin()));
}

char Unescape(char c) {
  switch (c) {
    case 't':
      return '\t';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case '0':
      return '\0';
    default:
      return c;
  }
}

}  // namespace

StatementResult<DelimitedFormat> DelimitedFormatOf(const Options& options) {
  DelimitedFormat format;
  STATEMENT_TRY(ReadText(options, "FIELD_DELIMITER", false, format.field_delimiter));
  STATEMENT_TRY(ReadText(options, "RECORD_DELIMITER", false, format.record_delimiter));
  STATEMENT_TRY(ReadText(options, "FIELD_OPTIONALLY_ENCLOSED_BY", true, format.enclosed_by));
  STATEMENT_TRY(ReadText(options, "ESCAPE", true, format.escape));
  STATEMENT_TRY(ReadText(options, "ESCAPE_UNENCLOSED_FIELD", true, format.escape_unenclosed));
  if (format.record_delimiter == "\n" || format.record_delimiter == "\r\n") {
    format.record_delimiter.clear();
  }
  ReadBool(options, "SKIP_BLANK_LINES", format.skip_blank_lines);
  ReadBool(options, "TRIM_SPACE", format.trim_space);
  ReadBool(options, "EMPTY_FIELD_AS_NULL", format.empty_is_null);
  if (const auto skip = options.find("SKIP_HEADER"); skip != options.end()) {
    const char* const end = skip->second.data() + skip->second.size();
    if (std::from_chars(skip->second.data(), end, format.skip_header).ptr != end) {
      return InvalidParameterValue("SKIP_HEADER", skip->second);
    }
  }
  if (const auto nulls = options.find("NULL_IF"); nulls != options.end()) {
    format.null_if = ListOf(nulls->second);
  }
  if (const auto encoding = options.find("ENCODING"); encoding != options.end()) {
    const std::string name = sql::syntax::UpperCase(encoding->second);
    if (name != "UTF8" && name != "UTF-8") return UnsupportedFeature("ENCODING = " + name);
  }
  return format;
}

DelimitedReader::DelimitedReader(std::string_view text, const DelimitedFormat& format)
    : text_(text), format_(format) {
  (void)Accept("\xef\xbb\xbf");
  Record header;
  for (int64_t i = 0; i < format_.skip_header && at_ < text_.size(); ++i) {
    ++number_;
    ReadRecord(header);
  }
}

bool DelimitedReader::Accept(std::string_view expected) {
  if (expected.empty() || text_.substr(at_, expected.size()) != expected) return false;
  at_ += expected.size();
  return true;
}

bool DelimitedReader::AtRecordEnd(size_t& length) const {
  const std::string_view rest = text_.substr(at_);
  length = 0;
  if (rest.empty()) return true;
  if (!format_.record_delimiter.empty()) {
    length = format_.record_delimiter.size();
    return rest.starts_with(format_.record_delimiter);
  }
  if (rest[0] == '\n') {
    length = 1;
    return true;
  }
  length = rest.starts_with("\r\n") ? 2 : 1;
  return rest[0] == '\r';
}

void DelimitedReader::ReadEnclosed(std::string& field) {
  while (at_ < text_.size()) {
    if (!format_.escape.empty() && text_[at_] == format_.escape[0] && at_ + 1 < text_.size()) {
      field += Unescape(text_[at_ + 1]);
      at_ += 2;
    } else if (Accept(format_.enclosed_by)) {
      if (!Accept(format_.enclosed_by)) return;
      field += format_.enclosed_by;
    } else {
      field += text_[at_++];
    }
  }
}

void DelimitedReader::ReadPlain(std::string& field) {
  size_t length = 0;
  while (at_ < text_.size() && !AtRecordEnd(length)) {
    if (!format_.field_delimiter.empty() &&
        text_.substr(at_).starts_with(format_.field_delimiter)) {
      return;
    }
    const bool escapes = !format_.escape_unenclosed.empty() &&
                         text_[at_] == format_.escape_unenclosed[0] && at_ + 1 < text_.size();
    // \N stays as it is, for NULL_IF.
    if (escapes && text_[at_ + 1] != 'N') {
      field += Unescape(text_[at_ + 1]);
      at_ += 2;
    } else {
      field += text_[at_++];
    }
  }
}

void DelimitedReader::AddField(std::string field, bool enclosed, Record& record) const {
  if (format_.trim_space && !enclosed) Trim(field);
  const bool null = (field.empty() && !enclosed && format_.empty_is_null) ||
                    std::ranges::find(format_.null_if, field) != format_.null_if.end();
  record.push_back(null ? std::optional<std::string>() : std::optional(std::move(field)));
}

void DelimitedReader::ReadRecord(Record& record) {
  record.clear();
  field_begins_.clear();
  while (true) {
    std::string field;
    const size_t begin = at_;
    field_begins_.push_back(begin);
    if (format_.trim_space) {
      while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    }
    const bool enclosed = Accept(format_.enclosed_by);
    if (enclosed) {
      ReadEnclosed(field);
    } else {
      at_ = begin;
    }
    // What stands behind a closing character belongs to the field, as in other readers.
    std::string rest;
    ReadPlain(rest);
    if (enclosed && format_.trim_space) Trim(rest);
    if (record.size() == kFieldsMax) {
      too_wide_ = true;
      at_ = text_.size();
      return;
    }
    AddField(field + rest, enclosed, record);
    size_t length = 0;
    if (AtRecordEnd(length)) {
      at_ += length;
      return;
    }
    at_ += format_.field_delimiter.size();
  }
}

bool DelimitedReader::Next(Record& record) {
  while (at_ < text_.size()) {
    ++number_;
    size_t length = 0;
    const bool blank = AtRecordEnd(length);
    ReadRecord(record);
    if (too_wide_) return false;
    if (!blank || !format_.skip_blank_lines) return true;
  }
  return false;
}

}  // namespace tarn::warehouse
