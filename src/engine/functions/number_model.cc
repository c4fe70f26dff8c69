// SPDX-License-Identifier: Apache-2.0
#include "engine/functions/number_model.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "engine/functions/decimal_text.h"

namespace tarn::engine {

namespace {

enum class Element : uint8_t {
  kLiteral,
  kDigit,
  kZero,
  kHex,
  kPoint,
  kGroup,
  kDollar,
  kSign,
  kMinus
};

struct Part {
  Element element = Element::kLiteral;
  char letter = ' ';
};

struct Model {
  std::vector<Part> parts;
  bool compact = false;     ///< FM
  bool blank_zero = false;  ///< B
  bool percent = false;
  bool hex = false, lower = false;
  bool signs = false;  ///< S or MI is there
  size_t whole = 0, fraction = 0;
  std::string minimal;  ///< TM, TM9 or TME
};

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

bool StartsWith(std::string_view text, std::string_view word) {
  return text.size() >= word.size() &&
         std::ranges::equal(text.substr(0, word.size()), word,
                            [](char a, char b) { return Upper(a) == b; });
}

void AddElement(Model& model, char c) {
  const bool point = std::ranges::any_of(
      model.parts, [](const Part& part) { return part.element == Element::kPoint; });
  const bool digits = model.whole + model.fraction > 0;
  switch (Upper(c)) {
    case '9':
    case '0':
      model.parts.push_back({c == '9' ? Element::kDigit : Element::kZero, c});
      ++(point ? model.fraction : model.whole);
      return;
    case 'X':
      model.hex = true;
      model.lower = c == 'x';
      model.parts.push_back({Element::kHex, c});
      ++model.whole;
      return;
    case 'D':
    case '.':
      model.parts.push_back({Element::kPoint, '.'});
      return;
    case 'G':
    case ',':
      model.parts.push_back({digits ? Element::kGroup : Element::kLiteral, ','});
      return;
    case '$':
      model.parts.push_back({Element::kDollar, '$'});
      return;
    case 'S':
      model.signs = true;
      model.parts.push_back({Element::kSign, 'S'});
      return;
    case '%':
      model.percent = true;
      [[fallthrough]];
    default:
      model.parts.push_back({Element::kLiteral, c});
  }
}

Model ModelOf(std::string_view text) {
  Model model;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest[0] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) model.parts.push_back({.letter = text[i]});
    } else if (StartsWith(rest, "FM")) {
      model.compact = !model.compact;
      ++i;
    } else if (StartsWith(rest, "FX")) {
      ++i;
    } else if (StartsWith(rest, "MI")) {
      model.signs = true;
      model.parts.push_back({Element::kMinus, '-'});
      ++i;
    } else if (StartsWith(rest, "TM")) {
      model.minimal = StartsWith(rest, "TME") ? "TME" : "TM9";
      model.parts.push_back({Element::kDigit, 'T'});
      i += StartsWith(rest, "TME") || StartsWith(rest, "TM9") ? 2 : 1;
    } else if (Upper(rest[0]) == 'B') {
      model.blank_zero = true;
    } else if (rest[0] != '_') {
      AddElement(model, rest[0]);
    }
  }
  return model;
}

/// -1.2391E1 of -12.391.
std::string Scientific(std::string_view number) {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  const size_t point = std::min(number.find('.'), number.size());
  std::string digits(number);
  std::erase(digits, '.');
  auto exponent = static_cast<int64_t>(point) - 1;
  while (digits.size() > 1 && digits[0] == '0') {
    digits.erase(0, 1);
    --exponent;
  }
  while (digits.size() > 1 && digits.ends_with('0')) digits.pop_back();
  if (digits == "0") return "0E0";
  std::string out = digits.substr(0, 1);
  if (digits.size() > 1) out += "." + digits.substr(1);
  return fmt::format("{}{}E{}", negative ? "-" : "", out, exponent);
}

std::string HexDigits(const Model& model, Int128 value) {
  const bool negative = value < 0;
  // Negative numbers have all ones in front, unless a sign is written.
  auto rest = negative && model.signs ? -static_cast<unsigned __int128>(value)
                                      : static_cast<unsigned __int128>(value);
  std::string digits;
  for (size_t i = 0; i < 32 && (rest != 0 || i < model.whole); ++i) {
    if (negative && !model.signs && i >= model.whole) break;
    digits.insert(
        digits.begin(),
        (model.lower ? "0123456789abcdef" : "0123456789ABCDEF")[static_cast<size_t>(rest & 15)]);
    rest >>= 4;
  }
  return digits;
}

/// The digits of a number, right in front of and behind the point.
struct Digits {
  bool negative = false;
  std::string whole, fraction;
  bool overflow = false;
};

Digits DigitsOf(const Model& model, std::string_view number) {
  const auto scale = static_cast<int32_t>(std::min<size_t>(model.fraction, 37));
  const ParsedDecimal parsed = ParseDecimal(number, 38, scale + (model.percent ? 2 : 0));
  Digits digits;
  digits.overflow = parsed.fault != NumberFault::kNone;
  if (digits.overflow) return digits;
  digits.negative = parsed.unscaled < 0;
  if (model.hex) {
    digits.whole =
        HexDigits(model, ParseDecimal(number.substr(0, number.find('.')), 38, 0).unscaled);
    digits.negative &= model.signs;
  } else {
    std::string text = DecimalToText(digits.negative ? -parsed.unscaled : parsed.unscaled, scale);
    const size_t point = std::min(text.find('.'), text.size());
    digits.whole = text.substr(0, point);
    if (point < text.size()) digits.fraction = text.substr(point + 1);
  }
  digits.overflow = digits.whole.size() > model.whole && digits.whole != "0";
  return digits;
}

