// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/type_map.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tarn::server::postgres {
namespace {

using sql::DataType;
using sql::DataTypeKind;

constexpr int32_t kTypmodHeader = 4;  // PostgreSQL's VARHDRSZ
constexpr int32_t kInt8Digits = 18;
constexpr int32_t kMicroDigits = 6;
constexpr int64_t kVarcharTypmodMax = 10'485'760;  // PostgreSQL's MaxAttrSize for varchar(n)

constexpr std::array<std::pair<uint32_t, uint32_t>, 19> kArrays{{
    {oid::kBoolArray, oid::kBool},
    {oid::kByteaArray, oid::kBytea},
    {oid::kNameArray, oid::kName},
    {oid::kInt2Array, oid::kInt2},
    {oid::kInt4Array, oid::kInt4},
    {oid::kTextArray, oid::kText},
    {oid::kVarcharArray, oid::kVarchar},
    {oid::kInt8Array, oid::kInt8},
    {oid::kFloat4Array, oid::kFloat4},
    {oid::kFloat8Array, oid::kFloat8},
    {oid::kOidArray, oid::kOid},
    {oid::kTimestampArray, oid::kTimestamp},
    {oid::kDateArray, oid::kDate},
    {oid::kTimeArray, oid::kTime},
    {oid::kTimestampTzArray, oid::kTimestampTz},
    {oid::kNumericArray, oid::kNumeric},
    {oid::kUuidArray, oid::kUuid},
    {oid::kJsonArray, oid::kJson},
    {oid::kJsonbArray, oid::kJsonb},
}};

WireType NumberType(const DataType& type, const TypeChoices& choices) {
  if (type.scale == 0 && (type.precision <= kInt8Digits || choices.wide_integers_as_int8)) {
    return {.oid = oid::kInt8, .length = 8};
  }
  return {.oid = oid::kNumeric, .typmod = (type.precision << 16 | type.scale) + kTypmodHeader};
}

WireType TimeType(uint32_t type_oid, int32_t precision) {
  return {.oid = type_oid, .length = 8, .typmod = std::min(precision, kMicroDigits)};
}

}  // namespace

WireType WireTypeOf(const DataType& type, const TypeChoices& choices) {
  switch (type.kind) {
    case DataTypeKind::kNumber:
      return NumberType(type, choices);
    case DataTypeKind::kFloat:
      return {.oid = oid::kFloat8, .length = 8};
    case DataTypeKind::kVarchar:
      if (type.length <= 0 || type.length >= kVarcharTypmodMax) return {.oid = oid::kText};
      return {.oid = oid::kVarchar, .typmod = static_cast<int32_t>(type.length) + kTypmodHeader};
    case DataTypeKind::kBinary:
      return {.oid = oid::kBytea};
    case DataTypeKind::kBoolean:
      return {.oid = oid::kBool, .length = 1};
    case DataTypeKind::kDate:
      return {.oid = oid::kDate, .length = 4};
    case DataTypeKind::kTime:
      return TimeType(oid::kTime, type.precision);
    case DataTypeKind::kTimestampNtz:
      return TimeType(oid::kTimestamp, type.precision);
    case DataTypeKind::kTimestampLtz:
    case DataTypeKind::kTimestampTz:
      return TimeType(oid::kTimestampTz, type.precision);
    case DataTypeKind::kVariant:
    case DataTypeKind::kObject:
    case DataTypeKind::kArray:
    case DataTypeKind::kMap:
      return {.oid = choices.json_as_text ? oid::kText : oid::kJson};
    case DataTypeKind::kUuid:
      return {.oid = oid::kUuid, .length = 16};
    case DataTypeKind::kNull:
      break;
  }
  return {.oid = oid::kText};
}

uint32_t ElementOf(uint32_t array_oid) {
  const auto* const found =
      std::ranges::find(kArrays, array_oid, &std::pair<uint32_t, uint32_t>::first);
  return found == kArrays.end() ? 0 : found->second;
}

DataType DataTypeOf(uint32_t type_oid) {
  switch (type_oid) {
    case oid::kBool:
      return {.kind = DataTypeKind::kBoolean};
    case oid::kBytea:
      return {.kind = DataTypeKind::kBinary, .length = sql::kBinaryLengthDefault};
    case oid::kInt2:
      return {.kind = DataTypeKind::kNumber, .precision = 5};
    case oid::kInt4:
    case oid::kOid:
      return {.kind = DataTypeKind::kNumber, .precision = 10};
    case oid::kInt8:
      return {.kind = DataTypeKind::kNumber, .precision = 19};
    case oid::kFloat4:
    case oid::kFloat8:
      return {.kind = DataTypeKind::kFloat};
    case oid::kDate:
      return {.kind = DataTypeKind::kDate};
    case oid::kTime:
      return {.kind = DataTypeKind::kTime, .precision = kMicroDigits};
    case oid::kTimestamp:
      return {.kind = DataTypeKind::kTimestampNtz, .precision = kMicroDigits};
    case oid::kTimestampTz:
      // As there: a moment, without a zone of its own.
      return {.kind = DataTypeKind::kTimestampLtz, .precision = kMicroDigits};
    case oid::kText:
    case oid::kVarchar:
    case oid::kBpchar:
    case oid::kName:
      return {.kind = DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault};
    case oid::kJson:
    case oid::kJsonb:
      return {.kind = DataTypeKind::kVariant};
    case oid::kUuid:
      return {.kind = DataTypeKind::kUuid};
    default:
      // numeric has no scale of its own: its values tell.
      return {.kind = ElementOf(type_oid) == 0 ? DataTypeKind::kNull : DataTypeKind::kArray};
  }
}

}  // namespace tarn::server::postgres
