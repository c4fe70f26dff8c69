// SPDX-License-Identifier: Apache-2.0
#include "incremental/inlined.h"

#include <map>
#include <utility>

namespace tarn::incremental {
namespace {

using sql::bound::Expression;
using sql::bound::Query;
using sql::bound::Relation;
using sql::bound::RelationKind;
using sql::bound::Select;
using sql::bound::SetOperation;
using sql::bound::Values;

template <typename T>
using Outcome = std::expected<T, NotIncremental>;

std::unexpected<NotIncremental> Refused(std::string what) {
  return std::unexpected(NotIncremental{"Unsupported query operator type: " + std::move(what)});
}

class Inliner {
 public:
  Outcome<QueryPointer> Run(const Query& query) {
    if (query.limit || query.offset) return Refused("Limit");
    for (const auto& table : query.with) {
      if (table.recursive) return Refused("RecursiveCommonTable");
      auto inlined = Run(*table.query);
      if (!inlined) return inlined;
      common_[table.id] = *inlined;
    }
    auto result = std::make_shared<Query>(query);
    result->with.clear();
    result->order.clear();
    if (auto* select = std::get_if<Select>(&result->body)) {
      if (select->from) {
        if (auto done = Run(*select->from); !done) return std::unexpected(done.error());
      }
    } else if (auto* operation = std::get_if<SetOperation>(&result->body)) {
      for (QueryPointer& operand : operation->operands) {
        auto inlined = Run(*operand);
        if (!inlined) return inlined;
        operand = *inlined;
      }
    } else if (auto* nested = std::get_if<QueryPointer>(&result->body)) {
      return Run(**nested);
    }
    return result;
  }

 private:
  Outcome<void> Run(Relation& relation) {
    if (!relation.sample.empty()) return Refused("Sample");
    for (Relation& side : relation.sides) {
      if (auto done = Run(side); !done) return done;
    }
    if (relation.kind == RelationKind::kCommonTable) {
      relation.kind = RelationKind::kDerived;
      relation.query = common_.at(relation.source);
    } else if (relation.kind == RelationKind::kDerived) {
      auto inlined = Run(*relation.query);
      if (!inlined) return std::unexpected(inlined.error());
      relation.query = *inlined;
    }
    return {};
  }

  std::map<int32_t, QueryPointer> common_;
};

}  // namespace

Outcome<QueryPointer> Inlined(const Query& query) { return Inliner().Run(query); }

void ForEachExpression(const Expression& expression,
                       const std::function<void(const Expression&)>& visit) {
  visit(expression);
  for (const Expression& argument : expression.arguments) ForEachExpression(argument, visit);
  for (const auto& key : expression.order) ForEachExpression(key.value, visit);
  if (expression.window != nullptr) {
    for (const Expression& key : expression.window->partition) ForEachExpression(key, visit);
    for (const auto& key : expression.window->order) ForEachExpression(key.value, visit);
  }
  if (expression.query != nullptr) ForEachExpression(*expression.query, visit);
}

void ForEachExpression(const Relation& relation,
                       const std::function<void(const Expression&)>& visit) {
  for (const Relation& side : relation.sides) ForEachExpression(side, visit);
  for (const Expression& argument : relation.arguments) ForEachExpression(argument, visit);
  if (relation.condition) ForEachExpression(*relation.condition, visit);
  if (relation.query != nullptr) ForEachExpression(*relation.query, visit);
}

void ForEachExpression(const Query& query, const std::function<void(const Expression&)>& visit) {
  for (const auto& table : query.with) ForEachExpression(*table.query, visit);
  if (const auto* select = std::get_if<Select>(&query.body)) {
    for (const Expression& item : select->items) ForEachExpression(item, visit);
    if (select->from) ForEachExpression(*select->from, visit);
    if (select->where) ForEachExpression(*select->where, visit);
    if (select->qualify) ForEachExpression(*select->qualify, visit);
  } else if (const auto* values = std::get_if<Values>(&query.body)) {
    for (const auto& row : values->rows) {
      for (const Expression& value : row) ForEachExpression(value, visit);
    }
  } else if (const auto* operation = std::get_if<SetOperation>(&query.body)) {
    for (const QueryPointer& operand : operation->operands) ForEachExpression(*operand, visit);
  } else {
    ForEachExpression(*std::get<QueryPointer>(query.body), visit);
  }
  for (const auto& key : query.order) ForEachExpression(key.value, visit);
}

}  // namespace tarn::incremental
