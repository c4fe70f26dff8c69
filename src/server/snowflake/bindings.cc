// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/bindings.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/calendar.h"
#include "server/snowflake/column_values.h"
#include "sql/syntax/lexer.h"
#include "sql/syntax/name.h"

namespace tarn::server::snowflake {
namespace {

using sql::DataType;
using sql::DataTypeKind;
using warehouse::BoundValue;
using warehouse::StatementError;
using Bound = warehouse::StatementResult<BoundValue>;
using nlohmann::json;

constexpr int64_t kMsPerDay = kSecondsPerDay * 1000;
constexpr int64_t kOffsetMinutesBias = 1440;
constexpr int32_t kNumberDigitsMax = 38, kScaleMax = 37;
constexpr int32_t kNanoDigits = 9;
constexpr size_t kBindingsMax = 65'536;  // of one row

std::unexpected<StatementError> Invalid(std::string_view type, std::string_view value) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kInvalidArgument,
                fmt::format("Bound value '{}' of type {} is not recognized", value, type),
                {},
                {}},
      .code = "100037",
      .sqlstate = "22018",
      .position = {}});
}

std::unexpected<StatementError> NotWellFormed(std::string_view why) {
  return std::unexpected(StatementError{
      .error = {ErrorKind::kInvalidArgument, fmt::format("Bind variables: {}", why), {}, {}},
      .code = "002049",
      .sqlstate = "42601",
      .position = {}});
}

std::optional<int64_t> IntegerOf(std::string_view text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

int64_t FloorDivide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

Bound Number(std::string_view text) {
  if (const auto integer = IntegerOf(text)) {
    return BoundValue{
        .type = {DataTypeKind::kNumber, kNumberDigitsMax}, .text = std::nullopt, .value = *integer};
  }
  std::string_view digits = text;
  if (digits.starts_with('-') || digits.starts_with('+')) digits.remove_prefix(1);
  const size_t dot = digits.find('.');
  const size_t scale = dot == std::string_view::npos ? 0 : digits.size() - dot - 1;
  const bool valid =
      !digits.empty() && scale <= kScaleMax &&
      std::ranges::all_of(digits, [](char c) { return (c >= '0' && c <= '9') || c == '.'; }) &&
      std::ranges::count(digits, '.') <= 1 && digits != ".";
  if (!valid) {
    // 1E+3 and the like: a number by the session's rules.
    double as_double = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), as_double);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
      return Invalid("FIXED", text);
    }
    return BoundValue{
        .type = {.kind = DataTypeKind::kFloat}, .text = std::nullopt, .value = as_double};
  }
  return BoundValue{.type = {DataTypeKind::kNumber, kNumberDigitsMax, static_cast<int32_t>(scale)},
                    .text = std::string(text),
                    .value = {}};
}

Bound Real(std::string_view text) {
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) {
    return Invalid("REAL", text);
  }
  return BoundValue{.type = {.kind = DataTypeKind::kFloat}, .text = std::nullopt, .value = value};
}

Bound Boolean(std::string_view text) {
  const std::string upper = sql::syntax::UpperCase(text);
  const bool value = upper == "TRUE" || upper == "1";
  if (!value && upper != "FALSE" && upper != "0") return Invalid("BOOLEAN", text);
  return BoundValue{.type = {.kind = DataTypeKind::kBoolean}, .text = std::nullopt, .value = value};
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Bound Binary(std::string_view text) {
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = HexDigit(text[i]), low = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
    if (high < 0 || low < 0) return Invalid("BINARY", text);
    bytes += static_cast<char>(high << 4 | low);
  }
  return BoundValue{.type = {.kind = DataTypeKind::kBinary, .length = sql::kBinaryLengthDefault},
                    .text = std::nullopt,
                    .value = std::move(bytes)};
}

/// Milliseconds since 1970, which may lie within the day.
Bound Date(std::string_view text) {
  const auto ms = IntegerOf(text);
  if (!ms) return Invalid("DATE", text);
  const int64_t day = FloorDivide(*ms, kMsPerDay);
  if (day != static_cast<int32_t>(day)) return Invalid("DATE", text);
  return BoundValue{.type = {.kind = DataTypeKind::kDate},
                    .text = std::nullopt,
                    .value = static_cast<int32_t>(day)};
}

std::string ClockText(int64_t nanos_of_day) {
  const int64_t seconds = nanos_of_day / kNanosPerSecond;
  return fmt::format("{:02}:{:02}:{:02}.{:09}", seconds / 3600, seconds / 60 % 60, seconds % 60,
                     nanos_of_day % kNanosPerSecond);
}

