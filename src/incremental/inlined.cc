// SPDX-License-Identifier: Apache-2.0
#include "incremental/inlined.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "incremental/bound_terms.h"
#include "sql/duckdb_text/print.h"

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
      if (select->where) {
        if (auto done = Run(*select->where); !done) return std::unexpected(done.error());
      }
      if (select->grouping_sets.size() > 1) return BySet(*result, *select);
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

  Outcome<void> Run(Expression& expression) {
    for (Expression& argument : expression.arguments) {
      if (auto done = Run(argument); !done) return done;
    }
    if (expression.query == nullptr) return {};
    auto inlined = Run(*expression.query);
    if (!inlined) return std::unexpected(inlined.error());
    expression.query = *inlined;
    return {};
  }

  /// GROUPING of the keys: a bit for each that the set has not.
  static Expression GroupingOf(const Expression& grouping, const Select& select,
                               const std::vector<int32_t>& set) {
    int64_t bits = 0;
    for (const Expression& key : grouping.arguments) {
      const bool grouped = std::ranges::any_of(set, [&](int32_t place) {
        return sql::bound::SameValue(select.items[static_cast<size_t>(place)], key);
      });
      bits = bits * 2 + (grouped ? 0 : 1);
    }
    return Call(fmt::format("CAST({} AS {})", bits, sql::DuckdbTypeName(grouping.carrier)), {},
                grouping.carrier);
  }

  /// Keys that a set has not are null.
  QueryPointer OfSet(const Query& query, const Select& select, const std::vector<int32_t>& set) {
    const int32_t relation = next_relation_++;
    Select inner{.from = select.from, .where = select.where, .grouped = true};
    inner.grouping_sets.emplace_back();
    Select outer;
    for (const int32_t place : set) {
      inner.grouping_sets[0].push_back(static_cast<int32_t>(inner.items.size()));
      inner.items.push_back(select.items[static_cast<size_t>(place)]);
    }
    for (size_t i = 0; i < select.items.size(); ++i) {
      const Expression& item = select.items[i];
      const auto found = std::ranges::find(set, static_cast<int32_t>(i));
      if (found != set.end()) {
        outer.items.push_back(
            ColumnOf(relation, static_cast<size_t>(found - set.begin()), item.carrier));
      } else if (item.call != sql::bound::CallKind::kAggregate) {
        outer.items.push_back({.carrier = item.carrier});
      } else if (item.name == "GROUPING" || item.name == "GROUPING_ID") {
        outer.items.push_back(GroupingOf(item, select, set));
      } else {
        outer.items.push_back(ColumnOf(relation, inner.items.size(), item.carrier));
        inner.items.push_back(item);
      }
    }
    if (inner.items.empty()) {
      Expression count = Call("count(*)", {}, WeightType());
      count.name = "COUNT";
      count.call = sql::bound::CallKind::kAggregate;
      inner.items.push_back(std::move(count));
    }
    auto columns = ColumnsOf(inner.items);
    outer.from = Derived(relation, QueryOf(std::move(inner), std::move(columns)));
    return QueryOf(std::move(outer), query.columns);
  }

  QueryPointer BySet(const Query& query, const Select& select) {
    std::vector<QueryPointer> operands;
    for (const auto& set : select.grouping_sets) operands.push_back(OfSet(query, select, set));
    return UnionAll(std::move(operands));
  }

  static constexpr int32_t kFirstRelation = 2'000'000;

  std::map<int32_t, QueryPointer> common_;
  int32_t next_relation_ = kFirstRelation;
};

bool HasSubquery(const Expression& expression) {
  bool has = false;
  ForEachExpression(expression, [&](const Expression& each) {
    has |= each.kind == sql::bound::ExpressionKind::kSubquery;
  });
  return has;
}

bool IsMisplacedIn(const Relation& relation) {
  if (relation.condition && HasSubquery(*relation.condition)) return true;
  if (std::ranges::any_of(relation.arguments, HasSubquery)) return true;
  if (relation.query != nullptr && HasMisplacedSubquery(*relation.query)) return true;
  return std::ranges::any_of(relation.sides, IsMisplacedIn);
}

}  // namespace

bool HasMisplacedSubquery(const Query& query) {
  if (const auto* operation = std::get_if<SetOperation>(&query.body)) {
    return std::ranges::any_of(
        operation->operands, [](const QueryPointer& each) { return HasMisplacedSubquery(*each); });
  }
  const auto* const select = std::get_if<Select>(&query.body);
  if (select == nullptr) return false;
  if (std::ranges::any_of(select->items, HasSubquery)) return true;
  if (select->qualify && HasSubquery(*select->qualify)) return true;
  bool misplaced = select->from && IsMisplacedIn(*select->from);
  if (select->where) {
    ForEachExpression(*select->where, [&](const Expression& each) {
      misplaced |= each.query != nullptr && HasMisplacedSubquery(*each.query);
    });
  }
  return misplaced;
}

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
