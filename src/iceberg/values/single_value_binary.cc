// SPDX-License-Identifier: Apache-2.0
// Binary single values (spec, Appendix D, "Binary single-value serialization").
#include <cstring>

#include "iceberg/model/schema.h"
#include "iceberg/values/calendar.h"
#include "iceberg/values/decimal_bytes.h"
#include "iceberg/values/single_value.h"

namespace tarn::iceberg {
namespace {

constexpr size_t kUuidBytes = 16;

template <typename Number>
std::string ToBytes(Number number) {
  // Every supported machine is little-endian, as the format is.
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

template <typename Number>
Number FromBytes(std::string_view bytes) {
  Number number;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

std::unexpected<Error> WrongLength(const Type& type, std::string_view bytes) {
  return Fail(ErrorKind::kCorruption, "{} bytes are no single value of type {}", bytes.size(),
              PrimitiveTypeName(type));
}

/// A date's bound under a column that became a timestamp.
Result<Value> PromoteDate(const Type& type, int32_t days) {
  const bool nanos = type.kind == TypeKind::kTimestampNs || type.kind == TypeKind::kTimestampTzNs;
  const int64_t unit = nanos ? kMicrosPerDay * kNanosPerMicro : kMicrosPerDay;
  int64_t result = 0;
  if (__builtin_mul_overflow(int64_t{days}, unit, &result)) {
    return Fail(ErrorKind::kCorruption, "day {} is out of range for type {}", days,
                PrimitiveTypeName(type));
  }
  return Value(result);
}

Result<Value> DecodeEightBytes(const Type& type, std::string_view bytes) {
  if (bytes.size() == sizeof(int64_t)) return Value(FromBytes<int64_t>(bytes));
  if (bytes.size() != sizeof(int32_t)) return WrongLength(type, bytes);
  const auto narrow = FromBytes<int32_t>(bytes);
  if (type.kind == TypeKind::kLong) return Value(int64_t{narrow});
  if (type.kind == TypeKind::kTime) return WrongLength(type, bytes);
  return PromoteDate(type, narrow);
}

Result<Value> DecodeDouble(const Type& type, std::string_view bytes) {
  if (bytes.size() == sizeof(double)) return Value(FromBytes<double>(bytes));
  if (bytes.size() == sizeof(float)) return Value(double{FromBytes<float>(bytes)});
  return WrongLength(type, bytes);
}

}  // namespace

std::string EncodeDecimal(Int128 unscaled) {
  std::string bytes;
  bool complete = false;
  while (!complete) {
    const auto byte = static_cast<uint8_t>(unscaled & 0xff);
    bytes.insert(bytes.begin(), static_cast<char>(byte));
    unscaled >>= 8;
    const bool negative = (byte & 0x80) != 0;
    complete = (unscaled == 0 && !negative) || (unscaled == -1 && negative);
  }
  return bytes;
}

std::optional<Int128> DecodeDecimal(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > sizeof(Int128)) return std::nullopt;
  auto bits =
      static_cast<unsigned __int128>(static_cast<Int128>(static_cast<int8_t>(bytes.front())));
  for (const char byte : bytes.substr(1)) bits = (bits << 8) | static_cast<uint8_t>(byte);
  return static_cast<Int128>(bits);
}

std::string EncodeSingleValue(const Type& type, const Value& value) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return std::string(1, std::get<bool>(value) ? '\1' : '\0');
    case TypeKind::kInt:
    case TypeKind::kDate:
      return ToBytes(std::get<int32_t>(value));
    case TypeKind::kFloat:
      return ToBytes(std::get<float>(value));
    case TypeKind::kDouble:
      return ToBytes(std::get<double>(value));
    case TypeKind::kDecimal:
      return EncodeDecimal(std::get<Int128>(value));
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
      return ToBytes(std::get<int64_t>(value));
    default:
      return std::get<std::string>(value);
  }
}

Result<Value> DecodeSingleValue(const Type& type, std::string_view bytes) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      if (bytes.size() != 1) return WrongLength(type, bytes);
      return Value(bytes.front() != '\0');
    case TypeKind::kInt:
    case TypeKind::kDate:
      if (bytes.size() != sizeof(int32_t)) return WrongLength(type, bytes);
      return Value(FromBytes<int32_t>(bytes));
    case TypeKind::kLong:
    case TypeKind::kTime:
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
    case TypeKind::kTimestampNs:
    case TypeKind::kTimestampTzNs:
      return DecodeEightBytes(type, bytes);
    case TypeKind::kFloat:
      if (bytes.size() != sizeof(float)) return WrongLength(type, bytes);
      return Value(FromBytes<float>(bytes));
    case TypeKind::kDouble:
      return DecodeDouble(type, bytes);
    case TypeKind::kDecimal: {
      const std::optional<Int128> decimal = DecodeDecimal(bytes);
      if (!decimal) return WrongLength(type, bytes);
      return Value(*decimal);
    }
    case TypeKind::kUuid:
      if (bytes.size() != kUuidBytes) return WrongLength(type, bytes);
      return Value(std::string(bytes));
    case TypeKind::kFixed:
      if (bytes.size() != static_cast<size_t>(type.length)) return WrongLength(type, bytes);
      return Value(std::string(bytes));
    case TypeKind::kString:
    case TypeKind::kBinary:
      return Value(std::string(bytes));
    default:
      return Fail(ErrorKind::kUnsupported, "type {} has no single values", PrimitiveTypeName(type));
  }
}

}  // namespace tarn::iceberg
