// SPDX-License-Identifier: Apache-2.0
// JSON, types of VARIANTs, conversions to and from them, access. How they are held:
// engine/functions/variant_text.h.
#include <array>
#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/entry.h"
#include "sql/functions/function_tables.h"

namespace tarn::sql {

using bound::Expression;

namespace {

constexpr auto kCategory = FunctionCategory::kSemistructured;

Function Semi(std::string_view names, std::string_view parameters, std::string_view result,
              std::string_view pattern, std::string_view example, std::string_view answer) {
  return Entry(kCategory, names, parameters, result, pattern, example, answer);
}

/// PARSE_JSON(text [, 'd' | 's']): 'd' keeps the last of equal keys.
Expression BindParse(const FunctionContext& context, std::vector<Expression> arguments) {
  bool last = false;
  if (arguments.size() > 1) {
    const auto* option = std::get_if<std::string>(&arguments[1].constant);
    if (option == nullptr || (*option != "d" && *option != "s")) {
      FailBinding("001044", "42P13", "Invalid parameter of function '{}'", context.name);
    }
    last = *option == "d";
  }
  const bool tries = context.name.starts_with("TRY_");
  Expression result =
      Call(std::string(context.name),
           fmt::format("tarn_{}parse_json{}({{0}})", tries ? "try_" : "", last ? "_last" : ""),
           {Convert(std::move(arguments[0]), VarcharType())}, VariantType());
  result.nullable = true;
  return result;
}

struct TypeTest {
  std::string_view name;   ///< of IS_… and AS_…
  std::string_view kinds;  ///< as TYPEOF gives them, quoted for DuckDB
};

constexpr std::array kTypeTests = {
    TypeTest{"ARRAY", "'ARRAY'"},
    TypeTest{"BINARY", "'BINARY'"},
    TypeTest{"BOOLEAN", "'BOOLEAN'"},
    TypeTest{"CHAR", "'VARCHAR'"},
    TypeTest{"VARCHAR", "'VARCHAR'"},
    TypeTest{"DATE", "'DATE'"},
    TypeTest{"DATE_VALUE", "'DATE'"},
    TypeTest{"DECIMAL", "'INTEGER', 'DECIMAL'"},
    TypeTest{"NUMBER", "'INTEGER', 'DECIMAL'"},
    TypeTest{"DOUBLE", "'INTEGER', 'DECIMAL', 'DOUBLE'"},
    TypeTest{"REAL", "'INTEGER', 'DECIMAL', 'DOUBLE'"},
    TypeTest{"INTEGER", "'INTEGER'"},
    TypeTest{"NULL_VALUE", "'NULL_VALUE'"},
    TypeTest{"OBJECT", "'OBJECT'"},
    TypeTest{"TIME", "'TIME'"},
    TypeTest{"TIMESTAMP_NTZ", "'TIMESTAMP_NTZ'"},
    TypeTest{"TIMESTAMP_LTZ", "'TIMESTAMP_LTZ'"},
    TypeTest{"TIMESTAMP_TZ", "'TIMESTAMP_TZ'"},
};

const TypeTest& TestOf(const FunctionContext& context, const Expression& value) {
  const std::string_view name = context.name.substr(3);
  for (const TypeTest& test : kTypeTests) {
    if (test.name != name) continue;
    if (IsSemistructured(value.type) || value.type.kind == DataTypeKind::kNull) return test;
  }
  FailBinding("001044", "42P13", "Invalid argument types for function '{}': ({})", context.name,
              ToString(value.type));
}

Expression BindIs(const FunctionContext& context, std::vector<Expression> arguments) {
  const TypeTest& test = TestOf(context, arguments[0]);
  return Call(std::string(context.name), fmt::format("(tarn_typeof({{0}}) IN ({}))", test.kinds),
              {ToVariant(std::move(arguments[0]))}, BooleanType());
}

int32_t Digits(const std::vector<Expression>& arguments, size_t i, int32_t absent) {
  if (i >= arguments.size()) return absent;
  const auto* digits = std::get_if<int32_t>(&arguments[i].constant);
  if (digits == nullptr || *digits < 0 || *digits > 38) {
    FailBinding("001044", "42P13", "precision and scale of AS_DECIMAL are constants");
  }
  return *digits;
}

DataType TargetOf(std::string_view name, const std::vector<Expression>& arguments) {
  if (name == "ARRAY") return ArrayType();
  if (name == "OBJECT") return ObjectType();
  if (name == "BINARY") return {.kind = DataTypeKind::kBinary, .length = kBinaryLengthDefault};
  if (name == "BOOLEAN") return BooleanType();
  if (name == "CHAR" || name == "VARCHAR") return VarcharType();
  if (name == "DATE") return DateType();
  if (name == "DECIMAL" || name == "NUMBER") {
    return NumberType(Digits(arguments, 1, 38), Digits(arguments, 2, 0));
  }
  if (name == "DOUBLE" || name == "REAL") return FloatType();
  if (name == "INTEGER") return NumberType(38, 0);
  if (name == "TIME") return TypeOfKind(DataTypeKind::kTime, 9);
  if (name == "TIMESTAMP_NTZ") return TypeOfKind(DataTypeKind::kTimestampNtz, 9);
  if (name == "TIMESTAMP_LTZ") return TypeOfKind(DataTypeKind::kTimestampLtz, 9);
  return TypeOfKind(DataTypeKind::kTimestampTz, 9);
}

/// The value, if it is of that type; else NULL.
Expression BindAs(const FunctionContext& context, std::vector<Expression> arguments) {
  const TypeTest& test = TestOf(context, arguments[0]);
  const DataType target = TargetOf(test.name, arguments);
  Expression value = ToVariant(std::move(arguments[0]));
  Expression known =
      Call("AS", fmt::format("CASE WHEN tarn_typeof({{0}}) IN ({}) THEN {{0}} END", test.kinds),
           {std::move(value)}, VariantType());
  known.nullable = true;
  return Convert(std::move(known), target, CastMode::kExplicit);
}

Expression BindToVariant(const FunctionContext&, std::vector<Expression> arguments) {
  return ToVariant(std::move(arguments[0]));
}
Expression BindToArray(const FunctionContext&, std::vector<Expression> arguments) {
  return Convert(std::move(arguments[0]), ArrayType(), CastMode::kExplicit);
}
Expression BindToObject(const FunctionContext&, std::vector<Expression> arguments) {
  return Convert(std::move(arguments[0]), ObjectType(), CastMode::kExplicit);
}

/// GET(array, index), GET(object, key), and their like.
Expression BindGet(const FunctionContext& context, std::vector<Expression> arguments) {
  if (!IsSemistructured(arguments[0].type) && arguments[0].type.kind != DataTypeKind::kNull) {
    FailBinding("001044", "42P13", "Invalid argument types for function '{}': ({}, {})",
                context.name, ToString(arguments[0].type), ToString(arguments[1].type));
  }
  Expression value = ToVariant(std::move(arguments[0]));
  std::string pattern = context.name == "GET_PATH"          ? "tarn_get_path({0}, {1})"
                        : context.name == "GET_IGNORE_CASE" ? "tarn_get_key_any_case({0}, {1})"
                                                            : "tarn_get_key({0}, {1})";
  Expression key = std::move(arguments[1]);
  if (context.name != "GET_PATH" && key.type.kind != DataTypeKind::kVarchar) {
    pattern = "tarn_get_index({0}, {1})";
    key = WithCarrier(Convert(ToNumeric(std::move(key)), NumberType(18, 0)),
                      Type::Primitive(TypeKind::kLong));
  } else {
    key = Convert(std::move(key), VarcharType());
  }
  Expression result = Call(std::string(context.name), std::move(pattern),
                           {std::move(value), std::move(key)}, VariantType());
  result.nullable = true;
  return result;
}

std::vector<Function> TypeFunctions() {
  return {
      Semi("TYPEOF", "v", "s", "tarn_typeof({0})", "TYPEOF(PARSE_JSON('1.912e2'))", "DOUBLE"),
      BoundEntry(kCategory,
                 "IS_ARRAY IS_BINARY IS_BOOLEAN IS_CHAR IS_VARCHAR IS_DATE IS_DATE_VALUE "
                 "IS_DECIMAL IS_DOUBLE IS_REAL IS_INTEGER IS_NULL_VALUE IS_OBJECT IS_TIME "
                 "IS_TIMESTAMP_NTZ IS_TIMESTAMP_LTZ IS_TIMESTAMP_TZ",
                 BindIs, 1, 1, "IS_ARRAY(PARSE_JSON('[1]'))", "true"),
      BoundEntry(kCategory,
                 "AS_ARRAY AS_BINARY AS_BOOLEAN AS_CHAR AS_VARCHAR AS_DATE AS_DECIMAL AS_NUMBER "
                 "AS_DOUBLE AS_REAL AS_INTEGER AS_OBJECT AS_TIME AS_TIMESTAMP_NTZ "
                 "AS_TIMESTAMP_LTZ AS_TIMESTAMP_TZ",
                 BindAs, 1, 3, "AS_DECIMAL(TO_VARIANT(1.23), 6, 3)", "1.230"),
      BoundEntry(kCategory, "TO_VARIANT", BindToVariant, 1, 1, "TO_VARIANT('a')", "\"a\""),
      BoundEntry(kCategory, "TO_ARRAY", BindToArray, 1, 1, "TO_JSON(TO_ARRAY(1))", "[1]"),
      BoundEntry(kCategory, "TO_OBJECT", BindToObject, 1, 1,
                 "TO_JSON(TO_OBJECT(PARSE_JSON('{\"a\":1}')))", "{\"a\":1}"),
  };
}

}  // namespace

std::span<const Function> SemistructuredFunctions() {
  static const std::vector<Function> kFunctions = [] {
    std::vector<Function> all = {
        BoundEntry(kCategory, "PARSE_JSON TRY_PARSE_JSON", BindParse, 1, 2,
                   "TO_JSON(PARSE_JSON('[-1, 12, 289, 2188, false,]'))",
                   "[-1,12,289,2188,false,undefined]"),
        Semi("CHECK_JSON", "s", "s", "tarn_check_json({0})",
             "CHECK_JSON('{\"Malformed -- Missing value\": }')", "misplaced }, pos 32"),
        Semi("TO_JSON", "v", "s", "tarn_show({0}, CAST(0 AS BIGINT))",
             "TO_JSON(PARSE_JSON('{\"b\": 1, \"a\": [1, 2]}'))", "{\"a\":[1,2],\"b\":1}"),
        Semi("STRIP_NULL_VALUE", "v", "v", "tarn_strip_null({0})",
             "STRIP_NULL_VALUE(PARSE_JSON('null'))", "NULL"),
        BoundEntry(kCategory, "GET", BindGet, 2, 2, "GET(PARSE_JSON('{\"aa\":1}'), 'aa')", "1"),
        BoundEntry(kCategory, "GET_PATH", BindGet, 2, 2,
                   "GET_PATH(PARSE_JSON('{\"a\":[{\"b\":7}]}'), 'a[0].b')", "7"),
        BoundEntry(kCategory, "GET_IGNORE_CASE", BindGet, 2, 2,
                   "GET_IGNORE_CASE(PARSE_JSON('{\"aa\":1,\"aA\":2,\"Aa\":3}'), 'AA')", "3"),
        Semi("JSON_EXTRACT_PATH_TEXT", "ss", "s",
             "tarn_variant_to_varchar(tarn_get_path(tarn_parse_json({0}), {1}))",
             "JSON_EXTRACT_PATH_TEXT('{\"a\":{\"b\":\"x\"}}', 'a.b')", "x"),
    };
    for (const auto& part : {TypeFunctions(), ArrayFunctions(), ObjectFunctions()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return kFunctions;
}

}  // namespace tarn::sql