Bound Time(std::string_view text) {
  const auto nanos = IntegerOf(text);
  if (!nanos || *nanos < 0 || *nanos >= kSecondsPerDay * kNanosPerSecond) {
    return Invalid("TIME", text);
  }
  return BoundValue{
      .type = {DataTypeKind::kTime, kNanoDigits}, .text = ClockText(*nanos), .value = {}};
}

/// The wall clock `offset_minutes` east of UTC at nanoseconds since 1970.
std::string WallClockText(int64_t nanos, int64_t offset_minutes) {
  const int64_t day_nanos = kSecondsPerDay * kNanosPerSecond;
  const int64_t local = nanos + offset_minutes * 60 * kNanosPerSecond;
  const int64_t day = FloorDivide(local, day_nanos);
  const CivilDate date = CivilFromDays(day);
  return fmt::format("{:04}-{:02}-{:02} {}", date.year, date.month, date.day,
                     ClockText(local - day * day_nanos));
}

Bound Timestamp(const std::string& type, std::string_view text) {
  const bool zoned = type == "TIMESTAMP_TZ", local = type == "TIMESTAMP_LTZ";
  const size_t blank = text.find(' ');
  const auto nanos = IntegerOf(text.substr(0, blank));
  int64_t offset = 0;
  if (zoned && blank != std::string_view::npos) {
    const auto biased = IntegerOf(text.substr(blank + 1));
    if (!biased || *biased < 0 || *biased > 2 * kOffsetMinutesBias) return Invalid(type, text);
    offset = *biased - kOffsetMinutesBias;
  }
  int64_t shifted = 0;
  if (!nanos || (!zoned && blank != std::string_view::npos) ||
      __builtin_add_overflow(*nanos, offset * 60 * kNanosPerSecond, &shifted)) {
    return Invalid(type, text);
  }
  std::string shown = WallClockText(*nanos, offset);
  DataType made{DataTypeKind::kTimestampNtz, kNanoDigits};
  if (zoned) made.kind = DataTypeKind::kTimestampTz;
  if (local) made.kind = DataTypeKind::kTimestampLtz;
  if (zoned || local) {
    const int64_t minutes = std::abs(offset);
    shown += fmt::format(" {}{:02}:{:02}", offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  }
  return BoundValue{.type = made, .text = std::move(shown), .value = {}};
}

/// Of a NULL; kNull where the client does not say.
DataType TypeNamed(std::string_view type) {
  if (type == "FIXED") return {DataTypeKind::kNumber, kNumberDigitsMax};
  if (type == "REAL") return {.kind = DataTypeKind::kFloat};
  if (type == "BOOLEAN") return {.kind = DataTypeKind::kBoolean};
  if (type == "BINARY") return {.kind = DataTypeKind::kBinary, .length = sql::kBinaryLengthDefault};
  if (type == "DATE") return {.kind = DataTypeKind::kDate};
  if (type == "TIME") return {DataTypeKind::kTime, kNanoDigits};
  if (type == "TIMESTAMP_NTZ") return {DataTypeKind::kTimestampNtz, kNanoDigits};
  if (type == "TIMESTAMP_LTZ") return {DataTypeKind::kTimestampLtz, kNanoDigits};
  if (type == "TIMESTAMP_TZ") return {DataTypeKind::kTimestampTz, kNanoDigits};
  return {};
}

Bound ValueOf(const std::string& type, const json& value) {
  if (value.is_null()) {
    return BoundValue{.type = TypeNamed(type), .text = std::nullopt, .value = {}};
  }
  if (!value.is_string()) return NotWellFormed("values are strings");
  const auto& text = value.get_ref<const std::string&>();
  if (type == "FIXED") return Number(text);
  if (type == "REAL") return Real(text);
  if (type == "BOOLEAN") return Boolean(text);
  if (type == "BINARY") return Binary(text);
  if (type == "DATE") return Date(text);
  if (type == "TIME") return Time(text);
  if (type == "TIMESTAMP_NTZ" || type == "TIMESTAMP_LTZ" || type == "TIMESTAMP_TZ") {
    return Timestamp(type, text);
  }
  return BoundValue{.type = {.kind = DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault},
                    .text = text,
                    .value = {}};
}

struct Binding {
  std::string type;
  const json* value = nullptr;
};

/// In the order of their numbers, from 1 without a gap.
warehouse::StatementResult<std::vector<Binding>> InOrder(const json& bindings) {
  std::vector<Binding> ordered(bindings.size());
  for (const auto& [name, binding] : bindings.items()) {
    const auto number = IntegerOf(name);
    if (!number || *number < 1 || *number > static_cast<int64_t>(ordered.size())) {
      return NotWellFormed("only those by position are supported");
    }
    if (!binding.is_object() || !binding.contains("value")) {
      return NotWellFormed("a value is missing");
    }
    const auto type = binding.find("type");
    Binding& made = ordered[static_cast<size_t>(*number - 1)];
    if (type != binding.end() && type->is_string()) {
      made.type = sql::syntax::UpperCase(type->get_ref<const std::string&>());
    }
    made.value = &*binding.find("value");
  }
  return ordered;
}

}  // namespace

