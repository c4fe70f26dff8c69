// SPDX-License-Identifier: Apache-2.0
#include "engine/functions/variant_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tarn::engine {

namespace {

constexpr std::string_view kBlanks = " \t\n\r";

void SkipBlanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
}

/// The size of the quoted text that begins at the front.
size_t QuotedSize(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

size_t NestedSize(std::string_view text) {
  int64_t depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      i += QuotedSize(text.substr(i)) - 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

/// The size of the value that begins at the front.
size_t ValueSize(std::string_view text) {
  if (text.empty()) return 0;
  switch (text[0]) {
    case '"':
      return QuotedSize(text);
    case '@':
      return std::min(text.size(), text.size() < 3 ? 3 : 2 + QuotedSize(text.substr(2)));
    case '{':
    case '[':
      return NestedSize(text);
    default:
      return std::min(text.find_first_of(",]} \t\n\r"), text.size());
  }
}

std::string_view TakeValue(std::string_view& text) {
  SkipBlanks(text);
  const size_t size = ValueSize(text);
  const std::string_view value = text.substr(0, size);
  text.remove_prefix(size);
  SkipBlanks(text);
  return value;
}

struct Tag {
  VariantKind kind;
  char letter;
};
constexpr std::array kTags = {
    Tag{VariantKind::kDate, 'D'},         Tag{VariantKind::kTime, 'T'},
    Tag{VariantKind::kTimestampNtz, 'N'}, Tag{VariantKind::kTimestampLtz, 'L'},
    Tag{VariantKind::kTimestampTz, 'Z'},  Tag{VariantKind::kBinary, 'B'},
};

VariantKind KindOfNumber(std::string_view value) {
  if (value.find_first_of("eE") != std::string_view::npos) return VariantKind::kDouble;
  if (value.find('.') != std::string_view::npos) return VariantKind::kDecimal;
  return VariantKind::kInteger;
}

}  // namespace

VariantKind KindOf(std::string_view value) {
  if (value.empty()) return VariantKind::kUndefined;
  switch (value[0]) {
    case '"':
      return VariantKind::kText;
    case '{':
      return VariantKind::kObject;
    case '[':
      return VariantKind::kArray;
    case 't':
    case 'f':
      return VariantKind::kBoolean;
    case 'n':
      return VariantKind::kNull;
    case 'u':
      return VariantKind::kUndefined;
    case '@':
      for (const Tag& tag : kTags) {
        if (value.size() > 1 && tag.letter == value[1]) return tag.kind;
      }
      return VariantKind::kText;
    case 'N':
    case 'I':
      return VariantKind::kDouble;
    case '-':
      return value.starts_with("-I") ? VariantKind::kDouble : KindOfNumber(value);
    default:
      return KindOfNumber(value);
  }
}

std::string_view TypeNameOf(VariantKind kind) {
  constexpr std::array<std::string_view, 15> kNames = {
      "UNDEFINED",     "NULL_VALUE",   "BOOLEAN", "INTEGER", "DECIMAL",
      "DOUBLE",        "VARCHAR",      "DATE",    "TIME",    "TIMESTAMP_NTZ",
      "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "BINARY",  "ARRAY",   "OBJECT"};
  return kNames.at(static_cast<size_t>(kind));
}

bool IsTagged(VariantKind kind) {
  return kind >= VariantKind::kDate && kind <= VariantKind::kBinary;
}

char TagOf(VariantKind kind) {
  const auto found = std::ranges::find(kTags, kind, &Tag::kind);
  return found == kTags.end() ? '"' : found->letter;
}

// --- Reading -------------------------------------------------------------------------------------

ArrayElements::ArrayElements(std::string_view array) {
  if (KindOf(array) == VariantKind::kArray) rest_ = array.substr(1);
}

bool ArrayElements::Next(std::string_view& element) {
  SkipBlanks(rest_);
  if (rest_.empty() || rest_[0] == ']') return false;
  const size_t before = rest_.size();
  element = TakeValue(rest_);
  if (rest_.starts_with(',')) rest_.remove_prefix(1);
  return rest_.size() < before;
}

ObjectFields::ObjectFields(std::string_view object) {
  if (KindOf(object) == VariantKind::kObject) rest_ = object.substr(1);
}

bool ObjectFields::Next(std::string_view& key, std::string_view& value) {
  SkipBlanks(rest_);
  if (!rest_.starts_with('"')) return false;
  key = TakeValue(rest_);
  if (!rest_.starts_with(':')) return false;
  rest_.remove_prefix(1);
  value = TakeValue(rest_);
  if (rest_.starts_with(',')) rest_.remove_prefix(1);
  return true;
}

namespace {

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

uint32_t HexCode(std::string_view text) {
  uint32_t code = 0;
  std::from_chars(text.data(), text.data() + std::min<size_t>(text.size(), 4), code, 16);
  return code;
}

/// Of the four digits behind `\u`, and of a second half if there is one. Moves `i` to the last
/// character that it has read.
void AppendCodePoint(std::string& out, std::string_view inner, size_t& i) {
  uint32_t code = HexCode(inner.substr(std::min(i + 1, inner.size())));
  i += 4;
  if (code >= 0xD800 && code < 0xDC00 &&
      inner.substr(std::min(i + 1, inner.size())).starts_with("\\u")) {
    const uint32_t low = HexCode(inner.substr(std::min(i + 3, inner.size())));
    if (low >= 0xDC00 && low < 0xE000) {
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      i += 6;
    }
  }
  // A half alone is no character.
  AppendUtf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
}

/// What stands between the quotes; of a tag behind it.
std::string_view InnerOf(std::string_view value) {
  if (value.starts_with('@')) value.remove_prefix(std::min<size_t>(value.size(), 2));
  if (value.starts_with('"')) value.remove_prefix(1);
  if (value.ends_with('"')) value.remove_suffix(1);
  return value;
}

}  // namespace

std::string UnquotedText(std::string_view value) {
  const std::string_view inner = InnerOf(value);
  if (inner.find('\\') == std::string_view::npos) return std::string(inner);
  std::string out;
  out.reserve(inner.size());
  for (size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] != '\\' || i + 1 == inner.size()) {
      out.push_back(inner[i]);
      continue;
    }
    ++i;
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kBytes = "\b\f\n\r\t";
    if (const size_t at = kLetters.find(inner[i]); at != std::string_view::npos) {
      out.push_back(kBytes[at]);
    } else if (inner[i] == 'u') {
      AppendCodePoint(out, inner, i);
    } else {
      out.push_back(inner[i]);
    }
  }
  return out;
}

