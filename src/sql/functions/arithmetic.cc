// SPDX-License-Identifier: Apache-2.0
// Operators. Types of results: "Arithmetic operators" of Snowflake's documentation.
#include <algorithm>
#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/function.h"

namespace tarn::sql {

using bound::Expression;

namespace {

bool IsFloat(const Expression& value) { return value.type.kind == DataTypeKind::kFloat; }

int32_t WholeDigits(const Expression& value) { return value.type.precision - value.type.scale; }

bool HeldAsInteger(const Expression& value) {
  return value.type.scale == 0 && value.carrier.kind != TypeKind::kDecimal;
}

Expression FloatCall(const char* name, const char* pattern, Expression left, Expression right) {
  return Call(name, pattern,
              {Convert(std::move(left), FloatType()), Convert(std::move(right), FloatType())},
              FloatType());
}

/// Numbers of 18 digits and less are added as integers where they have no fraction; others as
/// decimals of the result's type, which DuckDB adds exactly.
Expression AddNumbers(const char* name, const char* pattern, Expression left, Expression right) {
  left = ToNumeric(std::move(left));
  right = ToNumeric(std::move(right));
  if (IsFloat(left) || IsFloat(right)) {
    return FloatCall(name, pattern, std::move(left), std::move(right));
  }
  const int32_t scale = std::max(left.type.scale, right.type.scale);
  const int32_t precision =
      std::min(38, std::max(WholeDigits(left), WholeDigits(right)) + 1 + scale);
  const DataType type = NumberType(precision, scale);
  Type carrier = Type::Decimal(precision, scale);
  if (HeldAsInteger(left) && HeldAsInteger(right) && precision <= 18) {
    carrier = Type::Primitive(TypeKind::kLong);
  }
  left = WithCarrier(std::move(left), carrier);
  right = WithCarrier(std::move(right), carrier);
  if (carrier.kind == TypeKind::kLong) {
    return Call(name, pattern, {std::move(left), std::move(right)}, type, carrier);
  }
  return Call(name, fmt::format("CAST({} AS DECIMAL({},{}))", pattern, precision, scale),
              {std::move(left), std::move(right)}, type, carrier);
}

bool IsWhole(const Expression& value) {
  return value.type.kind == DataTypeKind::kNumber || value.type.kind == DataTypeKind::kFloat ||
         value.type.kind == DataTypeKind::kVarchar;
}

Expression DaysOf(Expression value) {
  return WithCarrier(Convert(ToNumeric(std::move(value)), NumberType(9, 0)),
                     Type::Primitive(TypeKind::kInt));
}

}  // namespace

Expression Add(Expression left, Expression right) {
  if (left.type.kind == DataTypeKind::kDate && IsWhole(right)) {
    return Call("+", "({0} + {1})", {std::move(left), DaysOf(std::move(right))}, DateType());
  }
  if (right.type.kind == DataTypeKind::kDate && IsWhole(left)) {
    return Add(std::move(right), std::move(left));
  }
  return AddNumbers("+", "({0} + {1})", std::move(left), std::move(right));
}

Expression Subtract(Expression left, Expression right) {
  if (left.type.kind == DataTypeKind::kDate && right.type.kind == DataTypeKind::kDate) {
    return Call("-", "CAST(({0} - {1}) AS BIGINT)", {std::move(left), std::move(right)},
                NumberType(9, 0));
  }
  if (left.type.kind == DataTypeKind::kDate && IsWhole(right)) {
    return Call("-", "({0} - {1})", {std::move(left), DaysOf(std::move(right))}, DateType());
  }
  return AddNumbers("-", "({0} - {1})", std::move(left), std::move(right));
}

Expression Multiply(Expression left, Expression right) {
  left = ToNumeric(std::move(left));
  right = ToNumeric(std::move(right));
  if (IsFloat(left) || IsFloat(right)) {
    return FloatCall("*", "({0} * {1})", std::move(left), std::move(right));
  }
  const int32_t sum = left.type.scale + right.type.scale;
  const int32_t scale = std::min(sum, std::max({left.type.scale, right.type.scale, 12}));
  const int32_t precision = std::min(38, WholeDigits(left) + WholeDigits(right) + scale);
  const DataType type = NumberType(precision, scale);
  if (HeldAsInteger(left) && HeldAsInteger(right) && precision <= 18) {
    const Type carrier = Type::Primitive(TypeKind::kLong);
    return Call("*", "({0} * {1})",
                {WithCarrier(std::move(left), carrier), WithCarrier(std::move(right), carrier)},
                type, carrier);
  }
  const bool exact = left.type.precision + right.type.precision <= 38 && sum == scale;
  std::vector<Expression> operands = {AsDecimal(std::move(left)), AsDecimal(std::move(right))};
  const std::string pattern =
      exact ? fmt::format("CAST(({{0}} * {{1}}) AS DECIMAL({},{}))", precision, scale)
            : fmt::format("tarn_multiply({{0}}, {{1}}, {}, {})", precision, scale);
  return Call("*", pattern, std::move(operands), type, Type::Decimal(precision, scale));
}

Expression Divide(Expression left, Expression right) {
  left = ToNumeric(std::move(left));
  right = ToNumeric(std::move(right));
  if (IsFloat(left) || IsFloat(right)) {
    return FloatCall("/", "tarn_divide_float({0}, {1})", std::move(left), std::move(right));
  }
  const int32_t scale = std::max(left.type.scale, std::min(left.type.scale + 6, 12));
  const int32_t precision = std::min(38, WholeDigits(left) + right.type.scale + scale);
  return Call("/", fmt::format("tarn_divide({{0}}, {{1}}, {}, {})", precision, scale),
              {AsDecimal(std::move(left)), AsDecimal(std::move(right))},
              NumberType(precision, scale), Type::Decimal(precision, scale));
}

Expression Modulo(Expression left, Expression right) {
  left = ToNumeric(std::move(left));
  right = ToNumeric(std::move(right));
  if (IsFloat(left) || IsFloat(right)) {
    return FloatCall("%", "tarn_modulo_float({0}, {1})", std::move(left), std::move(right));
  }
  const int32_t scale = std::max(left.type.scale, right.type.scale);
  const int32_t precision = std::min(38, std::max(WholeDigits(left), WholeDigits(right)) + scale);
  const Type carrier = Type::Decimal(precision, scale);
  return Call("%", fmt::format("tarn_modulo({{0}}, {{1}}, {}, {})", precision, scale),
              {WithCarrier(std::move(left), carrier), WithCarrier(std::move(right), carrier)},
              NumberType(precision, scale), carrier);
}

Expression Negate(Expression operand) {
  operand = ToNumeric(std::move(operand));
  if (operand.kind == bound::ExpressionKind::kConstant) {
    std::visit(
        [](auto& value) {
          using V = std::decay_t<decltype(value)>;
          if constexpr (std::is_arithmetic_v<V> || std::is_same_v<V, Int128>) {
            if constexpr (!std::is_same_v<V, bool>) value = -value;
          }
        },
        operand.constant);
    return operand;
  }
  if (operand.carrier.kind == TypeKind::kInt) {
    operand = WithCarrier(std::move(operand), Type::Primitive(TypeKind::kLong));
  }
  const DataType type = operand.type;
  const Type carrier = operand.carrier;
  return Call("-", "(- {0})", {std::move(operand)}, type, carrier);
}

Expression Concatenate(Expression left, Expression right) {
  if (left.type.kind == DataTypeKind::kBinary && right.type.kind == DataTypeKind::kBinary) {
    const DataType type = left.type;
    return Call("||", "({0} || {1})", {std::move(left), std::move(right)}, type);
  }
  // DuckDB takes no text from a null that it sees.
  if (left.is_null_constant() || right.is_null_constant()) {
    return Constant({}, VarcharType(), CarrierOf(VarcharType()));
  }
  left = Convert(std::move(left), VarcharType());
  right = Convert(std::move(right), VarcharType());
  return Call("||", "({0} || {1})", {std::move(left), std::move(right)}, VarcharType());
}

namespace {

/// Text beside a number is a number of at least five digits behind the point.
void UnifySides(std::vector<Expression>& sides) {
  for (size_t i = 0; i < 2; ++i) {
    Expression& text = sides[i];
    const Expression& other = sides[1 - i];
    if (text.type.kind != DataTypeKind::kVarchar) continue;
    if (other.type.kind != DataTypeKind::kNumber) continue;
    text = text.kind == bound::ExpressionKind::kConstant
               ? ToNumeric(std::move(text))
               : Convert(std::move(text), NumberType(38, std::max(other.type.scale, 5)));
  }
  if (sides[0].type.kind == DataTypeKind::kNumber && sides[1].type.kind == DataTypeKind::kNumber &&
      HeldAsInteger(sides[0]) && HeldAsInteger(sides[1])) {
    const Type carrier = Type::Primitive(TypeKind::kLong);
    if (sides[0].carrier == sides[1].carrier) return;
    for (Expression& side : sides) side = WithCarrier(std::move(side), carrier);
    return;
  }
  UnifyCompared(sides);
}

}  // namespace

Expression Compare(std::string_view op, Expression left, Expression right) {
  std::vector<Expression> sides;
  sides.push_back(std::move(left));
  sides.push_back(std::move(right));
  UnifySides(sides);
  Expression result =
      Call(std::string(op), fmt::format("({{0}} {} {{1}})", op), std::move(sides), BooleanType());
  if (op.starts_with("IS")) result.nullable = false;
  return result;
}

namespace {

Expression Chain(const char* name, std::vector<Expression> operands) {
  if (operands.size() == 1) return Convert(std::move(operands[0]), BooleanType());
  std::string pattern = "(";
  for (size_t i = 0; i < operands.size(); ++i) {
    if (i > 0) pattern += fmt::format(" {} ", name);
    pattern += fmt::format("{{{}}}", i);
    operands[i] = Convert(std::move(operands[i]), BooleanType());
  }
  return Call(name, pattern + ")", std::move(operands), BooleanType());
}

}  // namespace

Expression And(std::vector<Expression> operands) { return Chain("AND", std::move(operands)); }
Expression Or(std::vector<Expression> operands) { return Chain("OR", std::move(operands)); }

Expression Not(Expression operand) {
  return Call("NOT", "(NOT {0})", {Convert(std::move(operand), BooleanType())}, BooleanType());
}

Expression CaseWhen(std::vector<Expression> conditions, std::vector<Expression> values) {
  Unify(values);
  std::string pattern = "CASE";
  std::vector<Expression> arguments;
  const DataType type = values.at(0).type;
  const Type carrier = values[0].carrier;
  bool nullable = false;
  for (const Expression& value : values) nullable |= value.nullable;
  for (size_t i = 0; i < conditions.size(); ++i) {
    pattern += fmt::format(" WHEN {{{}}} THEN {{{}}}", 2 * i, 2 * i + 1);
    arguments.push_back(Convert(std::move(conditions[i]), BooleanType()));
    arguments.push_back(std::move(values[i]));
  }
  if (values.size() > conditions.size()) {
    pattern += fmt::format(" ELSE {{{}}}", 2 * conditions.size());
    arguments.push_back(std::move(values.back()));
  } else {
    nullable = true;
  }
  Expression result = Call("CASE", pattern + " END", std::move(arguments), type, carrier);
  result.nullable = nullable;
  return result;
}

}  // namespace tarn::sql
