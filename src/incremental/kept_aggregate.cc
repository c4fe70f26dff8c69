// SPDX-License-Identifier: Apache-2.0
#include "incremental/kept_aggregate.h"

#include <fmt/core.h>

#include <utility>

#include "sql/duckdb_text/print.h"

namespace tarn::incremental {
namespace {

using sql::bound::CallKind;
using sql::bound::Expression;
using sql::bound::ExpressionKind;

constexpr int32_t kDigitsMost = 38;
/// Of one addition, with room for those inside of a sum.
constexpr double kAdditionError = 1e-15;

Expression Aggregate(std::string pattern, std::vector<Expression> arguments, Type carrier) {
  return {.kind = ExpressionKind::kCall,
          .carrier = std::move(carrier),
          .pattern = std::move(pattern),
          .arguments = std::move(arguments),
          .call = CallKind::kAggregate};
}

Type Long() { return Type::Primitive(TypeKind::kLong); }
Type Double() { return Type::Primitive(TypeKind::kDouble); }

}  // namespace

KeptAggregate::Form KeptAggregate::FormOf(const Expression& aggregate) {
  if (aggregate.distinct || !aggregate.order.empty()) return Form::kAny;
  const std::string& name = aggregate.name;
  const std::string& pattern = aggregate.pattern;
  if (name == "COUNT") {
    if (aggregate.arguments.empty()) return Form::kRows;
    return aggregate.arguments.size() == 1 ? Form::kCount : Form::kAny;
  }
  if (aggregate.arguments.size() != 1) return Form::kAny;
  const bool is_float = aggregate.carrier.kind == TypeKind::kDouble;
  if (name == "COUNT_IF") return Form::kCountIf;
  if (name == "SUM") return is_float ? Form::kFloatSum : Form::kSum;
  if (name == "AVG") return is_float ? Form::kFloatAverage : Form::kAverage;
  if (name == "MIN" && pattern.starts_with("min(")) return Form::kMin;
  if (name == "MAX" && pattern.starts_with("max(")) return Form::kMax;
  return Form::kAny;
}

KeptAggregate::KeptAggregate(const Expression& aggregate)
    : form_(FormOf(aggregate)), carrier_(aggregate.carrier), inputs_(aggregate.arguments) {
  const std::vector<Expression>& arguments = aggregate.arguments;
  const auto count = [&] { return Aggregate("count({0})", arguments, Long()); };
  switch (form_) {
    case Form::kRows:
      return;
    case Form::kCount:
      parts_ = {count()};
      return;
    case Form::kCountIf:
      parts_ = {Aggregate("count(CASE WHEN {0} THEN 1 END)", arguments, Long())};
      return;
    case Form::kSum:
    case Form::kAverage: {
      const Type& type = arguments[0].carrier;
      input_ = Type::Decimal(kDigitsMost, type.kind == TypeKind::kDecimal ? type.scale : 0);
      parts_ = {count(), Aggregate(fmt::format("coalesce(CAST(sum({{0}}) AS {0}), CAST(0 AS {0}))",
                                               sql::DuckdbTypeName(input_)),
                                   arguments, input_)};
      return;
    }
    case Form::kFloatSum:
    case Form::kFloatAverage:
      parts_ = {count(), Aggregate("coalesce(sum({0}), CAST(0 AS DOUBLE))", arguments, Double()),
                Aggregate("CAST(0 * count(*) AS DOUBLE)", {}, Double())};
      return;
    case Form::kMin:
    case Form::kMax:
    case Form::kAny:
      for (const auto& key : aggregate.order) inputs_.push_back(key.value);
      parts_ = {aggregate};
      return;
  }
}

std::vector<std::string> KeptAggregate::Changes(const Name& input) const {
  const auto count = [&] {
    return fmt::format("CAST(coalesce(sum(w) FILTER (WHERE {} IS NOT NULL), 0) AS BIGINT)",
                       input(0));
  };
  switch (form_) {
    case Form::kRows:
    case Form::kAny:
      return {};
    case Form::kCount:
      return {count()};
    case Form::kCountIf:
      return {fmt::format("CAST(coalesce(sum(w) FILTER (WHERE {}), 0) AS BIGINT)", input(0))};
    case Form::kSum:
    case Form::kAverage:
      return {count(),
              fmt::format("coalesce(CAST(sum(CAST({0} AS {1}) * CAST(w AS DECIMAL(18,0))) AS {1}), "
                          "CAST(0 AS {1}))",
                          input(0), sql::DuckdbTypeName(input_))};
    case Form::kFloatSum:
    case Form::kFloatAverage:
      return {count(),
              fmt::format("coalesce(sum({} * CAST(w AS DOUBLE)), CAST(0 AS DOUBLE))", input(0)),
              fmt::format("coalesce(sum(abs({}) * CAST(abs(w) AS DOUBLE)), CAST(0 AS DOUBLE))",
                          input(0)),
              fmt::format("coalesce(bool_or(w < 0 AND {} IS NOT NULL), FALSE)", input(0))};
    case Form::kMin:
    case Form::kMax: {
      const char* const function = form_ == Form::kMin ? "min" : "max";
      return {fmt::format("{}({}) FILTER (WHERE w > 0)", function, input(0)),
              fmt::format("{}({}) FILTER (WHERE w < 0)", function, input(0))};
    }
  }
  return {};
}

std::vector<std::string> KeptAggregate::Merged(const Name& old, const Name& change) const {
  const auto sum = [&](size_t i) {
    return fmt::format("(coalesce({}, 0) + {})", old(i), change(i));
  };
  switch (form_) {
    case Form::kRows:
      return {};
    case Form::kCount:
    case Form::kCountIf:
      return {sum(0)};
    case Form::kSum:
    case Form::kAverage:
      // DuckDB gives one digit more to a sum of two, up to 38.
      return {sum(0), fmt::format("CAST({} AS {})", sum(1), sql::DuckdbTypeName(input_))};
    case Form::kFloatSum:
    case Form::kFloatAverage: {
      const std::string none = fmt::format("{} = 0", sum(0));
      return {sum(0), fmt::format("CASE WHEN {} THEN CAST(0 AS DOUBLE) ELSE {} END", none, sum(1)),
              fmt::format("CASE WHEN {} THEN CAST(0 AS DOUBLE) ELSE coalesce({}, 0) + CAST({} AS "
                          "DOUBLE) * (abs(coalesce({}, 0)) + {}) END",
                          none, old(2), kAdditionError, old(1), change(2))};
    }
    case Form::kMin:
    case Form::kMax: {
      // All of the changed rows that came are there, since equal rows were netted: a new extreme
      // stands, whatever went.
      const char* const better = form_ == Form::kMin ? "<=" : ">=";
      const char* const worse = form_ == Form::kMin ? ">" : "<";
      return {
          fmt::format("CASE WHEN {0} IS NULL THEN {1} WHEN {1} {3} {0} THEN {1} WHEN {2} IS "
                      "NULL OR {2} {4} {0} THEN {0} END",
                      old(0), change(0), change(1), better, worse)};
    }
    case Form::kAny:
      return {"CASE WHEN FALSE THEN " + old(0) + " END"};
  }
  return {};
}

std::string KeptAggregate::Lost(const Name& old, const Name& change) const {
  switch (form_) {
    case Form::kRows:
    case Form::kCount:
    case Form::kCountIf:
    case Form::kSum:
    case Form::kAverage:
      return "";
    case Form::kFloatSum:
    case Form::kFloatAverage: {
      const auto after = Merged(old, change);
      return fmt::format(
          "({} AND {} <> 0 AND NOT coalesce(isfinite({}) AND isfinite({}) AND {} <= CAST({} AS "
          "DOUBLE) * abs({}), FALSE))",
          change(3), after[0], old(1), change(2), after[2], kFloatTolerance, after[1]);
    }
    case Form::kMin:
    case Form::kMax: {
      const char* const better = form_ == Form::kMin ? "<=" : ">=";
      return fmt::format(
          "coalesce({0} IS NOT NULL AND {2} {3} {0} AND NOT coalesce({1} {3} {0}, "
          "FALSE), FALSE)",
          old(0), change(0), change(1), better);
    }
    case Form::kAny:
      return "TRUE";
  }
  return "";
}

Expression KeptAggregate::Value(std::vector<Expression> parts, Expression rows) const {
  const std::string type = sql::DuckdbTypeName(carrier_);
  std::string pattern;
  switch (form_) {
    case Form::kRows:
      parts = {std::move(rows)};
      pattern = fmt::format("CAST({{0}} AS {})", type);
      break;
    case Form::kCount:
      pattern = fmt::format("CAST({{0}} AS {})", type);
      break;
    case Form::kCountIf:
      parts.push_back(std::move(rows));
      pattern = fmt::format("CASE WHEN {{1}} > 0 THEN CAST({{0}} AS {}) END", type);
      break;
    case Form::kSum:
      pattern = fmt::format("CASE WHEN {{0}} > 0 THEN CAST({{1}} AS {}) END", type);
      break;
    case Form::kAverage:
      pattern = fmt::format(
          "tarn_divide(CASE WHEN {{0}} > 0 THEN {{1}} END, nullif(CAST({{0}} AS DECIMAL(18,0)), "
          "0), {}, {})",
          carrier_.precision, carrier_.scale);
      break;
    case Form::kFloatSum:
      pattern = "CASE WHEN {0} > 0 THEN {1} END";
      break;
    case Form::kFloatAverage:
      pattern = "CASE WHEN {0} > 0 THEN {1} / CAST({0} AS DOUBLE) END";
      break;
    case Form::kMin:
    case Form::kMax:
    case Form::kAny:
      pattern = "{0}";
      break;
  }
  return {.kind = ExpressionKind::kCall,
          .carrier = carrier_,
          .pattern = std::move(pattern),
          .arguments = std::move(parts)};
}

}  // namespace tarn::incremental
