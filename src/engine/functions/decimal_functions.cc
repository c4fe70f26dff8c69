// SPDX-License-Identifier: Apache-2.0
// tarn_divide(a, b, p, s), tarn_multiply(a, b, p, s), tarn_rescale(a, p, s): DECIMAL(p, s), rounded
// half away from zero; a and b are decimals, p and s constants. tarn_round(a, n): the digits behind
// the n-th after the point (before it, if negative) become 0. tarn_modulo(a, b): both of one type.
// tarn_double_to_decimal(d, p, s).
// tarn_divide_float(a, b), tarn_modulo_float(a, b).
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>

#include <cmath>
#include <string>

#include "engine/duckdb_error.h"
#include "engine/functions/decimal_arithmetic.h"
#include "engine/functions/decimal_text.h"
#include "engine/functions/registration.h"
#include "engine/functions/row_function.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;

/// Scales of the arguments and the type of the result.
struct DecimalBinding : duckdb::FunctionData {
  int32_t left_scale = 0;
  int32_t right_scale = 0;
  int32_t precision = 0;
  int32_t scale = 0;

  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<DecimalBinding>(*this);
  }
  bool Equals(const duckdb::FunctionData& other) const override {
    const auto& that = other.Cast<DecimalBinding>();
    return left_scale == that.left_scale && right_scale == that.right_scale &&
           precision == that.precision && scale == that.scale;
  }
};

const DecimalBinding& BindingOf(duckdb::ExpressionState& state) {
  return state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<DecimalBinding>();
}

int32_t Constant(duckdb::ClientContext& context, const duckdb::Expression& expression) {
  return duckdb::ExpressionExecutor::EvaluateScalar(context, expression).GetValue<int32_t>();
}

/// Asks for 38 digits of a decimal argument and gives its scale.
int32_t WidenArgument(duckdb::ScalarFunction& function, const duckdb::Expression& argument,
                      size_t index) {
  const LogicalType& type = argument.return_type;
  const uint8_t scale =
      type.id() == duckdb::LogicalTypeId::DECIMAL ? duckdb::DecimalType::GetScale(type) : 0;
  function.arguments[index] = LogicalType::DECIMAL(38, scale);
  return scale;
}

template <size_t decimals>
duckdb::unique_ptr<duckdb::FunctionData> BindDecimals(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  auto binding = duckdb::make_uniq<DecimalBinding>();
  if constexpr (decimals > 0) binding->left_scale = WidenArgument(function, *arguments[0], 0);
  if constexpr (decimals > 1) binding->right_scale = WidenArgument(function, *arguments[1], 1);
  const size_t first = arguments.size() - 2;
  binding->precision = Constant(context, *arguments[first]);
  binding->scale = Constant(context, *arguments[first + 1]);
  function.SetReturnType(LogicalType::DECIMAL(static_cast<uint8_t>(binding->precision),
                                              static_cast<uint8_t>(binding->scale)));
  return binding;
}

[[noreturn]] void ThrowOutOfRange(const DecimalBinding& type, const std::string& value) {
  ThrowSqlError("100046", "22003",
                fmt::format("Number out of representable range: type FIXED[SB16]({},{}){{nullable}}"
                            ", value {}",
                            type.precision, type.scale, value));
}

Int128 Checked(const DecimalBinding& type, std::optional<Int128> value) {
  if (!value) ThrowOutOfRange(type, "of more than 38 digits");
  if (!FitsPrecision(*value, type.precision))
    ThrowOutOfRange(type, DecimalToText(*value, type.scale));
  return *value;
}

/// Divides by powers of ten that one alone may be too big for 128 bits.
std::optional<Int128> Shifted(Int128 a, Int128 b, int32_t exponent, Int128 divisor) {
  return exponent >= 0 ? MultiplyDivide(a, b, exponent, divisor, 0)
                       : MultiplyDivide(a, b, 0, divisor, -exponent);
}

std::optional<Int128> Divide(const DecimalBinding& type, const RowArguments& row) {
  if (row.Huge(1) == 0) ThrowSqlError("100051", "22012", "Division by zero");
  return Checked(
      type, Shifted(row.Huge(0), 1, type.scale - type.left_scale + type.right_scale, row.Huge(1)));
}

std::optional<Int128> Multiply(const DecimalBinding& type, const RowArguments& row) {
  return Checked(
      type, Shifted(row.Huge(0), row.Huge(1), type.scale - type.left_scale - type.right_scale, 1));
}