warehouse::StatementResult<BoundRows> ReadBindings(const json& bindings) {
  BoundRows made;
  if (bindings.is_null()) return made;
  if (!bindings.is_object() || bindings.size() > kBindingsMax) {
    return NotWellFormed("they are an object");
  }
  if (bindings.empty()) return made;
  const auto ordered = InOrder(bindings);
  if (!ordered) return std::unexpected(ordered.error());
  made.is_array = ordered->front().value->is_array();
  const size_t rows = made.is_array ? ordered->front().value->size() : 1;
  made.rows.resize(rows);
  for (const Binding& binding : *ordered) {
    if (binding.value->is_array() != made.is_array ||
        (made.is_array && binding.value->size() != rows)) {
      return NotWellFormed("arrays are of one length");
    }
    for (size_t row = 0; row < rows; ++row) {
      auto value = ValueOf(binding.type, made.is_array ? (*binding.value)[row] : *binding.value);
      if (!value) return std::unexpected(std::move(value).error());
      made.rows[row].push_back(*std::move(value));
    }
  }
  return made;
}

int32_t CountPlaceholders(std::string_view text) {
  using sql::syntax::TokenKind;
  const auto tokens = sql::syntax::Tokenize(text);
  if (!tokens) return 0;
  int32_t questions = 0;
  int64_t highest = 0;
  for (size_t i = 0; i < tokens->size(); ++i) {
    const auto& token = (*tokens)[i];
    if (token.kind == TokenKind::kQuestion) ++questions;
    if (token.kind != TokenKind::kColon || i + 1 == tokens->size()) continue;
    const auto& next = (*tokens)[i + 1];
    if (next.kind != TokenKind::kNumber || next.span.begin != token.span.end) continue;
    highest = std::max(highest, IntegerOf(TextOf(text, next.span)).value_or(0));
  }
  return std::max(questions,
                  static_cast<int32_t>(std::min<int64_t>(highest, int64_t{kBindingsMax})));
}

std::string InsertOfRows(std::string_view text, size_t rows) {
  using sql::syntax::Token;
  using sql::syntax::TokenKind;
  const auto read = sql::syntax::Tokenize(text);
  if (!read) return {};
  const std::vector<Token>& tokens = *read;
  const auto word = [&](size_t i) {
    return tokens[i].kind == TokenKind::kWord ? sql::syntax::UpperCase(TextOf(text, tokens[i].span))
                                              : std::string();
  };
  if (word(0) != "INSERT") return {};
  size_t begin = 1;
  while (begin < tokens.size() && word(begin) != "VALUES") {
    if (tokens[begin].kind == TokenKind::kQuestion || word(begin) == "SELECT") return {};
    ++begin;
  }
  ++begin;
  if (begin >= tokens.size() || tokens[begin].kind != TokenKind::kLeftParenthesis) return {};
  size_t end = begin;
  for (int depth = 0; end < tokens.size(); ++end) {
    if (tokens[end].kind == TokenKind::kLeftParenthesis) ++depth;
    if (tokens[end].kind == TokenKind::kRightParenthesis && --depth == 0) break;
  }
  size_t rest = end + 1;
  if (rest < tokens.size() && tokens[rest].kind == TokenKind::kSemicolon) ++rest;
  if (rest >= tokens.size() || tokens[rest].kind != TokenKind::kEnd) return {};
  const std::string_view row =
      text.substr(tokens[begin].span.begin, tokens[end].span.end - tokens[begin].span.begin);
  for (size_t i = begin; i < end; ++i) {
    // `:1` would name the first row's value in all of them.
    if (tokens[i].kind == TokenKind::kColon && tokens[i + 1].kind == TokenKind::kNumber) return {};
  }
  std::string made(text.substr(0, tokens[begin].span.begin));
  made.reserve(made.size() + rows * (row.size() + 1));
  for (size_t i = 0; i < rows; ++i) {
    if (i > 0) made += ',';
    made += row;
  }
  return made;
}

}  // namespace tarn::server::snowflake
