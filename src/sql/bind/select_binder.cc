// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/select_binder.h"

#include <algorithm>
#include <set>
#include <utility>

#include "sql/bind/coercion.h"
#include "sql/bind/group_rewrite.h"

namespace tarn::sql {

using bound::Expression;

namespace {

bool Any(const Expression& expression, const auto& test) {
  if (test(expression)) return true;
  const auto inner = [&](const Expression& argument) { return Any(argument, test); };
  if (std::ranges::any_of(expression.arguments, inner)) return true;
  if (std::ranges::any_of(expression.order,
                          [&](const bound::OrderKey& key) { return inner(key.value); })) {
    return true;
  }
  if (expression.window == nullptr) return false;
  return std::ranges::any_of(expression.window->partition, inner) ||
         std::ranges::any_of(expression.window->order,
                             [&](const bound::OrderKey& key) { return inner(key.value); });
}

void CollectRelations(const bound::Relation& relation, std::set<int32_t>& ids) {
  if (relation.kind != bound::RelationKind::kJoin) ids.insert(relation.id);
  for (const bound::Relation& side : relation.sides) CollectRelations(side, ids);
}

/// The terms of a chain of ANDs, whatever its shape.
void SplitConjuncts(const syntax::Expression& expression,
                    std::vector<const syntax::Expression*>& out) {
  const auto* logical = syntax::As<syntax::Logical>(expression);
  if (logical == nullptr || logical->op != syntax::LogicalOperator::kAnd) {
    out.push_back(&expression);
    return;
  }
  for (const syntax::Expression& operand : logical->operands) SplitConjuncts(operand, out);
}

}  // namespace

bool HasAggregate(const Expression& expression) {
  return Any(expression, [](const Expression& node) {
    return node.call == bound::CallKind::kAggregate && node.window == nullptr;
  });
}

bool HasWindow(const Expression& expression) {
  return Any(expression, [](const Expression& node) { return node.window != nullptr; });
}

void SelectBinder::Bind(bound::Query& result) {
  const auto* windows = std::exchange(binder_.windows_, &select_.windows);
  const ClauseState clause = binder_.clause_;
  BindFromList();
  BindItems();
  if (!where_.empty()) {
    std::vector<Expression> conjuncts;
    for (const syntax::Expression* conjunct : where_) {
      conjuncts.push_back(BindIn(*conjunct, "WHERE", false, false));
    }
    bound_.where = And(std::move(conjuncts));
  }
  if (!select_.into.empty() && !binder_.request_.select_into)
    FailUnsupported("SELECT INTO outside of a block");
  if (select_.hierarchy) FailUnsupported("CONNECT BY");
  BindGroupBy();
  if (select_.having) {
    having_ = Convert(BindIn(*select_.having, "HAVING", true, false), BooleanType());
  }
  if (select_.qualify) {
    bound_.qualify = Convert(BindIn(*select_.qualify, "QUALIFY", true, true), BooleanType());
  }
  BindOrder(result);
  bound_.distinct = select_.distinct;
  if (IsGrouped(result)) {
    Group(result);
  } else if (having_) {
    std::vector<Expression> both;
    if (bound_.where) both.push_back(*std::move(bound_.where));
    both.push_back(*std::move(having_));
    bound_.where = And(std::move(both));
  }
  result.columns = std::move(columns_);
  result.body = std::move(bound_);
  if (select_.top) result.limit = binder_.RowCount(*select_.top, scope_.outer);
  binder_.windows_ = windows;
  binder_.clause_ = clause;
}

Expression SelectBinder::BindIn(const syntax::Expression& expression, const char* clause,
                                bool aggregates, bool windows) {
  binder_.clause_ = {.aggregates_allowed = aggregates,
                     .windows_allowed = windows,
                     .in_aggregate = false,
                     .clause = clause};
  return binder_.Bind(expression, scope_);
}

namespace {

const syntax::FunctionCall* NumberingCall(const syntax::TableExpression& item) {
  const auto* function = std::get_if<syntax::TableFunction>(&item->value);
  if (function == nullptr) return nullptr;
  const auto* call = syntax::As<syntax::Box<syntax::FunctionCall>>(function->call);
  const bool numbers =
      call != nullptr && (*call)->name.parts.size() == 1 && (*call)->name.parts[0].Is("GETNEXTVAL");
  return numbers ? &**call : nullptr;
}

}  // namespace

void SelectBinder::BindFromList() {
  std::vector<Binder::BoundFrom> items;
  for (const syntax::TableExpression& item : select_.from) {
    if (const auto* call = NumberingCall(item)) {
      NumberRows(items, *item, *call);
      continue;
    }
    FromScope before;
    for (const auto& earlier : items) {
      before.items.insert(before.items.end(), earlier.scope.items.begin(),
                          earlier.scope.items.end());
      before.visible.insert(before.visible.end(), earlier.scope.visible.begin(),
                            earlier.scope.visible.end());
    }
    items.push_back(binder_.BindFrom(item, scope_.outer, &before));
  }
  for (const auto& item : items) {
    scope_.from.items.insert(scope_.from.items.end(), item.scope.items.begin(),
                             item.scope.items.end());
    scope_.from.visible.insert(scope_.from.visible.end(), item.scope.visible.begin(),
                               item.scope.visible.end());
  }
  if (select_.where) SplitConjuncts(*select_.where, where_);
  BindOuterMarks(items);
  for (Binder::BoundFrom& item : items) {
    if (!bound_.from) {
      bound_.from = std::move(item.relation);
      continue;
    }
    bound::Relation join{.kind = bound::RelationKind::kJoin, .join = bound::JoinKind::kCross};
    join.sides.push_back(*std::move(bound_.from));
    join.sides.push_back(std::move(item.relation));
    bound_.from = std::move(join);
  }
}

namespace {

/// Columns that an expression names with `(+)`.
void FindMarked(const syntax::Expression& expression,
                std::vector<const syntax::Expression*>& marked) {
  if (const auto* mark = syntax::As<syntax::OuterMark>(expression)) {
    marked.push_back(&mark->column);
  } else if (const auto* binary = syntax::As<syntax::Binary>(expression)) {
    FindMarked(binary->left, marked);
    FindMarked(binary->right, marked);
  } else if (const auto* unary = syntax::As<syntax::Unary>(expression)) {
    FindMarked(unary->operand, marked);
  } else if (const auto* is = syntax::As<syntax::IsTest>(expression)) {
    FindMarked(is->operand, marked);
  } else if (const auto* between = syntax::As<syntax::Between>(expression)) {
    FindMarked(between->operand, marked);
  } else if (const auto* in = syntax::As<syntax::InList>(expression)) {
    FindMarked(in->operand, marked);
  } else if (const auto* cast = syntax::As<syntax::Cast>(expression)) {
    FindMarked(cast->operand, marked);
  } else if (const auto* call = syntax::As<syntax::Box<syntax::FunctionCall>>(expression)) {
    for (const auto& argument : (*call)->arguments) FindMarked(argument.value, marked);
  }
}

}  // namespace

/// `a.x = b.y(+)`: b joins what stands before, on all conditions that mark it.
void SelectBinder::BindOuterMarks(std::vector<Binder::BoundFrom>& items) {
  std::vector<std::vector<Expression>> conditions(items.size());
  std::vector<const syntax::Expression*> rest;
  for (const syntax::Expression* conjunct : where_) {
    std::vector<const syntax::Expression*> marked;
    FindMarked(*conjunct, marked);
    if (marked.empty()) {
      rest.push_back(conjunct);
      continue;
    }
    const Expression column = BindIn(*marked[0], "WHERE", false, false);
    size_t item = 0;
    for (; item < items.size(); ++item) {
      std::set<int32_t> ids;
      CollectRelations(items[item].relation, ids);
      if (ids.contains(column.column.relation)) break;
    }
    if (item == items.size()) {
      binder_.FailAt((*conjunct)->span, "001103", "42601", "Invalid outer join predicate");
    }
    conditions[item].push_back(BindIn(*conjunct, "WHERE", false, false));
  }
  where_ = std::move(rest);
  std::vector<Binder::BoundFrom> optional;
  std::vector<std::vector<Expression>> on;
  for (size_t i = items.size(); i-- > 0;) {
    if (conditions[i].empty()) continue;
    optional.insert(optional.begin(), std::move(items[i]));
    on.insert(on.begin(), std::move(conditions[i]));
    items.erase(items.begin() + static_cast<ptrdiff_t>(i));
  }
  if (optional.empty()) return;
  if (items.empty()) {
    binder_.FailAt(query_.span, "001103", "42601",
                   "Outer join predicates form a cycle between their tables");
  }
  bound::Relation left = std::move(items[0].relation);
  for (size_t i = 1; i < items.size(); ++i) {
    bound::Relation join{.kind = bound::RelationKind::kJoin, .join = bound::JoinKind::kCross};
    join.sides.push_back(std::move(left));
    join.sides.push_back(std::move(items[i].relation));
    left = std::move(join);
  }
  for (size_t i = 0; i < optional.size(); ++i) {
    bound::Relation join{.kind = bound::RelationKind::kJoin, .join = bound::JoinKind::kLeft};
    join.sides.push_back(std::move(left));
    join.sides.push_back(std::move(optional[i].relation));
    join.condition = And(std::move(on[i]));
    left = std::move(join);
  }
  items.resize(1);
  items[0].relation = std::move(left);
}

std::string SelectBinder::LabelOf(const syntax::SelectItem& item) const {
  if (item.alias) return binder_.NameOf(*item.alias);
  if (const auto* column = syntax::As<syntax::ColumnReference>(item.value)) {
    if (!column->name.parts.empty()) return binder_.NameOf(column->name.parts.back());
  }
  return syntax::UpperCase(syntax::TextOf(binder_.request_.text, item.span));
}

void SelectBinder::AddItem(Expression value, std::string name, int32_t table,
                           int32_t table_column) {
  columns_.push_back({.name = std::move(name),
                      .type = value.type,
                      .carrier = value.carrier,
                      .nullable = value.nullable,
                      .table = table,
                      .table_column = table_column});
  bound_.items.push_back(std::move(value));
}

void SelectBinder::BindItems() {
  for (const syntax::SelectItem& item : select_.items) {
    if (const auto* star = syntax::As<syntax::Star>(item.value)) {
      std::vector<ScopeColumn> columns;
      binder_.ExpandStar(*star, scope_, item.span, columns);
      for (ScopeColumn& column : columns) {
        AddItem(std::move(column.value), std::move(column.name), column.table, column.table_column);
      }
      continue;
    }
    Expression value = BindIn(item.value, "SELECT", true, true);
    int32_t table = -1;
    int32_t table_column = -1;
    if (value.kind == bound::ExpressionKind::kColumn) {
      for (const ScopeColumn& column : scope_.from.visible) {
        if (column.value.kind != bound::ExpressionKind::kColumn ||
            !(column.value.column == value.column)) {
          continue;
        }
        table = column.table;
        table_column = column.table_column;
      }
    }
    if (item.alias) scope_.aliases[binder_.NameOf(*item.alias)].push_back(value);
    AddItem(std::move(value), LabelOf(item), table, table_column);
  }
}

// --- Grouping ------------------------------------------------------------------------------------

Expression SelectBinder::BindKey(const syntax::Expression& expression) {
  if (const int32_t place = binder_.OrdinalOf(expression, bound_.items.size())) {
    return bound_.items[static_cast<size_t>(place - 1)];
  }
  return BindIn(expression, "GROUP BY", false, false);
}

/// The sets of one element, as places in keys_, to which it adds what is new.
std::vector<std::vector<int32_t>> SelectBinder::SetsOf(const syntax::GroupingElement& element) {
  std::vector<std::vector<int32_t>> groups;
  for (const auto& group : element.groups) {
    std::vector<int32_t> places;
    for (const syntax::Expression& expression : group) {
      Expression key = BindKey(expression);
      const auto found = std::ranges::find_if(
          keys_, [&](const Expression& other) { return bound::SameValue(key, other); });
      places.push_back(static_cast<int32_t>(found - keys_.begin()));
      if (found == keys_.end()) keys_.push_back(std::move(key));
    }
    groups.push_back(std::move(places));
  }
  const auto joined = [&](auto wanted) {
    std::vector<int32_t> set;
    for (size_t i = 0; i < groups.size(); ++i) {
      if (wanted(i)) set.insert(set.end(), groups[i].begin(), groups[i].end());
    }
    return set;
  };
  std::vector<std::vector<int32_t>> sets;
  switch (element.kind) {
    case syntax::GroupingKind::kExpression:
      return {joined([](size_t) { return true; })};
    case syntax::GroupingKind::kSets:
      return groups;
    case syntax::GroupingKind::kRollup:
      for (size_t n = groups.size() + 1; n-- > 0;) {
        sets.push_back(joined([&](size_t i) { return i < n; }));
      }
      return sets;
    case syntax::GroupingKind::kCube:
      if (groups.size() > 7) FailUnsupported("CUBE of more than 7 elements");
      for (size_t bits = size_t{1} << groups.size(); bits-- > 0;) {
        sets.push_back(
            joined([&](size_t i) { return (bits >> (groups.size() - 1 - i) & 1) != 0; }));
      }
      return sets;
  }
  return sets;
}

void SelectBinder::BindGroupBy() {
  if (select_.group_by_all) {
    std::vector<int32_t> all;
    for (const Expression& item : bound_.items) {
      if (HasAggregate(item) || HasWindow(item)) continue;
      all.push_back(static_cast<int32_t>(keys_.size()));
      keys_.push_back(item);
    }
    sets_ = {all};
    return;
  }
  if (select_.group_by_nothing) sets_ = {{}};
  if (select_.group_by.empty()) return;
  // Elements beside each other: every set of one with every set of the others.
  sets_ = {{}};
  for (const syntax::GroupingElement& element : select_.group_by) {
    const auto added = SetsOf(element);
    std::vector<std::vector<int32_t>> product;
    for (const auto& set : sets_) {
      for (const auto& more : added) {
        product.push_back(set);
        for (const int32_t key : more) {
          if (std::ranges::find(product.back(), key) == product.back().end()) {
            product.back().push_back(key);
          }
        }
      }
    }
    sets_ = std::move(product);
  }
  for (const Expression& key : keys_) {
    if (!HasAggregate(key)) continue;
    FailBinding("000979", "42601", "aggregate functions are not allowed in the GROUP BY clause");
  }
}

bool SelectBinder::IsGrouped(const bound::Query& result) const {
  if (!sets_.empty() || std::ranges::any_of(bound_.items, HasAggregate)) return true;
  if (having_ && HasAggregate(*having_)) return true;
  if (bound_.qualify && HasAggregate(*bound_.qualify)) return true;
  return std::ranges::any_of(result.order, [](const bound::OrderKey& key) {
    return key.output == 0 && HasAggregate(key.value);
  });
}

void SelectBinder::Group(bound::Query& result) {
  if (sets_.empty()) sets_ = {{}};
  std::set<int32_t> relations;
  if (bound_.from) CollectRelations(*bound_.from, relations);
  const int32_t relation = binder_.counters_.next_relation++;
  GroupRewriter rewriter(keys_, relation, relations, [&](bound::ColumnId id) {
    std::string name = "?";
    for (const ScopeItem& item : scope_.from.items) {
      for (const ScopeColumn& column : item.columns) {
        if (column.value.kind != bound::ExpressionKind::kColumn || !(column.value.column == id)) {
          continue;
        }
        name = (item.qualifier.empty() ? "" : item.qualifier.back() + ".") + column.name;
      }
    }
    FailBinding("001104", "42601",
                "'{}' in select clause is neither an aggregate nor in the group by clause.", name);
  });
  for (Expression& item : bound_.items) rewriter.Rewrite(item);
  if (having_) rewriter.Rewrite(*having_);
  if (bound_.qualify) rewriter.Rewrite(*bound_.qualify);
  for (bound::OrderKey& key : result.order) {
    if (key.output == 0) rewriter.Rewrite(key.value);
  }
  bound::Query groups;
  bound::Select inner{.items = keys_,
                      .from = std::move(bound_.from),
                      .where = std::move(bound_.where),
                      .grouped = true,
                      .grouping_sets = sets_};
  inner.items.insert(inner.items.end(), rewriter.aggregates().begin(), rewriter.aggregates().end());
  // Somebody must stand in the list: `SELECT 1 … GROUP BY ()`.
  if (inner.items.empty()) {
    Expression count = Call("COUNT", "count(*)", {}, NumberType(18, 0));
    count.call = bound::CallKind::kAggregate;
    inner.items.push_back(std::move(count));
  }
  for (const Expression& item : inner.items) {
    groups.columns.push_back({.name = {}, .type = item.type, .carrier = item.carrier});
  }
  groups.body = std::move(inner);
  bound_.from = bound::Relation{.kind = bound::RelationKind::kDerived,
                                .id = relation,
                                .query = std::make_shared<const bound::Query>(std::move(groups))};
  bound_.where = std::move(having_);
  having_.reset();
}

// --- ORDER BY ------------------------------------------------------------------------------------

/// Values that DuckDB orders by their form get a key (SortKey).
bound::OrderKey SelectBinder::WithSortKey(bound::OrderKey key) const {
  const DataType& type =
      key.output > 0 ? bound_.items[static_cast<size_t>(key.output - 1)].type : key.value.type;
  if (!IsSemistructured(type) || (key.output > 0 && select_.distinct)) return key;
  Expression value =
      key.output > 0 ? bound_.items[static_cast<size_t>(key.output - 1)] : std::move(key.value);
  key.value = SortKey(std::move(value));
  key.output = 0;
  return key;
}

bound::OrderKey SelectBinder::BindOrderItem(const syntax::OrderItem& item) {
  bound::OrderKey key{.descending = item.descending, .nulls_first = binder_.NullsFirst(item)};
  key.output = binder_.OrdinalOf(item.value, columns_.size());
  if (key.output > 0) return key;
  const auto* name = syntax::As<syntax::ColumnReference>(item.value);
  if (name != nullptr && name->name.parts.size() == 1) {
    const std::string wanted = binder_.NameOf(name->name.parts[0]);
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].name != wanted) continue;
      if (key.output > 0 &&
          !bound::SameValue(bound_.items[i], bound_.items[static_cast<size_t>(key.output - 1)])) {
        binder_.FailAt(item.value->span, "002028", "42601",
                       fmt::format("ambiguous column name '{}'", wanted));
      }
      if (key.output == 0) key.output = static_cast<int32_t>(i + 1);
    }
    if (key.output > 0) return key;
  }
  key.value = BindIn(item.value, "ORDER BY", true, true);
  for (size_t i = 0; i < bound_.items.size(); ++i) {
    if (bound::SameValue(key.value, bound_.items[i])) key.output = static_cast<int32_t>(i + 1);
  }
  if (key.output == 0 && select_.distinct) {
    binder_.FailAt(item.value->span, "001719", "42601",
                   "ORDER BY items must appear in the select list if SELECT DISTINCT is specified");
  }
  return key;
}

void SelectBinder::BindOrder(bound::Query& result) {
  if (query_.order_by_all) {
    const bool any = !query_.order_by.empty();
    for (size_t i = 0; i < columns_.size(); ++i) {
      const bool descending = any && query_.order_by[0].descending;
      result.order.push_back(
          WithSortKey({.descending = descending,
                       .nulls_first = any ? binder_.NullsFirst(query_.order_by[0])
                                          : !binder_.request_.nulls_last,
                       .output = static_cast<int32_t>(i + 1)}));
    }
    return;
  }
  for (const syntax::OrderItem& item : query_.order_by) {
    result.order.push_back(WithSortKey(BindOrderItem(item)));
  }
}

}  // namespace tarn::sql
