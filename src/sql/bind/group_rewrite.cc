// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/group_rewrite.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace tarn::sql {

using bound::Expression;

Expression GroupRewriter::ColumnOf(const Expression& value, size_t column) const {
  Expression result;
  result.kind = bound::ExpressionKind::kColumn;
  result.column = {relation_, static_cast<int32_t>(column)};
  result.type = value.type;
  result.carrier = value.carrier;
  result.nullable = true;
  return result;
}

void GroupRewriter::Rewrite(Expression& expression) {
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (bound::SameValue(expression, keys_[i])) {
      expression = ColumnOf(expression, i);
      return;
    }
  }
  if (depth_ == 0 && expression.call == bound::CallKind::kAggregate &&
      expression.window == nullptr) {
    const auto found = std::ranges::find_if(aggregates_, [&](const Expression& aggregate) {
      return bound::SameValue(aggregate, expression);
    });
    const auto place = static_cast<size_t>(found - aggregates_.begin());
    if (found == aggregates_.end()) aggregates_.push_back(expression);
    expression = ColumnOf(aggregates_[place], keys_.size() + place);
    return;
  }
  if (expression.kind == bound::ExpressionKind::kColumn) {
    if (relations_.contains(expression.column.relation)) ungrouped_(expression.column);
    return;
  }
  RewriteParts(expression);
}

void GroupRewriter::RewriteParts(Expression& expression) {
  for (Expression& argument : expression.arguments) Rewrite(argument);
  RewriteOrder(expression.order);
  if (expression.window != nullptr) {
    auto window = std::make_shared<bound::Window>(*expression.window);
    for (Expression& key : window->partition) Rewrite(key);
    RewriteOrder(window->order);
    expression.window = std::move(window);
  }
  if (expression.query != nullptr) {
    auto query = std::make_shared<bound::Query>(*expression.query);
    RewriteQuery(*query);
    expression.query = std::move(query);
  }
}

void GroupRewriter::RewriteOrder(std::vector<bound::OrderKey>& order) {
  for (bound::OrderKey& key : order) {
    if (key.output == 0) Rewrite(key.value);
  }
}

void GroupRewriter::RewriteQuery(bound::Query& query) {
  ++depth_;
  const auto rewritten = [&](const std::shared_ptr<const bound::Query>& part) {
    auto copy = std::make_shared<bound::Query>(*part);
    RewriteQuery(*copy);
    return std::shared_ptr<const bound::Query>(std::move(copy));
  };
  for (auto& table : query.with) table.query = rewritten(table.query);
  if (auto* select = std::get_if<bound::Select>(&query.body)) {
    for (Expression& item : select->items) Rewrite(item);
    if (select->from) RewriteRelation(*select->from);
    if (select->where) Rewrite(*select->where);
    if (select->qualify) Rewrite(*select->qualify);
  } else if (auto* values = std::get_if<bound::Values>(&query.body)) {
    for (auto& row : values->rows) {
      for (Expression& value : row) Rewrite(value);
    }
  } else if (auto* operation = std::get_if<bound::SetOperation>(&query.body)) {
    for (auto& operand : operation->operands) operand = rewritten(operand);
  } else {
    auto& nested = std::get<std::shared_ptr<const bound::Query>>(query.body);
    nested = rewritten(nested);
  }
  RewriteOrder(query.order);
  --depth_;
}

void GroupRewriter::RewriteRelation(bound::Relation& relation) {
  for (bound::Relation& side : relation.sides) RewriteRelation(side);
  if (relation.condition) Rewrite(*relation.condition);
  for (Expression& argument : relation.arguments) Rewrite(argument);
  if (relation.query != nullptr) {
    auto query = std::make_shared<bound::Query>(*relation.query);
    RewriteQuery(*query);
    relation.query = std::move(query);
  }
}

}  // namespace tarn::sql
