// SPDX-License-Identifier: Apache-2.0
// Paths, constants of ARRAY and OBJECT, lambdas, FLATTEN.
#include <algorithm>
#include <array>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"

namespace tarn::sql {

using bound::Expression;

namespace {

Expression VariantCall(const char* name, std::string pattern, std::vector<Expression> arguments,
                       DataType type = VariantType()) {
  Expression result = Call(name, std::move(pattern), std::move(arguments), std::move(type));
  result.nullable = true;
  return result;
}

/// A step of a path that the engine reads (engine/functions/variant_path.h).
std::string QuotedStep(std::string_view key) {
  std::string step = "[\"";
  for (const char c : key) {
    if (c == '"' || c == '\\') step.push_back('\\');
    step.push_back(c);
  }
  return step + "\"]";
}

std::optional<std::string> ConstantStep(const Expression& index) {
  if (index.kind != bound::ExpressionKind::kConstant) return std::nullopt;
  if (const auto* key = std::get_if<std::string>(&index.constant)) return QuotedStep(*key);
  if (const auto* place = std::get_if<int32_t>(&index.constant); place != nullptr && *place >= 0) {
    return fmt::format("[{}]", *place);
  }
  return std::nullopt;
}

Expression Walk(Expression value, const std::string& path) {
  if (path.empty()) return value;
  return VariantCall("GET_PATH", "tarn_get_path({0}, {1})", {std::move(value), TextConstant(path)});
}

Expression Element(Expression value, Expression index) {
  if (index.type.kind == DataTypeKind::kVarchar) {
    return VariantCall("GET", "tarn_get_key({0}, {1})", {std::move(value), std::move(index)});
  }
  index = WithCarrier(Convert(ToNumeric(std::move(index)), NumberType(18, 0)),
                      Type::Primitive(TypeKind::kLong));
  return VariantCall("GET", "tarn_get_index({0}, {1})", {std::move(value), std::move(index)});
}

}  // namespace

/// Steps that are constants are one path, which the engine reads once.
Expression Binder::BindPath(const syntax::Path& path, const Scope& scope) {
  Expression value = Bind(path.base, scope);
  if (value.type.kind == DataTypeKind::kNull) return Convert(std::move(value), VariantType());
  if (!IsSemistructured(value.type)) {
    FailBinding("001044", "42P13", "Invalid argument types for function 'GET': ({}, VARCHAR)",
                ToString(value.type));
  }
  value = ToVariant(std::move(value));
  std::string steps;
  for (const syntax::PathStep& step : path.steps) {
    if (!step.index) {
      steps += QuotedStep(step.key);
      continue;
    }
    Expression index = Bind(*step.index, scope);
    if (auto constant = ConstantStep(index)) {
      steps += *constant;
      continue;
    }
    value = Element(Walk(std::move(value), std::exchange(steps, {})), std::move(index));
  }
  return Walk(std::move(value), steps);
}

Expression Binder::BindArray(const syntax::ArrayConstant& array, const Scope& scope) {
  std::optional<Expression> result;
  std::vector<Expression> run;
  const auto append = [&](Expression part) {
    result = result ? Call("ARRAY_CAT", "tarn_array_cat({0}, {1})",
                           {*std::move(result), std::move(part)}, ArrayType())
                    : std::move(part);
  };
  const auto flush = [&] {
    if (run.empty()) return;
    Expression part =
        Call("ARRAY_CONSTRUCT", "tarn_array({*})", std::exchange(run, {}), ArrayType());
    part.nullable = false;
    append(std::move(part));
  };
  for (const syntax::Expression& element : array.elements) {
    const auto* unary = syntax::As<syntax::Unary>(element);
    if (unary == nullptr || unary->op != syntax::UnaryOperator::kSpread) {
      run.push_back(ToVariant(Bind(element, scope)));
      continue;
    }
    flush();
    append(Convert(Bind(unary->operand, scope), ArrayType()));
  }
  flush();
  if (result) return *std::move(result);
  return Constant(std::string("[]"), ArrayType(), CarrierOf(ArrayType()));
}

void Binder::AppendStarFields(const syntax::Star& star, const Scope& scope, syntax::Span span,
                              std::vector<Expression>& fields) {
  std::vector<ScopeColumn> columns;
  ExpandStar(star, scope, span, columns);
  for (ScopeColumn& column : columns) {
    fields.push_back(TextConstant(column.name));
    fields.push_back(std::move(column.value));
  }
}

Expression Binder::BindObject(const syntax::ObjectConstant& object, const Scope& scope) {
  std::vector<Expression> fields;
  for (const syntax::ObjectEntry& entry : object.entries) {
    if (entry.key) {
      fields.push_back(Convert(Bind(*entry.key, scope), VarcharType()));
      fields.push_back(Bind(entry.value, scope));
    } else if (const auto* star = syntax::As<syntax::Star>(entry.value)) {
      AppendStarFields(*star, scope, entry.value->span, fields);
    } else {
      FailUnsupported("** in OBJECT constants");
    }
  }
  FunctionContext context = request_.session;
  context.name = "OBJECT_CONSTRUCT";
  return BindFunction(context, std::move(fields));
}

/// Elements are VARIANTs, unless the parameter has a type; parameters are DuckDB's.
Expression Binder::BindLambdaCall(const std::string& name, const syntax::FunctionCall& call,
                                  const Scope& scope) {
  const bool reduce = name == "REDUCE";
  const size_t wanted = reduce ? 3 : 2;
  const auto* lambda = call.arguments.size() == wanted
                           ? syntax::As<syntax::Lambda>(call.arguments.back().value)
                           : nullptr;
  if (lambda == nullptr || lambda->parameters.size() != wanted - 1) {
    FailBinding("001044", "42P13", "{} wants an array, {}and a lambda expression", name,
                reduce ? "a value " : "");
  }
  std::vector<Expression> arguments = {Convert(Bind(call.arguments[0].value, scope), ArrayType())};
  Scope inner{.outer = &scope, .from = {}, .aliases = {}, .variables = {}};
  std::vector<std::string> names;
  const auto declare = [&](const syntax::LambdaParameter& parameter, const DataType& type) {
    names.push_back(fmt::format("l{}", counters_.next_lambda++));
    Expression variable = Call("lambda", names.back(), {}, VariantType());
    variable.nullable = true;
    const DataType wanted_type = parameter.type ? BindType(*parameter.type) : type;
    inner.variables.insert_or_assign(
        NameOf(parameter.name), Convert(std::move(variable), wanted_type, CastMode::kExplicit));
  };
  const std::string list = "tarn_array_elements({0})";
  if (reduce) {
    // DuckDB wants what is accumulated to have the elements' type.
    Expression start = Bind(call.arguments[1].value, scope);
    DataType type = start.type.kind == DataTypeKind::kNull ? VariantType() : start.type;
    if (type.kind == DataTypeKind::kNumber) type.precision = 38;
    if (type.kind == DataTypeKind::kVarchar) type = VarcharType();
    declare(lambda->parameters[0], type);
    declare(lambda->parameters[1], VariantType());
    Expression body = Convert(Bind(lambda->body, inner), type, CastMode::kExplicit);
    arguments.push_back(ToVariant(std::move(body)));
    arguments.push_back(ToVariant(std::move(start)));
    Expression result = VariantCall(
        "REDUCE",
        fmt::format("list_reduce({}, lambda {}, {}: {{1}}, {{2}})", list, names[0], names[1]),
        std::move(arguments));
    return Convert(std::move(result), type, CastMode::kExplicit);
  }
  declare(lambda->parameters[0], VariantType());
  Expression body = Bind(lambda->body, inner);
  const bool filter = name == "FILTER";
  arguments.push_back(filter ? Convert(std::move(body), BooleanType())
                             : ToVariant(std::move(body)));
  return VariantCall(filter ? "FILTER" : "TRANSFORM",
                     fmt::format("tarn_array_of({}({}, lambda {}: {{1}}))",
                                 filter ? "list_filter" : "list_transform", list, names[0]),
                     std::move(arguments), ArrayType());
}

Binder::BoundFrom Binder::BindFlatten(const syntax::FunctionCall& call, const Scope& scope) {
  constexpr std::array<std::string_view, 5> kNames = {"INPUT", "PATH", "OUTER", "RECURSIVE",
                                                      "MODE"};
  std::vector<Expression> values = {
      NullConstant(), TextConstant(""), Constant(false, BooleanType(), CarrierOf(BooleanType())),
      Constant(false, BooleanType(), CarrierOf(BooleanType())), TextConstant("BOTH")};
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    size_t place = i;
    if (call.arguments[i].name) {
      const auto found = std::ranges::find(kNames, NameOf(*call.arguments[i].name));
      place = static_cast<size_t>(found - kNames.begin());
    }
    if (place >= kNames.size()) {
      FailAt(call.name.span, "000939", "22023", "too many arguments for function [FLATTEN]");
    }
    values[place] = Bind(call.arguments[i].value, scope);
  }
  if (values[0].type.kind == DataTypeKind::kNull)
    values[0] = Convert(std::move(values[0]), VariantType());
  if (!IsSemistructured(values[0].type)) {
    FailAt(call.name.span, "001044", "42P13",
           fmt::format("Invalid argument types for function 'FLATTEN': (INPUT => {})",
                       ToString(values[0].type)));
  }
  if (auto* mode = std::get_if<std::string>(&values[4].constant)) *mode = syntax::UpperCase(*mode);
  bound::Relation relation{
      .kind = bound::RelationKind::kCall,
      .id = counters_.next_relation++,
      .pattern =
          "LATERAL (SELECT e.seq, e.key, e.path, e.index, e.value, e.this FROM (SELECT "
          "unnest(tarn_flatten({*})) AS e) AS a)",
      .arguments = std::move(values),
      .column_count = 6};
  const std::array<std::pair<const char*, DataType>, 6> columns = {{{"SEQ", NumberType(18, 0)},
                                                                    {"KEY", VarcharType()},
                                                                    {"PATH", VarcharType()},
                                                                    {"INDEX", NumberType(18, 0)},
                                                                    {"VALUE", VariantType()},
                                                                    {"THIS", VariantType()}}};
  BoundFrom from;
  ScopeItem item{.qualifier = {"FLATTEN"}, .columns = {}};
  for (size_t i = 0; i < columns.size(); ++i) {
    Expression column;
    column.kind = bound::ExpressionKind::kColumn;
    column.column = {relation.id, static_cast<int32_t>(i)};
    column.type = columns[i].second;
    column.carrier = CarrierOf(column.type);
    item.columns.push_back({.name = columns[i].first, .value = std::move(column)});
  }
  from.relation = std::move(relation);
  from.scope.visible = item.columns;
  from.scope.items.push_back(std::move(item));
  return from;
}

}  // namespace tarn::sql
