// SPDX-License-Identifier: Apache-2.0
#include "incremental/bound_terms.h"

#include <utility>

namespace tarn::incremental {

using sql::bound::Expression;
using sql::bound::ExpressionKind;
using sql::bound::JoinKind;
using sql::bound::OutputColumn;
using sql::bound::Query;
using sql::bound::Relation;
using sql::bound::RelationKind;
using sql::bound::Select;
using sql::bound::SetOperation;
using sql::bound::SetOperator;

namespace {

Expression AllOf(const char* comparison, const std::vector<Expression>& values, int32_t relation) {
  std::optional<Expression> all;
  for (size_t i = 0; i < values.size(); ++i) {
    all =
        And(std::move(all), Call(comparison, {values[i], ColumnOf(relation, i, values[i].carrier)},
                                 Type::Primitive(TypeKind::kBoolean)));
  }
  return *std::move(all);
}

}  // namespace

Type WeightType() { return Type::Primitive(TypeKind::kLong); }

Expression Weight(int64_t value) {
  return {.carrier = WeightType(), .nullable = false, .constant = Value(value)};
}

OutputColumn WeightColumn() {
  return {.name = "weight", .carrier = WeightType(), .nullable = false};
}

Expression ColumnOf(int32_t relation, size_t column, Type carrier) {
  return {.kind = ExpressionKind::kColumn,
          .carrier = std::move(carrier),
          .column = {relation, static_cast<int32_t>(column)}};
}

Expression Call(std::string pattern, std::vector<Expression> arguments, Type carrier) {
  return {.kind = ExpressionKind::kCall,
          .carrier = std::move(carrier),
          .pattern = std::move(pattern),
          .arguments = std::move(arguments)};
}

Expression And(Expression a, Expression b) {
  return Call("({0} AND {1})", {std::move(a), std::move(b)}, Type::Primitive(TypeKind::kBoolean));
}

std::optional<Expression> And(std::optional<Expression> a, std::optional<Expression> b) {
  if (!a) return b;
  if (!b) return a;
  return And(*std::move(a), *std::move(b));
}

Expression SameRow(const std::vector<Expression>& values, int32_t relation) {
  return AllOf("({0} IS NOT DISTINCT FROM {1})", values, relation);
}

Expression EqualRow(const std::vector<Expression>& values, int32_t relation) {
  return AllOf("({0} = {1})", values, relation);
}

QueryPointer QueryOf(Select select, std::vector<OutputColumn> columns) {
  auto query = std::make_shared<Query>();
  query->body = std::move(select);
  query->columns = std::move(columns);
  return query;
}

QueryPointer UnionAll(std::vector<QueryPointer> operands) {
  if (operands.size() == 1) return operands.front();
  auto query = std::make_shared<Query>();
  query->columns = operands.front()->columns;
  query->body =
      SetOperation{.op = SetOperator::kUnion, .all = true, .operands = std::move(operands)};
  return query;
}

Relation Derived(int32_t id, QueryPointer query) {
  return {.kind = RelationKind::kDerived, .id = id, .query = std::move(query)};
}

Relation InnerJoin(Relation left, Relation right, Expression condition) {
  Relation join{.kind = RelationKind::kJoin, .join = JoinKind::kInner};
  join.sides.push_back(std::move(left));
  join.sides.push_back(std::move(right));
  join.condition = std::move(condition);
  return join;
}

std::vector<OutputColumn> ColumnsOf(const std::vector<Expression>& items) {
  std::vector<OutputColumn> columns;
  for (const Expression& item : items) {
    columns.push_back({.type = item.type, .carrier = item.carrier, .nullable = item.nullable});
  }
  return columns;
}

}  // namespace tarn::incremental
