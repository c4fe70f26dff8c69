// SPDX-License-Identifier: Apache-2.0
// WITH, set operators, VALUES, LIMIT; a SELECT is select_binder.cc's.
#include <algorithm>
#include <charconv>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"
#include "sql/bind/select_binder.h"

namespace tarn::sql {

using bound::Expression;
using bound::OutputColumn;

namespace {

/// Stands for a column of which only the type counts.
Expression Placeholder(const OutputColumn& column, bound::ColumnId id = {}) {
  Expression result;
  result.kind = bound::ExpressionKind::kColumn;
  result.column = id;
  result.type = column.type;
  result.carrier = column.carrier;
  result.nullable = column.nullable;
  return result;
}

bool MentionsName(std::string_view text, std::string_view name) {
  const auto same = [](char a, char b) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; };
    return upper(a) == upper(b);
  };
  return !std::ranges::search(text, name, same).empty();
}

}  // namespace

bound::Query Binder::BindQuery(const syntax::Query& query, const Scope* outer) {
  bound::Query result;
  ++query_depth_;
  const CommonTableScope* before = common_tables_;
  std::vector<CommonTableScope> scopes;
  scopes.reserve(query.with.size());
  BindWith(query, outer, result, scopes);
  BindBody(query, outer, result);
  BindLimit(query.limit, outer, result);
  common_tables_ = before;
  --query_depth_;
  return result;
}

void Binder::BindBody(const syntax::Query& query, const Scope* outer, bound::Query& result) {
  if (const auto* select = std::get_if<syntax::Box<syntax::Select>>(&query.body)) {
    SelectBinder(*this, **select, query, outer).Bind(result);
    return;
  }
  if (const auto* values = std::get_if<syntax::Values>(&query.body)) {
    BindValues(*values, outer, result);
  } else if (const auto* operation = std::get_if<syntax::SetOperation>(&query.body)) {
    BindSetOperation(*operation, outer, result);
  } else if (const auto* nested = std::get_if<syntax::NestedQuery>(&query.body)) {
    bound::Query inner = BindQuery(*nested->query, outer);
    result.columns = inner.columns;
    result.body = std::make_shared<const bound::Query>(std::move(inner));
  } else {
    FailUnsupported("rows of a statement in a query");
  }
  OrderByOutput(query, outer, result);
}

void Binder::BindWith(const syntax::Query& query, const Scope* outer, bound::Query& result,
                      std::vector<CommonTableScope>& scopes) {
  for (const syntax::CommonTable& table : query.with) {
    scopes.push_back({.outer = common_tables_,
                      .name = NameOf(table.name),
                      .id = counters_.next_common_table++,
                      .referenced = nullptr,
                      .columns = {}});
    result.with.push_back(BindCommonTable(table, outer, scopes.back()));
    common_tables_ = &scopes.back();
  }
}

bound::CommonTable Binder::BindCommonTable(const syntax::CommonTable& table, const Scope* outer,
                                           CommonTableScope& scope) {
  bool recursive = false;
  const auto* operation = std::get_if<syntax::SetOperation>(&table.query->body);
  const CommonTableScope* before = common_tables_;
  const auto name_columns = [&](std::vector<OutputColumn>& columns) {
    if (table.columns.size() > columns.size()) {
      FailAt(table.span, "002020", "21S01", "Column list has more names than the query columns");
    }
    for (size_t i = 0; i < table.columns.size(); ++i) columns[i].name = NameOf(table.columns[i]);
  };
  if (operation != nullptr &&
      MentionsName(syntax::TextOf(request_.text, table.query->span), scope.name)) {
    scope.columns = BindQuery(operation->operands[0], outer).columns;
    // What the recursion adds to must fit, however often.
    for (OutputColumn& column : scope.columns) {
      column.table = -1;
      column.nullable = true;
      if (column.type.kind == DataTypeKind::kNumber) {
        column.type = NumberType(38, column.type.scale);
        column.carrier = CarrierOf(column.type);
      } else if (column.type.kind == DataTypeKind::kVarchar) {
        column.type = VarcharType();
      }
    }
    name_columns(scope.columns);
    scope.referenced = &recursive;
    common_tables_ = &scope;
  }
  bound::Query query = BindQuery(*table.query, outer);
  common_tables_ = before;
  scope.referenced = nullptr;
  std::shared_ptr<const bound::Query> shared;
  if (recursive) {
    auto& operands = std::get<bound::SetOperation>(query.body).operands;
    for (auto& operand : operands) operand = WithColumns(*operand, scope.columns);
    query.columns = scope.columns;
  }
  scope.columns = query.columns;
  name_columns(scope.columns);
  shared = std::make_shared<const bound::Query>(std::move(query));
  return {.id = scope.id, .recursive = recursive, .query = std::move(shared)};
}

