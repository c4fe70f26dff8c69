// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/entry.h"
#include "sql/functions/function_tables.h"

namespace tarn::sql {

using bound::Expression;

namespace {

constexpr auto kCategory = FunctionCategory::kSemistructured;

Function Array(std::string_view names, std::string_view parameters, std::string_view result,
               std::string_view pattern, std::string_view example, std::string_view answer) {
  return Entry(kCategory, names, parameters, result, pattern, example, answer);
}

Expression BindConstruct(const FunctionContext& context, std::vector<Expression> arguments) {
  if (arguments.empty()) return Constant(std::string("[]"), ArrayType(), CarrierOf(ArrayType()));
  for (Expression& argument : arguments) argument = ToVariant(std::move(argument));
  const bool compact = context.name == "ARRAY_CONSTRUCT_COMPACT";
  Expression result =
      Call(std::string(context.name), compact ? "tarn_array_known({*})" : "tarn_array({*})",
           std::move(arguments), ArrayType());
  result.nullable = false;
  return result;
}

/// ARRAY_SORT(array [, ascending [, nulls first]]).
Expression BindSort(const FunctionContext&, std::vector<Expression> arguments) {
  Expression ascending = arguments.size() > 1
                             ? std::move(arguments[1])
                             : Constant(true, BooleanType(), CarrierOf(BooleanType()));
  ascending = Convert(std::move(ascending), BooleanType());
  Expression nulls_first =
      arguments.size() > 2 ? Convert(std::move(arguments[2]), BooleanType()) : Not(ascending);
  return Call(
      "ARRAY_SORT", "tarn_array_sort({*})",
      {Convert(std::move(arguments[0]), ArrayType()), std::move(ascending), std::move(nulls_first)},
      ArrayType());
}

Expression BindZip(const FunctionContext&, std::vector<Expression> arguments) {
  for (Expression& argument : arguments) argument = Convert(std::move(argument), ArrayType());
  return Call("ARRAYS_ZIP", "tarn_arrays_zip({*})", std::move(arguments), ArrayType());
}

}  // namespace

std::vector<Function> ArrayFunctions() {
  return {
      BoundEntry(kCategory, "ARRAY_CONSTRUCT", BindConstruct, 0, -1,
                 "TO_JSON(ARRAY_CONSTRUCT(NULL, 'hello', 3::DOUBLE, 4, 5))",
                 "[undefined,\"hello\",3.000000000000000e+00,4,5]"),
      BoundEntry(kCategory, "ARRAY_CONSTRUCT_COMPACT", BindConstruct, 0, -1,
                 "TO_JSON(ARRAY_CONSTRUCT_COMPACT(NULL, 'hello', 3::DOUBLE, 4, 5))",
                 "[\"hello\",3.000000000000000e+00,4,5]"),
      Array("ARRAY_SIZE", "V", "i", "tarn_array_size({0})", "ARRAY_SIZE(ARRAY_CONSTRUCT(10, NULL))",
            "2"),
      Array("ARRAY_APPEND", "Av", "A", "tarn_array_append({0}, {1})",
            "TO_JSON(ARRAY_APPEND(ARRAY_CONSTRUCT(1, 2, 3), 'HELLO'))", "[1,2,3,\"HELLO\"]"),
      Array("ARRAY_PREPEND", "Av", "A", "tarn_array_prepend({0}, {1})",
            "TO_JSON(ARRAY_PREPEND(ARRAY_CONSTRUCT(0, 1, 2, 3), 'hello'))", "[\"hello\",0,1,2,3]"),
      Array("ARRAY_CAT", "AA", "A", "tarn_array_cat({0}, {1})",
            "TO_JSON(ARRAY_CAT(ARRAY_CONSTRUCT(1, 2), ARRAY_CONSTRUCT(3, 4)))", "[1,2,3,4]"),
      Array("ARRAY_INSERT", "Aiv", "A", "tarn_array_insert({0}, {1}, {2})",
            "TO_JSON(ARRAY_INSERT(ARRAY_CONSTRUCT(0, 1, 2, 3), 5, 'hello'))",
            "[0,1,2,3,undefined,\"hello\"]"),
      Array("ARRAY_REMOVE", "Av", "A", "tarn_array_remove({0}, {1})",
            "TO_JSON(ARRAY_REMOVE([1, 5, 5.00, 5.00::DOUBLE, '5', 5, NULL], 5))",
            "[1,\"5\",undefined]"),
      Array("ARRAY_REMOVE_AT", "Ai", "A", "tarn_array_remove_at({0}, {1})",
            "TO_JSON(ARRAY_REMOVE_AT([2, 5, 7], -1))", "[2,5]"),
      Array("ARRAY_SLICE", "Aii", "A", "tarn_array_slice({0}, {1}, {2})",
            "TO_JSON(ARRAY_SLICE(ARRAY_CONSTRUCT(0, 1, 2, 3, 4, 5, 6), 0, -2))", "[0,1,2,3,4]"),
      Array("ARRAY_REVERSE", "A", "A", "tarn_array_reverse({0})",
            "TO_JSON(ARRAY_REVERSE([1, 2, 3, 4]))", "[4,3,2,1]"),
      Array("ARRAY_COMPACT", "A", "A", "tarn_array_compact({0})",
            "TO_JSON(ARRAY_COMPACT(PARSE_JSON('[10,null,20,,40]')))", "[10,20,40]"),
      Array("ARRAY_FLATTEN", "A", "A", "tarn_array_flatten({0})",
            "TO_JSON(ARRAY_FLATTEN([[[1, 2], [3]], [[4], [5]]]))", "[[1,2],[3],[4],[5]]"),
      Array("ARRAY_REPEAT", "vi", "A", "tarn_array_repeat({0}, {1})", "TO_JSON(ARRAY_REPEAT(1, 3))",
            "[1,1,1]"),
      Array("ARRAY_GENERATE_RANGE", "iii?", "A",
            "tarn_array_range({0}, {1}, {2|CAST(1 AS BIGINT)})",
            "TO_JSON(ARRAY_GENERATE_RANGE(5, 25, 10))", "[5,15]"),
      Array("ARRAY_CONTAINS", "vA", "b", "tarn_array_contains({0}, {1})",
            "ARRAY_CONTAINS('hello'::VARIANT, ARRAY_CONSTRUCT('hello', 'hi'))", "true"),
      Array("ARRAY_POSITION", "vA", "i", "tarn_array_position({0}, {1})",
            "ARRAY_POSITION('hi'::VARIANT, ARRAY_CONSTRUCT('hello', 'hi'))", "1"),
      Array("ARRAYS_OVERLAP", "AA", "b", "tarn_arrays_overlap({0}, {1})",
            "ARRAYS_OVERLAP(ARRAY_CONSTRUCT('hello', 'aloha'), ARRAY_CONSTRUCT('hello', 'hi'))",
            "true"),
      Array("ARRAY_DISTINCT", "A", "A", "tarn_array_distinct({0})",
            "TO_JSON(ARRAY_DISTINCT(['A', 'A', 'B', NULL, NULL]))", "[\"A\",\"B\",undefined]"),
      Array("ARRAY_INTERSECTION", "AA", "A", "tarn_array_intersection({0}, {1})",
            "TO_JSON(ARRAY_INTERSECTION(ARRAY_CONSTRUCT('A', 'B', 'B', 'B', 'C'), "
            "ARRAY_CONSTRUCT('B', 'B')))",
            "[\"B\",\"B\"]"),
      Array("ARRAY_EXCEPT", "AA", "A", "tarn_array_except({0}, {1})",
            "TO_JSON(ARRAY_EXCEPT(['A', 'B', 'B', 'B', 'C'], ['B']))", "[\"A\",\"B\",\"B\",\"C\"]"),
      BoundEntry(kCategory, "ARRAY_SORT", BindSort, 1, 3,
                 "TO_JSON(ARRAY_SORT([20, NULL, 0, NULL, 10]))", "[0,10,20,undefined,undefined]"),
      Array("ARRAY_MIN", "A", "v", "tarn_array_min({0})", "ARRAY_MIN([20, 0, NULL, 10, NULL])",
            "0"),
      Array("ARRAY_MAX", "A", "v", "tarn_array_max({0})", "ARRAY_MAX([20, 0, NULL, 10])", "20"),
      Array("ARRAY_TO_STRING", "As", "s", "tarn_array_to_string({0}, {1})",
            "ARRAY_TO_STRING(PARSE_JSON('[1,\"a\",null,[2]]'), ',')", "1,a,,[2]"),
      Array("SPLIT", "ss", "A", "tarn_split_array({0}, {1})", "TO_JSON(SPLIT('127.0.0.1', '.'))",
            "[\"127\",\"0\",\"0\",\"1\"]"),
      Array("STRTOK_TO_ARRAY", "ss?", "A", "tarn_strtok_array({0}, {1|' '})",
            "TO_JSON(STRTOK_TO_ARRAY('user@snowflake.com', '.@'))",
            "[\"user\",\"snowflake\",\"com\"]"),
      BoundEntry(kCategory, "ARRAYS_ZIP", BindZip, 1, -1,
                 "TO_JSON(ARRAYS_ZIP([1, 2], ['first', 'second']))",
                 "[{\"$1\":1,\"$2\":\"first\"},{\"$1\":2,\"$2\":\"second\"}]"),
      Array("ARRAYS_TO_OBJECT", "AA", "O", "tarn_arrays_to_object({0}, {1})",
            "TO_JSON(ARRAYS_TO_OBJECT(['key1', 'key2', 'key3'], [1, 2, 3]))",
            "{\"key1\":1,\"key2\":2,\"key3\":3}"),
  };
}

}  // namespace tarn::sql
