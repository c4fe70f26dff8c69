// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <utility>

#include "sql/bind/bind_failure.h"
#include "sql/bind/coercion.h"
#include "sql/functions/entry.h"
#include "sql/functions/function_tables.h"
#include "sql/syntax/name.h"

namespace tarn::sql {

using bound::Expression;

namespace {

constexpr auto kCategory = FunctionCategory::kConversion;
constexpr auto kContextCategory = FunctionCategory::kContext;

std::optional<int64_t> WholeConstant(const Expression& value) {
  if (const auto* number = std::get_if<int32_t>(&value.constant)) return *number;
  if (const auto* number = std::get_if<int64_t>(&value.constant)) return *number;
  return std::nullopt;
}

CastMode ModeOf(const FunctionContext& context) {
  return context.name.starts_with("TRY_") ? CastMode::kTry : CastMode::kExplicit;
}

/// TO_NUMBER(x [, model] [, p [, s]]).
Expression BindToNumber(const FunctionContext& context, std::vector<Expression> arguments) {
  int64_t precision = 38;
  int64_t scale = 0;
  std::optional<Expression> model;
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (i == 1 && arguments[i].type.kind == DataTypeKind::kVarchar) {
      model = std::move(arguments[i]);
      continue;
    }
    const auto digits = WholeConstant(arguments[i]);
    if (!digits || *digits < 0 || *digits > 38) {
      FailBinding("001044", "42P13", "precision and scale of {} are constants", context.name);
    }
    (i == (model ? 2U : 1U) ? precision : scale) = *digits;
  }
  const DataType type = NumberType(static_cast<int32_t>(precision), static_cast<int32_t>(scale));
  if (!model) return Convert(std::move(arguments[0]), type, ModeOf(context));
  Expression text = Convert(std::move(arguments[0]), VarcharType());
  const bool tries = ModeOf(context) == CastMode::kTry;
  Expression digits =
      Call(std::string(context.name),
           tries ? "tarn_try_digits_of_model({0}, {1})" : "tarn_digits_of_model({0}, {1})",
           {std::move(text), *std::move(model)}, VarcharType());
  digits.nullable = true;
  return Convert(std::move(digits), type, ModeOf(context));
}

Expression BindToDouble(const FunctionContext& context, std::vector<Expression> arguments) {
  return Convert(std::move(arguments[0]), FloatType(), ModeOf(context));
}

Expression BindToBoolean(const FunctionContext& context, std::vector<Expression> arguments) {
  return Convert(std::move(arguments[0]), BooleanType(), ModeOf(context));
}

/// A time by a model of dates and times.
Expression MomentText(Expression value, Expression model) {
  const DataTypeKind kind = value.type.kind;
  if (kind == DataTypeKind::kVarchar || kind == DataTypeKind::kDate) {
    value = Convert(std::move(value), TypeOfKind(DataTypeKind::kTimestampNtz, 9));
  }
  const char* pattern =
      kind == DataTypeKind::kTime          ? "tarn_format_time({0}, {1})"
      : kind == DataTypeKind::kTimestampTz ? "tarn_format_zoned({0}, {1})"
      : kind == DataTypeKind::kTimestampLtz
          ? "tarn_format_instant(CAST({0} AS TIMESTAMP), CAST({0} AT TIME ZONE 'UTC' AS "
            "TIMESTAMP), {1})"
          : "tarn_format_timestamp({0}, {1})";
  return Call("TO_CHAR", pattern, {std::move(value), std::move(model)}, VarcharType());
}

Expression BinaryText(const FunctionContext& context, Expression value, const Expression& format) {
  const auto* name = std::get_if<std::string>(&format.constant);
  const std::string upper = name == nullptr ? "" : syntax::UpperCase(*name);
  const char* pattern = upper == "HEX"                        ? "hex({0})"
                        : upper == "BASE64"                   ? "base64({0})"
                        : upper == "UTF-8" || upper == "UTF8" ? "decode({0})"
                                                              : nullptr;
  if (pattern == nullptr) FailBinding("001044", "42P13", "Invalid format of {}", context.name);
  return Call("TO_CHAR", pattern, {std::move(value)}, VarcharType());
}

Expression BindToText(const FunctionContext& context, std::vector<Expression> arguments) {
  Expression value = std::move(arguments[0]);
  if (arguments.size() == 1) return Convert(std::move(value), VarcharType(), CastMode::kExplicit);
  if (value.type.kind == DataTypeKind::kNull) return Convert(std::move(value), VarcharType());
  if (value.type.kind == DataTypeKind::kBinary) {
    return BinaryText(context, std::move(value), arguments[1]);
  }
  Expression model = Convert(std::move(arguments[1]), VarcharType());
  if (IsTemporal(value.type) || value.type.kind == DataTypeKind::kVarchar) {
    return MomentText(std::move(value), std::move(model));
  }
  value = ToNumeric(std::move(value));
  Expression digits = Convert(std::move(value), VarcharType(), CastMode::kExplicit);
  return Call("TO_CHAR", "tarn_format_number({0}, {1})", {std::move(digits), std::move(model)},
              VarcharType());
}

Expression BindToBinary(const FunctionContext& context, std::vector<Expression> arguments) {
  const auto* format =
      arguments.size() > 1 ? std::get_if<std::string>(&arguments[1].constant) : nullptr;
  const std::string name = format == nullptr ? "HEX" : *format;
  const DataType type{.kind = DataTypeKind::kBinary, .length = kBinaryLengthDefault};
  Expression text = Convert(std::move(arguments[0]), VarcharType());
  if (name == "UTF-8" || name == "utf-8" || name == "UTF8") {
    return Call("TO_BINARY", "encode({0})", {std::move(text)}, type);
  }
  if (name == "BASE64" || name == "base64") {
    return Call("TO_BINARY", "from_base64({0})", {std::move(text)}, type);
  }
  if (name != "HEX" && name != "hex")
    FailBinding("001044", "42P13", "Invalid format '{}' of {}", name, context.name);
  return Call("TO_BINARY", "unhex({0})", {std::move(text)}, type);
}

Expression BindText(const FunctionContext& context, std::vector<Expression>) {
  const std::pair<std::string_view, const std::string*> values[] = {
      {"CURRENT_USER", &context.user},           {"CURRENT_ROLE", &context.role},
      {"CURRENT_WAREHOUSE", &context.warehouse}, {"CURRENT_DATABASE", &context.database},
      {"CURRENT_SCHEMA", &context.schema},       {"CURRENT_ACCOUNT", &context.account},
      {"CURRENT_REGION", &context.region},       {"CURRENT_VERSION", &context.version},
      {"CURRENT_SESSION", &context.session},
  };
  for (const auto& [name, value] : values) {
    if (name != context.name) continue;
    return value->empty() ? Constant({}, VarcharType(), CarrierOf(VarcharType()))
                          : TextConstant(*value);
  }
  return NullConstant();
}

Expression BindNow(const FunctionContext& context, std::vector<Expression>) {
  Expression now = Constant(context.now, TypeOfKind(DataTypeKind::kTimestampLtz, 9),
                            Type::Primitive(TypeKind::kTimestampTz));
  if (context.name == "CURRENT_DATE")
    return Convert(std::move(now), DateType(), CastMode::kExplicit);
  if (context.name == "CURRENT_TIME" || context.name == "LOCALTIME") {
    return Convert(std::move(now), TypeOfKind(DataTypeKind::kTime, 9), CastMode::kExplicit);
  }
  if (context.name == "SYSDATE") {
    return Constant(context.now, TypeOfKind(DataTypeKind::kTimestampNtz, 9),
                    Type::Primitive(TypeKind::kTimestamp));
  }
  return now;
}

}  // namespace

