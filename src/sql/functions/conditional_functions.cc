// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <utility>

#include "sql/bind/coercion.h"
#include "sql/functions/entry.h"
#include "sql/functions/function_tables.h"

namespace tarn::sql {

using bound::Expression;

namespace {

constexpr auto kCategory = FunctionCategory::kConditional;

Expression BindIff(const FunctionContext&, std::vector<Expression> arguments) {
  std::vector<Expression> conditions = {std::move(arguments[0])};
  arguments.erase(arguments.begin());
  return CaseWhen(std::move(conditions), std::move(arguments));
}

Expression BindNvl2(const FunctionContext&, std::vector<Expression> arguments) {
  Expression known =
      Call("IS NOT NULL", "({0} IS NOT NULL)", {std::move(arguments[0])}, BooleanType());
  return CaseWhen({std::move(known)}, {std::move(arguments[1]), std::move(arguments[2])});
}

/// DECODE(x, a, v, b, w, …, else): null is found by null.
Expression BindDecode(const FunctionContext&, std::vector<Expression> arguments) {
  std::vector<Expression> conditions;
  std::vector<Expression> values;
  for (size_t i = 1; i + 1 < arguments.size(); i += 2) {
    conditions.push_back(Compare("IS NOT DISTINCT FROM", arguments[0], std::move(arguments[i])));
    values.push_back(std::move(arguments[i + 1]));
  }
  if (arguments.size() % 2 == 0) values.push_back(std::move(arguments.back()));
  return CaseWhen(std::move(conditions), std::move(values));
}

Expression Extreme(const FunctionContext& context, std::vector<Expression> arguments) {
  const bool ignore = context.name.ends_with("_IGNORE_NULLS");
  const bool greatest = context.name.starts_with("GREATEST");
  Unify(arguments);
  const DataType type = arguments[0].type;
  const Type carrier = arguments[0].carrier;
  const std::string call = greatest ? "greatest({*})" : "least({*})";
  std::string nulls;
  for (size_t i = 0; i < arguments.size(); ++i) {
    nulls += fmt::format("{}{{{}}} IS NULL", i > 0 ? " OR " : "", i);
  }
  return Call(std::string(context.name),
              ignore ? call : "CASE WHEN " + nulls + " THEN NULL ELSE " + call + " END",
              std::move(arguments), type, carrier);
}

Expression BindEqualNull(const FunctionContext&, std::vector<Expression> arguments) {
  return Compare("IS NOT DISTINCT FROM", std::move(arguments[0]), std::move(arguments[1]));
}

Expression BindNullIf(const FunctionContext&, std::vector<Expression> arguments) {
  Expression equal = Compare("=", arguments[0], std::move(arguments[1]));
  const DataType type = arguments[0].type;
  const Type carrier = arguments[0].carrier;
  Expression result = Call("NULLIF", "CASE WHEN {0} THEN NULL ELSE {1} END",
                           {std::move(equal), std::move(arguments[0])}, type, carrier);
  result.nullable = true;
  return result;
}

Expression BindDistinctFrom(const FunctionContext&, std::vector<Expression> arguments) {
  return Compare("IS DISTINCT FROM", std::move(arguments[0]), std::move(arguments[1]));
}

Expression BindZero(const FunctionContext& context, std::vector<Expression> arguments) {
  Expression value = ToNumeric(std::move(arguments[0]));
  const DataType type = value.type;
  const Type carrier = value.carrier;
  const bool to_null = context.name == "NULLIFZERO";
  Expression result =
      Call(std::string(context.name), to_null ? "nullif({0}, 0)" : "coalesce({0}, 0)",
           {std::move(value)}, type, carrier);
  const std::string type_name =
      carrier.kind == TypeKind::kDecimal
          ? fmt::format("DECIMAL({},{})", carrier.precision, carrier.scale)
      : carrier.kind == TypeKind::kDouble ? "DOUBLE"
      : carrier.kind == TypeKind::kInt    ? "INTEGER"
                                          : "BIGINT";
  result.pattern = "CAST(" + result.pattern + " AS " + type_name + ")";
  result.nullable = to_null;
  return result;
}

}  // namespace

std::span<const Function> ConditionalFunctions() {
  static const std::vector<Function> kFunctions = {
      BoundEntry(kCategory, "IFF", BindIff, 3, 3, "IFF(NULL, 'yes', 'no')", "no"),
      Entry(kCategory, "COALESCE", "aa*", "a", "coalesce({*})", "COALESCE(NULL, 2, 3)", "2"),
      Entry(kCategory, "IFNULL NVL", "aa", "a", "coalesce({*})", "NVL(NULL, 'b')", "b"),
      BoundEntry(kCategory, "NVL2", BindNvl2, 3, 3, "NVL2(NULL, 1, 2)", "2"),
      BoundEntry(kCategory, "NULLIF", BindNullIf, 2, 2, "NULLIF(1, 1)", "NULL"),
      BoundEntry(kCategory, "DECODE", BindDecode, 3, -1, "DECODE(NULL, 1, 'one', NULL, 'none')",
                 "none"),
      BoundEntry(kCategory, "GREATEST", Extreme, 1, -1, "GREATEST(1, 3, 2)", "3"),
      BoundEntry(kCategory, "LEAST", Extreme, 1, -1, "LEAST(1, NULL, 2)", "NULL"),
      BoundEntry(kCategory, "GREATEST_IGNORE_NULLS", Extreme, 1, -1,
                 "GREATEST_IGNORE_NULLS(1, NULL)", "1"),
      BoundEntry(kCategory, "LEAST_IGNORE_NULLS", Extreme, 1, -1, "LEAST_IGNORE_NULLS(3, NULL, 2)",
                 "2"),
      BoundEntry(kCategory, "EQUAL_NULL", BindEqualNull, 2, 2, "EQUAL_NULL(NULL, NULL)", "true"),
      BoundEntry(kCategory, "IS_DISTINCT_FROM", BindDistinctFrom, 2, 2, "IS_DISTINCT_FROM(1, NULL)",
                 "true"),
      Entry(kCategory, "IS_NULL", "x", "b", "({0} IS NULL)", "IS_NULL(NULL)", "true"),
      BoundEntry(kCategory, "ZEROIFNULL", BindZero, 1, 1, "ZEROIFNULL(NULL)", "0"),
      BoundEntry(kCategory, "NULLIFZERO", BindZero, 1, 1, "NULLIFZERO(0)", "NULL"),
      Entry(kCategory, "BOOLAND", "bb", "b", "({0} AND {1})", "BOOLAND(1, -2)", "true"),
      Entry(kCategory, "BOOLOR", "bb", "b", "({0} OR {1})", "BOOLOR(0, 2)", "true"),
      Entry(kCategory, "BOOLXOR", "bb", "b", "({0} <> {1})", "BOOLXOR(2, 0)", "true"),
      Entry(kCategory, "BOOLNOT", "b", "b", "(NOT {0})", "BOOLNOT(10)", "false"),
      Entry(kCategory, "REGR_VALX", "ff", "f", "CASE WHEN {0} IS NULL THEN NULL ELSE {1} END",
            "REGR_VALX(NULL, 10)", "NULL"),
      Entry(kCategory, "REGR_VALY", "ff", "f", "CASE WHEN {1} IS NULL THEN NULL ELSE {0} END",
            "REGR_VALY(5, 10)", "5"),
  };
  return kFunctions;
}

}  // namespace tarn::sql
