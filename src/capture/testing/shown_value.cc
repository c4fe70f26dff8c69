// SPDX-License-Identifier: Apache-2.0
#include "capture/testing/shown_value.h"

#include <fmt/core.h>

#include <cmath>
#include <cstring>

#include "capture/values/temporal_text.h"

namespace tarn::capture {
namespace {

template <typename T>
T Load(const ColumnView& column, int64_t row) {
  T value;
  std::memcpy(&value, column.values + static_cast<size_t>(row) * sizeof(T), sizeof(T));
  return value;
}

std::string NumberText(__int128 number, int32_t scale) {
  const bool negative = number < 0;
  auto rest = static_cast<unsigned __int128>(negative ? -number : number);
  std::string digits;
  while (rest > 0 || static_cast<int32_t>(digits.size()) <= scale) {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  if (scale > 0) digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  return negative ? "-" + digits : digits;
}

std::string FloatText(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{:.17g}", number);
}

std::string_view Bytes(const ColumnView& column, int64_t row) {
  return {reinterpret_cast<const char*>(column.values) + column.offsets[row],
          static_cast<size_t>(column.offsets[row + 1] - column.offsets[row])};
}

std::string HexText(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return text;
}

std::string TimeText(int64_t micros) { return TimestampText(0, micros).substr(11); }

std::string ZonedText(const ColumnView& column, int64_t row) {
  const auto nanos = Load<int32_t>(column.children[1], row);
  return fmt::format("{} nanoseconds {} minutes {}",
                     TimestampText(0, Load<int64_t>(column.children[0], row) * kMicrosPerSecond),
                     nanos, Load<int32_t>(column.children[2], row));
}

}  // namespace

Type StoredType(const TargetType& target) {
  switch (target.kind) {
    case TargetKind::kNumber:
      return Type::Decimal(target.precision, target.scale);
    case TargetKind::kFloat:
      return Type::Primitive(TypeKind::kDouble);
    case TargetKind::kBinary:
      return Type::Primitive(TypeKind::kBinary);
    case TargetKind::kBoolean:
      return Type::Primitive(TypeKind::kBoolean);
    case TargetKind::kDate:
      return Type::Primitive(TypeKind::kDate);
    case TargetKind::kTime:
      return Type::Primitive(TypeKind::kTime);
    case TargetKind::kTimestamp:
      return Type::Primitive(TypeKind::kTimestamp);
    case TargetKind::kTimestampTz: {
      Type zoned = Type::Primitive(TypeKind::kStruct);
      for (const auto& [name, kind] :
           {std::pair("seconds", TypeKind::kLong), std::pair("nanoseconds", TypeKind::kInt),
            std::pair("offset", TypeKind::kInt)}) {
        Field& field = zoned.children.emplace_back();
        field.name = name;
        field.type = Type::Primitive(kind);
      }
      return zoned;
    }
    default:
      return MirrorStorage(target).value_or(Type::Primitive(TypeKind::kString));
  }
}

nlohmann::json ShownValue(const TargetType& target, const ColumnView& column, int64_t row) {
  if (column.is_null(row)) return nullptr;
  switch (target.kind) {
    case TargetKind::kNumber:
      return NumberText(Load<__int128>(column, row), target.scale);
    case TargetKind::kFloat:
      return FloatText(Load<double>(column, row));
    case TargetKind::kBinary:
      return HexText(Bytes(column, row));
    case TargetKind::kBoolean:
      return (column.values[row >> 3] >> (row & 7) & 1) != 0;
    case TargetKind::kDate:
      return DateText(Load<int32_t>(column, row));
    case TargetKind::kTime:
      return TimeText(Load<int64_t>(column, row));
    case TargetKind::kTimestamp:
      return TimestampText(0, Load<int64_t>(column, row));
    case TargetKind::kTimestampTz:
      return ZonedText(column, row);
    case TargetKind::kText:
    case TargetKind::kVariant:
      break;
    default:
      return "a value of a mirror";
  }
  return std::string(Bytes(column, row));
}

}  // namespace tarn::capture