std::optional<Int128> Modulo(const DecimalBinding& type, const RowArguments& row) {
  if (row.Huge(1) == 0) ThrowSqlError("100051", "22012", "Division by zero");
  return Checked(type, row.Huge(0) % row.Huge(1));
}

std::optional<Int128> Rescale(const DecimalBinding& type, const RowArguments& row) {
  return Checked(type, Shifted(row.Huge(0), 1, type.scale - type.left_scale, 1));
}

/// Modes of tarn_round: half away from zero, half to even, down (truncate), floor, ceiling.
enum class Rounding : int64_t { kAway, kEven, kTruncate, kFloor, kCeiling };

std::optional<Int128> Round(const DecimalBinding& type, const RowArguments& row) {
  const int64_t digits = std::clamp<int64_t>(row.Integer(1), -38, 38);
  const Int128 value = row.Huge(0);
  const auto dropped = static_cast<int32_t>(type.left_scale - digits);
  Int128 result = value;
  if (dropped > 38) {
    result = 0;
  } else if (dropped > 0) {
    const Int128 unit = PowerOfTen(dropped);
    const Int128 rest = value % unit;  // with the sign of value
    const Int128 size = rest < 0 ? -rest : rest;
    const Int128 away = value < 0 ? -unit : unit;
    result = value - rest;
    bool up = false;
    switch (static_cast<Rounding>(row.Integer(2))) {
      case Rounding::kAway:
        up = size >= unit - size;
        break;
      case Rounding::kEven:
        up = size > unit - size || (size == unit - size && result / unit % 2 != 0);
        break;
      case Rounding::kTruncate:
        break;
      case Rounding::kFloor:
        up = rest < 0;
        break;
      case Rounding::kCeiling:
        up = rest > 0;
        break;
    }
    if (up) result += away;
  }
  return Checked(type, Shifted(result, 1, type.scale - type.left_scale, 1));
}

std::optional<Int128> FromDouble(const DecimalBinding& type, const RowArguments& row) {
  const double value = row.Double(0);
  const double scaled = std::round(value * std::pow(10.0, type.scale));
  if (!(std::abs(scaled) < 1e38)) ThrowOutOfRange(type, DoubleToText(value));
  return Checked(type, static_cast<Int128>(scaled));
}

using Kernel = std::optional<Int128> (*)(const DecimalBinding&, const RowArguments&);

/// The last two arguments are precision and scale of the result.
template <size_t decimals, Kernel kernel>
void AddDecimal(duckdb::ExtensionLoader& loader, const char* name,
                duckdb::vector<LogicalType> arguments) {
  arguments.insert(arguments.end(), {LogicalType::INTEGER, LogicalType::INTEGER});
  duckdb::ScalarFunction function(
      name, std::move(arguments), LogicalType::ANY,
      [](duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
        const DecimalBinding& binding = BindingOf(state);
        RunRows(chunk, result, [&](const RowArguments& row) { return kernel(binding, row); });
      },
      BindDecimals<decimals>);
  function.SetFallible();
  loader.RegisterFunction(function);
}

}  // namespace

void RegisterDecimalFunctions(duckdb::ExtensionLoader& loader) {
  AddDecimal<2, Divide>(loader, "tarn_divide", {LogicalType::ANY, LogicalType::ANY});
  AddDecimal<2, Multiply>(loader, "tarn_multiply", {LogicalType::ANY, LogicalType::ANY});
  AddDecimal<2, Modulo>(loader, "tarn_modulo", {LogicalType::ANY, LogicalType::ANY});
  AddDecimal<1, Rescale>(loader, "tarn_rescale", {LogicalType::ANY});
  AddDecimal<1, Round>(loader, "tarn_round",
                       {LogicalType::ANY, LogicalType::BIGINT, LogicalType::BIGINT});
  AddDecimal<0, FromDouble>(loader, "tarn_double_to_decimal", {LogicalType::DOUBLE});
  AddFunction(loader, "tarn_modulo_float", {LogicalType::DOUBLE, LogicalType::DOUBLE},
              LogicalType::DOUBLE, [](const RowArguments& row) -> std::optional<double> {
                if (row.Double(1) == 0) ThrowSqlError("100051", "22012", "Division by zero");
                return std::fmod(row.Double(0), row.Double(1));
              });
  AddFunction(loader, "tarn_divide_float", {LogicalType::DOUBLE, LogicalType::DOUBLE},
              LogicalType::DOUBLE, [](const RowArguments& row) -> std::optional<double> {
                if (row.Double(1) == 0) ThrowSqlError("100051", "22012", "Division by zero");
                return row.Double(0) / row.Double(1);
              });
}

}  // namespace tarn::engine