void Binder::BindValues(const syntax::Values& values, const Scope* outer, bound::Query& result) {
  const Scope scope{.outer = outer, .from = {}, .aliases = {}, .variables = {}};
  bound::Values rows;
  for (const auto& row : values.rows) {
    rows.rows.push_back(BindAll(row, scope));
    if (rows.rows.back().size() != rows.rows[0].size()) {
      FailBinding("001057", "42601", "Mismatch in the number of columns of VALUES rows");
    }
  }
  for (size_t c = 0; c < rows.rows.at(0).size(); ++c) {
    std::vector<Expression> column;
    for (auto& row : rows.rows) column.push_back(std::move(row[c]));
    Unify(column);
    bool nullable = false;
    for (const Expression& value : column) nullable |= value.nullable;
    result.columns.push_back({.name = fmt::format("COLUMN{}", c + 1),
                              .type = column[0].type,
                              .carrier = column[0].carrier,
                              .nullable = nullable});
    for (size_t r = 0; r < column.size(); ++r) rows.rows[r][c] = std::move(column[r]);
  }
  result.body = std::move(rows);
}

namespace {

/// The columns of both sides of BY NAME, each where it first stands.
std::vector<std::string> NamesOfAll(const std::vector<bound::Query>& operands) {
  std::vector<std::string> names;
  for (const auto& operand : operands) {
    for (const OutputColumn& column : operand.columns) {
      if (std::ranges::find(names, column.name) == names.end()) names.push_back(column.name);
    }
  }
  return names;
}

}  // namespace

void Binder::BindSetOperation(const syntax::SetOperation& operation, const Scope* outer,
                              bound::Query& result) {
  std::vector<bound::Query> operands;
  for (const syntax::Query& operand : operation.operands) {
    operands.push_back(BindQuery(operand, outer));
  }
  if (operation.by_name) {
    const std::vector<std::string> names = NamesOfAll(operands);
    for (bound::Query& operand : operands) {
      BoundFrom from = DerivedFrom(std::move(operand), false);
      bound::Select select;
      bound::Query ordered;
      for (const std::string& name : names) {
        const auto found = std::ranges::find(from.scope.visible, name, &ScopeColumn::name);
        Expression value = found == from.scope.visible.end() ? NullConstant() : found->value;
        ordered.columns.push_back({.name = name, .type = value.type, .carrier = value.carrier});
        select.items.push_back(std::move(value));
      }
      select.from = std::move(from.relation);
      ordered.body = std::move(select);
      operand = std::move(ordered);
    }
  }
  for (const bound::Query& operand : operands) {
    if (operand.columns.size() == operands[0].columns.size()) continue;
    FailBinding("001789", "42601",
                "invalid number of result columns for set operator input branches, expected {}, "
                "got {} in branch",
                operands[0].columns.size(), operand.columns.size());
  }
  std::vector<OutputColumn> columns = operands[0].columns;
  for (size_t c = 0; c < columns.size(); ++c) {
    std::vector<Expression> values;
    for (const bound::Query& operand : operands) {
      values.push_back(Placeholder(operand.columns[c]));
      columns[c].nullable |= operand.columns[c].nullable;
    }
    Unify(values);
    columns[c].type = values[0].type;
    columns[c].carrier = values[0].carrier;
    columns[c].table = -1;
  }
  constexpr bound::SetOperator kOperators[] = {
      bound::SetOperator::kUnion, bound::SetOperator::kExcept, bound::SetOperator::kIntersect};
  bound::SetOperation set{
      .op = kOperators[static_cast<size_t>(operation.op)], .all = operation.all, .operands = {}};
  for (bound::Query& operand : operands) {
    set.operands.push_back(WithColumns(std::move(operand), columns));
  }
  result.columns = std::move(columns);
  result.body = std::move(set);
}

std::shared_ptr<const bound::Query> Binder::WithColumns(bound::Query query,
                                                        const std::vector<OutputColumn>& columns) {
  const auto same = [](const OutputColumn& a, const OutputColumn& b) {
    return a.type == b.type && a.carrier == b.carrier;
  };
  if (std::ranges::equal(query.columns, columns, same)) {
    return std::make_shared<const bound::Query>(std::move(query));
  }
  auto* select = std::get_if<bound::Select>(&query.body);
  if (select == nullptr || !query.order.empty() || query.limit || select->grouped) {
    BoundFrom from = DerivedFrom(std::move(query), false);
    query = bound::Query{};
    bound::Select outer;
    for (ScopeColumn& column : from.scope.visible) outer.items.push_back(std::move(column.value));
    outer.from = std::move(from.relation);
    query.body = std::move(outer);
    select = std::get_if<bound::Select>(&query.body);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    select->items[i] =
        WithCarrier(Convert(std::move(select->items[i]), columns[i].type, CastMode::kExplicit),
                    columns[i].carrier);
  }
  query.columns = columns;
  return std::make_shared<const bound::Query>(std::move(query));
}

