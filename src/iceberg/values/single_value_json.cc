// SPDX-License-Identifier: Apache-2.0
// Single values in JSON (spec, Appendix D, "JSON single-value serialization").
#include <cmath>

#include "base/uuid.h"
#include "iceberg/json/json_members.h"
#include "iceberg/json/json_text.h"
#include "iceberg/model/schema.h"
#include "iceberg/values/single_value.h"
#include "iceberg/values/value_text.h"

namespace tarn::iceberg {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::unexpected<Error> NoValue(const Type& type, std::string_view json) {
  return Fail(ErrorKind::kCorruption, "{} is no value of type {}", json, PrimitiveTypeName(type));
}

std::string Quoted(std::string_view text) {
  std::string json;
  JsonText(&json).String(text);
  return json;
}

Result<std::string> FloatingJson(const Type& type, double number, std::string shortest) {
  if (!std::isfinite(number)) {
    return Fail(ErrorKind::kInvalidArgument, "{} of type {} has no form in JSON", shortest,
                PrimitiveTypeName(type));
  }
  // Without a fraction a reader would take it for an integer and lose the sign of -0.
  if (shortest.find_first_of(".e") == std::string::npos) shortest += ".0";
  return shortest;
}

std::string ToHex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text.push_back(kHexDigits[static_cast<unsigned char>(byte) >> 4]);
    text.push_back(kHexDigits[static_cast<unsigned char>(byte) & 0xf]);
  }
  return text;
}

std::optional<std::string> FromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    int byte = 0;
    for (const char c : text.substr(i, 2)) {
      const int lower = c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c;
      const size_t digit = kHexDigits.find(static_cast<char>(lower));
      if (digit == std::string_view::npos) return std::nullopt;
      byte = byte * 16 + static_cast<int>(digit);
    }
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

std::string UuidText(std::string_view bytes) {
  Uuid uuid;
  for (size_t i = 0; i < uuid.bytes.size() && i < bytes.size(); ++i) {
    uuid.bytes[i] = static_cast<uint8_t>(bytes[i]);
  }
  return uuid.ToString();
}

template <typename T>
Result<Value> Found(const Type& type, const std::optional<T>& value, const Json& json) {
  if (!value) return NoValue(type, DumpJson(json));
  return Value(*value);
}

Result<Value> DecodeText(const Type& type, const Json& json) {
  if (!json.is_string()) return NoValue(type, DumpJson(json));
  const auto& text = json.get_ref<const std::string&>();
  switch (type.kind) {
    case TypeKind::kDecimal:
      return Found(type, ParseDecimalText(text, type.precision, type.scale), json);
    case TypeKind::kDate:
      return Found(type, ParseDateText(text), json);
    case TypeKind::kTime:
      return Found(type, ParseTimeText(text), json);
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
      return Found(type, ParseTimestampText(text, TimestampFormOf(type.kind)), json);
    case TypeKind::kUuid: {
      const Result<Uuid> uuid = Uuid::Parse(text);
      if (!uuid) return NoValue(type, DumpJson(json));
      return Value(std::string(uuid->bytes.begin(), uuid->bytes.end()));
    }
    case TypeKind::kFixed: {
      std::optional<std::string> bytes = FromHex(text);
      if (bytes && bytes->size() != static_cast<size_t>(type.length)) bytes.reset();
      return Found(type, bytes, json);
    }
    case TypeKind::kBinary:
      return Found(type, FromHex(text), json);
    case TypeKind::kString:
      return Value(text);
    default:
      return Fail(ErrorKind::kUnsupported, "type {} has no single values", PrimitiveTypeName(type));
  }
}

Result<Value> DecodeInteger(const Type& type, const Json& json) {
  if (!json.is_number_integer()) return NoValue(type, DumpJson(json));
  const bool too_large =
      json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX);
  const int64_t number = too_large ? 0 : json.get<int64_t>();
  if (type.kind == TypeKind::kLong && !too_large) return Value(number);
  if (too_large || number < INT32_MIN || number > INT32_MAX) return NoValue(type, DumpJson(json));
  return Value(static_cast<int32_t>(number));
}

}  // namespace

Result<std::string> EncodeSingleValueJson(const Type& type, const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return "null";
  switch (type.kind) {
    case TypeKind::kBoolean:
      return std::get<bool>(value) ? "true" : "false";
    case TypeKind::kInt:
      return std::to_string(std::get<int32_t>(value));
    case TypeKind::kLong:
      return std::to_string(std::get<int64_t>(value));
    case TypeKind::kFloat:
      return FloatingJson(type, std::get<float>(value), fmt::format("{}", std::get<float>(value)));
    case TypeKind::kDouble:
      return FloatingJson(type, std::get<double>(value),
                          fmt::format("{}", std::get<double>(value)));
    case TypeKind::kDecimal:
      return Quoted(DecimalText(std::get<Int128>(value), type.scale));
    case TypeKind::kDate:
      return Quoted(DateText(std::get<int32_t>(value)));
    case TypeKind::kTime:
      return Quoted(TimeText(std::get<int64_t>(value)));
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
      return Quoted(TimestampText(std::get<int64_t>(value), TimestampFormOf(type.kind)));
    case TypeKind::kString:
      return Quoted(std::get<std::string>(value));
    case TypeKind::kUuid:
      return Quoted(UuidText(std::get<std::string>(value)));
    case TypeKind::kFixed:
    case TypeKind::kBinary:
      return Quoted(ToHex(std::get<std::string>(value)));
    default:
      return Fail(ErrorKind::kUnsupported, "type {} has no single values", PrimitiveTypeName(type));
  }
}

Result<Value> DecodeSingleValueJson(const Type& type, std::string_view json) {
  TARN_ASSIGN(const Json document, ParseJson(json, "single value"));
  if (document.is_null()) return Value();
  switch (type.kind) {
    case TypeKind::kBoolean:
      if (!document.is_boolean()) return NoValue(type, json);
      return Value(document.get<bool>());
    case TypeKind::kInt:
    case TypeKind::kLong:
      return DecodeInteger(type, document);
    case TypeKind::kFloat:
      if (!document.is_number()) return NoValue(type, json);
      return Value(document.get<float>());
    case TypeKind::kDouble:
      if (!document.is_number()) return NoValue(type, json);
      return Value(document.get<double>());
    default:
      return DecodeText(type, document);
  }
}

}  // namespace tarn::iceberg
