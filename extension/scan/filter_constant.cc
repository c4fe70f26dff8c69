// SPDX-License-Identifier: Apache-2.0
#include "scan/filter_constant.h"

extern "C" {
#include <catalog/pg_type.h>
#include <datatype/timestamp.h>
#include <utils/date.h>
#include <utils/timestamp.h>
#include <utils/uuid.h>
#include <varatt.h>
}

#include <cmath>
#include <limits>
#include <string>

#include "boundary/guard.h"
#include "values/numeric_layout.h"
#include "values/value_limits.h"

namespace tarn::extension {
namespace {

using Position = ConstantPosition;

Position Exact(Value value) { return {Position::kExact, std::move(value)}; }

/// A value at or below everything that a column of the type holds.
Value LowestValue(const Type& type) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return false;
    case TypeKind::kInt:
      return std::numeric_limits<int32_t>::min();
    case TypeKind::kLong:
      return std::numeric_limits<int64_t>::min();
    case TypeKind::kFloat:
      return -std::numeric_limits<float>::infinity();
    case TypeKind::kDouble:
      return -std::numeric_limits<double>::infinity();
    case TypeKind::kDecimal:
      return -static_cast<Int128>(kPowersOfTen[static_cast<size_t>(type.precision)] - 1);
    case TypeKind::kDate:
      return int32_t{DATETIME_MIN_JULIAN - UNIX_EPOCH_JDATE};
    case TypeKind::kTime:
      return int64_t{0};
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return int64_t{MIN_TIMESTAMP} + kPostgresEpochMicros;
    case TypeKind::kUuid:
      return std::string(UUID_LEN, '\0');
    default:
      return std::string();
  }
}

int64_t IntegerOf(Oid type_oid, Datum constant) {
  switch (type_oid) {
    case INT2OID:
      return DatumGetInt16(constant);
    case INT4OID:
      return DatumGetInt32(constant);
    default:
      return DatumGetInt64(constant);
  }
}

Position LocateInt(int64_t constant) {
  if (constant < std::numeric_limits<int32_t>::min()) return {Position::kBelowAll, {}};
  if (constant > std::numeric_limits<int32_t>::max()) return {Position::kAboveAll, {}};
  return Exact(static_cast<int32_t>(constant));
}

Position LocateFloat(double constant) {
  const auto nearest = static_cast<float>(constant);
  if (std::isnan(constant) || static_cast<double>(nearest) == constant) return Exact(nearest);
  const float below = static_cast<double>(nearest) < constant
                          ? nearest
                          : std::nextafterf(nearest, -std::numeric_limits<float>::infinity());
  return {Position::kBetween, below};
}

Position LocateDecimal(const Type& type, Datum constant) {
  struct Contents {
    const char* data;
    size_t size;
  };
  const Contents contents = Pg([&] {
    struct varlena* plain = PG_DETOAST_DATUM_PACKED(constant);
    return Contents{VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain)};
  });
  const NumericParts parts = ParseNumeric(contents.data, contents.size);
  switch (parts.value_class) {
    case NumericClass::kNan:
    case NumericClass::kInfinity:
      return {Position::kAboveAll, {}};
    case NumericClass::kMinusInfinity:
      return {Position::kBelowAll, {}};
    case NumericClass::kFinite:
      break;
  }
  UInt128 magnitude = 0;
  const ScaleOutcome outcome = ScaleNumeric(parts, type.precision, type.scale, magnitude);
  Position outside{parts.negative ? Position::kBelowAll : Position::kAboveAll, {}};
  if (outcome == ScaleOutcome::kOverflow) return outside;
  if (outcome == ScaleOutcome::kExact) {
    const auto value = static_cast<Int128>(magnitude);
    return Exact(parts.negative ? -value : value);
  }
  // Cut off towards zero; the floor of a negative number is one further down.
  if (!parts.negative) return {Position::kBetween, static_cast<Int128>(magnitude)};
  ++magnitude;
  if (magnitude >= kPowersOfTen[static_cast<size_t>(type.precision)]) return outside;
  return {Position::kBetween, -static_cast<Int128>(magnitude)};
}

Position LocateDate(Oid type_oid, Datum constant) {
  if (type_oid == TIMESTAMPOID) {
    const Timestamp timestamp = DatumGetTimestamp(constant);
    if (TIMESTAMP_IS_NOBEGIN(timestamp)) return {Position::kBelowAll, {}};
    if (TIMESTAMP_IS_NOEND(timestamp)) return {Position::kAboveAll, {}};
    int64_t day = timestamp / USECS_PER_DAY;
    const int64_t rest = timestamp % USECS_PER_DAY;
    if (rest < 0) --day;
    return {rest == 0 ? Position::kExact : Position::kBetween,
            static_cast<int32_t>(day + kPostgresEpochDays)};
  }
  const DateADT date = DatumGetDateADT(constant);
  if (DATE_IS_NOBEGIN(date)) return {Position::kBelowAll, {}};
  if (DATE_IS_NOEND(date)) return {Position::kAboveAll, {}};
  return Exact(date + kPostgresEpochDays);
}