/// Digits in front of the point, at their places; leading zeros where the model has none are
/// blanks, which the sign and `$` take.
std::string WholePart(const Model& model, const Digits& digits, size_t begin, size_t end) {
  std::string out;
  size_t place = model.whole;  // from the right
  bool shown = false;
  const std::string padded =
      std::string(model.whole - std::min(model.whole, digits.whole.size()), '0') + digits.whole;
  for (size_t i = begin; i < end; ++i) {
    const Part& part = model.parts[i];
    if (part.element == Element::kGroup) {
      out.push_back(shown ? ',' : ' ');
      continue;
    }
    if (part.element != Element::kDigit && part.element != Element::kZero &&
        part.element != Element::kHex) {
      continue;
    }
    const char digit = padded[padded.size() - place];
    --place;
    const bool last = place == 0 && !model.blank_zero;
    shown |= digits.overflow || digit != '0' || part.element == Element::kZero || last;
    out.push_back(!shown ? ' ' : digits.overflow ? '#' : digit);
  }
  return out;
}

std::string FractionPart(const Model& model, const Digits& digits) {
  std::string out;
  size_t place = 0;
  bool point = false;
  for (const Part& part : model.parts) {
    if (part.element == Element::kPoint) {
      point = true;
      out.push_back('.');
    } else if (point && (part.element == Element::kDigit || part.element == Element::kZero)) {
      const bool rest_zero = place < digits.fraction.size() &&
                             digits.fraction.find_first_not_of('0', place) == std::string::npos;
      const bool kept = part.element == Element::kZero || !rest_zero || digits.overflow;
      out.push_back(digits.overflow ? '#' : kept ? digits.fraction[place] : ' ');
      ++place;
    }
  }
  return out;
}

bool IsOfNumber(Element element) {
  return element == Element::kDigit || element == Element::kZero || element == Element::kHex ||
         element == Element::kPoint || element == Element::kGroup;
}

}  // namespace

std::string FormatNumber(std::string_view number, std::string_view text) {
  const Model model = ModelOf(text);
  const Digits digits = DigitsOf(model, number);
  std::string out;
  bool number_written = false;
  bool leading_sign = false;
  bool dollar = false;
  for (size_t i = 0; i < model.parts.size(); ++i) {
    const Part& part = model.parts[i];
    if (!model.minimal.empty() && part.letter == 'T') {
      out += model.minimal == "TME" ? Scientific(number) : std::string(number);
    } else if (part.element == Element::kLiteral) {
      out.push_back(part.letter);
    } else if (part.element == Element::kDollar) {
      dollar = true;
    } else if (part.element == Element::kMinus) {
      if (digits.negative || !model.compact) out.push_back(digits.negative ? '-' : ' ');
    } else if (part.element == Element::kSign) {
      if (number_written) {
        out.push_back(digits.negative ? '-' : '+');
      } else {
        leading_sign = true;
      }
    } else if (IsOfNumber(part.element) && !number_written) {
      number_written = true;
      size_t end = i;
      while (end < model.parts.size() && model.parts[end].element != Element::kPoint) ++end;
      std::string whole = WholePart(model, digits, i, end);
      const size_t blanks = std::min(whole.find_first_not_of(' '), whole.size());
      const bool reserved = (!model.signs && !model.hex) || leading_sign;
      std::string sign;
      if (reserved) sign = digits.negative ? "-" : leading_sign ? "+" : " ";
      if (dollar) sign += "$";
      whole = whole.substr(0, blanks) + sign + whole.substr(blanks);
      std::string all = whole + FractionPart(model, digits);
      if (model.compact) std::erase(all, ' ');
      out += all;
    }
  }
  return out;
}

std::optional<std::string> ReadNumber(std::string_view text, std::string_view model_text) {
  const Model model = ModelOf(model_text);
  text = TrimBlanks(text);
  bool negative = false;
  std::string digits;
  size_t whole = 0;
  size_t fraction = 0;
  bool point = false;
  std::string literals;
  for (const Part& part : model.parts) {
    if (part.element == Element::kLiteral) literals.push_back(part.letter);
  }
  for (const char c : text) {
    const bool hex = model.hex && ((Upper(c) >= 'A' && Upper(c) <= 'F') || (c >= '0' && c <= '9'));
    if ((c >= '0' && c <= '9') || hex) {
      digits.push_back(c);
      ++(point ? fraction : whole);
    } else if (c == '.' && !point && model.fraction > 0) {
      point = true;
      digits.push_back('.');
    } else if (c == '-') {
      negative = true;
    } else if (c == '+' || c == ' ' || literals.find(c) != std::string::npos) {
    } else if (c == ',' || c == '$') {
      const Element wanted = c == ',' ? Element::kGroup : Element::kDollar;
      const bool there = std::ranges::any_of(
          model.parts, [&](const Part& part) { return part.element == wanted; });
      if (!there) return std::nullopt;
    } else if (model.minimal.empty()) {
      return std::nullopt;
    } else {
      digits.push_back(c);
    }
  }
  if (!model.minimal.empty()) return std::string(text);
  if (digits.empty() || whole > model.whole || fraction > model.fraction) return std::nullopt;
  if (model.hex) {
    Int128 value = 0;
    for (const char c : digits) {
      value = value * 16 + (c <= '9' ? c - '0' : Upper(c) - 'A' + 10);
    }
    digits = DecimalToText(value, 0);
  }
  return negative ? "-" + digits : digits;
}

}  // namespace tarn::engine