std::span<const Function> ConversionFunctions() {
  static const std::vector<Function> kFunctions = {
      BoundEntry(kCategory,
                 "TO_NUMBER TO_DECIMAL TO_NUMERIC TRY_TO_NUMBER TRY_TO_DECIMAL TRY_TO_NUMERIC",
                 BindToNumber, 1, 4, "TO_NUMBER('12.3456', 10, 1)", "12.3"),
      BoundEntry(kCategory, "TO_DOUBLE TRY_TO_DOUBLE", BindToDouble, 1, 1, "TO_DOUBLE('1.5e2')",
                 "150"),
      BoundEntry(kCategory, "TO_BOOLEAN TRY_TO_BOOLEAN", BindToBoolean, 1, 1, "TO_BOOLEAN('yes')",
                 "true"),
      BoundEntry(kCategory, "TO_NUMBER", BindToNumber, 2, 4,
                 "TO_NUMBER('$12.3456', '$99.9999', 10, 2)", "12.35"),
      BoundEntry(kCategory, "TO_CHAR TO_VARCHAR", BindToText, 1, 2, "TO_VARCHAR(12.50)", "12.50"),
      BoundEntry(kCategory, "TO_CHAR TO_VARCHAR", BindToText, 2, 2,
                 "TO_CHAR(-12.391, '\">\"$99.0\"<\"')", ">-$12.4<"),
      BoundEntry(kCategory, "TO_BINARY", BindToBinary, 1, 2, "TO_BINARY('SNOW', 'UTF-8')",
                 "534E4F57"),
      Entry(kCategory, "HEX_ENCODE", "s", "s", "hex({0})", "HEX_ENCODE('SNOW')", "534E4F57"),
      Entry(kCategory, "HEX_DECODE_BINARY", "s", "B", "unhex({0})", "HEX_DECODE_BINARY('534E4F57')",
            "534E4F57"),
      Entry(kCategory, "HEX_DECODE_STRING", "s", "s", "decode(unhex({0}))",
            "HEX_DECODE_STRING('534E4F57')", "SNOW"),
      Entry(kCategory, "BASE64_ENCODE", "s", "s", "base64(encode({0}))",
            "BASE64_ENCODE('Snowflake')", "U25vd2ZsYWtl"),
      Entry(kCategory, "BASE64_ENCODE", "B", "s", "base64({0})",
            "BASE64_ENCODE(TO_BINARY('534E4F57'))", "U05PVw=="),
      Entry(kCategory, "BASE64_DECODE_STRING", "s", "s", "decode(from_base64({0}))",
            "BASE64_DECODE_STRING('U25vd2ZsYWtl')", "Snowflake"),
      Entry(kCategory, "BASE64_DECODE_BINARY", "s", "B", "from_base64({0})",
            "BASE64_DECODE_BINARY('U05PVw==')", "534E4F57"),
      Entry(kCategory, "TRY_HEX_DECODE_BINARY TRY_TO_BINARY", "s", "B", "TRY(unhex({0}))",
            "TRY_HEX_DECODE_BINARY('x')", "NULL"),
      Entry(kCategory, "TRY_HEX_DECODE_STRING", "s", "s", "TRY(decode(unhex({0})))",
            "TRY_HEX_DECODE_STRING('534E4F57')", "SNOW"),
      Entry(kCategory, "TRY_BASE64_DECODE_BINARY", "s", "B", "TRY(from_base64({0}))",
            "TRY_BASE64_DECODE_BINARY('U05PVw==')", "534E4F57"),
      Entry(kCategory, "TRY_BASE64_DECODE_STRING", "s", "s", "TRY(decode(from_base64({0})))",
            "TRY_BASE64_DECODE_STRING('U25vd2ZsYWtl')", "Snowflake"),
  };
  return kFunctions;
}

std::span<const Function> ContextFunctions() {
  static const std::vector<Function> kFunctions = {
      BoundEntry(kContextCategory,
                 "CURRENT_USER CURRENT_ROLE CURRENT_WAREHOUSE CURRENT_DATABASE CURRENT_SCHEMA "
                 "CURRENT_ACCOUNT CURRENT_REGION CURRENT_VERSION CURRENT_SESSION",
                 BindText, 0, 0, "CURRENT_USER() IS NOT NULL", "true"),
      BoundEntry(kContextCategory,
                 "CURRENT_TIMESTAMP LOCALTIMESTAMP GETDATE SYSTIMESTAMP CURRENT_DATE CURRENT_TIME "
                 "LOCALTIME SYSDATE",
                 BindNow, 0, 1, "CURRENT_DATE() >= '2020-01-01'", "true"),
  };
  return kFunctions;
}

}  // namespace tarn::sql