/// The constant as a timestamp of the column's kind: what PostgreSQL's cross-type operators compare
/// with.
int64_t ConvertToTimestamp(TypeKind kind, Oid type_oid, Datum constant, int* overflow) {
  const bool with_zone = kind == TypeKind::kTimestampTz;
  if (type_oid == DATEOID) {
    const DateADT date = DatumGetDateADT(constant);
    return with_zone ? date2timestamptz_opt_overflow(date, overflow)
                     : date2timestamp_opt_overflow(date, overflow);
  }
  if (type_oid == TIMESTAMPOID && with_zone) {
    return timestamp2timestamptz_opt_overflow(DatumGetTimestamp(constant), overflow);
  }
  return DatumGetTimestamp(constant);
}

Position LocateTimestamp(TypeKind kind, Oid type_oid, Datum constant) {
  int overflow = 0;
  const int64_t timestamp =
      Pg([&] { return ConvertToTimestamp(kind, type_oid, constant, &overflow); });
  if (overflow < 0 || TIMESTAMP_IS_NOBEGIN(timestamp)) return {Position::kBelowAll, {}};
  if (overflow > 0 || timestamp > kLastTimestamp) return {Position::kAboveAll, {}};
  return Exact(timestamp + kPostgresEpochMicros);
}

}  // namespace

std::string BytesOf(Datum value) {
  struct varlena* plain = Pg([&] { return PG_DETOAST_DATUM_PACKED(value); });
  return {VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain)};
}

ConstantPosition LocateConstant(const Type& type, Oid type_oid, Datum constant) {
  switch (type.kind) {
    case TypeKind::kBoolean:
      return Exact(DatumGetBool(constant));
    case TypeKind::kInt:
      return LocateInt(IntegerOf(type_oid, constant));
    case TypeKind::kLong:
      return Exact(IntegerOf(type_oid, constant));
    case TypeKind::kFloat:
      return type_oid == FLOAT4OID ? Exact(DatumGetFloat4(constant))
                                   : LocateFloat(DatumGetFloat8(constant));
    case TypeKind::kDouble:
      return Exact(type_oid == FLOAT4OID ? static_cast<double>(DatumGetFloat4(constant))
                                         : DatumGetFloat8(constant));
    case TypeKind::kDecimal:
      return LocateDecimal(type, constant);
    case TypeKind::kDate:
      return LocateDate(type_oid, constant);
    case TypeKind::kTime: {
      const int64_t time = DatumGetTimeADT(constant);
      if (time >= USECS_PER_DAY) return {Position::kAboveAll, {}};
      return Exact(time);
    }
    case TypeKind::kTimestamp:
    case TypeKind::kTimestampTz:
      return LocateTimestamp(type.kind, type_oid, constant);
    case TypeKind::kUuid:
      return Exact(std::string(reinterpret_cast<const char*>(DatumGetPointer(constant)), UUID_LEN));
    default:
      return Exact(BytesOf(constant));
  }
}

Filter NeverUnlessNull(const Field& field) {
  return Filter{.op = FilterOp::kLess,
                .field = field.id,
                .type = field.type,
                .values = {LowestValue(field.type)}};
}

Filter CompareWith(const Field& field, FilterOp op, const ConstantPosition& position) {
  Filter filter{.op = op, .field = field.id, .type = field.type};
  if (position.kind == ConstantPosition::kExact) {
    filter.values.push_back(position.value);
    return filter;
  }
  const bool wants_less = op == FilterOp::kLess || op == FilterOp::kLessOrEqual;
  const bool wants_greater = op == FilterOp::kGreater || op == FilterOp::kGreaterOrEqual;
  if (position.kind == ConstantPosition::kBetween && (wants_less || wants_greater)) {
    filter.op = wants_less ? FilterOp::kLessOrEqual : FilterOp::kGreater;
    filter.values.push_back(position.value);
    return filter;
  }
  const bool holds = op == FilterOp::kNotEqual ||
                     (wants_less && position.kind == ConstantPosition::kAboveAll) ||
                     (wants_greater && position.kind == ConstantPosition::kBelowAll);
  if (!holds) return NeverUnlessNull(field);
  filter.op = FilterOp::kGreaterOrEqual;
  filter.values.push_back(LowestValue(field.type));
  return filter;
}

}  // namespace tarn::extension