bool Binder::NullsFirst(const syntax::OrderItem& item) const {
  if (item.nulls != syntax::NullOrder::kDefault) return item.nulls == syntax::NullOrder::kFirst;
  // As if null were greater than all else; DEFAULT_NULL_ORDERING = FIRST turns it round.
  return item.descending == request_.nulls_last;
}

int32_t Binder::OrdinalOf(const syntax::Expression& expression, size_t columns) const {
  const auto* literal = syntax::As<syntax::Literal>(expression);
  if (literal == nullptr || literal->kind != syntax::LiteralKind::kNumber) return 0;
  int32_t place = 0;
  const char* end = literal->text.data() + literal->text.size();
  const auto [stop, error] = std::from_chars(literal->text.data(), end, place);
  if (error != std::errc() || stop != end) return 0;
  if (place < 1 || place > static_cast<int32_t>(columns)) {
    FailAt(expression->span, "000980", "42601",
           fmt::format("invalid ORDER BY or GROUP BY position {}", literal->text));
  }
  return place;
}

void Binder::OrderByOutput(const syntax::Query& query, const Scope* outer, bound::Query& result) {
  const auto add = [&](const syntax::OrderItem& item, int32_t place) {
    result.order.push_back(
        {.descending = item.descending, .nulls_first = NullsFirst(item), .output = place});
  };
  if (query.order_by_all) {
    syntax::OrderItem item{.value = syntax::Expression(syntax::ExpressionNode{})};
    if (!query.order_by.empty()) item = query.order_by[0];
    for (size_t i = 0; i < result.columns.size(); ++i) add(item, static_cast<int32_t>(i + 1));
    return;
  }
  for (const syntax::OrderItem& item : query.order_by) {
    if (const int32_t place = OrdinalOf(item.value, result.columns.size())) {
      add(item, place);
      continue;
    }
    const auto* name = syntax::As<syntax::ColumnReference>(item.value);
    const auto found =
        name == nullptr || name->name.parts.size() != 1
            ? result.columns.end()
            : std::ranges::find(result.columns, NameOf(name->name.parts[0]), &OutputColumn::name);
    if (found != result.columns.end()) {
      add(item, static_cast<int32_t>(found - result.columns.begin()) + 1);
      continue;
    }
    OverOutput(result);
    result.order.push_back({.value = BindOverOutput(item.value, outer, result),
                            .descending = item.descending,
                            .nulls_first = NullsFirst(item)});
  }
}

/// Makes a SELECT over the rows of a set, whose columns expressions may then use.
void Binder::OverOutput(bound::Query& result) {
  if (std::holds_alternative<bound::Select>(result.body)) return;
  bound::Query inner = std::move(result);
  result = bound::Query{};
  result.order = std::exchange(inner.order, {});
  result.columns = inner.columns;
  BoundFrom from = DerivedFrom(std::move(inner), false);
  bound::Select select;
  for (const ScopeColumn& column : from.scope.visible) select.items.push_back(column.value);
  select.from = std::move(from.relation);
  result.body = std::move(select);
}

Expression Binder::BindOverOutput(const syntax::Expression& expression, const Scope* outer,
                                  const bound::Query& result) {
  Scope scope{.outer = outer, .from = {}, .aliases = {}, .variables = {}};
  const auto& select = std::get<bound::Select>(result.body);
  for (size_t i = 0; i < result.columns.size(); ++i) {
    scope.from.visible.push_back({.name = result.columns[i].name, .value = select.items[i]});
  }
  const ClauseState clause = std::exchange(clause_, ClauseState{.clause = "ORDER BY"});
  Expression value = Bind(expression, scope);
  clause_ = clause;
  return value;
}

std::optional<Expression> Binder::RowCount(const syntax::Expression& expression,
                                           const Scope* outer) {
  const Scope scope{.outer = outer, .from = {}, .aliases = {}, .variables = {}};
  Expression count = Bind(expression, scope);
  if (count.is_null_constant()) return std::nullopt;
  return WithCarrier(Convert(ToNumeric(std::move(count)), NumberType(18, 0), CastMode::kExplicit),
                     Type::Primitive(TypeKind::kLong));
}

void Binder::BindLimit(const syntax::RowLimit& limit, const Scope* outer, bound::Query& result) {
  if (limit.limit) result.limit = RowCount(*limit.limit, outer);
  if (limit.offset) result.offset = RowCount(*limit.offset, outer);
}

}  // namespace tarn::sql
