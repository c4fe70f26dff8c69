// SPDX-License-Identifier: Apache-2.0
// Forms of variants for clients, files and comparisons.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "engine/functions/variant_text.h"

namespace tarn::engine {

namespace {

/// Milliseconds of a time: of "12:00:00.123456" and with an offset behind.
std::string WithMilliseconds(const std::string& text) {
  const size_t seconds = text.rfind(':');
  if (seconds == std::string::npos) return text;
  const size_t end = std::min(seconds + 3, text.size());
  size_t rest = end;
  std::string fraction = "000";
  if (rest < text.size() && text[rest] == '.') {
    for (++rest; rest < text.size() && text[rest] >= '0' && text[rest] <= '9'; ++rest) {
      const size_t digit = rest - end - 1;
      if (digit < 3) fraction[digit] = text[rest];
    }
  }
  return text.substr(0, end) + "." + fraction + text.substr(rest);
}

std::string ShownScalar(std::string_view value) {
  const VariantKind kind = KindOf(value);
  if (kind == VariantKind::kDouble && value.size() > 4 &&
      value.find('e') != std::string_view::npos) {
    // Sixteen digits were kept where fifteen are shown.
    const size_t exponent = value.find('e');
    const size_t point = value.find('.');
    if (exponent - point > 16) {
      return fmt::format("{:.15e}", std::stod(std::string(value)));
    }
    return std::string(value);
  }
  if (!IsTagged(kind)) return std::string(value);
  std::string text = UnquotedText(value);
  if (kind == VariantKind::kTime) text = text.substr(0, 8);
  if (kind >= VariantKind::kTimestampNtz && kind <= VariantKind::kTimestampTz) {
    text = WithMilliseconds(text);
  }
  std::string out;
  AppendQuoted(out, text);
  return out;
}

void NewLine(std::string& out, int indent, int level) {
  if (indent == 0) return;
  out.push_back('\n');
  out.append(static_cast<size_t>(indent * level), ' ');
}

void Show(std::string& out, std::string_view value, int indent, int level) {
  if (out.size() > kShownBytesMax) return;
  const VariantKind kind = KindOf(value);
  if (kind != VariantKind::kArray && kind != VariantKind::kObject) {
    out += ShownScalar(value);
    return;
  }
  const bool array = kind == VariantKind::kArray;
  out.push_back(array ? '[' : '{');
  bool first = true;
  const auto separate = [&] {
    if (!first) out.push_back(',');
    first = false;
    if (out.size() <= kShownBytesMax) NewLine(out, indent, level + 1);
  };
  if (array) {
    ArrayElements elements(value);
    for (std::string_view element; elements.Next(element);) {
      separate();
      Show(out, element, indent, level + 1);
    }
  } else {
    ObjectFields fields(value);
    for (std::string_view key, field; fields.Next(key, field);) {
      separate();
      out += key;
      out += indent == 0 ? ":" : ": ";
      Show(out, field, indent, level + 1);
    }
  }
  if (!first) NewLine(out, indent, level);
  out.push_back(array ? ']' : '}');
}

void AppendPlain(std::string& out, std::string_view value) {
  const VariantKind kind = KindOf(value);
  if (kind == VariantKind::kArray || kind == VariantKind::kObject) {
    const bool array = kind == VariantKind::kArray;
    out.push_back(array ? '[' : '{');
    const size_t begin = out.size();
    ArrayElements elements(value);
    for (std::string_view element; elements.Next(element);) {
      if (out.size() > begin) out.push_back(',');
      AppendPlain(out, element);
    }
    ObjectFields fields(value);
    for (std::string_view key, field; fields.Next(key, field);) {
      if (out.size() > begin) out.push_back(',');
      out += key;
      out.push_back(':');
      AppendPlain(out, field);
    }
    out.push_back(array ? ']' : '}');
  } else if (kind == VariantKind::kUndefined) {
    out += "null";
  } else if (IsTagged(kind)) {
    out += value.substr(2);
  } else if (kind == VariantKind::kDouble && value.find('e') == std::string_view::npos) {
    AppendQuoted(out, value);
  } else {
    out += value;
  }
}

// --- Keys ----------------------------------------------------------------------------------------

/// Texts end with a zero byte, so that a beginning comes before the whole.
void AppendText(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\0' || c == '\1') {
      out.push_back('\1');
      out.push_back(static_cast<char>(c + 1));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('\0');
}

/// Sign, exponent and digits of a number, each of them so that bytes compare as numbers do.
void AppendNumber(std::string& out, std::string_view value) {
  constexpr std::array<std::string_view, 3> kWords = {"-Infinity", "Infinity", "NaN"};
  constexpr std::string_view kWordKeys = "034";
  if (const auto word = std::ranges::find(kWords, value); word != kWords.end()) {
    out.push_back(kWordKeys[static_cast<size_t>(word - kWords.begin())]);
    return;
  }
  const bool negative = value.starts_with('-');
  if (negative) value.remove_prefix(1);
  std::string digits;
  int64_t exponent = 0;
  bool point = false;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '.') {
      point = true;
    } else if (value[i] == 'e' || value[i] == 'E') {
      exponent += std::strtol(std::string(value.substr(i + 1)).c_str(), nullptr, 10);
      break;
    } else if (!digits.empty() || value[i] != '0') {
      digits.push_back(value[i]);
      if (!point) ++exponent;
    } else if (point) {
      --exponent;
    }
  }
  while (digits.ends_with('0')) digits.pop_back();
  if (digits.empty()) {
    out.push_back('2');
    return;
  }
  const auto biased = static_cast<uint16_t>(exponent + 0x8000);
  std::string text = {static_cast<char>(biased >> 8), static_cast<char>(biased & 0xFF)};
  text += digits;
  text.push_back('\0');
  out.push_back(negative ? '1' : '2');
  if (negative) {
    for (char& c : text) c = static_cast<char>(~c);
  }
  out += text;
}

void AppendKey(std::string& out, std::string_view value) {
  const VariantKind kind = KindOf(value);
  switch (kind) {
    case VariantKind::kBoolean:
      out += value[0] == 't' ? "a1" : "a0";
      return;
    case VariantKind::kInteger:
    case VariantKind::kDecimal:
    case VariantKind::kDouble:
      out.push_back('b');
      return AppendNumber(out, value);
    case VariantKind::kArray: {
      out.push_back('k');
      ArrayElements elements(value);
      for (std::string_view element; elements.Next(element);) AppendKey(out, element);
      out.push_back('\0');
      return;
    }
    case VariantKind::kObject: {
      out.push_back('j');
      ObjectFields fields(value);
      for (std::string_view key, field; fields.Next(key, field);) {
        out.push_back('k');
        AppendText(out, UnquotedText(key));
        AppendKey(out, field);
      }
      out.push_back('\0');
      return;
    }
    case VariantKind::kNull:
      return out.push_back('l');
    case VariantKind::kUndefined:
      return out.push_back('m');
    default:
      // From 'c' on: texts, then the tagged kinds.
      out.push_back(
          static_cast<char>('c' + static_cast<int>(kind) - static_cast<int>(VariantKind::kText)));
      return AppendText(out, UnquotedText(value));
  }
}

}  // namespace

std::string ShownText(std::string_view value, int indent) {
  std::string out;
  Show(out, value, indent, 0);
  return out;
}

std::string PlainJson(std::string_view value) {
  std::string out;
  AppendPlain(out, value);
  return out;
}

std::string SortKeyOf(std::string_view value) {
  std::string out;
  AppendKey(out, value);
  return out;
}

}  // namespace tarn::engine
