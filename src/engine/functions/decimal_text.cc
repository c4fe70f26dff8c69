// SPDX-License-Identifier: Apache-2.0
#include "engine/functions/decimal_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace tarn::engine {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

/// The digits of a number without its sign, and where its point is.
struct Digits {
  std::string text;      ///< without leading zeros
  int64_t exponent = 0;  ///< of the last digit
};

std::optional<Digits> SplitNumber(std::string_view text) {
  Digits result;
  bool any = false;
  bool point = false;
  size_t i = 0;
  for (; i < text.size() && (IsDigit(text[i]) || (text[i] == '.' && !point)); ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    any = true;
    if (point) --result.exponent;
    if (!result.text.empty() || text[i] != '0') result.text.push_back(text[i]);
  }
  if (!any) return std::nullopt;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && text[i] == '+') ++i;
    int32_t exponent = 0;
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), exponent);
    if (error != std::errc()) return std::nullopt;
    result.exponent += exponent;
    i = static_cast<size_t>(end - text.data());
  }
  if (i != text.size()) return std::nullopt;
  return result;
}

}  // namespace

std::string_view TrimBlanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n\r\f\v";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string DecimalToText(Int128 unscaled, int32_t scale) {
  const bool negative = unscaled < 0;
  auto rest = negative ? -static_cast<unsigned __int128>(unscaled)
                       : static_cast<unsigned __int128>(unscaled);
  std::string text;
  for (int32_t i = 0; rest > 0 || i <= scale; ++i) {
    if (i == scale && scale > 0) text.push_back('.');
    text.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  if (negative) text.push_back('-');
  std::ranges::reverse(text);
  return text;
}

std::string DoubleToText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  return fmt::format("{:.15g}", value == 0 ? 0.0 : value);
}

ParsedDecimal ParseDecimal(std::string_view text, int32_t precision, int32_t scale) {
  text = TrimBlanks(text);
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  auto digits = SplitNumber(text);
  if (!digits) return {.fault = NumberFault::kNotANumber};
  if (digits->text.empty()) return {};
  const int64_t dropped = -(digits->exponent + scale);
  bool up = false;
  if (dropped > 0) {
    const auto kept = std::max<int64_t>(static_cast<int64_t>(digits->text.size()) - dropped, 0);
    up = dropped <= static_cast<int64_t>(digits->text.size()) &&
         digits->text[static_cast<size_t>(kept)] >= '5';
    digits->text.resize(static_cast<size_t>(kept));
  } else if (static_cast<int64_t>(digits->text.size()) - dropped <= 38) {
    digits->text.append(static_cast<size_t>(-dropped), '0');
  } else {
    return {.fault = NumberFault::kOutOfRange};
  }
  if (digits->text.size() > 38) return {.fault = NumberFault::kOutOfRange};
  Int128 value = up && digits->text.empty() ? 1 : 0;
  for (const char c : digits->text) value = value * 10 + (c - '0');
  if (up && !digits->text.empty()) ++value;
  if (!FitsPrecision(value, precision)) return {.fault = NumberFault::kOutOfRange};
  return {.unscaled = negative ? -value : value};
}

std::optional<double> ParseDouble(std::string_view text) {
  text = TrimBlanks(text);
  const std::string lower = LowerCase(text);
  if (lower == "nan") return std::nan("");
  if (lower == "inf" || lower == "infinity" || lower == "+inf") return INFINITY;
  if (lower == "-inf" || lower == "-infinity") return -INFINITY;
  std::string_view digits = text;
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  if (!SplitNumber(digits)) return std::nullopt;
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range)
    return std::strtod(std::string(text).c_str(), nullptr);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> ParseBoolean(std::string_view text) {
  const std::string lower = LowerCase(TrimBlanks(text));
  constexpr std::array<std::string_view, 6> kTrue = {"true", "t", "yes", "y", "on", "1"};
  constexpr std::array<std::string_view, 6> kFalse = {"false", "f", "no", "n", "off", "0"};
  if (std::ranges::find(kTrue, lower) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, lower) != kFalse.end()) return false;
  return std::nullopt;
}

}  // namespace tarn::engine
