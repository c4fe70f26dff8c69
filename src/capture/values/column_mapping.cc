// SPDX-License-Identifier: Apache-2.0
#include "capture/values/column_mapping.h"

#include <fmt/core.h>

#include <algorithm>

#include "capture/values/type_oids.h"

namespace tarn::capture {
namespace {

constexpr int32_t kPrecisionMax = 38;
constexpr int32_t kScaleMax = 37;
// Modifiers of varying lengths count the header of the value.
constexpr int32_t kModifierHeader = 4;

int64_t LengthOf(int32_t modifier) {
  return modifier >= kModifierHeader ? modifier - kModifierHeader : 0;
}

/// numeric(p,s). A scale below 0 (PostgreSQL 15) leaves whole numbers with more digits; one beyond
/// the precision, digits behind zeros. What 38 digits cannot hold stays text: nothing is lost.
TargetType NumericTarget(int32_t modifier) {
  const TargetType text{.kind = TargetKind::kText};
  if (modifier < kModifierHeader) return text;
  constexpr int32_t kScaleBits = 0x7FF, kScaleSign = 0x400;
  const int32_t packed = modifier - kModifierHeader;
  const int32_t precision = packed >> 16 & 0xFFFF;
  const int32_t scale = ((packed & kScaleBits) ^ kScaleSign) - kScaleSign;
  TargetType number{.kind = TargetKind::kNumber};
  number.scale = std::max(scale, 0);
  number.precision = scale < 0 ? precision - scale : std::max(precision, scale);
  if (number.precision > kPrecisionMax || number.scale > kScaleMax) return text;
  return number;
}

}  // namespace

std::string ToString(const TargetType& type) {
  switch (type.kind) {
    case TargetKind::kNumber:
      return fmt::format("NUMBER({},{})", type.precision, type.scale);
    case TargetKind::kFloat:
      return "FLOAT";
    case TargetKind::kText:
      return type.length > 0 ? fmt::format("VARCHAR({})", type.length) : "VARCHAR";
    case TargetKind::kBinary:
      return type.length > 0 ? fmt::format("BINARY({})", type.length) : "BINARY";
    case TargetKind::kBoolean:
      return "BOOLEAN";
    case TargetKind::kDate:
      return "DATE";
    case TargetKind::kTime:
      return "TIME";
    case TargetKind::kTimestamp:
      return "TIMESTAMP_NTZ";
    case TargetKind::kTimestampTz:
      return "TIMESTAMP_TZ";
    case TargetKind::kVariant:
      return "VARIANT";
    case TargetKind::kInteger:
      return "NUMBER(10,0)";
    case TargetKind::kLong:
      return "NUMBER(19,0)";
    case TargetKind::kReal:
      return "FLOAT";
    case TargetKind::kInstant:
      return "TIMESTAMP_LTZ";
    case TargetKind::kUuid:
      return "UUID";
  }
  return "VARCHAR";
}

Result<TargetType> ConnectorTypeOf(const SourceType& type) {
  if (type.is_array || type.type_class != TypeClass::kBase) {
    return TargetType{.kind = TargetKind::kText};
  }
  switch (type.oid.value()) {
    case type_oid::kInt2:
    case type_oid::kInt4:
    case type_oid::kInt8:
      return TargetType{.kind = TargetKind::kNumber, .precision = kPrecisionMax, .scale = 0};
    case type_oid::kFloat4:
    case type_oid::kFloat8:
      return TargetType{.kind = TargetKind::kFloat};
    case type_oid::kNumeric:
      return NumericTarget(type.modifier);
    case type_oid::kBool:
      return TargetType{.kind = TargetKind::kBoolean};
    case type_oid::kBpchar:
    case type_oid::kVarchar:
      return TargetType{.kind = TargetKind::kText, .length = LengthOf(type.modifier)};
    case type_oid::kBytea:
      return TargetType{.kind = TargetKind::kBinary};
    case type_oid::kDate:
      return TargetType{.kind = TargetKind::kDate};
    case type_oid::kTime:
    case type_oid::kTimetz:
      return TargetType{.kind = TargetKind::kTime};
    case type_oid::kTimestamp:
      return TargetType{.kind = TargetKind::kTimestamp};
    case type_oid::kTimestamptz:
      return TargetType{.kind = TargetKind::kTimestampTz};
    case type_oid::kJson:
    case type_oid::kJsonb:
    case type_oid::kMoney:
      return TargetType{.kind = TargetKind::kVariant};
    default:
      return TargetType{.kind = TargetKind::kText};
  }
}

Result<TargetType> TargetTypeOf(const SourceType& type, CaptureMode mode) {
  return mode == CaptureMode::kMirror ? MirrorTypeOf(type) : ConnectorTypeOf(type);
}

}  // namespace tarn::capture
