// SPDX-License-Identifier: Apache-2.0
// Numbers, bits, and what is made of nothing.
#include <algorithm>
#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/entry.h"
#include "sql/functions/function_tables.h"

namespace tarn::sql {

using bound::Expression;

namespace {

constexpr auto kNumeric = FunctionCategory::kNumeric;
constexpr auto kBitwise = FunctionCategory::kBitwise;
constexpr auto kGeneration = FunctionCategory::kGeneration;

/// Modes of tarn_round (engine/functions/decimal_functions.cc).
int ModeOf(const FunctionContext& context, const std::vector<Expression>& arguments) {
  if (context.name == "TRUNC" || context.name == "TRUNCATE") return 2;
  if (context.name == "FLOOR") return 3;
  if (context.name == "CEIL") return 4;
  if (arguments.size() < 3) return 0;
  const auto* mode = std::get_if<std::string>(&arguments[2].constant);
  if (mode != nullptr && *mode == "HALF_TO_EVEN") return 1;
  if (mode != nullptr && *mode == "HALF_AWAY_FROM_ZERO") return 0;
  FailBinding("001044", "42P13", "Invalid rounding mode of function '{}'", context.name);
}

const char* FloatName(int mode) {
  constexpr const char* kNames[] = {"round", "round_even", "trunc", "floor", "ceil"};
  return kNames[mode];
}

Expression BindRound(const FunctionContext& context, std::vector<Expression> arguments) {
  if (context.name.starts_with("TRUNC") && IsTemporal(arguments[0].type)) {
    FunctionContext truncate = context;
    truncate.name = "DATE_TRUNC";
    if (arguments.size() < 2) arguments.push_back(TextConstant("day"));
    return BindFunction(truncate, {std::move(arguments[1]), std::move(arguments[0])});
  }
  const int mode = ModeOf(context, arguments);
  Expression value = ToNumeric(std::move(arguments[0]));
  Expression digits = arguments.size() > 1 ? std::move(arguments[1]) : IntegerConstant(0);
  digits = WithCarrier(Convert(ToNumeric(std::move(digits)), NumberType(18, 0)),
                       Type::Primitive(TypeKind::kLong));
  if (value.type.kind == DataTypeKind::kFloat) {
    const std::string name = FloatName(mode);
    const std::string pattern = mode == 0   ? "round({0}, CAST({1} AS INTEGER))"
                                : mode == 1 ? "round_even({0}, CAST({1} AS INTEGER))"
                                            : "(" + name + "({0} * pow(10, {1})) / pow(10, {1}))";
    return Call(std::string(context.name), pattern, {std::move(value), std::move(digits)},
                FloatType());
  }
  DataType type = value.type;
  const auto* wanted = std::get_if<int64_t>(&digits.constant);
  const bool constant = digits.kind == bound::ExpressionKind::kConstant && wanted != nullptr;
  if (!constant || *wanted < type.scale) {
    const int32_t scale =
        constant ? static_cast<int32_t>(std::max<int64_t>(*wanted, 0)) : type.scale;
    type = NumberType(std::clamp(type.precision + 1 - (type.scale - scale), 1, 38), scale);
  }
  return Call(std::string(context.name),
              fmt::format("tarn_round({{0}}, {{1}}, {}, {}, {})", mode, type.precision, type.scale),
              {AsDecimal(std::move(value)), std::move(digits)}, type,
              Type::Decimal(type.precision, type.scale));
}

Expression BindAbs(const FunctionContext&, std::vector<Expression> arguments) {
  Expression value = ToNumeric(std::move(arguments[0]));
  if (value.carrier.kind == TypeKind::kInt) {
    value = WithCarrier(std::move(value), Type::Primitive(TypeKind::kLong));
  }
  const DataType type = value.type;
  const Type carrier = value.carrier;
  return Call("ABS", "abs({0})", {std::move(value)}, type, carrier);
}

Expression BindModulo(const FunctionContext&, std::vector<Expression> arguments) {
  return Modulo(std::move(arguments[0]), std::move(arguments[1]));
}

/// 0 for a divisor of zero; DIV0NULL for null, too.
Expression BindDiv0(const FunctionContext& context, std::vector<Expression> arguments) {
  Expression divisor = ToNumeric(std::move(arguments[1]));
  Expression quotient = Divide(std::move(arguments[0]), divisor);
  const bool null_too = context.name == "DIV0NULL";
  // Not the quotient of zero, which fails: the divisor of the division is made null first.
  quotient.arguments[1] = Call("NULLIF", "nullif({0}, 0)", {std::move(quotient.arguments[1])},
                               quotient.arguments[1].type, quotient.arguments[1].carrier);
  const Type carrier = quotient.carrier;
  const DataType type = quotient.type;
  const Expression dividend = quotient.arguments[0];
  const std::string zero =
      carrier.kind == TypeKind::kDecimal
          ? fmt::format("CAST(0 AS DECIMAL({},{}))", carrier.precision, carrier.scale)
          : "CAST(0 AS DOUBLE)";
  const std::string test =
      null_too ? "({0} IS NULL OR {0} = 0) AND {1} IS NOT NULL" : "{0} = 0 AND {1} IS NOT NULL";
  Expression result =
      Call(std::string(context.name), "CASE WHEN " + test + " THEN " + zero + " ELSE {2} END",
           {std::move(divisor), dividend, std::move(quotient)}, type, carrier);
  result.nullable = true;
  return result;
}

Function Math(std::string_view names, std::string_view parameters, std::string_view pattern,
              std::string_view example, std::string_view answer) {
  return Entry(kNumeric, names, parameters, "f", pattern, example, answer);
}

}  // namespace

std::span<const Function> NumericFunctions() {
  static const std::vector<Function> kFunctions = {
      BoundEntry(kNumeric, "ABS", BindAbs, 1, 1, "ABS(-1.5)", "1.5"),
      BoundEntry(kNumeric, "ROUND", BindRound, 1, 3, "ROUND(135.135, 1)", "135.1"),
      BoundEntry(kNumeric, "CEIL", BindRound, 1, 2, "CEIL(135.135, 2)", "135.14"),
      BoundEntry(kNumeric, "FLOOR", BindRound, 1, 2, "FLOOR(-135.135)", "-136"),
      BoundEntry(kNumeric, "TRUNC TRUNCATE", BindRound, 1, 2, "TRUNC(-975.975, 2)", "-975.97"),
      BoundEntry(kNumeric, "MOD", BindModulo, 2, 2, "MOD(-5, 3)", "-2"),
      BoundEntry(kNumeric, "DIV0", BindDiv0, 2, 2, "DIV0(1, 0)", "0.000000"),
      BoundEntry(kNumeric, "DIV0NULL", BindDiv0, 2, 2, "DIV0NULL(1, NULL)", "0.000000"),
      Entry(kNumeric, "SIGN", "N", "i", "CAST(sign({0}) AS BIGINT)", "SIGN(-1.35)", "-1"),
      Entry(kNumeric, "FACTORIAL", "i", "I",
            "CAST(factorial(CAST({0} AS INTEGER)) AS DECIMAL(38,0))", "FACTORIAL(5)", "120"),
      Math("ACOS", "f", "acos({0})", "ACOS(1)", "0"),
      Math("ACOSH", "f", "acosh({0})", "ACOSH(1)", "0"),
      Math("ASIN", "f", "asin({0})", "ASIN(0)", "0"),
      Math("ASINH", "f", "asinh({0})", "ASINH(0)", "0"),
      Math("ATAN", "f", "atan({0})", "ATAN(0)", "0"),
      Math("ATAN2", "ff", "atan2({0}, {1})", "ATAN2(0, 5)", "0"),
      Math("ATANH", "f", "atanh({0})", "ATANH(0)", "0"),
      Math("CBRT", "f", "cbrt({0})", "CBRT(8)", "2"),
      Math("COS", "f", "cos({0})", "COS(0)", "1"),
      Math("COSH", "f", "cosh({0})", "COSH(0)", "1"),
      Math("COT", "f", "cot({0})", "ROUND(COT(1), 6)", "0.642093"),
      Math("DEGREES", "f", "degrees({0})", "DEGREES(PI())", "180"),
      Math("RADIANS", "f", "radians({0})", "RADIANS(0)", "0"),
      Math("EXP", "f", "exp({0})", "EXP(0)", "1"),
      Math("LN", "f", "ln({0})", "LN(1)", "0"),
      Math("LOG", "ff", "log({0}, {1})", "LOG(2, 8)", "3"),
      Math("PI", "", "pi()", "PI()", "3.14159265358979"),
      Math("POW POWER", "ff", "pow({0}, {1})", "POW(2, 3)", "8"),
      Math("SIN", "f", "sin({0})", "SIN(0)", "0"),
      Math("SINH", "f", "sinh({0})", "SINH(0)", "0"),
      Math("SQRT", "f", "sqrt({0})", "SQRT(25)", "5"),
      Math("SQUARE", "f", "({0} * {0})", "SQUARE(-2)", "4"),
      Math("TAN", "f", "tan({0})", "TAN(0)", "0"),
      Math("TANH", "f", "tanh({0})", "TANH(0)", "0"),
      Math("HAVERSINE", "ffff",
           "(2 * 6371 * asin(sqrt(pow(sin(radians({2} - {0}) / 2), 2) + cos(radians({0})) * "
           "cos(radians({2})) * pow(sin(radians({3} - {1}) / 2), 2))))",
           "ROUND(HAVERSINE(40.7127, -74.0059, 34.0500, -118.2500), 3)", "3936.385"),
      Entry(kNumeric, "WIDTH_BUCKET", "fffi", "i",
            "CASE WHEN {0} < {1} THEN 0 WHEN {0} >= {2} THEN {3} + 1 ELSE CAST(floor(({0} - {1}) * "
            "{3} / ({2} - {1})) AS BIGINT) + 1 END",
            "WIDTH_BUCKET(290000, 200000, 600000, 4)", "1"),
  };
  return kFunctions;
}

std::span<const Function> BitwiseFunctions() {
  static const std::vector<Function> kFunctions = {
      Entry(kBitwise, "BITAND BIT_AND", "ii", "i", "({0} & {1})", "BITAND(1, 3)", "1"),
      Entry(kBitwise, "BITOR BIT_OR", "ii", "i", "({0} | {1})", "BITOR(1, 2)", "3"),
      Entry(kBitwise, "BITXOR BIT_XOR", "ii", "i", "xor({0}, {1})", "BITXOR(1, 3)", "2"),
      Entry(kBitwise, "BITNOT BIT_NOT", "i", "i", "(~ {0})", "BITNOT(11)", "-12"),
      Entry(kBitwise, "BITSHIFTLEFT BIT_SHIFTLEFT", "ii", "i", "({0} << {1})",
            "BITSHIFTLEFT(16, 2)", "64"),
      Entry(kBitwise, "BITSHIFTRIGHT BIT_SHIFTRIGHT", "ii", "i", "({0} >> {1})",
            "BITSHIFTRIGHT(16, 2)", "4"),
      Entry(kBitwise, "GETBIT", "ii", "i", "(({0} >> {1}) & 1)", "GETBIT(11, 3)", "1"),
      Entry(kBitwise, "BITCOUNT", "i", "i", "CAST(bit_count({0}) AS BIGINT)", "BITCOUNT(7)", "3"),
  };
  return kFunctions;
}

namespace {

/// Whole numbers if the bounds are.
Expression BindUniform(const FunctionContext&, std::vector<Expression> arguments) {
  std::vector<Expression> bounds = {ToNumeric(std::move(arguments[0])),
                                    ToNumeric(std::move(arguments[1]))};
  Expression generator = WithCarrier(Convert(ToNumeric(std::move(arguments[2])), NumberType(19, 0)),
                                     Type::Primitive(TypeKind::kLong));
  const bool whole = std::ranges::all_of(bounds, [](const Expression& bound) {
    return bound.type.kind == DataTypeKind::kNumber && bound.type.scale == 0;
  });
  const DataType type = whole ? NumberType(18, 0) : FloatType();
  for (Expression& bound : bounds) {
    bound = Convert(std::move(bound), type);
    if (whole) bound = WithCarrier(std::move(bound), Type::Primitive(TypeKind::kLong));
  }
  return Call("UNIFORM",
              whole ? "tarn_uniform({0}, {1}, {2})" : "tarn_uniform_float({0}, {1}, {2})",
              {std::move(bounds[0]), std::move(bounds[1]), std::move(generator)}, type);
}

Function Volatile(Function function) {
  function.is_volatile = true;
  return function;
}

}  // namespace

std::span<const Function> GenerationFunctions() {
  static const std::vector<Function> kFunctions = {
      Volatile(Entry(kGeneration, "RANDOM", "", "i",
                     "CAST(floor((random() - 0.5) * 999999999999999999) AS BIGINT)",
                     "RANDOM() IS NOT NULL", "true")),
      Volatile(Entry(kGeneration, "SEQ1 SEQ2 SEQ4 SEQ8", "i?", "i", "(row_number() OVER () - 1)",
                     "SEQ4()", "0")),
      Volatile(Entry(kGeneration, "UUID_STRING", "", "s", "CAST(uuid() AS VARCHAR)",
                     "LENGTH(UUID_STRING())", "36")),
      Volatile(Entry(kGeneration, "RANDOM", "i", "i", "tarn_mix({0}, row_number() OVER ())",
                     "RANDOM(1) = RANDOM(1)", "true")),
      BoundEntry(kGeneration, "UNIFORM", BindUniform, 3, 3, "UNIFORM(1, 1, RANDOM())", "1"),
      Entry(kGeneration, "NORMAL", "ffi", "f", "tarn_normal({0}, {1}, {2})",
            "NORMAL(5, 0, RANDOM())", "5"),
      Entry(kGeneration, "RANDSTR", "ii", "s", "tarn_randstr({0}, {1})",
            "LENGTH(RANDSTR(5, RANDOM()))", "5"),
      Entry(kGeneration, "ZIPF", "fii", "i", "tarn_zipf({0}, {1}, {2})", "ZIPF(1, 1, RANDOM())",
            "1"),
  };
  return kFunctions;
}

}  // namespace tarn::sql
