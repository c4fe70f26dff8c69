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

Expression BindConstruct(const FunctionContext& context, std::vector<Expression> arguments) {
  if (arguments.empty()) return Constant(std::string("{}"), ObjectType(), CarrierOf(ObjectType()));
  if (arguments.size() % 2 != 0) {
    FailBinding("001044", "42P13", "{} wants keys and values", context.name);
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    arguments[i] = i % 2 == 0 ? Convert(std::move(arguments[i]), VarcharType())
                              : ToVariant(std::move(arguments[i]));
  }
  const bool keep = context.name == "OBJECT_CONSTRUCT_KEEP_NULL";
  Expression result =
      Call(std::string(context.name), keep ? "tarn_object_keep({*})" : "tarn_object({*})",
           std::move(arguments), ObjectType());
  result.nullable = false;
  return result;
}

/// OBJECT_PICK(o, key, …), OBJECT_DELETE(o, key, …), where keys may be an array too.
Expression BindChoice(const FunctionContext& context, std::vector<Expression> arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    arguments[i] = i == 0 ? Convert(std::move(arguments[i]), ObjectType())
                          : ToVariant(std::move(arguments[i]));
  }
  const bool pick = context.name == "OBJECT_PICK";
  return Call(std::string(context.name), pick ? "tarn_object_pick({*})" : "tarn_object_delete({*})",
              std::move(arguments), ObjectType());
}

}  // namespace

std::vector<Function> ObjectFunctions() {
  return {
      BoundEntry(kCategory, "OBJECT_CONSTRUCT", BindConstruct, 0, -1,
                 "TO_JSON(OBJECT_CONSTRUCT('Key_One', PARSE_JSON('NULL'), 'Key_Two', NULL, "
                 "'Key_Three', 'null'))",
                 "{\"Key_One\":null,\"Key_Three\":\"null\"}"),
      BoundEntry(kCategory, "OBJECT_CONSTRUCT_KEEP_NULL", BindConstruct, 0, -1,
                 "TO_JSON(OBJECT_CONSTRUCT_KEEP_NULL('key_1', 'one', 'key_2', NULL))",
                 "{\"key_1\":\"one\",\"key_2\":null}"),
      Entry(kCategory, "OBJECT_INSERT", "Osvb?", "O",
            "tarn_object_insert({0}, {1}, {2}, {3|FALSE})",
            "TO_JSON(OBJECT_INSERT(OBJECT_CONSTRUCT('a', 1, 'b', 2), 'c', 3))",
            "{\"a\":1,\"b\":2,\"c\":3}"),
      BoundEntry(kCategory, "OBJECT_DELETE", BindChoice, 2, -1,
                 "TO_JSON(OBJECT_DELETE(OBJECT_CONSTRUCT('a', 1, 'b', 2, 'c', 3), 'a', 'b'))",
                 "{\"c\":3}"),
      BoundEntry(kCategory, "OBJECT_PICK", BindChoice, 2, -1,
                 "TO_JSON(OBJECT_PICK(OBJECT_CONSTRUCT('a', 1, 'b', 2, 'c', 3), "
                 "ARRAY_CONSTRUCT('a', 'b')))",
                 "{\"a\":1,\"b\":2}"),
      Entry(kCategory, "OBJECT_KEYS", "O", "A", "tarn_object_keys({0})",
            "TO_JSON(OBJECT_KEYS(OBJECT_CONSTRUCT('b', 2, 'a', 1)))", "[\"a\",\"b\"]"),
      Entry(kCategory, "MAP_KEYS", "O", "A", "tarn_object_keys({0})",
            "TO_JSON(MAP_KEYS(OBJECT_CONSTRUCT('a', 1)))", "[\"a\"]"),
      Entry(kCategory, "MAP_SIZE", "O", "i", "tarn_array_size(tarn_object_keys({0}))",
            "MAP_SIZE(OBJECT_CONSTRUCT('a', 1, 'b', 2))", "2"),
      Entry(kCategory, "MAP_CONTAINS_KEY", "sO", "b", "tarn_object_has({1}, {0})",
            "MAP_CONTAINS_KEY('k2', OBJECT_CONSTRUCT('k1', 1))", "false"),
  };
}

}  // namespace tarn::sql
