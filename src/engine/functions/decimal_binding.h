// SPDX-License-Identifier: Apache-2.0
// Functions f(text, precision, scale) whose result is DECIMAL of these constants. Only for sources
// of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>

#include "engine/functions/row_function.h"

namespace tarn::engine {

struct DecimalType : duckdb::FunctionData {
  DecimalType(int32_t precision, int32_t scale) : precision(precision), scale(scale) {}
  duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
    return duckdb::make_uniq<DecimalType>(precision, scale);
  }
  bool Equals(const duckdb::FunctionData& other) const override {
    const auto& that = other.Cast<DecimalType>();
    return precision == that.precision && scale == that.scale;
  }
  int32_t precision;
  int32_t scale;
};

inline duckdb::unique_ptr<duckdb::FunctionData> BindDecimalType(
    duckdb::ClientContext& context, duckdb::ScalarFunction& function,
    duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
  const auto constant = [&](size_t i) {
    return duckdb::ExpressionExecutor::EvaluateScalar(context, *arguments[arguments.size() - i])
        .GetValue<int32_t>();
  };
  auto type = duckdb::make_uniq<DecimalType>(constant(2), constant(1));
  function.SetReturnType(duckdb::LogicalType::DECIMAL(static_cast<uint8_t>(type->precision),
                                                      static_cast<uint8_t>(type->scale)));
  return type;
}

/// `function` takes the DecimalType and RowArguments; precision and scale are the last arguments.
template <typename Function>
void AddDecimalFunction(duckdb::ExtensionLoader& loader, const char* name, Function function,
                        size_t texts = 1) {
  duckdb::vector<duckdb::LogicalType> arguments(texts, duckdb::LogicalType::VARCHAR);
  arguments.push_back(duckdb::LogicalType::INTEGER);
  arguments.push_back(duckdb::LogicalType::INTEGER);
  duckdb::ScalarFunction entry(
      name, std::move(arguments), duckdb::LogicalType::ANY,
      [function](duckdb::DataChunk& chunk, duckdb::ExpressionState& state, duckdb::Vector& result) {
        const auto& type =
            state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<DecimalType>();
        RunRows(chunk, result, [&](const RowArguments& row) { return function(type, row); });
      },
      BindDecimalType);
  entry.SetFallible();
  // DuckDB would put a NULL without a type in place of a call of one.
  entry.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  loader.RegisterFunction(entry);
}

}  // namespace tarn::engine
