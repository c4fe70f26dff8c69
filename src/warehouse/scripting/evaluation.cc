// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scripting/evaluation.h"

#include "sql/bind/coercion.h"
#include "sql/syntax/query.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/stored_result.h"

namespace tarn::warehouse {

namespace syntax = sql::syntax;
using sql::bound::Expression;

namespace {

/// The only item, where it is a constant.
const Expression* ConstantItem(const sql::bound::Query& query) {
  const auto* select = std::get_if<sql::bound::Select>(&query.body);
  if (select == nullptr || select->from || select->where || select->grouped ||
      select->items.size() != 1) {
    return nullptr;
  }
  const Expression& item = select->items[0];
  return item.kind == sql::bound::ExpressionKind::kConstant ? &item : nullptr;
}

StatementResult<Expression> RunForValue(const StatementContext& context, BoundStatement bound) {
  if (const Expression* constant = ConstantItem(bound.query.query)) return *constant;
  STATEMENT_ASSIGN(auto stream,
                   OpenBoundQuery(context.query(), bound.query, sql::Print(bound.query)));
  // Whoever only describes a statement runs it by itself.
  const auto run =
      context.nested != nullptr ? context.nested->outer_run() : std::make_shared<StatementRun>();
  const auto rows = MakeQueryResult("SELECT", std::move(bound.columns), std::move(stream), run);
  STATEMENT_ASSIGN(const StoredResult stored, Store(*rows));
  Expression value = sql::NullConstant();
  STATEMENT_TRY(ForEachRow(stored, [&](std::vector<Expression> row) -> StatementResult<bool> {
    value = std::move(row[0]);
    return false;
  }));
  return value;
}

syntax::Query SelectOf(const syntax::Expression& expression) {
  syntax::Select select;
  select.items.push_back({.span = expression->span, .value = expression, .alias = std::nullopt});
  return {.span = expression->span, .body = syntax::Box<syntax::Select>(std::move(select))};
}

}  // namespace

StatementResult<Expression> EvaluateWith(const StatementContext& context,
                                         const syntax::Expression& expression,
                                         std::string_view text, NamedValues named,
                                         const std::optional<sql::DataType>& type) {
  QueryContext query = context.query();
  query.text = text;
  query.named_parameters = std::move(named);
  sql::BindRequest request = MakeBindRequest(query);
  request.bare_variables = true;
  if (type) request.output_types = {*type};
  STATEMENT_ASSIGN(BoundStatement bound,
                   BindStatementQuery(query, SelectOf(expression), std::move(request)));
  return RunForValue(context, std::move(bound));
}

StatementResult<Expression> ConvertConstant(const StatementContext& context, Expression value,
                                            const sql::DataType& type) {
  if (value.type == type && value.carrier == sql::CarrierOf(type)) return value;
  const syntax::Expression variable(
      syntax::ExpressionNode{{}, syntax::BindVariable{.number = {}, .name = {{.text = "V"}}}});
  return EvaluateWith(context, variable, "", {{"V", std::move(value)}}, type);
}

StatementResult<int64_t> IntegerOf(const Expression& value) {
  if (const auto* narrow = std::get_if<int32_t>(&value.constant)) return *narrow;
  if (const auto* wide = std::get_if<int64_t>(&value.constant)) return *wide;
  if (const auto* decimal = std::get_if<Int128>(&value.constant)) {
    return static_cast<int64_t>(*decimal);  // of at most 18 digits
  }
  return CompilationError("002216", "22023", "a whole number is expected here");
}

StatementResult<std::string> VariableNamed(const syntax::Expression& expression) {
  if (const auto* bind = syntax::As<syntax::BindVariable>(expression)) {
    if (bind->name.size() == 1) return bind->name[0].Canonical();
  }
  if (const auto* column = syntax::As<syntax::ColumnReference>(expression)) {
    if (column->name.parts.size() == 1) return column->name.parts[0].Canonical();
  }
  return CompilationError("001003", "42000", "a variable is expected here");
}

const std::vector<syntax::Expression>* IntoOf(const syntax::Statement& statement) {
  const auto* query = std::get_if<syntax::QueryStatement>(&statement.value);
  if (query == nullptr) return nullptr;
  const auto* select = std::get_if<syntax::Box<syntax::Select>>(&query->query.body);
  return select == nullptr ? nullptr : &(*select)->into;
}

std::optional<std::string> ReturnedTable(const syntax::Expression& expression) {
  const auto* table = syntax::As<syntax::TableArgument>(expression);
  if (table == nullptr) return std::nullopt;
  const auto name = VariableNamed(table->value);
  if (!name) return std::nullopt;
  return *name;
}

}  // namespace tarn::warehouse
