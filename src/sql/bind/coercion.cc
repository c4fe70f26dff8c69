// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/coercion.h"

#include <algorithm>
#include <utility>

#include "sql/bind/bind_failure.h"

namespace tarn::sql {

using bound::Expression;
using bound::ExpressionKind;

DataType NumberType(int32_t precision, int32_t scale) {
  return {.kind = DataTypeKind::kNumber, .precision = precision, .scale = scale};
}
DataType FloatType() { return {.kind = DataTypeKind::kFloat}; }
DataType VarcharType(int64_t length) {
  return {.kind = DataTypeKind::kVarchar, .length = std::min(length, kVarcharLengthMax)};
}
DataType BooleanType() { return {.kind = DataTypeKind::kBoolean}; }
DataType DateType() { return {.kind = DataTypeKind::kDate}; }
DataType TypeOfKind(DataTypeKind kind, int32_t precision) {
  return {.kind = kind, .precision = precision};
}

DataType VariantType() { return {.kind = DataTypeKind::kVariant}; }
DataType ArrayType() { return {.kind = DataTypeKind::kArray}; }
DataType ObjectType() { return {.kind = DataTypeKind::kObject}; }

bool IsSemistructured(const DataType& type) {
  return type.kind == DataTypeKind::kVariant || type.kind == DataTypeKind::kObject ||
         type.kind == DataTypeKind::kArray || type.kind == DataTypeKind::kMap;
}

bool IsTimestamp(const DataType& type) {
  return type.kind == DataTypeKind::kTimestampNtz || type.kind == DataTypeKind::kTimestampLtz ||
         type.kind == DataTypeKind::kTimestampTz;
}

bool IsTemporal(const DataType& type) {
  return IsTimestamp(type) || type.kind == DataTypeKind::kDate || type.kind == DataTypeKind::kTime;
}

Type CarrierOf(const DataType& type) {
  switch (type.kind) {
    case DataTypeKind::kNull:
      return Type::Primitive(TypeKind::kUnknown);
    case DataTypeKind::kNumber:
      if (type.scale == 0 && type.precision <= 18) return Type::Primitive(TypeKind::kLong);
      return Type::Decimal(type.precision, type.scale);
    case DataTypeKind::kFloat:
      return Type::Primitive(TypeKind::kDouble);
    case DataTypeKind::kBinary:
      return Type::Primitive(TypeKind::kBinary);
    case DataTypeKind::kBoolean:
      return Type::Primitive(TypeKind::kBoolean);
    case DataTypeKind::kDate:
      return Type::Primitive(TypeKind::kDate);
    case DataTypeKind::kTime:
      return Type::Primitive(TypeKind::kTime);
    case DataTypeKind::kTimestampNtz:
      return Type::Primitive(TypeKind::kTimestamp);
    case DataTypeKind::kTimestampLtz:
      return Type::Primitive(TypeKind::kTimestampTz);
    case DataTypeKind::kUuid:
      return Type::Primitive(TypeKind::kUuid);
    case DataTypeKind::kTimestampTz: {
      Type zoned{.kind = TypeKind::kStruct};
      zoned.children.push_back({.name = "seconds", .type = Type::Primitive(TypeKind::kLong)});
      zoned.children.push_back({.name = "nanoseconds", .type = Type::Primitive(TypeKind::kInt)});
      zoned.children.push_back({.name = "offset", .type = Type::Primitive(TypeKind::kInt)});
      return zoned;
    }
    default:
      return Type::Primitive(TypeKind::kString);
  }
}

Expression Constant(Value value, DataType type, Type carrier) {
  Expression result;
  result.nullable = std::holds_alternative<std::monostate>(value);
  result.type = std::move(type);
  result.carrier = std::move(carrier);
  result.constant = std::move(value);
  return result;
}

Expression IntegerConstant(int64_t value) {
  return Constant(value, NumberType(18, 0), Type::Primitive(TypeKind::kLong));
}

Expression TextConstant(std::string text) {
  const auto length = std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
  return Constant(std::move(text), VarcharType(length), Type::Primitive(TypeKind::kString));
}

Expression NullConstant() {
  return Constant({}, TypeOfKind(DataTypeKind::kNull), Type::Primitive(TypeKind::kUnknown));
}

Expression Call(std::string name, std::string pattern, std::vector<Expression> arguments,
                DataType type, Type carrier) {
  Expression result;
  result.kind = ExpressionKind::kCall;
  result.name = std::move(name);
  result.pattern = std::move(pattern);
  result.nullable = std::ranges::any_of(arguments, &Expression::nullable);
  result.arguments = std::move(arguments);
  result.type = std::move(type);
  result.carrier = std::move(carrier);
  return result;
}

Expression Call(std::string name, std::string pattern, std::vector<Expression> arguments,
                DataType type) {
  Type carrier = CarrierOf(type);
  return Call(std::move(name), std::move(pattern), std::move(arguments), std::move(type),
              std::move(carrier));
}

namespace {

bool IsInteger(const Type& carrier) {
  return carrier.kind == TypeKind::kInt || carrier.kind == TypeKind::kLong;
}

std::string TypeName(const Type& carrier) {
  switch (carrier.kind) {
    case TypeKind::kInt:
      return "INTEGER";
    case TypeKind::kLong:
      return "BIGINT";
    case TypeKind::kDouble:
      return "DOUBLE";
    case TypeKind::kBoolean:
    case TypeKind::kUnknown:
      return "BOOLEAN";
    case TypeKind::kDate:
      return "DATE";
    case TypeKind::kTime:
      return "TIME";
    case TypeKind::kTimestamp:
      return "TIMESTAMP";
    case TypeKind::kTimestampTz:
      return "TIMESTAMPTZ";
    case TypeKind::kBinary:
      return "BLOB";
    case TypeKind::kUuid:
      return "UUID";
    case TypeKind::kDecimal:
      return fmt::format("DECIMAL({},{})", carrier.precision, carrier.scale);
    default:
      return "VARCHAR";
  }
}

std::optional<Int128> Unscaled(const Expression& constant) {
  if (const auto* value = std::get_if<int32_t>(&constant.constant)) return *value;
  if (const auto* value = std::get_if<int64_t>(&constant.constant)) return *value;
  if (const auto* value = std::get_if<Int128>(&constant.constant)) return *value;
  return std::nullopt;
}

Int128 PowerOfTen(int32_t exponent) {
  Int128 power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

/// A constant number held otherwise; nothing if it is no such constant or does not fit.
std::optional<Value> RecarriedConstant(const Expression& value, const Type& carrier) {
  if (value.kind != ExpressionKind::kConstant) return std::nullopt;
  if (value.is_null_constant()) return Value();
  auto unscaled = Unscaled(value);
  const int32_t from = value.carrier.kind == TypeKind::kDecimal ? value.carrier.scale : 0;
  if (!unscaled || from > carrier.scale) return std::nullopt;
  for (int32_t i = from; i < carrier.scale; ++i) {
    if (__builtin_mul_overflow(*unscaled, Int128{10}, &*unscaled)) return std::nullopt;
  }
  if (carrier.kind == TypeKind::kDecimal) {
    const Int128 size = *unscaled < 0 ? -*unscaled : *unscaled;
    if (size >= PowerOfTen(carrier.precision)) return std::nullopt;
    return *unscaled;
  }
  if (carrier.kind == TypeKind::kLong && *unscaled == static_cast<int64_t>(*unscaled)) {
    return static_cast<int64_t>(*unscaled);
  }
  return std::nullopt;
}

Expression CastTo(Expression value, DataType type, Type carrier) {
  std::string pattern = "CAST({0} AS " + TypeName(carrier) + ")";
  return Call("cast", std::move(pattern), {std::move(value)}, std::move(type), std::move(carrier));
}

[[noreturn]] void FailConversion(const DataType& from, const DataType& to) {
  FailBinding("001065", "22023", "Function CAST cannot be used with arguments of types {} and {}",
              ToString(from), ToString(to));
}

}  // namespace

Expression WithCarrier(Expression value, const Type& carrier) {
  if (value.carrier == carrier) return value;
  if (auto constant = RecarriedConstant(value, carrier)) {
    return Constant(*std::move(constant), value.type, carrier);
  }
  DataType type = value.type;
  return CastTo(std::move(value), std::move(type), carrier);
}

Expression Canonical(Expression value) {
  const Type carrier = CarrierOf(value.type);
  return WithCarrier(std::move(value), carrier);
}

Expression AsDecimal(Expression value) {
  const Type carrier = Type::Decimal(value.type.precision, value.type.scale);
  return WithCarrier(std::move(value), carrier);
}

namespace {

/// Digits behind the point of a text constant that is a number.
std::optional<DataType> NumberOfLiteral(const Expression& value) {
  if (value.kind != ExpressionKind::kConstant) return std::nullopt;
  const auto* text = std::get_if<std::string>(&value.constant);
  if (text == nullptr) return std::nullopt;
  int32_t digits = 0;
  int32_t scale = 0;
  bool point = false;
  for (const char c : *text) {
    if (c == '.') {
      point = true;
    } else if (c >= '0' && c <= '9') {
      ++digits;
      if (point) ++scale;
    } else if (c == 'e' || c == 'E') {
      return std::nullopt;
    }
  }
  if (digits == 0 || digits > 38) return std::nullopt;
  return NumberType(digits, scale);
}

DataType NumberOfText(const Expression& value) {
  return NumberOfLiteral(value).value_or(NumberType(18, 5));
}

DataType WidestNumber(const DataType& a, const DataType& b) {
  const int32_t scale = std::max(a.scale, b.scale);
  const int32_t whole = std::max(a.precision - a.scale, b.precision - b.scale);
  return NumberType(std::min(38, whole + scale), scale);
}

/// JSON null becomes NULL.
Expression FromVariant(std::string pattern, Expression value, const DataType& target,
                       const Type& carrier) {
  Expression result = Call("cast", std::move(pattern), {std::move(value)}, target, carrier);
  result.nullable = true;
  return result;
}

Expression ToNumber(Expression value, const DataType& target, CastMode mode) {
  const std::string type = fmt::format("{}, {}", target.precision, target.scale);
  const Type carrier = Type::Decimal(target.precision, target.scale);
  switch (value.type.kind) {
    case DataTypeKind::kNumber: {
      const DataType from = value.type;
      const bool wider = target.precision - target.scale >= from.precision - from.scale;
      if (wider && target.scale == from.scale) {
        value.type = target;
        return value;
      }
      if (auto constant = RecarriedConstant(value, carrier)) {
        return Constant(*std::move(constant), target, carrier);
      }
      if (wider && target.scale > from.scale) return CastTo(std::move(value), target, carrier);
      value = AsDecimal(std::move(value));
      return Call("cast", "tarn_rescale({0}, " + type + ")", {std::move(value)}, target, carrier);
    }
    case DataTypeKind::kFloat:
      return Call("cast", "tarn_double_to_decimal({0}, " + type + ")", {std::move(value)}, target,
                  carrier);
    case DataTypeKind::kVarchar:
      return Call(
          "cast",
          fmt::format("{}({{0}}, {})",
                      mode == CastMode::kTry ? "tarn_try_to_decimal" : "tarn_to_decimal", type),
          {std::move(value)}, target, carrier);
    case DataTypeKind::kBoolean:
      return Call("cast", "CAST(CAST({0} AS INTEGER) AS " + TypeName(carrier) + ")",
                  {std::move(value)}, target, carrier);
    case DataTypeKind::kVariant:
      return FromVariant(fmt::format("tarn_variant_to_decimal({{0}}, {})", type), std::move(value),
                         target, carrier);
    default:
      FailConversion(value.type, target);
  }
}

Expression ToFloat(Expression value, CastMode mode) {
  switch (value.type.kind) {
    case DataTypeKind::kNumber:
      return CastTo(std::move(value), FloatType(), CarrierOf(FloatType()));
    case DataTypeKind::kBoolean:
      return Call("cast", "CAST(CAST({0} AS INTEGER) AS DOUBLE)", {std::move(value)}, FloatType());
    case DataTypeKind::kVarchar:
      return Call("cast",
                  mode == CastMode::kTry ? "tarn_try_to_double({0})" : "tarn_to_double({0})",
                  {std::move(value)}, FloatType());
    case DataTypeKind::kVariant:
      return FromVariant("tarn_variant_to_double({0})", std::move(value), FloatType(),
                         CarrierOf(FloatType()));
    default:
      FailConversion(value.type, FloatType());
  }
}

std::string TextPattern(const DataType& from) {
  switch (from.kind) {
    case DataTypeKind::kFloat:
      return "tarn_double_text({0})";
    case DataTypeKind::kTime:
      return "tarn_time_text({0})";
    case DataTypeKind::kTimestampNtz:
      return "tarn_timestamp_text({0})";
    case DataTypeKind::kTimestampLtz:
      return "tarn_instant_text(CAST({0} AS TIMESTAMP), CAST({0} AT TIME ZONE 'UTC' AS TIMESTAMP))";
    case DataTypeKind::kTimestampTz:
      return "tarn_zoned_text({0})";
    case DataTypeKind::kDate:
      return "tarn_date_text({0})";
    case DataTypeKind::kBinary:
      return "hex({0})";
    case DataTypeKind::kVariant:
      return "tarn_variant_to_varchar({0})";
    case DataTypeKind::kObject:
    case DataTypeKind::kArray:
    case DataTypeKind::kMap:
      return "tarn_show({0}, CAST(0 AS BIGINT))";
    case DataTypeKind::kNumber:
    case DataTypeKind::kBoolean:
    case DataTypeKind::kUuid:
      return "CAST({0} AS VARCHAR)";
    default:
      FailConversion(from, VarcharType());
  }
}

Expression ToVarchar(Expression value, const DataType& target) {
  const int64_t before = value.type.kind == DataTypeKind::kVarchar ? value.type.length : 0;
  if (value.type.kind != DataTypeKind::kVarchar) {
    std::string pattern = TextPattern(value.type);
    const bool json = value.type.kind == DataTypeKind::kVariant;
    value = Call("cast", std::move(pattern), {std::move(value)}, VarcharType());
    value.nullable |= json;
  }
  const bool unchecked =
      before > 0 ? target.length >= before : target.length >= kVarcharLengthDefault;
  if (!unchecked && value.kind != ExpressionKind::kConstant) {
    value = Call("cast", fmt::format("tarn_check_length({{0}}, {})", target.length),
                 {std::move(value)}, target);
  } else if (!unchecked) {
    value = Call("cast", fmt::format("tarn_check_length({{0}}, {})", target.length),
                 {std::move(value)}, target);
  }
  value.type = target;
  return value;
}

Expression ToBoolean(Expression value, CastMode mode) {
  switch (value.type.kind) {
    case DataTypeKind::kNumber:
    case DataTypeKind::kFloat:
      return Call("cast", "({0} <> 0)", {std::move(value)}, BooleanType());
    case DataTypeKind::kVarchar:
      return Call("cast",
                  mode == CastMode::kTry ? "tarn_try_to_boolean({0})" : "tarn_to_boolean({0})",
                  {std::move(value)}, BooleanType());
    case DataTypeKind::kVariant:
      return FromVariant("tarn_variant_to_boolean({0})", std::move(value), BooleanType(),
                         CarrierOf(BooleanType()));
    default:
      FailConversion(value.type, BooleanType());
  }
}

/// The instant of LTZ as the pattern of TIMESTAMP_TZ: what the session's clock shows, and UTC's.
constexpr const char* kZonedPattern =
    "tarn_zoned(CAST({0} AS TIMESTAMP), CAST({0} AT TIME ZONE 'UTC' AS TIMESTAMP))";

Expression TemporalFromText(Expression value, const DataType& target, CastMode mode) {
  const char* name = target.kind == DataTypeKind::kDate   ? "to_date"
                     : target.kind == DataTypeKind::kTime ? "to_time"
                                                          : "to_timestamp";
  const std::string call =
      fmt::format("tarn_{}{}({{0}})", mode == CastMode::kTry ? "try_" : "", name);
  if (!IsTimestamp(target) || target.kind == DataTypeKind::kTimestampNtz) {
    return Call("cast", call, {std::move(value)}, target, CarrierOf(target));
  }
  // A text without an offset is of the session's time zone, which DuckDB's cast knows.
  const DataType local_type = TypeOfKind(DataTypeKind::kTimestampLtz, target.precision);
  Expression local = Call("cast", "CAST(" + call + " AS TIMESTAMPTZ)", {value}, local_type);
  const bool zoned = target.kind == DataTypeKind::kTimestampTz;
  std::vector<Expression> arguments;
  arguments.push_back(zoned ? Convert(std::move(local), target) : std::move(local));
  arguments.push_back(std::move(value));
  return Call(
      "cast",
      zoned ? "coalesce(tarn_zoned_of_text({1}), {0})" : "coalesce(tarn_offset_instant({1}), {0})",
      std::move(arguments), target, CarrierOf(target));
}

Expression TemporalFromVariant(Expression value, const DataType& target) {
  const char* name = target.kind == DataTypeKind::kDate           ? "tarn_variant_to_date({0})"
                     : target.kind == DataTypeKind::kTime         ? "tarn_variant_to_time({0})"
                     : target.kind == DataTypeKind::kTimestampNtz ? "tarn_variant_to_timestamp({0})"
                                                                  : nullptr;
  if (name != nullptr) return FromVariant(name, std::move(value), target, CarrierOf(target));
  Expression text = FromVariant("tarn_variant_moment({0}, 'TIMESTAMP_LTZ')", std::move(value),
                                VarcharType(), CarrierOf(VarcharType()));
  return TemporalFromText(std::move(text), target, CastMode::kExplicit);
}

Expression TimestampFromNumber(Expression value, const DataType& target) {
  value = Call("cast",
               "make_timestamp(CAST(tarn_multiply({0}, CAST(1000000 AS DECIMAL(7,0)), 18, 0) AS "
               "BIGINT))",
               {AsDecimal(std::move(value))}, TypeOfKind(DataTypeKind::kTimestampNtz, 9));
  if (target.kind == DataTypeKind::kTimestampNtz) return value;
  value = Call("cast", "({0} AT TIME ZONE 'UTC')", {std::move(value)},
               TypeOfKind(DataTypeKind::kTimestampLtz, target.precision));
  return Convert(std::move(value), target);
}

Expression ToTemporal(Expression value, const DataType& target, CastMode mode) {
  const DataTypeKind from = value.type.kind;
  const Type carrier = CarrierOf(target);
  if (from == DataTypeKind::kVarchar) return TemporalFromText(std::move(value), target, mode);
  if (from == DataTypeKind::kVariant) return TemporalFromVariant(std::move(value), target);
  if (from == DataTypeKind::kNumber && IsTimestamp(target)) {
    return TimestampFromNumber(std::move(value), target);
  }
  if (!IsTemporal(value.type) || from == DataTypeKind::kTime ||
      (from == DataTypeKind::kDate && target.kind == DataTypeKind::kTime)) {
    FailConversion(value.type, target);
  }
  if (from == target.kind) {
    value.type = target;
    return value;
  }
  if (from == DataTypeKind::kTimestampTz) {
    if (target.kind == DataTypeKind::kTimestampLtz) {
      return Call("cast", "tarn_zoned_instant({0})", {std::move(value)}, target, carrier);
    }
    value = ClockOf(std::move(value));
    return target.kind == DataTypeKind::kTimestampNtz ? value
                                                      : CastTo(std::move(value), target, carrier);
  }
  if (target.kind == DataTypeKind::kTimestampTz) {
    if (from != DataTypeKind::kTimestampLtz) {
      value = CastTo(std::move(value), TypeOfKind(DataTypeKind::kTimestampLtz, target.precision),
                     Type::Primitive(TypeKind::kTimestampTz));
    }
    return Call("cast", kZonedPattern, {std::move(value)}, target, carrier);
  }
  return CastTo(std::move(value), target, carrier);
}

std::string VariantPattern(const DataType& from) {
  switch (from.kind) {
    case DataTypeKind::kNumber:
      return from.scale == 0 ? "CAST({0} AS VARCHAR)" : "tarn_variant_number(CAST({0} AS VARCHAR))";
    case DataTypeKind::kFloat:
      return "tarn_variant_double({0})";
    case DataTypeKind::kVarchar:
      return "tarn_variant_text({0})";
    case DataTypeKind::kBoolean:
      return "CAST({0} AS VARCHAR)";
    case DataTypeKind::kUuid:
      return "('\"' || CAST({0} AS VARCHAR) || '\"')";
    case DataTypeKind::kDate:
      return "('@D\"' || CAST({0} AS VARCHAR) || '\"')";
    case DataTypeKind::kTime:
      return "('@T\"' || CAST({0} AS VARCHAR) || '\"')";
    case DataTypeKind::kTimestampNtz:
      return "('@N\"' || CAST({0} AS VARCHAR) || '\"')";
    case DataTypeKind::kTimestampLtz:
      return "('@L\"' || tarn_zone_text(CAST({0} AS TIMESTAMP), CAST({0} AT TIME ZONE 'UTC' AS "
             "TIMESTAMP)) || '\"')";
    case DataTypeKind::kTimestampTz:
      return "('@Z\"' || tarn_zoned_full_text({0}) || '\"')";
    case DataTypeKind::kBinary:
      return "('@B\"' || hex({0}) || '\"')";
    default:
      return "{0}";
  }
}

/// OBJECT, ARRAY and MAP. Elements of structured types are not converted.
Expression ToCompound(Expression value, const DataType& target) {
  if (!target.fields.empty() || target.kind == DataTypeKind::kMap) {
    FailUnsupported("conversion of {} to {}", ToString(value.type), ToString(target));
  }
  const char* pattern = target.kind == DataTypeKind::kArray ? "tarn_variant_to_array({0})"
                                                            : "tarn_variant_to_object({0})";
  return FromVariant(pattern, ToVariant(std::move(value)), target, CarrierOf(target));
}

}  // namespace

Expression ClockOf(Expression zoned) {
  const DataType type = TypeOfKind(DataTypeKind::kTimestampNtz, zoned.type.precision);
  return Call("cast", "tarn_zoned_clock({0})", {std::move(zoned)}, type);
}

Expression WithOffsetOf(Expression clock, Expression like) {
  const DataType type = like.type;
  return Call("cast", "tarn_zoned_like({0}, {1})", {std::move(clock), std::move(like)}, type);
}

Expression ToVariant(Expression value) {
  if (value.type.kind == DataTypeKind::kVariant) return value;
  if (value.type.kind == DataTypeKind::kNull) {
    return Constant({}, VariantType(), CarrierOf(VariantType()));
  }
  std::string pattern = VariantPattern(value.type);
  if (pattern == "{0}") {
    value.type = VariantType();
    return value;
  }
  return Call("cast", std::move(pattern), {std::move(value)}, VariantType());
}

Expression SortKey(Expression value) {
  if (IsSemistructured(value.type)) {
    return Call("key", "tarn_sort_key({0})", {std::move(value)},
                {.kind = DataTypeKind::kBinary, .length = kBinaryLengthDefault});
  }
  if (value.type.kind == DataTypeKind::kTimestampTz) {
    return Convert(std::move(value), TypeOfKind(DataTypeKind::kTimestampLtz, 9));
  }
  return value;
}

bool CanConvert(const DataType& from, const DataType& to, CastMode mode) {
  using enum DataTypeKind;
  if (from.kind == kNull || from.kind == to.kind) return true;
  const bool by_itself = mode == CastMode::kImplicit;
  if (from.kind == kVariant) return to.kind != kUuid && to.kind != kMap;
  switch (to.kind) {
    case kNumber:
      return from.kind == kFloat || from.kind == kVarchar || (from.kind == kBoolean && !by_itself);
    case kFloat:
      return from.kind == kNumber || from.kind == kVarchar || (from.kind == kBoolean && !by_itself);
    case kVarchar:
      if (from.kind == kBinary || IsSemistructured(from)) return !by_itself;
      return from.kind == kNumber || from.kind == kFloat || from.kind == kBoolean ||
             from.kind == kUuid || IsTemporal(from);
    case kBoolean:
      return from.kind == kNumber || from.kind == kFloat || from.kind == kVarchar;
    case kDate:
      return from.kind == kVarchar || IsTimestamp(from);
    case kTime:
      return from.kind == kVarchar || IsTimestamp(from);
    case kTimestampNtz:
    case kTimestampLtz:
    case kTimestampTz:
      return from.kind == kVarchar || from.kind == kDate || from.kind == kNumber ||
             IsTimestamp(from);
    case kBinary:
      return from.kind == kVarchar && !by_itself;
    case kVariant:
      return !by_itself || (from.kind != kVarchar && from.kind != kBinary);
    case kArray:
      return !by_itself;
    default:
      return false;
  }
}

Expression Convert(Expression value, const DataType& target, CastMode mode) {
  // Nothing but null is of that type.
  if (value.is_null_constant() || value.type.kind == DataTypeKind::kNull) {
    return Constant({}, target, CarrierOf(target));
  }
  if (!CanConvert(value.type, target, mode)) FailConversion(value.type, target);
  switch (target.kind) {
    case DataTypeKind::kNumber:
      return ToNumber(std::move(value), target, mode);
    case DataTypeKind::kVarchar:
      return ToVarchar(std::move(value), target);
    default:
      break;
  }
  if (value.type.kind == target.kind && (target.fields.empty() || value.type == target)) {
    value.type = target;
    return value;
  }
  switch (target.kind) {
    case DataTypeKind::kVariant:
      return ToVariant(std::move(value));
    case DataTypeKind::kObject:
    case DataTypeKind::kArray:
    case DataTypeKind::kMap:
      return ToCompound(std::move(value), target);
    case DataTypeKind::kFloat:
      return ToFloat(std::move(value), mode);
    case DataTypeKind::kBoolean:
      return ToBoolean(std::move(value), mode);
    case DataTypeKind::kDate:
    case DataTypeKind::kTime:
    case DataTypeKind::kTimestampNtz:
    case DataTypeKind::kTimestampLtz:
    case DataTypeKind::kTimestampTz:
      return ToTemporal(std::move(value), target, mode);
    case DataTypeKind::kBinary:
      if (value.type.kind == DataTypeKind::kVariant) {
        return FromVariant("unhex(tarn_variant_to_binary({0}))", std::move(value), target,
                           CarrierOf(target));
      }
      return Call("cast", "unhex({0})", {std::move(value)}, target);
    default:
      FailConversion(value.type, target);
  }
}

Expression ToNumeric(Expression value) {
  switch (value.type.kind) {
    case DataTypeKind::kNumber:
    case DataTypeKind::kFloat:
      return value;
    case DataTypeKind::kNull:
      return Convert(std::move(value), NumberType(38, 0));
    case DataTypeKind::kVariant:
      return Convert(std::move(value), FloatType());
    case DataTypeKind::kVarchar: {
      const DataType type = NumberOfText(value);
      return Convert(std::move(value), type);
    }
    default:
      FailConversion(value.type, NumberType(38, 0));
  }
}

namespace {

/// Whether the first kind gives way to the second.
bool GivesWay(DataTypeKind from, DataTypeKind to) {
  using enum DataTypeKind;
  switch (from) {
    case kVariant:
      return to == kVarchar;
    case kObject:
    case kArray:
    case kMap:
      return to == kVariant;
    case kVarchar:
      return to == kBoolean || to == kDate || to == kTime || to == kTimestampNtz ||
             to == kTimestampLtz || to == kTimestampTz || to == kFloat;
    case kNumber:
      return to == kFloat || to == kBoolean || to == kVariant;
    case kFloat:
      return to == kBoolean || to == kVariant;
    case kDate:
      return to == kTimestampNtz || to == kTimestampLtz || to == kTimestampTz || to == kVariant;
    case kTimestampNtz:
      return to == kTimestampLtz || to == kTimestampTz || to == kVariant;
    case kTimestampLtz:
      return to == kTimestampTz || to == kVariant;
    case kBoolean:
    case kTime:
    case kTimestampTz:
      return to == kVariant;
    default:
      return false;
  }
}

std::optional<DataType> Fold(const DataType& so_far, const Expression& value) {
  const DataType& type = value.type;
  if (type.kind == DataTypeKind::kNull) return so_far;
  if (so_far.kind == DataTypeKind::kNull) return type;
  if (so_far.kind == type.kind) {
    DataType result = type;
    if (type.kind == DataTypeKind::kNumber) return WidestNumber(so_far, type);
    result.length = std::max(type.length, so_far.length);
    result.precision = std::max(type.precision, so_far.precision);
    if (type.fields != so_far.fields) result.fields.clear();
    return result;
  }
  if (type.kind == DataTypeKind::kVarchar && so_far.kind == DataTypeKind::kNumber) {
    return WidestNumber(so_far, NumberOfText(value));
  }
  if (GivesWay(type.kind, so_far.kind)) return so_far;
  if (GivesWay(so_far.kind, type.kind)) return type;
  return std::nullopt;
}

}  // namespace

std::optional<DataType> CommonType(std::span<const Expression> values) {
  std::optional<DataType> result = TypeOfKind(DataTypeKind::kNull);
  // Text gives way to numbers, whose scale it widens: so it comes last.
  for (const bool text : {false, true}) {
    for (const Expression& value : values) {
      if ((value.type.kind == DataTypeKind::kVarchar) != text) continue;
      result = Fold(*result, value);
      if (!result) return std::nullopt;
    }
  }
  return result;
}

void Unify(std::vector<Expression>& values) {
  const auto common = CommonType(values);
  if (!common) {
    std::string types;
    for (const Expression& value : values) {
      types += (types.empty() ? "" : ", ") + ToString(value.type);
    }
    FailBinding("001043", "22000", "Can not convert parameters of types ({}) to one type", types);
  }
  for (Expression& value : values) value = Convert(std::move(value), *common);
  if (values.empty()) return;
  const auto same = [&](const Expression& value) { return value.carrier == values[0].carrier; };
  if (std::ranges::all_of(values, same)) return;
  const bool integers = std::ranges::all_of(values, [](const Expression& value) {
    return IsInteger(value.carrier) || value.is_null_constant() ||
           RecarriedConstant(value, Type::Primitive(TypeKind::kLong));
  });
  Type carrier = CarrierOf(*common);
  if (common->kind == DataTypeKind::kNumber) {
    carrier = integers && common->scale == 0 ? Type::Primitive(TypeKind::kLong)
                                             : Type::Decimal(common->precision, common->scale);
  }
  for (Expression& value : values) value = WithCarrier(std::move(value), carrier);
}

namespace {

/// What a VARIANT is cast to beside values of these types; nothing: they are VARIANTs all.
std::optional<DataType> TypeBesideVariant(std::span<const Expression> values) {
  std::vector<Expression> others;
  bool variant = false;
  for (const Expression& value : values) {
    variant |= value.type.kind == DataTypeKind::kVariant;
    if (value.type.kind != DataTypeKind::kVariant) others.push_back(value);
  }
  if (!variant) return std::nullopt;
  auto type = CommonType(others);
  if (!type || type->kind == DataTypeKind::kNull || IsSemistructured(*type)) return std::nullopt;
  // The other side's digits are too few: 1.5 of a VARIANT is not 2.
  constexpr int32_t kScale = 9;
  if (type->kind == DataTypeKind::kNumber) return NumberType(38, std::max(type->scale, kScale));
  if (type->kind == DataTypeKind::kVarchar) return VarcharType();
  return type;
}

}  // namespace

void UnifyCompared(std::vector<Expression>& values) {
  if (const auto type = TypeBesideVariant(values)) {
    for (Expression& value : values) {
      if (value.type.kind == DataTypeKind::kVariant) value = Convert(std::move(value), *type);
    }
  }
  Unify(values);
  for (Expression& value : values) value = SortKey(std::move(value));
}

}  // namespace tarn::sql
