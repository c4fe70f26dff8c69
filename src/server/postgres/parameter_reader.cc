// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/parameter_reader.h"

#include <bit>
#include <charconv>

#include "server/postgres/array_reader.h"
#include "server/postgres/binary_form.h"
#include "server/postgres/datetime_reader.h"
#include "server/postgres/message_reader.h"
#include "server/postgres/startup.h"
#include "server/postgres/text_form.h"
#include "server/postgres/type_map.h"

namespace tarn::server::postgres {
namespace {

using sql::DataType;
using sql::DataTypeKind;
using warehouse::BoundValue;
using warehouse::StatementResult;
using Bound = StatementResult<BoundValue>;

constexpr int64_t kEpochMicros = kPostgresEpochDays * kSecondsPerDay * kMicrosPerSecond;

std::string_view NameOf(uint32_t type_oid) {
  switch (type_oid) {
    case oid::kBool:
      return "boolean";
    case oid::kInt2:
      return "smallint";
    case oid::kInt4:
      return "integer";
    case oid::kInt8:
      return "bigint";
    case oid::kFloat4:
      return "real";
    case oid::kFloat8:
      return "double precision";
    case oid::kNumeric:
      return "numeric";
    case oid::kBytea:
      return "bytea";
    default:
      return "value";
  }
}

std::unexpected<warehouse::StatementError> InvalidText(uint32_t type_oid, std::string_view text) {
  return FailState(sqlstate::kInvalidText, "invalid input syntax for type {}: \"{}\"",
                   NameOf(type_oid), text);
}

/// As PostgreSQL tells them apart: what is too short ends its message early.
std::unexpected<warehouse::StatementError> WrongSize(std::string_view bytes, size_t wanted) {
  if (bytes.size() < wanted) {
    return FailState(sqlstate::kProtocolViolation, "insufficient data left in message");
  }
  return FailState(sqlstate::kInvalidBinary, "incorrect binary data format in bind parameter");
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

Bound BoolText(const DataType& type, std::string_view text) {
  const std::string word = ToLower(Trim(text));
  const auto starts = [&word](std::string_view whole, size_t least) {
    return word.size() >= least && whole.starts_with(word);
  };
  if (starts("true", 1) || starts("yes", 1) || word == "on" || word == "1") {
    return BoundValue{.type = type, .value = true};
  }
  if (starts("false", 1) || starts("no", 1) || starts("off", 2) || word == "0") {
    return BoundValue{.type = type, .value = false};
  }
  return InvalidText(oid::kBool, text);
}

Bound IntegerText(uint32_t type_oid, const DataType& type, std::string_view text) {
  std::string_view digits = Trim(text);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  int64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value);
  if (at != end || digits.empty() || error == std::errc::invalid_argument) {
    return InvalidText(type_oid, text);
  }
  const bool narrow = (type_oid == oid::kInt2 && value != static_cast<int16_t>(value)) ||
                      (type_oid == oid::kInt4 && value != static_cast<int32_t>(value));
  if (error == std::errc::result_out_of_range || narrow) {
    return FailState(sqlstate::kOutOfRange, "value \"{}\" is out of range for type {}", text,
                     NameOf(type_oid));
  }
  return BoundValue{.type = type, .value = value};
}

/// Only its syntax is looked at: any number of digits is the session's to judge.
Bound NumericText(const DataType& type, std::string_view text) {
  std::string_view rest = Trim(text);
  const std::string lower = ToLower(rest);
  const std::string kept(rest);
  if (lower == "nan" || lower.ends_with("inf") || lower.ends_with("infinity")) {
    return BoundValue{.type = type, .text = kept};
  }
  const auto take_digits = [&rest] {
    size_t count = 0;
    while (count < rest.size() && rest[count] >= '0' && rest[count] <= '9') ++count;
    rest.remove_prefix(count);
    return count;
  };
  const auto take_sign = [&rest] {
    if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  };
  take_sign();
  size_t digits = take_digits();
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    digits += take_digits();
  }
  bool valid = digits > 0;
  if (valid && (rest.starts_with('e') || rest.starts_with('E'))) {
    rest.remove_prefix(1);
    take_sign();
    valid = take_digits() > 0;
  }
  if (!valid || !rest.empty()) return InvalidText(oid::kNumeric, text);
  return BoundValue{.type = type, .text = kept};
}

Bound FloatText(uint32_t type_oid, const DataType& type, std::string_view text) {
  std::string_view digits = Trim(text);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value);
  if (at != end || digits.empty() || error == std::errc::invalid_argument) {
    return InvalidText(type_oid, text);
  }
  if (error == std::errc::result_out_of_range) {
    return FailState(sqlstate::kOutOfRange, "\"{}\" is out of range for type {}", text,
                     NameOf(type_oid));
  }
  return BoundValue{.type = type, .value = value};
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// "\x0a0b", or the escape form: "\\" and "\ooo".
Bound ByteaText(const DataType& type, std::string_view text) {
  std::string bytes;
  if (text.starts_with("\\x")) {
    for (size_t i = 2; i < text.size(); i += 2) {
      const int high = HexDigit(text[i]), low = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
      if (high < 0 || low < 0) {
        return FailState(sqlstate::kInvalidParameter, "invalid hexadecimal data");
      }
      bytes += static_cast<char>(high << 4 | low);
    }
    return BoundValue{.type = type, .value = std::move(bytes)};
  }
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      bytes += '\\';
      ++i;
    } else {
      int value = 0;
      for (size_t d = 1; d <= 3; ++d) {
        const char c = i + d < text.size() ? text[i + d] : '\0';
        if (c < '0' || c > '7') return InvalidText(oid::kBytea, text);
        value = value * 8 + (c - '0');
      }
      if (value > 255) return InvalidText(oid::kBytea, text);
      bytes += static_cast<char>(value);
      i += 3;
    }
  }
  return BoundValue{.type = type, .value = std::move(bytes)};
}

