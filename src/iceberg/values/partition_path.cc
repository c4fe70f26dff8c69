// SPDX-License-Identifier: Apache-2.0
#include "iceberg/values/partition_path.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/uuid.h"
#include "iceberg/values/calendar.h"
#include "iceberg/values/partition_tuple.h"
#include "iceberg/values/value_text.h"

namespace tarn::iceberg {
namespace {

constexpr int64_t kHoursPerDay = 24;
constexpr int64_t kMonthsPerYear = 12;
constexpr int64_t kEpochYear = 1970;

/// application/x-www-form-urlencoded.
std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '*';
    if (plain) {
      escaped += c;
    } else if (c == ' ') {
      escaped += '+';
    } else {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (size_t j = 0; j < 4; ++j) {
      text += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63U] : '=';
    }
  }
  return text;
}

std::string UuidText(const std::string& bytes) {
  Uuid uuid;
  std::copy_n(bytes.begin(), std::min(bytes.size(), uuid.bytes.size()), uuid.bytes.begin());
  return uuid.ToString();
}

struct PlainText {
  std::string operator()(std::monostate) const { return "null"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(Int128 value) const { return DecimalText(value, 0); }
  std::string operator()(const std::string& value) const { return value; }
  template <typename Number>
  std::string operator()(Number value) const {
    return fmt::format("{}", value);
  }
};

std::string ValueText(const Type& type, const Value& value) {
  switch (type.kind) {
    case TypeKind::kDecimal:
      return DecimalText(std::get<Int128>(value), type.scale);
    case TypeKind::kDate:
      return DateText(std::get<int32_t>(value));
    case TypeKind::kTime:
      return TimeText(std::get<int64_t>(value));
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
      return TimestampText(std::get<int64_t>(value), TimestampFormOf(type.kind));
    case TypeKind::kUuid:
      return UuidText(std::get<std::string>(value));
    case TypeKind::kBinary:
    case TypeKind::kFixed:
      return Base64(std::get<std::string>(value));
    default:
      return std::visit(PlainText(), value);
  }
}

std::string TransformedText(const Transform& transform, const Type& type, const Value& value) {
  const auto* number = std::get_if<int32_t>(&value);
  if (number == nullptr) return ValueText(type, value);
  switch (transform.kind) {
    case TransformKind::kYear:
      return fmt::format("{:04}", kEpochYear + *number);
    case TransformKind::kMonth:
      return fmt::format("{:04}-{:02}", kEpochYear + FloorDiv(*number, kMonthsPerYear),
                         *number - FloorDiv(*number, kMonthsPerYear) * kMonthsPerYear + 1);
    case TransformKind::kDay:
      return DateText(*number);
    case TransformKind::kHour: {
      const int64_t day = FloorDiv(*number, kHoursPerDay);
      return fmt::format("{}-{:02}", DateText(static_cast<int32_t>(day)),
                         *number - day * kHoursPerDay);
    }
    default:
      return ValueText(type, value);
  }
}

}  // namespace

std::string PartitionPath(const Schema& schema, const PartitionSpec& spec,
                          const std::vector<Value>& tuple) {
  const auto types = PartitionTypes(schema, spec);
  std::string path;
  for (size_t i = 0; i < spec.fields.size() && i < tuple.size(); ++i) {
    const bool known = types && !std::holds_alternative<std::monostate>(tuple[i]) &&
                       IsOfType((*types)[i], tuple[i]);
    const std::string text = known
                                 ? TransformedText(spec.fields[i].transform, (*types)[i], tuple[i])
                                 : std::visit(PlainText(), tuple[i]);
    if (!path.empty()) path += '/';
    path += Escaped(spec.fields[i].name) + '=' + Escaped(text);
  }
  return path;
}

}  // namespace tarn::iceberg
