// SPDX-License-Identifier: Apache-2.0
// Partition values (spec, "Partition Transforms"). Time is cut towards the past, in UTC, before
// 1970 too.
#include <limits>

#include "iceberg/model/schema.h"
#include "iceberg/values/bucket_hash.h"
#include "iceberg/values/calendar.h"
#include "iceberg/values/single_value.h"
#include "iceberg/values/transform.h"

namespace tarn::iceberg {
namespace {

bool IsNanos(TypeKind kind) {
  return kind == TypeKind::kTimestampNs || kind == TypeKind::kTimestampTzNs;
}

int64_t MicrosOf(const Type& source, const Value& value) {
  const int64_t number = std::get<int64_t>(value);
  return IsNanos(source.kind) ? FloorDiv(number, kNanosPerMicro) : number;
}

int64_t DaysOf(const Type& source, const Value& value) {
  if (source.kind == TypeKind::kDate) return std::get<int32_t>(value);
  return FloorDiv(MicrosOf(source, value), kMicrosPerDay);
}

Result<Value> Int32Value(int64_t number, const Transform& transform) {
  if (number < std::numeric_limits<int32_t>::min() ||
      number > std::numeric_limits<int32_t>::max()) {
    return Fail(ErrorKind::kInvalidArgument, "value out of range for transform {}",
                transform.ToString());
  }
  return Value(static_cast<int32_t>(number));
}

template <typename Number>
Result<Value> TruncateNumber(Number number, const Transform& transform) {
  const Int128 width = transform.parameter;
  const Int128 wide = number;
  const Int128 rest = ((wide % width) + width) % width;
  // Below the smallest number there is no truncated one; a wrapped value would land at the other
  // end.
  if (wide - rest < static_cast<Int128>(std::numeric_limits<Number>::min())) {
    return Fail(ErrorKind::kInvalidArgument, "value out of range for transform {}",
                transform.ToString());
  }
  return Value(static_cast<Number>(wide - rest));
}

Result<Value> TruncateDecimal(Int128 unscaled, const Transform& transform) {
  const Int128 width = transform.parameter;
  return Value(unscaled - ((unscaled % width) + width) % width);
}

Result<Value> Truncate(const Type& source, const Value& value, const Transform& transform) {
  switch (source.kind) {
    case TypeKind::kInt:
      return TruncateNumber(std::get<int32_t>(value), transform);
    case TypeKind::kLong:
      return TruncateNumber(std::get<int64_t>(value), transform);
    case TypeKind::kDecimal:
      return TruncateDecimal(std::get<Int128>(value), transform);
    default:
      return Value(TruncateLowerBound(source, std::get<std::string>(value),
                                      static_cast<size_t>(transform.parameter)));
  }
}

}  // namespace

Result<Value> Transform::Apply(const Type& source, const Value& value) const {
  TARN_TRY(ResultType(source));
  if (std::holds_alternative<std::monostate>(value)) return value;
  switch (kind) {
    case TransformKind::kIdentity:
      return value;
    case TransformKind::kBucket: {
      TARN_ASSIGN(const int32_t hash, BucketHash(source, value));
      return Value((hash & std::numeric_limits<int32_t>::max()) % parameter);
    }
    case TransformKind::kTruncate:
      return Truncate(source, value, *this);
    case TransformKind::kYear:
      return Int32Value(CivilFromDays(DaysOf(source, value)).year - 1970, *this);
    case TransformKind::kMonth: {
      const CivilDate date = CivilFromDays(DaysOf(source, value));
      return Int32Value((date.year - 1970) * 12 + date.month - 1, *this);
    }
    case TransformKind::kDay:
      return Int32Value(DaysOf(source, value), *this);
    case TransformKind::kHour:
      return Int32Value(FloorDiv(MicrosOf(source, value), kMicrosPerHour), *this);
    case TransformKind::kVoid:
      return Value();
    case TransformKind::kUnknown:
      break;
  }
  return Fail(ErrorKind::kUnsupported, "unknown transform \"{}\"", name);
}

}  // namespace tarn::iceberg