/// What is not written as PostgreSQL writes it the session may still understand.
Bound DateTimeParameter(const DataType& type, std::string_view text) {
  BoundValue as_text{.type = type, .text = std::string(text)};
  const auto read = ReadDateTime(text);
  if (!read) return as_text;
  const int64_t micros = read->micros.value_or(0);
  if (type.kind == DataTypeKind::kTime) {
    if (!read->micros) return as_text;
    return BoundValue{.type = type, .value = micros};
  }
  if (!read->days) return as_text;
  if (type.kind == DataTypeKind::kDate) {
    return BoundValue{.type = type, .value = static_cast<int32_t>(*read->days)};
  }
  const int64_t wall = *read->days * kSecondsPerDay * kMicrosPerSecond + micros;
  if (type.kind == DataTypeKind::kTimestampNtz) return BoundValue{.type = type, .value = wall};
  // Without an offset the session's zone counts, and a zone of its own only a text has.
  if (type.kind != DataTypeKind::kTimestampLtz || !read->offset_seconds) return as_text;
  return BoundValue{.type = type, .value = wall - *read->offset_seconds * kMicrosPerSecond};
}

Bound FromText(uint32_t type_oid, const DataType& type, std::string_view text) {
  switch (type_oid) {
    case oid::kBool:
      return BoolText(type, text);
    case oid::kInt2:
    case oid::kInt4:
    case oid::kInt8:
    case oid::kOid:
      return IntegerText(type_oid, type, text);
    case oid::kNumeric:
      return NumericText(type, text);
    case oid::kFloat4:
    case oid::kFloat8:
      return FloatText(type_oid, type, text);
    case oid::kBytea:
      return ByteaText(type, text);
    case oid::kDate:
    case oid::kTime:
    case oid::kTimestamp:
    case oid::kTimestampTz:
      return DateTimeParameter(type, text);
    default:
      break;
  }
  if (const uint32_t element = ElementOf(type_oid)) {
    TARN_STATEMENT_ASSIGN(std::string json, ArrayTextToJson(text, element));
    return BoundValue{.type = type, .text = std::move(json)};
  }
  return BoundValue{.type = type, .text = std::string(text)};
}

std::optional<int64_t> BigEndian(std::string_view bytes, size_t wanted) {
  if (bytes.size() != wanted) return std::nullopt;
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<uint8_t>(c);
  const auto unused = static_cast<int>(64 - wanted * 8);
  return static_cast<int64_t>(value << unused) >> unused;
}

/// Microseconds since 2000 → since 1970; infinity (the extremes) and what lies beside it do not
/// fit.
Bound TimestampBinary(const DataType& type, std::string_view bytes) {
  const auto micros = BigEndian(bytes, 8);
  if (!micros) return WrongSize(bytes, 8);
  int64_t since_1970 = 0;
  if (*micros == std::numeric_limits<int64_t>::min() ||
      __builtin_add_overflow(*micros, kEpochMicros, &since_1970)) {
    return FailState("22008", "timestamp out of range");
  }
  return BoundValue{.type = type, .value = since_1970};
}

