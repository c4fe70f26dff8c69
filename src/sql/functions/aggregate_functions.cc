// SPDX-License-Identifier: Apache-2.0
// Aggregates and window functions.
#include <algorithm>
#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/function_tables.h"

namespace tarn::sql {

using bound::Expression;

namespace {

Expression Decimal(std::string name, std::string pattern, std::vector<Expression> arguments,
                   int32_t precision, int32_t scale) {
  precision = std::min(38, precision);
  return Call(std::move(name), std::move(pattern), std::move(arguments),
              NumberType(precision, scale), Type::Decimal(precision, scale));
}

Expression ToSummable(Expression value) {
  if (value.type.kind == DataTypeKind::kVarchar) return Convert(std::move(value), FloatType());
  return ToNumeric(std::move(value));
}

/// Of VARIANTs by the key that compares as they do.
Expression BindExtreme(const FunctionContext& context, std::vector<Expression> arguments) {
  Expression value = std::move(arguments[0]);
  const DataType type = value.type;
  const Type carrier = value.carrier;
  const bool max = context.name == "MAX";
  if (!IsSemistructured(type)) {
    return Call(std::string(context.name), max ? "max({0}){w}" : "min({0}){w}", {std::move(value)},
                type, carrier);
  }
  Expression key = SortKey(value);
  return Call(std::string(context.name), max ? "arg_max({0}, {1}){w}" : "arg_min({0}, {1}){w}",
              {std::move(value), std::move(key)}, type, carrier);
}

/// NUMBER(p + 12, s): DuckDB sums in 128 bits, and the cast finds what does not fit.
Expression BindSum(const FunctionContext&, std::vector<Expression> arguments) {
  Expression value = ToSummable(std::move(arguments[0]));
  if (value.type.kind == DataTypeKind::kFloat) {
    return Call("SUM", "sum({d}{0}){w}", {std::move(value)}, FloatType());
  }
  const int32_t precision = std::min(38, value.type.precision + 12);
  const int32_t scale = value.type.scale;
  // DuckDB gives 39 digits where there are as many; a cast to the type that it has checks nothing.
  const std::string pattern =
      precision == 38
          ? fmt::format("tarn_rescale(sum({{d}}{{0}}){{w}}, 38, {})", scale)
          : fmt::format("CAST(sum({{d}}{{0}}){{w}} AS DECIMAL({},{}))", precision, scale);
  return Decimal("SUM", pattern, {std::move(value)}, precision, scale);
}

Expression BindAverage(const FunctionContext&, std::vector<Expression> arguments) {
  Expression value = ToSummable(std::move(arguments[0]));
  if (value.type.kind == DataTypeKind::kFloat) {
    return Call("AVG", "avg({d}{0}){w}", {std::move(value)}, FloatType());
  }
  const int32_t scale = std::min(37, value.type.scale + 6);
  const int32_t precision = std::min(38, value.type.precision + 18);
  const std::string sum =
      fmt::format("CAST(sum({{d}}{{0}}){{w}} AS DECIMAL(38,{}))", value.type.scale);
  return Decimal(
      "AVG",
      fmt::format("tarn_divide({}, nullif(CAST(count({{d}}{{0}}){{w}} AS DECIMAL(18,0)), "
                  "0), {}, {})",
                  sum, precision, scale),
      {std::move(value)}, precision, scale);
}

/// Exact medians and percentiles: DuckDB's interpolation is of the argument's scale.
Expression BindMedian(const FunctionContext&, std::vector<Expression> arguments) {
  Expression value = ToSummable(std::move(arguments[0]));
  if (value.type.kind == DataTypeKind::kFloat) {
    return Call("MEDIAN", "median({0}){w}", {std::move(value)}, FloatType());
  }
  const int32_t scale = std::min(37, value.type.scale + 3);
  const int32_t precision = std::min(38, value.type.precision + 3);
  return Decimal("MEDIAN",
                 fmt::format("median(CAST({{0}} AS DECIMAL({},{}))){{w}}", precision, scale),
                 {std::move(value)}, precision, scale);
}

Expression BindPercentile(const FunctionContext& context, std::vector<Expression> arguments) {
  if (arguments.size() != 2) {
    FailBinding("001003", "42000", "{} wants WITHIN GROUP (ORDER BY one expression)", context.name);
  }
  Expression value = ToSummable(std::move(arguments[1]));
  if (arguments[0].kind != bound::ExpressionKind::kConstant) {
    FailBinding("001003", "42000", "the percentile is a constant");
  }
  Expression part = Convert(std::move(arguments[0]), FloatType());
  const bool whole = context.name == "PERCENTILE_DISC";
  if (whole || value.type.kind == DataTypeKind::kFloat) {
    const DataType type = value.type;
    const Type carrier = value.carrier;
    return Call(std::string(context.name),
                whole ? "quantile_disc({1}, {0}){w}" : "quantile_cont({1}, {0}){w}",
                {std::move(part), std::move(value)}, type, carrier);
  }
  const int32_t scale = std::min(37, value.type.scale + 3);
  const int32_t precision = std::min(38, value.type.precision + 3);
  return Decimal(
      "PERCENTILE_CONT",
      fmt::format("quantile_cont(CAST({{1}} AS DECIMAL({},{})), {{0}}){{w}}", precision, scale),
      {std::move(part), std::move(value)}, precision, scale);
}

Expression BindVariance(const FunctionContext& context, std::vector<Expression> arguments) {
  Expression value = ToSummable(std::move(arguments[0]));
  const bool population = context.name == "VAR_POP" || context.name == "VARIANCE_POP";
  const std::string call =
      fmt::format("{}({{d}}CAST({{0}} AS DOUBLE)){{w}}", population ? "var_pop" : "var_samp");
  if (value.type.kind == DataTypeKind::kFloat) {
    return Call(std::string(context.name), call, {std::move(value)}, FloatType());
  }
  const int32_t scale = std::min(12, 2 * value.type.scale + 6);
  return Decimal(std::string(context.name),
                 fmt::format("tarn_double_to_decimal({}, 38, {})", call, scale), {std::move(value)},
                 38, scale);
}

Expression BindFrequency(const FunctionContext& context, std::vector<Expression> arguments) {
  Expression condition = Convert(std::move(arguments[0]), BooleanType());
  return Call(std::string(context.name),
              "CASE WHEN count(*){w} > 0 THEN count(CASE WHEN {0} THEN 1 END){w} END",
              {std::move(condition)}, NumberType(18, 0));
}

constexpr bound::CallKind kAggregateCall = bound::CallKind::kAggregate;
constexpr bound::CallKind kWindowCall = bound::CallKind::kWindow;

Function Aggregate(std::string_view names, std::string_view parameters, std::string_view result,
                   std::string_view pattern, std::string_view example, std::string_view answer) {
  return {.names = names,
          .category = FunctionCategory::kAggregate,
          .kind = kAggregateCall,
          .parameters = parameters,
          .result = result,
          .pattern = pattern,
          .example = example,
          .answer = answer};
}

Function BoundAggregate(std::string_view names, FunctionBinder bind, int8_t min, int8_t max,
                        std::string_view example, std::string_view answer) {
  return {.names = names,
          .category = FunctionCategory::kAggregate,
          .kind = kAggregateCall,
          .bind = bind,
          .arguments_min = min,
          .arguments_max = max,
          .example = example,
          .answer = answer};
}

Function Window(std::string_view names, std::string_view parameters, std::string_view result,
                std::string_view pattern, std::string_view example, std::string_view answer) {
  return {.names = names,
          .category = FunctionCategory::kWindow,
          .kind = kWindowCall,
          .parameters = parameters,
          .result = result,
          .pattern = pattern,
          .example = example,
          .answer = answer};
}

}  // namespace

namespace {

std::vector<Function> Sums() {
  return {
      BoundAggregate("SUM", BindSum, 1, 1, "SUM(COLUMN1) FROM VALUES (1.5), (2.25)", "3.75"),
      BoundAggregate("AVG", BindAverage, 1, 1, "AVG(COLUMN1) FROM VALUES (1), (2), (2)",
                     "1.666667"),
      BoundAggregate("MIN", BindExtreme, 1, 1, "MIN(COLUMN1) FROM VALUES (2), (1)", "1"),
      BoundAggregate("MAX", BindExtreme, 1, 1, "MAX(COLUMN1) FROM VALUES (2), (1)", "2"),
      Aggregate("ANY_VALUE", "x", "0", "any_value({0}){w}", "ANY_VALUE(COLUMN1) FROM VALUES (7)",
                "7"),
      Aggregate("MODE", "x", "0", "mode({0}){w}", "MODE(COLUMN1) FROM VALUES (6), (6), (7)", "6"),
      BoundAggregate("MEDIAN", BindMedian, 1, 1, "MEDIAN(COLUMN1) FROM VALUES (1.5), (2.0)",
                     "1.7500"),
      BoundAggregate(
          "PERCENTILE_CONT", BindPercentile, 1, 2,
          "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY COLUMN1) FROM VALUES (0), (10), (20), (30)",
          "15.000"),
      BoundAggregate(
          "PERCENTILE_DISC", BindPercentile, 1, 2,
          "PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY COLUMN1) FROM VALUES (0), (10), (20), (30)",
          "10"),
      Aggregate("BOOLAND_AGG", "b", "b", "bool_and({0}){w}",
                "BOOLAND_AGG(COLUMN1) FROM VALUES (TRUE), (FALSE)", "false"),
      Aggregate("BOOLOR_AGG", "b", "b", "bool_or({0}){w}",
                "BOOLOR_AGG(COLUMN1) FROM VALUES (TRUE), (FALSE)", "true"),
      Aggregate("BOOLXOR_AGG", "b", "b", "(count(CASE WHEN {0} THEN 1 END){w} = 1)",
                "BOOLXOR_AGG(COLUMN1) FROM VALUES (TRUE), (FALSE)", "true"),
      Aggregate("BITAND_AGG BITANDAGG BIT_AND_AGG BIT_ANDAGG", "i", "i", "bit_and({0}){w}",
                "BITAND_AGG(COLUMN1) FROM VALUES (7), (5)", "5"),
      Aggregate("BITOR_AGG BITORAGG BIT_OR_AGG BIT_ORAGG", "i", "i", "bit_or({0}){w}",
                "BITOR_AGG(COLUMN1) FROM VALUES (4), (1)", "5"),
      Aggregate("BITXOR_AGG BITXORAGG BIT_XOR_AGG BIT_XORAGG", "i", "i", "bit_xor({0}){w}",
                "BITXOR_AGG(COLUMN1) FROM VALUES (7), (5)", "2"),
      BoundAggregate("COUNT_IF", BindFrequency, 1, 1,
                     "COUNT_IF(COLUMN1 > 1) FROM VALUES (1), (2), (3)", "2"),
      Aggregate("APPROX_COUNT_DISTINCT HLL APPROXIMATE_COUNT_DISTINCT", "x", "i",
                "approx_count_distinct({0}){w}",
                "APPROX_COUNT_DISTINCT(COLUMN1) FROM VALUES (1), (1)", "1"),
      Aggregate("APPROX_PERCENTILE", "ff", "f", "approx_quantile({0}, CAST({1} AS FLOAT)){w}",
                "APPROX_PERCENTILE(COLUMN1, 0.5) FROM VALUES (1), (1), (1)", "1"),
      Aggregate(
          "LISTAGG", "ss?", "s", "coalesce(string_agg({d}{0}, {1|''}{o}){w}, '')",
          "LISTAGG(COLUMN1, '|') WITHIN GROUP (ORDER BY COLUMN1 DESC) FROM VALUES ('a'), ('b')",
          "b|a"),
      Aggregate("MAX_BY", "xx", "0", "arg_max_null({0}, {1}){w}",
                "MAX_BY(COLUMN1, COLUMN2) FROM VALUES ('a', 1), ('b', 2)", "b"),
      Aggregate("MIN_BY", "xx", "0", "arg_min_null({0}, {1}){w}",
                "MIN_BY(COLUMN1, COLUMN2) FROM VALUES ('a', 1), ('b', 2)", "a"),
      Aggregate("GROUPING GROUPING_ID", "x*", "i", "grouping({*})",
                "GROUPING(COLUMN1) FROM VALUES (1) GROUP BY COLUMN1", "0"),
  };
}

std::vector<Function> Statistics() {
  return {
      Aggregate("STDDEV STDDEV_SAMP", "f", "f", "stddev_samp({d}{0}){w}",
                "STDDEV(COLUMN1) FROM VALUES (2), (4)", "1.4142135623731"),
      Aggregate("STDDEV_POP", "f", "f", "stddev_pop({d}{0}){w}",
                "STDDEV_POP(COLUMN1) FROM VALUES (2), (4)", "1"),
      BoundAggregate("VARIANCE VAR_SAMP VARIANCE_SAMP", BindVariance, 1, 1,
                     "VARIANCE(COLUMN1) FROM VALUES (2), (4)", "2.000000"),
      BoundAggregate("VAR_POP VARIANCE_POP", BindVariance, 1, 1,
                     "VAR_POP(COLUMN1) FROM VALUES (2), (4)", "1.000000"),
      Aggregate("CORR", "ff", "f",
                "CASE WHEN isnan(corr({0}, {1}){w}) THEN NULL ELSE corr({0}, {1}){w} END",
                "CORR(COLUMN1, COLUMN2) FROM VALUES (1, 2), (2, 4)", "1"),
      Aggregate("COVAR_POP", "ff", "f", "covar_pop({0}, {1}){w}",
                "COVAR_POP(COLUMN1, COLUMN2) FROM VALUES (1, 2), (3, 6)", "2"),
      Aggregate("COVAR_SAMP", "ff", "f", "covar_samp({0}, {1}){w}",
                "COVAR_SAMP(COLUMN1, COLUMN2) FROM VALUES (1, 2), (3, 6)", "4"),
      Aggregate("KURTOSIS", "f", "f", "kurtosis({0}){w}",
                "KURTOSIS(COLUMN1) FROM VALUES (1), (2), (3), (4)", "-1.2"),
      Aggregate("SKEW", "f", "f", "skewness({0}){w}", "SKEW(COLUMN1) FROM VALUES (1), (2), (3)",
                "0"),
      Aggregate("REGR_SLOPE", "ff", "f", "regr_slope({0}, {1}){w}",
                "REGR_SLOPE(COLUMN1, COLUMN2) FROM VALUES (2, 1), (4, 2)", "2"),
      Aggregate("REGR_INTERCEPT", "ff", "f", "regr_intercept({0}, {1}){w}",
                "REGR_INTERCEPT(COLUMN1, COLUMN2) FROM VALUES (2, 1), (4, 2)", "0"),
      Aggregate("REGR_COUNT", "ff", "i", "CAST(regr_count({0}, {1}){w} AS BIGINT)",
                "REGR_COUNT(COLUMN1, COLUMN2) FROM VALUES (2, 1), (4, 2)", "2"),
      Aggregate("REGR_R2", "ff", "f", "regr_r2({0}, {1}){w}",
                "REGR_R2(COLUMN1, COLUMN2) FROM VALUES (2, 1), (4, 2)", "1"),
      Aggregate("REGR_AVGX", "ff", "f", "regr_avgx({0}, {1}){w}",
                "REGR_AVGX(COLUMN1, COLUMN2) FROM VALUES (2, 1), (4, 2)", "1.5"),
      Aggregate("REGR_AVGY", "ff", "f", "regr_avgy({0}, {1}){w}",
                "REGR_AVGY(COLUMN1, COLUMN2) FROM VALUES (2, 1), (4, 2)", "3"),
      Aggregate("REGR_SXX", "ff", "f", "regr_sxx({0}, {1}){w}",
                "REGR_SXX(COLUMN1, COLUMN2) FROM VALUES (2, 1), (4, 2)", "0.5"),
      Aggregate("REGR_SYY", "ff", "f", "regr_syy({0}, {1}){w}",
                "REGR_SYY(COLUMN1, COLUMN2) FROM VALUES (2, 1), (4, 2)", "2"),
      Aggregate("REGR_SXY", "ff", "f", "regr_sxy({0}, {1}){w}",
                "REGR_SXY(COLUMN1, COLUMN2) FROM VALUES (2, 1), (4, 2)", "1"),
  };
}

}  // namespace

std::span<const Function> AggregateFunctions() {
  static const std::vector<Function> kFunctions = [] {
    std::vector<Function> all = Sums();
    for (const Function& function : Statistics()) all.push_back(function);
    for (const Function& function : SemistructuredAggregates()) all.push_back(function);
    for (const Function& function : HashAggregates()) all.push_back(function);
    return all;
  }();
  return kFunctions;
}

std::span<const Function> WindowFunctions() {
  static const std::vector<Function> kFunctions = {
      Window("ROW_NUMBER", "", "i", "row_number(){w}",
             "ROW_NUMBER() OVER (ORDER BY COLUMN1) FROM VALUES (5)", "1"),
      Window("RANK", "", "i", "rank(){w}", "RANK() OVER (ORDER BY COLUMN1) FROM VALUES (5)", "1"),
      Window("DENSE_RANK", "", "i", "dense_rank(){w}",
             "DENSE_RANK() OVER (ORDER BY COLUMN1) FROM VALUES (5)", "1"),
      Window("PERCENT_RANK", "", "f", "percent_rank(){w}",
             "PERCENT_RANK() OVER (ORDER BY COLUMN1) FROM VALUES (5)", "0"),
      Window("CUME_DIST", "", "f", "cume_dist(){w}",
             "CUME_DIST() OVER (ORDER BY COLUMN1) FROM VALUES (5)", "1"),
      Window("NTILE", "i", "i", "ntile({0}){w}", "NTILE(2) OVER (ORDER BY COLUMN1) FROM VALUES (5)",
             "1"),
      Window("LAG", "xi?", "0", "lag({0}, {1|1}{i}){w}",
             "LAG(COLUMN1) OVER (ORDER BY COLUMN1) FROM VALUES (5)", "NULL"),
      Window("LAG", "aia", "0", "lag({0}, {1}, {2}{i}){w}",
             "LAG(COLUMN1, 1, 0) OVER (ORDER BY COLUMN1) FROM VALUES (5)", "0"),
      Window("LEAD", "xi?", "0", "lead({0}, {1|1}{i}){w}",
             "LEAD(COLUMN1) OVER (ORDER BY COLUMN1) FROM VALUES (5)", "NULL"),
      Window("LEAD", "aia", "0", "lead({0}, {1}, {2}{i}){w}",
             "LEAD(COLUMN1, 1, 0) OVER (ORDER BY COLUMN1) FROM VALUES (5)", "0"),
      Window("FIRST_VALUE", "x", "0", "first_value({0}{i}){w}",
             "FIRST_VALUE(COLUMN1) OVER (ORDER BY COLUMN1) FROM VALUES (5)", "5"),
      Window("LAST_VALUE", "x", "0", "last_value({0}{i}){w}",
             "LAST_VALUE(COLUMN1) OVER (ORDER BY COLUMN1) FROM VALUES (5)", "5"),
      Window("NTH_VALUE", "xi", "0", "nth_value({0}, {1}{i}){w}",
             "NTH_VALUE(COLUMN1, 1) OVER (ORDER BY COLUMN1) FROM VALUES (5)", "5"),
      Window("RATIO_TO_REPORT", "f", "f", "({0} / nullif(sum({0}){w}, 0))",
             "RATIO_TO_REPORT(COLUMN1) OVER () FROM VALUES (5)", "1"),
      Window("CONDITIONAL_TRUE_EVENT", "b", "i",
             "CAST(sum(CASE WHEN {0} THEN 1 ELSE 0 END){w} AS BIGINT)",
             "CONDITIONAL_TRUE_EVENT(COLUMN1 > 1) OVER (ORDER BY COLUMN1) FROM VALUES (5)", "1"),
  };
  return kFunctions;
}

}  // namespace tarn::sql
