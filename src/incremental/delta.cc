// SPDX-License-Identifier: Apache-2.0
#include "incremental/delta.h"

#include <algorithm>
#include <set>
#include <utility>

#include "incremental/bound_terms.h"
#include "incremental/deriver.h"
#include "sql/duckdb_text/print.h"

namespace tarn::incremental {

using sql::bound::Expression;
using sql::bound::ExpressionKind;
using sql::bound::OutputColumn;
using sql::bound::Query;
using sql::bound::Relation;
using sql::bound::RelationKind;
using sql::bound::Select;
using sql::bound::SetOperation;

std::unexpected<NotIncremental> Refused(std::string what) {
  return std::unexpected(NotIncremental{"Unsupported query operator type: " + std::move(what)});
}

namespace {

void CollectKept(const Query& query, std::set<const Query*>& seen,
                 std::vector<const Query*>& found);

void CollectKept(const Relation& relation, std::set<const Query*>& seen,
                 std::vector<const Query*>& found) {
  for (const Relation& side : relation.sides) CollectKept(side, seen, found);
  if (relation.query != nullptr && !relation.lateral) CollectKept(*relation.query, seen, found);
}

void CollectKept(const Query& query, std::set<const Query*>& seen,
                 std::vector<const Query*>& found) {
  if (!seen.insert(&query).second) return;
  if (const auto* select = std::get_if<Select>(&query.body)) {
    if (select->from) CollectKept(*select->from, seen, found);
    if (KeptGroups::Applies(*select)) found.push_back(&query);
  } else if (const auto* operation = std::get_if<SetOperation>(&query.body)) {
    for (const QueryPointer& operand : operation->operands) CollectKept(*operand, seen, found);
  }
}

}  // namespace

std::vector<const Query*> KeptQueries(const Query& query) {
  std::set<const Query*> seen;
  std::vector<const Query*> found;
  CollectKept(query, seen, found);
  return found;
}

Outcome<QueryPointer> Deriver::Prepare(const Query& query) {
  auto inlined = Inlined(query);
  if (!inlined) return inlined;
  if (auto checked = Check(**inlined); !checked) return std::unexpected(checked.error());
  root_ = *inlined;
  if (names_.empty()) return inlined;
  for (const Query* each : KeptQueries(*root_)) {
    const size_t number = nodes_.size();
    nodes_.emplace(each,
                   Node{.number = number, .groups = KeptGroups(std::get<Select>(each->body))});
  }
  return inlined;
}

Outcome<DeltaPlan> Deriver::Plan(const Query& query) {
  const auto prepared = Prepare(query);
  if (!prepared) return std::unexpected(prepared.error());
  auto delta = Delta(**prepared);
  if (!delta) return std::unexpected(delta.error());
  if (*delta == nullptr) delta = NoRows(**prepared);
  return DeltaPlan{.steps = std::move(steps_), .delta = {**delta, std::move(used_)}};
}

Outcome<std::vector<StateQuery>> Deriver::Kept(const Query& query) {
  const auto prepared = Prepare(query);
  if (!prepared) return std::unexpected(prepared.error());
  std::vector<StateQuery> kept;
  for (const Query* each : KeptQueries(**prepared)) {
    const KeptGroups& groups = nodes_.at(each).groups;
    const auto& select = std::get<Select>(each->body);
    used_.clear();
    Select rows =
        groups.Groups(At(*select.from, TableState::kBefore), At(select.where, TableState::kBefore));
    auto columns = ColumnsOf(rows.items);
    StateQuery state{.text = sql::PrintForDuckdb(*QueryOf(std::move(rows), std::move(columns))),
                     .columns = groups.kept_columns()};
    state.tables = std::exchange(used_, {});
    kept.push_back(std::move(state));
  }
  return kept;
}

Outcome<void> Deriver::Check(const Query& query) {
  Outcome<void> outcome;
  ForEachExpression(query, [&](const Expression& each) {
    if (each.is_volatile && outcome) {
      outcome = std::unexpected(NotIncremental{
          "Change tracking is not supported on queries with volatile functions: " + each.name});
    }
  });
  if (outcome && HasMisplacedSubquery(query)) return Refused("Subquery");
  return outcome;
}

QueryPointer Deriver::NoRows(const Query& query) {
  Select select;
  for (const OutputColumn& column : query.columns) {
    select.items.push_back({.carrier = column.carrier});
  }
  select.items.push_back(Weight(0));
  select.where =
      Expression{.carrier = Type::Primitive(TypeKind::kBoolean), .constant = Value(false)};
  auto columns = query.columns;
  columns.push_back(WeightColumn());
  return QueryOf(std::move(select), std::move(columns));
}

// --- States ---

int32_t Deriver::Use(size_t table, TableState state) {
  if (state == TableState::kBefore && !changed_[table]) state = TableState::kAfter;
  const DeltaTable wanted{table, state};
  auto found = std::ranges::find(used_, wanted);
  if (found == used_.end()) found = used_.insert(used_.end(), wanted);
  return static_cast<int32_t>(found - used_.begin());
}

Relation Deriver::At(const Relation& relation, TableState state) {
  Relation result = relation;
  if (relation.kind == RelationKind::kTable) {
    result.source = Use(static_cast<size_t>(relation.source), state);
  }
  for (Relation& side : result.sides) side = At(side, state);
  if (relation.query != nullptr) result.query = At(*relation.query, state);
  return result;
}

QueryPointer Deriver::At(const Query& query, TableState state) {
  const auto node = nodes_.find(&query);
  if (node != nodes_.end()) return KeptAt(node->second, query, state);
  auto result = std::make_shared<Query>(query);
  if (auto* select = std::get_if<Select>(&result->body)) {
    if (select->from) select->from = At(*select->from, state);
    select->where = At(select->where, state);
  } else if (auto* operation = std::get_if<SetOperation>(&result->body)) {
    for (QueryPointer& operand : operation->operands) operand = At(*operand, state);
  }
  return result;
}

std::optional<Expression> Deriver::At(const std::optional<Expression>& expression,
                                      TableState state) {
  if (!expression) return std::nullopt;
  return At(*expression, state);
}

Expression Deriver::At(const Expression& expression, TableState state) {
  Expression result = expression;
  for (Expression& argument : result.arguments) argument = At(argument, state);
  if (expression.query != nullptr) result.query = At(*expression.query, state);
  return result;
}

bool Deriver::Changes(const Relation& relation) const {
  if (relation.kind == RelationKind::kTable) {
    return changed_[static_cast<size_t>(relation.source)];
  }
  if (relation.query != nullptr && Changes(*relation.query)) return true;
  return std::ranges::any_of(relation.sides, [&](const Relation& each) { return Changes(each); });
}

bool Deriver::Changes(const Query& query) const {
  if (const auto* select = std::get_if<Select>(&query.body)) {
    if (select->from && Changes(*select->from)) return true;
    bool changes = false;
    if (select->where) {
      ForEachExpression(*select->where, [&](const Expression& each) {
        changes |= each.kind == ExpressionKind::kSubquery && Changes(*each.query);
      });
    }
    return changes;
  }
  const auto* operation = std::get_if<SetOperation>(&query.body);
  return operation != nullptr &&
         std::ranges::any_of(operation->operands,
                             [&](const QueryPointer& each) { return Changes(*each); });
}

// --- What others call ---

Outcome<DeltaQuery> DeltaOf(const sql::BoundQuery& query, const std::vector<bool>& changed) {
  auto plan = PlanDelta(query, changed, {});
  if (!plan) return std::unexpected(plan.error());
  return std::move(plan->delta);
}

size_t KeptCount(const sql::BoundQuery& query) {
  const auto inlined = Inlined(query.query);
  return inlined ? KeptQueries(**inlined).size() : 0;
}

Outcome<std::vector<StateQuery>> KeptRows(const sql::BoundQuery& query,
                                          const std::vector<bool>& changed,
                                          std::span<const KeptNames> names) {
  return Deriver(query, changed, names).Kept(query.query);
}

Outcome<DeltaPlan> PlanDelta(const sql::BoundQuery& query, const std::vector<bool>& changed,
                             std::span<const KeptNames> names) {
  return Deriver(query, changed, names).Plan(query.query);
}

}  // namespace tarn::incremental