Bound IntegerBinary(const DataType& type, std::string_view bytes, size_t size) {
  const auto value = BigEndian(bytes, size);
  if (!value) return WrongSize(bytes, size);
  return BoundValue{.type = type, .value = *value};
}

Bound FloatBinary(const DataType& type, std::string_view bytes, size_t size) {
  const auto bits = BigEndian(bytes, size);
  if (!bits) return WrongSize(bytes, size);
  const double value =
      size == 4 ? std::bit_cast<float>(static_cast<uint32_t>(*bits)) : std::bit_cast<double>(*bits);
  return BoundValue{.type = type, .value = value};
}

Bound DateBinary(const DataType& type, std::string_view bytes) {
  const auto days = BigEndian(bytes, 4);
  if (!days) return WrongSize(bytes, 4);
  const int64_t since_1970 = *days + kPostgresEpochDays;
  if (since_1970 != static_cast<int32_t>(since_1970) ||
      *days == std::numeric_limits<int32_t>::min()) {
    return FailState("22008", "date out of range");
  }
  return BoundValue{.type = type, .value = static_cast<int32_t>(since_1970)};
}

Bound FromBinary(uint32_t type_oid, const DataType& type, std::string_view bytes) {
  switch (type_oid) {
    case oid::kBool:
      if (bytes.size() != 1) return WrongSize(bytes, 1);
      return BoundValue{.type = type, .value = bytes[0] != 0};
    case oid::kInt2:
      return IntegerBinary(type, bytes, 2);
    case oid::kInt4:
      return IntegerBinary(type, bytes, 4);
    case oid::kInt8:
      return IntegerBinary(type, bytes, 8);
    case oid::kOid: {
      const auto value = BigEndian(bytes, 4);
      if (!value) return WrongSize(bytes, 4);
      return BoundValue{.type = type, .value = *value & 0xffffffff};
    }
    case oid::kFloat4:
    case oid::kFloat8:
      return FloatBinary(type, bytes, type_oid == oid::kFloat4 ? 4 : 8);
    case oid::kNumeric: {
      auto text = ReadNumeric(bytes);
      if (!text) return FailState(sqlstate::kInvalidBinary, "{}", text.error().message);
      return BoundValue{.type = type, .text = std::move(*text)};
    }
    case oid::kBytea:
      return BoundValue{.type = type, .value = std::string(bytes)};
    case oid::kDate:
      return DateBinary(type, bytes);
    case oid::kTime:
      return IntegerBinary(type, bytes, 8);
    case oid::kTimestamp:
    case oid::kTimestampTz:
      return TimestampBinary(type, bytes);
    case oid::kUuid:
      if (bytes.size() != 16) return WrongSize(bytes, 16);
      return BoundValue{.type = type, .value = std::string(bytes)};
    case oid::kJsonb:
      if (!bytes.starts_with('\x01')) {
        return FailState(sqlstate::kInvalidBinary, "unsupported jsonb version number");
      }
      bytes.remove_prefix(1);
      break;
    case oid::kText:
    case oid::kVarchar:
    case oid::kBpchar:
    case oid::kName:
    case oid::kJson:
    case oid::kUnknown:
      break;
    default: {
      const uint32_t element = ElementOf(type_oid);
      if (element == 0) {
        return FailState(sqlstate::kNotSupported,
                         "the binary format of the type with OID {} is not supported", type_oid);
      }
      TARN_STATEMENT_ASSIGN(std::string json, ArrayBytesToJson(bytes, element));
      return BoundValue{.type = type, .text = std::move(json)};
    }
  }
  if (!IsUtf8(bytes)) {
    return FailState(sqlstate::kBadCharacters, "invalid byte sequence for encoding \"UTF8\"");
  }
  return BoundValue{.type = type, .text = std::string(bytes)};
}

}  // namespace

Bound ReadParameter(uint32_t type_oid, const DataType& inferred, Format format,
                    std::string_view bytes) {
  DataType type = DataTypeOf(type_oid);
  // A moment in binary has no zone of its own, whatever the statement wants.
  const bool keeps_inferred =
      inferred.kind != DataTypeKind::kNull &&
      !(inferred.kind == DataTypeKind::kTimestampTz && format == Format::kBinary);
  if (keeps_inferred) type = inferred;
  if (format == Format::kBinary) return FromBinary(type_oid, type, bytes);
  if (!IsUtf8(bytes)) {
    return FailState(sqlstate::kBadCharacters, "invalid byte sequence for encoding \"UTF8\"");
  }
  return FromText(type_oid, type, bytes);
}

}  // namespace tarn::server::postgres
