// SPDX-License-Identifier: Apache-2.0
// The types of mirrors: Iceberg's own where it has one of the same values.
#include "capture/values/column_mapping.h"
#include "capture/values/type_oids.h"

namespace tarn::capture {

TargetType MirrorTypeOf(const SourceType& type) {
  const auto connector = ConnectorTypeOf(type);
  const TargetType otherwise = connector ? *connector : TargetType{.kind = TargetKind::kText};
  if (type.is_array || type.type_class != TypeClass::kBase) return otherwise;
  switch (type.oid.value()) {
    case type_oid::kInt2:
    case type_oid::kInt4:
      return {.kind = TargetKind::kInteger};
    case type_oid::kInt8:
      return {.kind = TargetKind::kLong};
    case type_oid::kFloat4:
      return {.kind = TargetKind::kReal};
    case type_oid::kTimestamptz:
      return {.kind = TargetKind::kInstant};
    case type_oid::kUuid:
      return {.kind = TargetKind::kUuid};
    case type_oid::kTimetz:
      // A time of day alone would lose the offset.
      return {.kind = TargetKind::kText};
    default:
      return otherwise;
  }
}

std::optional<Type> MirrorStorage(const TargetType& type) {
  switch (type.kind) {
    case TargetKind::kNumber:
      return Type::Decimal(type.precision, type.scale);
    case TargetKind::kFloat:
      return Type::Primitive(TypeKind::kDouble);
    case TargetKind::kText:
    case TargetKind::kVariant:
      return Type::Primitive(TypeKind::kString);
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
    case TargetKind::kInteger:
      return Type::Primitive(TypeKind::kInt);
    case TargetKind::kLong:
      return Type::Primitive(TypeKind::kLong);
    case TargetKind::kReal:
      return Type::Primitive(TypeKind::kFloat);
    case TargetKind::kInstant:
      return Type::Primitive(TypeKind::kTimestampTz);
    case TargetKind::kUuid:
      return Type::Primitive(TypeKind::kUuid);
    case TargetKind::kTimestampTz:
      break;
  }
  return std::nullopt;
}

}  // namespace tarn::capture
