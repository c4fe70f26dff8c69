// SPDX-License-Identifier: Apache-2.0
// Names of primitive types in metadata files (spec, Appendix C, "Schemas").
#include <array>
#include <charconv>
#include <string>

#include "iceberg/model/schema.h"

namespace tarn::iceberg {
namespace {

constexpr int32_t kDecimalPrecisionMax = 38;

struct NamedKind {
  std::string_view name;
  TypeKind kind;
};

constexpr std::array kPlainTypes = {
    NamedKind{"boolean", TypeKind::kBoolean},
    NamedKind{"int", TypeKind::kInt},
    NamedKind{"long", TypeKind::kLong},
    NamedKind{"float", TypeKind::kFloat},
    NamedKind{"double", TypeKind::kDouble},
    NamedKind{"date", TypeKind::kDate},
    NamedKind{"time", TypeKind::kTime},
    NamedKind{"timestamp", TypeKind::kTimestamp},
    NamedKind{"timestamptz", TypeKind::kTimestampTz},
    NamedKind{"string", TypeKind::kString},
    NamedKind{"uuid", TypeKind::kUuid},
    NamedKind{"binary", TypeKind::kBinary},
    NamedKind{"unknown", TypeKind::kUnknown},
    NamedKind{"timestamp_ns", TypeKind::kTimestampNs},
    NamedKind{"timestamptz_ns", TypeKind::kTimestampTzNs},
    NamedKind{"variant", TypeKind::kVariant},
    NamedKind{"geometry", TypeKind::kGeometry},
    NamedKind{"geography", TypeKind::kGeography},
};

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

bool ParseNumber(std::string_view text, int32_t& number) {
  text = Trim(text);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && result.ec == std::errc() && result.ptr == text.data() + text.size();
}

/// "name(arguments)" or "name[arguments]" taken apart; false if the text has no such form.
bool SplitArguments(std::string_view text, char open, char close, std::string_view& name,
                    std::string_view& arguments) {
  const size_t bracket = text.find(open);
  if (bracket == std::string_view::npos || text.back() != close) return false;
  name = Trim(text.substr(0, bracket));
  arguments = text.substr(bracket + 1, text.size() - bracket - 2);
  return true;
}

std::optional<Type> ParseDecimal(std::string_view arguments) {
  const size_t comma = arguments.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  int32_t precision = 0;
  int32_t scale = 0;
  if (!ParseNumber(arguments.substr(0, comma), precision) ||
      !ParseNumber(arguments.substr(comma + 1), scale)) {
    return std::nullopt;
  }
  if (precision < 1 || precision > kDecimalPrecisionMax || scale < 0 || scale > precision) {
    return std::nullopt;
  }
  return Type::Decimal(precision, scale);
}

std::optional<Type> ParseWithArguments(std::string_view text) {
  std::string_view name;
  std::string_view arguments;
  if (SplitArguments(text, '[', ']', name, arguments)) {
    int32_t length = 0;
    if (name != "fixed" || !ParseNumber(arguments, length) || length < 0) return std::nullopt;
    return Type::Fixed(length);
  }
  if (!SplitArguments(text, '(', ')', name, arguments)) return std::nullopt;
  if (name == "decimal") return ParseDecimal(arguments);
  if (name == "geometry" || name == "geography") {
    return Type{.kind = name == "geometry" ? TypeKind::kGeometry : TypeKind::kGeography,
                .parameters = std::string(Trim(arguments))};
  }
  return std::nullopt;
}

}  // namespace

std::string PrimitiveTypeName(const Type& type) {
  if (type.kind == TypeKind::kDecimal) {
    // With the space: some readers take no other form.
    return fmt::format("decimal({}, {})", type.precision, type.scale);
  }
  if (type.kind == TypeKind::kFixed) return fmt::format("fixed[{}]", type.length);
  for (const NamedKind& named : kPlainTypes) {
    if (named.kind != type.kind) continue;
    if (type.parameters.empty()) return std::string(named.name);
    return fmt::format("{}({})", named.name, type.parameters);
  }
  switch (type.kind) {
    case TypeKind::kStruct:
      return "struct";
    case TypeKind::kList:
      return "list";
    case TypeKind::kMap:
      return "map";
    default:
      return "invalid";
  }
}

Result<Type> ParsePrimitiveType(std::string_view text) {
  const std::string_view trimmed = Trim(text);
  for (const NamedKind& named : kPlainTypes) {
    if (trimmed == named.name) return Type::Primitive(named.kind);
  }
  if (!trimmed.empty()) {
    if (std::optional<Type> type = ParseWithArguments(trimmed)) return *std::move(type);
  }
  return Fail(ErrorKind::kInvalidArgument, "invalid type \"{}\"", text);
}

}  // namespace tarn::iceberg
