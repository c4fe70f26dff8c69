// SPDX-License-Identifier: Apache-2.0
// Aggregates whose result is an ARRAY or OBJECT.
#include <utility>

#include "sql/bind/coercion.h"
#include "sql/functions/entry.h"
#include "sql/functions/function_tables.h"

namespace tarn::sql {

using bound::Expression;

namespace {

Function Aggregate(std::string_view names, FunctionBinder bind, int arguments,
                   std::string_view example, std::string_view answer) {
  Function function =
      BoundEntry(FunctionCategory::kAggregate, names, bind, arguments, arguments, example, answer);
  function.kind = bound::CallKind::kAggregate;
  return function;
}

/// Without nulls; of no rows the empty array.
Expression BindArrayAggregate(const FunctionContext&, std::vector<Expression> arguments) {
  Expression result =
      Call("ARRAY_AGG",
           "coalesce(tarn_array_of(list({d}{0}{o}) FILTER (WHERE {0} IS NOT NULL){w}), '[]')",
           {ToVariant(std::move(arguments[0]))}, ArrayType());
  result.nullable = false;
  return result;
}

Expression BindUnique(const FunctionContext&, std::vector<Expression> arguments) {
  Expression result = Call("ARRAY_UNIQUE_AGG",
                           "coalesce(tarn_array_distinct(tarn_array_of(list(DISTINCT {0}) FILTER "
                           "(WHERE {0} IS NOT NULL){w})), '[]')",
                           {ToVariant(std::move(arguments[0]))}, ArrayType());
  result.nullable = false;
  return result;
}

Expression BindObjectAggregate(const FunctionContext&, std::vector<Expression> arguments) {
  Expression result =
      Call("OBJECT_AGG", "tarn_object_of(list({0}){w}, list({1}){w})",
           {Convert(std::move(arguments[0]), VarcharType()), ToVariant(std::move(arguments[1]))},
           ObjectType());
  result.nullable = false;
  return result;
}

}  // namespace

std::vector<Function> SemistructuredAggregates() {
  return {
      Aggregate("ARRAY_AGG ARRAYAGG", BindArrayAggregate, 1,
                "TO_JSON(ARRAY_AGG(COLUMN1) WITHIN GROUP (ORDER BY COLUMN1 DESC)) FROM VALUES (1), "
                "(NULL), (3)",
                "[3,1]"),
      Aggregate("ARRAY_UNIQUE_AGG", BindUnique, 1,
                "ARRAY_SIZE(ARRAY_UNIQUE_AGG(COLUMN1)) FROM VALUES (5), (2), (1), (2), (1)", "3"),
      Aggregate("OBJECT_AGG OBJECTAGG", BindObjectAggregate, 2,
                "TO_JSON(OBJECT_AGG(COLUMN1, COLUMN2)) FROM VALUES ('b', 2), ('a', 1), ('c', NULL)",
                "{\"a\":1,\"b\":2}"),
  };
}

}  // namespace tarn::sql
