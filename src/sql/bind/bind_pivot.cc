// SPDX-License-Identifier: Apache-2.0
// PIVOT as grouping by all other columns; UNPIVOT as a join with one row for each column.
#include <algorithm>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"

namespace tarn::sql {

using bound::Expression;

namespace {

/// Values of PIVOT name their columns as they are written.
std::string NameOfValue(std::string_view text) { return std::string(text); }

}  // namespace

Binder::BoundFrom Binder::BindPivot(const syntax::Pivot& pivot, const Scope* outer) {
  if (pivot.domain != syntax::PivotDomain::kValues)
    FailUnsupported("PIVOT ANY and PIVOT of a query");
  BoundFrom input = BindFrom(pivot.input, outer, nullptr);
  const Scope scope{.outer = outer, .from = input.scope, .aliases = {}, .variables = {}};
  const Expression key =
      BindColumn(syntax::ColumnReference{pivot.column}, scope, pivot.column.span);
  struct Aggregate {
    std::string name, alias;
    Expression argument;
  };
  std::vector<Aggregate> aggregates;
  std::vector<Expression> used = {key};
  for (const syntax::PivotValue& value : pivot.aggregates) {
    const auto* call = syntax::As<syntax::Box<syntax::FunctionCall>>(value.value);
    if (call == nullptr || (*call)->arguments.size() != 1) {
      FailAt(value.value->span, "001003", "42000", "PIVOT wants an aggregate of one column");
    }
    Aggregate aggregate{.name = NamesOf((*call)->name).back(),
                        .alias = value.alias ? NameOf(*value.alias) : std::string(),
                        .argument = Bind((*call)->arguments[0].value, scope)};
    used.push_back(aggregate.argument);
    aggregates.push_back(std::move(aggregate));
  }
  bound::Select select;
  bound::Query query;
  std::vector<int32_t> set;
  for (const ScopeColumn& column : input.scope.visible) {
    if (std::ranges::any_of(
            used, [&](const Expression& other) { return bound::SameValue(column.value, other); })) {
      continue;
    }
    set.push_back(static_cast<int32_t>(select.items.size()));
    query.columns.push_back({.name = column.name,
                             .type = column.value.type,
                             .carrier = column.value.carrier,
                             .nullable = column.value.nullable});
    select.items.push_back(column.value);
  }
  for (const syntax::PivotValue& value : pivot.values) {
    const std::string label = value.alias
                                  ? NameOf(*value.alias)
                                  : NameOfValue(syntax::TextOf(request_.text, value.value->span));
    for (const Aggregate& aggregate : aggregates) {
      Expression condition = Compare("=", key, Bind(value.value, scope));
      FunctionContext context = request_.session;
      context.name = aggregate.name;
      Expression result =
          BindFunction(context, {CaseWhen({std::move(condition)}, {aggregate.argument})});
      if (pivot.default_on_null) {
        std::vector<Expression> both = {std::move(result), Bind(*pivot.default_on_null, scope)};
        const bound::CallKind kind = both[0].call;
        Unify(both);
        const DataType type = both[0].type;
        const Type carrier = both[0].carrier;
        result = Call("COALESCE", "coalesce({0}, {1})", std::move(both), type, carrier);
        result.call = kind;
      }
      query.columns.push_back(
          {.name = aggregate.alias.empty() ? label : label + "_" + aggregate.alias,
           .type = result.type,
           .carrier = result.carrier});
      select.items.push_back(std::move(result));
    }
  }
  select.from = std::move(input.relation);
  select.grouped = true;
  select.grouping_sets = {std::move(set)};
  query.body = std::move(select);
  return DerivedFrom(std::move(query), false);
}

Binder::BoundFrom Binder::BindUnpivot(const syntax::Unpivot& unpivot, const Scope* outer) {
  BoundFrom input = BindFrom(unpivot.input, outer, nullptr);
  const Scope scope{.outer = outer, .from = input.scope, .aliases = {}, .variables = {}};
  std::vector<Expression> values;
  std::vector<std::string> names;
  for (const syntax::PivotValue& column : unpivot.columns) {
    values.push_back(Bind(column.value, scope));
    std::string name = syntax::UpperCase(syntax::TextOf(request_.text, column.value->span));
    if (const auto* reference = syntax::As<syntax::ColumnReference>(column.value)) {
      name = NameOf(reference->name.parts.back());
    }
    names.push_back(column.alias ? column.alias->text : std::move(name));
  }
  const std::vector<Expression> columns = values;
  Unify(values);
  bound::Query rows;
  bound::Values list;
  for (size_t i = 0; i < values.size(); ++i) {
    list.rows.push_back({Convert(TextConstant(names[i]), VarcharType()), values[i]});
  }
  rows.columns = {
      {.name = NameOf(unpivot.name),
       .type = VarcharType(),
       .carrier = CarrierOf(VarcharType()),
       .nullable = false},
      {.name = NameOf(unpivot.value), .type = values[0].type, .carrier = values[0].carrier}};
  rows.body = std::move(list);
  BoundFrom pairs = DerivedFrom(std::move(rows), true);
  bound::Select select;
  bound::Query query;
  const auto add = [&](const ScopeColumn& column) {
    query.columns.push_back({.name = column.name,
                             .type = column.value.type,
                             .carrier = column.value.carrier,
                             .nullable = column.value.nullable});
    select.items.push_back(column.value);
  };
  for (const ScopeColumn& column : input.scope.visible) {
    const auto same = [&](const Expression& other) {
      return bound::SameValue(column.value, other);
    };
    if (std::ranges::none_of(columns, same)) add(column);
  }
  for (const ScopeColumn& column : pairs.scope.visible) add(column);
  if (!unpivot.include_nulls) {
    select.where =
        Call("IS NOT NULL", "({0} IS NOT NULL)", {pairs.scope.visible[1].value}, BooleanType());
  }
  bound::Relation join{.kind = bound::RelationKind::kJoin, .join = bound::JoinKind::kCross};
  join.sides.push_back(std::move(input.relation));
  join.sides.push_back(std::move(pairs.relation));
  select.from = std::move(join);
  query.body = std::move(select);
  return DerivedFrom(std::move(query), false);
}

}  // namespace tarn::sql
