// SPDX-License-Identifier: Apache-2.0
// Deltas of queries: projections, groups, windows, sets.
#include <algorithm>
#include <utility>

#include "incremental/bound_terms.h"
#include "incremental/deriver.h"
#include "sql/duckdb_text/print.h"

namespace tarn::incremental {

using sql::bound::Expression;
using sql::bound::Query;
using sql::bound::Relation;
using sql::bound::Select;
using sql::bound::SetOperation;
using sql::bound::SetOperator;

Outcome<QueryPointer> Deriver::Delta(const Query& query) {
  if (const auto* select = std::get_if<Select>(&query.body)) {
    const auto node = nodes_.find(&query);
    if (node != nodes_.end()) return DeltaOfKept(node->second, query, *select);
    return Delta(query, *select);
  }
  if (const auto* operation = std::get_if<SetOperation>(&query.body)) {
    return Delta(query, *operation);
  }
  return QueryPointer();
}

Outcome<QueryPointer> Deriver::Delta(const Query& query, const Select& select) {
  std::vector<const sql::bound::Window*> windows;
  const auto collect = [&](const Expression& each) {
    if (each.window != nullptr) windows.push_back(each.window.get());
  };
  for (const Expression& item : select.items) ForEachExpression(item, collect);
  if (select.qualify) ForEachExpression(*select.qualify, collect);
  if (select.grouped) {
    if (!windows.empty() || select.distinct) return Refused("Aggregate with windows or DISTINCT");
    return DeltaOfGroups(query, select);
  }
  if (!windows.empty()) {
    if (select.distinct) return Refused("DISTINCT with windows");
    return DeltaOfWindows(query, select, windows);
  }
  if (!select.from) return QueryPointer();
  if (select.distinct) return DeltaOfParts(query, select, select.items);
  auto changes = DeltaOfRows(select);
  if (!changes) return std::unexpected(changes.error());
  std::vector<QueryPointer> terms;
  auto columns = query.columns;
  columns.push_back(WeightColumn());
  for (Term& change : *changes) {
    Select term{.items = select.items, .from = std::move(change.relation)};
    term.items.push_back(std::move(change.weight));
    term.where = std::move(change.condition);
    terms.push_back(QueryOf(std::move(term), columns));
  }
  return terms.empty() ? QueryPointer() : UnionAll(std::move(terms));
}

// --- Kept groups ---

/// A step makes the touched groups, of which all that is asked can be read.
Outcome<QueryPointer> Deriver::DeltaOfKept(Node& node, const Query& query, const Select& select) {
  if (!node.touched) {
    std::vector<DeltaTable> outer = std::exchange(used_, {});
    const auto changes = DeltaOfRows(select);
    std::vector<DeltaTable> used = std::exchange(used_, std::move(outer));
    if (!changes) return std::unexpected(changes.error());
    if (changes->empty()) return QueryPointer();
    auto step = StepOf(node, select, *changes, std::move(used));
    if (!step) return std::unexpected(step.error());
    steps_.push_back(*std::move(step));
    node.touched = true;
  }
  return TouchedRows(node, query);
}

Outcome<KeptStep> Deriver::StepOf(const Node& node, const Select& select, const Terms& changes,
                                  std::vector<DeltaTable> changes_used) {
  const KeptNames& names = names_[node.number];
  const KeptGroups& groups = node.groups;
  std::vector<QueryPointer> rows;
  for (const Term& change : changes) {
    Select each = groups.ChangedRows(change.relation, change.weight, change.condition);
    auto columns = ColumnsOf(each.items);
    rows.push_back(QueryOf(std::move(each), std::move(columns)));
  }
  KeptStep step{.node = node.number};
  step.touched = {
      .text = groups.TouchedText(sql::PrintForDuckdb(*UnionAll(std::move(rows))), names.kept),
      .columns = groups.touched_columns(),
      .tables = std::move(changes_used)};
  step.check = groups.CheckText(names.touched);
  step.renewed = Renewed(node, select, false);
  step.renewed_equal = Renewed(node, select, true);
  step.renew = groups.RenewText(names.touched, names.renewed);
  step.apply = groups.ApplyText(names.kept, names.touched);
  return step;
}

StateQuery Deriver::Renewed(const Node& node, const Select& select, bool equal) {
  std::vector<DeltaTable> outer = std::exchange(used_, {});
  const KeptGroups& groups = node.groups;
  Relation from = At(*select.from, TableState::kAfter);
  if (!groups.keys().empty()) {
    const int32_t relation = next_relation_++;
    Select lost = groups.LostKeys(names_[node.number].touched, next_relation_++);
    auto columns = ColumnsOf(lost.items);
    const Expression same =
        equal ? EqualRow(groups.keys(), relation) : SameRow(groups.keys(), relation);
    from = InnerJoin(std::move(from),
                     Derived(relation, QueryOf(std::move(lost), std::move(columns))), same);
  }
  Select renewed = groups.Groups(std::move(from), At(select.where, TableState::kAfter));
  auto columns = ColumnsOf(renewed.items);
  StateQuery query{.text = sql::PrintForDuckdb(*QueryOf(std::move(renewed), std::move(columns))),
                   .columns = groups.kept_columns()};
  query.tables = std::exchange(used_, std::move(outer));
  return query;
}

/// What the touched groups were, and what they are.
QueryPointer Deriver::TouchedRows(const Node& node, const Query& query) {
  const std::string& touched = names_[node.number].touched;
  auto columns = query.columns;
  columns.push_back(WeightColumn());
  std::vector<QueryPointer> terms;
  terms.push_back(QueryOf(node.groups.RowsBefore(touched, next_relation_++, Weight(-1)), columns));
  terms.push_back(QueryOf(node.groups.RowsAfter(touched, next_relation_++, Weight(1)), columns));
  return UnionAll(std::move(terms));
}

QueryPointer Deriver::KeptAt(const Node& node, const Query& query, TableState state) {
  const KeptNames& names = names_[node.number];
  if (state == TableState::kBefore || !node.touched) {
    return QueryOf(node.groups.KeptRows(names.kept, next_relation_++), query.columns);
  }
  std::vector<QueryPointer> parts;
  const int32_t relation = next_relation_++;
  parts.push_back(
      QueryOf(node.groups.UntouchedRows(names.kept, names.touched, relation, next_relation_++),
              query.columns));
  parts.push_back(
      QueryOf(node.groups.RowsAfter(names.touched, next_relation_++, std::nullopt), query.columns));
  return UnionAll(std::move(parts));
}

// --- Groups, windows and sets by what they are computed of ---

Outcome<QueryPointer> Deriver::DeltaOfGroups(const Query& query, const Select& select) {
  if (select.grouping_sets.size() != 1) return Refused("GroupingSets");
  std::vector<Expression> keys;
  for (const int32_t key : select.grouping_sets[0]) {
    keys.push_back(select.items[static_cast<size_t>(key)]);
  }
  return DeltaOfParts(query, select, keys);
}

Outcome<QueryPointer> Deriver::DeltaOfWindows(
    const Query& query, const Select& select,
    const std::vector<const sql::bound::Window*>& windows) {
  const std::vector<Expression>& partition = windows.front()->partition;
  for (const auto* window : windows) {
    if (!std::ranges::equal(window->partition, partition, sql::bound::SameValue)) {
      return Refused("Window functions with different PARTITION BY");
    }
  }
  if (partition.empty()) return Refused("Window function without PARTITION BY");
  return DeltaOfParts(query, select, partition);
}

/// The query's rows fall into parts by `keys`, each of which is computed for itself: those with
/// changed rows, before and after. Without keys there is one part.
Outcome<QueryPointer> Deriver::DeltaOfParts(const Query& query, const Select& select,
                                            const std::vector<Expression>& keys) {
  if (!select.from) return QueryPointer();
  auto changes = DeltaOfRows(select);
  if (!changes) return std::unexpected(changes.error());
  if (changes->empty()) return QueryPointer();
  std::optional<Relation> parts;
  if (!keys.empty()) {
    parts = Derived(next_relation_++, TouchedParts(*changes, keys));
  }
  std::vector<QueryPointer> terms;
  auto columns = query.columns;
  columns.push_back(WeightColumn());
  for (const auto state : {TableState::kBefore, TableState::kAfter}) {
    Select term = select;
    term.from = At(*select.from, state);
    term.where = At(select.where, state);
    if (parts) term.from = InnerJoin(*std::move(term.from), *parts, SameRow(keys, parts->id));
    term.items.push_back(Weight(state == TableState::kBefore ? -1 : 1));
    terms.push_back(QueryOf(std::move(term), columns));
  }
  return UnionAll(std::move(terms));
}

/// Each key of a changed row, once.
QueryPointer Deriver::TouchedParts(const Terms& changes, const std::vector<Expression>& keys) {
  std::vector<QueryPointer> operands;
  for (const Term& change : changes) {
    Select select{.distinct = true, .items = keys, .from = change.relation};
    select.where = change.condition;
    operands.push_back(QueryOf(std::move(select), ColumnsOf(keys)));
  }
  if (operands.size() == 1) return operands.front();
  auto query = std::make_shared<Query>();
  query->columns = operands.front()->columns;
  query->body =
      SetOperation{.op = SetOperator::kUnion, .all = false, .operands = std::move(operands)};
  return query;
}

Outcome<QueryPointer> Deriver::Delta(const Query& query, const SetOperation& operation) {
  if (operation.op == SetOperator::kUnion && operation.all) {
    std::vector<QueryPointer> changes;
    for (const QueryPointer& operand : operation.operands) {
      auto delta = Delta(*operand);
      if (!delta) return delta;
      if (*delta != nullptr) changes.push_back(*std::move(delta));
    }
    return changes.empty() ? QueryPointer() : UnionAll(std::move(changes));
  }
  return DeltaOfSets(query, operation);
}

/// Every row is a part of its own.
Outcome<QueryPointer> Deriver::DeltaOfSets(const Query& query, const SetOperation& operation) {
  const int32_t all = next_relation_++;
  std::vector<Expression> keys;
  for (size_t i = 0; i < query.columns.size(); ++i) {
    keys.push_back(ColumnOf(all, i, query.columns[i].carrier));
  }
  Terms changes;
  for (const QueryPointer& operand : operation.operands) {
    auto delta = Delta(*operand);
    if (!delta) return delta;
    if (*delta != nullptr) changes.push_back({Derived(all, *std::move(delta)), Weight(1), {}});
  }
  if (changes.empty()) return QueryPointer();
  const Relation parts = Derived(next_relation_++, TouchedParts(changes, keys));
  std::vector<QueryPointer> terms;
  auto columns = query.columns;
  columns.push_back(WeightColumn());
  for (const auto state : {TableState::kBefore, TableState::kAfter}) {
    SetOperation restricted = operation;
    for (QueryPointer& operand : restricted.operands) {
      Select select{.items = keys};
      select.from = InnerJoin(Derived(all, At(*operand, state)), parts, SameRow(keys, parts.id));
      operand = QueryOf(std::move(select), query.columns);
    }
    auto sets = std::make_shared<Query>();
    sets->columns = query.columns;
    sets->body = std::move(restricted);
    Select term{.items = keys, .from = Derived(all, std::move(sets))};
    term.items.push_back(Weight(state == TableState::kBefore ? -1 : 1));
    terms.push_back(QueryOf(std::move(term), columns));
  }
  return UnionAll(std::move(terms));
}

}  // namespace tarn::incremental