void AppendQuoted(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    constexpr std::string_view kBytes = "\b\f\n\r\t\"\\";
    constexpr std::string_view kLetters = "bfnrt\"\\";
    if (const size_t at = kBytes.find(c); at != std::string_view::npos) {
      out.push_back('\\');
      out.push_back(kLetters[at]);
    } else if (static_cast<uint8_t>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<uint8_t>(c));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

bool KeyIs(std::string_view key, std::string_view name, bool ignore_case) {
  const auto same = [&](std::string_view text) {
    return text.size() == name.size() &&
           std::equal(text.begin(), text.end(), name.begin(), [&](char a, char b) {
             const auto lower = [](char c) {
               return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
             };
             return a == b || (ignore_case && lower(a) == lower(b));
           });
  };
  const std::string_view inner = InnerOf(key);
  return inner.find('\\') == std::string_view::npos ? same(inner) : same(UnquotedText(key));
}

std::optional<std::string_view> FieldOf(std::string_view value, std::string_view name,
                                        bool ignore_case) {
  ObjectFields fields(value);
  std::optional<std::string_view> other_case;
  for (std::string_view key, field; fields.Next(key, field);) {
    if (KeyIs(key, name)) return field;
    if (ignore_case && !other_case && KeyIs(key, name, true)) other_case = field;
  }
  return other_case;
}

std::optional<std::string_view> ElementOf(std::string_view value, int64_t index) {
  if (index < 0) return std::nullopt;
  ArrayElements elements(value);
  for (std::string_view element; elements.Next(element);) {
    if (index-- == 0) return element;
  }
  return std::nullopt;
}

std::vector<std::string_view> ElementsOf(std::string_view array) {
  std::vector<std::string_view> result;
  ArrayElements elements(array);
  for (std::string_view element; elements.Next(element);) result.push_back(element);
  return result;
}

std::vector<VariantField> FieldsOf(std::string_view object) {
  std::vector<VariantField> result;
  ObjectFields fields(object);
  for (std::string_view key, value; fields.Next(key, value);) {
    result.push_back({UnquotedText(key), value});
  }
  return result;
}

// --- Writing -------------------------------------------------------------------------------------

std::string ArrayOf(const std::vector<std::string_view>& elements) {
  std::string out = "[";
  for (const std::string_view element : elements) {
    if (out.size() > 1) out.push_back(',');
    out += element;
  }
  out.push_back(']');
  return out;
}

std::string ObjectOf(std::vector<VariantField> fields) {
  std::ranges::sort(fields, {}, &VariantField::name);
  std::string out = "{";
  for (const VariantField& field : fields) {
    if (out.size() > 1) out.push_back(',');
    AppendQuoted(out, field.name);
    out.push_back(':');
    out += field.value;
  }
  out.push_back('}');
  return out;
}

std::string DoubleVariant(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::string text = fmt::format("{:.15e}", value == 0 ? 0.0 : value);
  double back = 0;
  std::from_chars(text.data(), text.data() + text.size(), back);
  // Fifteen digits are what clients see; some values need one more to be themselves.
  return back == value ? text : fmt::format("{:.16e}", value);
}

std::string NumberText(std::string_view number) {
  const bool negative = number.starts_with('-');
  std::string_view digits = number.substr(negative || number.starts_with('+') ? 1 : 0);
  const size_t point = digits.find('.');
  std::string_view whole = digits.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? "" : digits.substr(point + 1);
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  if (digits.find_first_of("eE") != std::string_view::npos || whole.size() + fraction.size() > 38) {
    double value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return DoubleVariant(negative ? -value : value);
  }
  std::string out = whole.empty() ? "0" : std::string(whole);
  if (!fraction.empty()) out += "." + std::string(fraction);
  return negative && out != "0" ? "-" + out : out;
}

}  // namespace tarn::engine
