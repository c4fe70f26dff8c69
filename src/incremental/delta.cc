// SPDX-License-Identifier: Apache-2.0
#include "incremental/delta.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "incremental/inlined.h"

namespace tarn::incremental {
namespace {

using sql::bound::CallKind;
using sql::bound::ColumnId;
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

template <typename T>
using Outcome = std::expected<T, NotIncremental>;

std::unexpected<NotIncremental> Refused(std::string what) {
  return std::unexpected(NotIncremental{"Unsupported query operator type: " + std::move(what)});
}

Type WeightType() { return Type::Primitive(TypeKind::kLong); }

Expression Column(int32_t relation, size_t column, Type carrier) {
  return {.kind = ExpressionKind::kColumn,
          .carrier = std::move(carrier),
          .column = {relation, static_cast<int32_t>(column)}};
}

Expression Weight(int64_t value) {
  return {.carrier = WeightType(), .nullable = false, .constant = Value(value)};
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

/// All of them equal, null equal to null.
Expression SameRow(const std::vector<Expression>& values, int32_t relation) {
  std::optional<Expression> all;
  for (size_t i = 0; i < values.size(); ++i) {
    all = And(std::move(all), Call("({0} IS NOT DISTINCT FROM {1})",
                                   {values[i], Column(relation, i, values[i].carrier)},
                                   Type::Primitive(TypeKind::kBoolean)));
  }
  return *std::move(all);
}

OutputColumn WeightColumn() {
  return {.name = "weight", .carrier = WeightType(), .nullable = false};
}

/// `columns`: names and types of the items.
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

Relation Joined(Relation left, Relation right, Expression condition) {
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

/// Relations of one side in some state, how often each of its rows counts, and what must hold
/// beside the query's own conditions.
struct Term {
  Relation relation;
  Expression weight;
  std::optional<Expression> condition;
};
using Terms = std::vector<Term>;

class Deriver {
 public:
  Deriver(const sql::BoundQuery& query, const std::vector<bool>& changed)
      : tables_(query.tables), changed_(changed) {}

  Outcome<DeltaQuery> Run(const Query& query) {
    const auto inlined = Inlined(query);
    if (!inlined) return std::unexpected(inlined.error());
    if (auto checked = Check(**inlined); !checked) return std::unexpected(checked.error());
    auto delta = Delta(**inlined);
    if (!delta) return std::unexpected(delta.error());
    if (*delta == nullptr) delta = NoRows(**inlined);
    return DeltaQuery{**delta, std::move(used_)};
  }

 private:
  static constexpr int32_t kFirstOwnRelation = 1'000'000;

  static Outcome<void> Check(const Query& query) {
    Outcome<void> outcome;
    ForEachExpression(query, [&](const Expression& each) {
      if (each.kind == ExpressionKind::kSubquery && outcome) outcome = Refused("Subquery");
      if (each.is_volatile && outcome) {
        outcome = std::unexpected(NotIncremental{
            "Change tracking is not supported on queries with volatile functions: " + each.name});
      }
    });
    return outcome;
  }

  static QueryPointer NoRows(const Query& query) {
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

  int32_t Use(size_t table, TableState state) {
    if (state == TableState::kBefore && !changed_[table]) state = TableState::kAfter;
    const DeltaTable wanted{table, state};
    auto found = std::ranges::find(used_, wanted);
    if (found == used_.end()) found = used_.insert(used_.end(), wanted);
    return static_cast<int32_t>(found - used_.begin());
  }

  Relation At(const Relation& relation, TableState state) {
    Relation result = relation;
    if (relation.kind == RelationKind::kTable) {
      result.source = Use(static_cast<size_t>(relation.source), state);
    }
    for (Relation& side : result.sides) side = At(side, state);
    if (relation.query != nullptr) result.query = At(*relation.query, state);
    return result;
  }

  QueryPointer At(const Query& query, TableState state) {
    auto result = std::make_shared<Query>(query);
    if (auto* select = std::get_if<Select>(&result->body)) {
      if (select->from) select->from = At(*select->from, state);
    } else if (auto* operation = std::get_if<SetOperation>(&result->body)) {
      for (QueryPointer& operand : operation->operands) operand = At(*operand, state);
    }
    return result;
  }

  bool Changes(const Relation& relation) const {
    if (relation.kind == RelationKind::kTable) {
      return changed_[static_cast<size_t>(relation.source)];
    }
    if (relation.query != nullptr && Changes(*relation.query)) return true;
    return std::ranges::any_of(relation.sides, [&](const Relation& each) { return Changes(each); });
  }

  bool Changes(const Query& query) const {
    if (const auto* select = std::get_if<Select>(&query.body)) {
      return select->from && Changes(*select->from);
    }
    const auto* operation = std::get_if<SetOperation>(&query.body);
    return operation != nullptr &&
           std::ranges::any_of(operation->operands,
                               [&](const QueryPointer& each) { return Changes(*each); });
  }

  // --- FROM ---

  Outcome<Terms> Delta(const Relation& relation) {
    switch (relation.kind) {
      case RelationKind::kTable:
        return DeltaOfTable(relation);
      case RelationKind::kDerived: {
        if (relation.lateral) return Refused("Lateral");
        auto delta = Delta(*relation.query);
        if (!delta) return std::unexpected(delta.error());
        if (*delta == nullptr) return Terms();
        const size_t columns = relation.query->columns.size();
        return Terms{{Derived(relation.id, *delta), Column(relation.id, columns, WeightType()),
                      std::nullopt}};
      }
      case RelationKind::kCall:
        return Terms();
      case RelationKind::kJoin:
        return DeltaOfJoin(relation);
      case RelationKind::kCommonTable:
        break;
    }
    return Refused("CommonTable");
  }

  Outcome<Terms> DeltaOfTable(const Relation& relation) {
    const auto table = static_cast<size_t>(relation.source);
    if (!changed_[table]) return Terms();
    Term term{.relation = relation};
    term.relation.source = Use(table, TableState::kChanges);
    const size_t columns = tables_[table].table.columns.size();
    term.weight =
        Call("CAST(CASE WHEN {0} = 'INSERT' THEN 1 ELSE -1 END AS BIGINT)",
             {Column(relation.id, columns, Type::Primitive(TypeKind::kString))}, WeightType());
    return Terms{std::move(term)};
  }

  Outcome<Terms> DeltaOfJoin(const Relation& join) {
    switch (join.join) {
      case JoinKind::kInner:
      case JoinKind::kCross:
        return DeltaOfInner(join);
      case JoinKind::kLeft:
        return DeltaOfOuter(join, 0);
      case JoinKind::kRight:
        return DeltaOfOuter(join, 1);
      case JoinKind::kFull:
        return Refused("Join[FULL OUTER]");
      case JoinKind::kAsofLeft:
        return Refused("Join[ASOF]");
    }
    return Refused("Join");
  }

  /// Δ(L ⋈ R) = ΔL ⋈ R after + L before ⋈ ΔR.
  Outcome<Terms> DeltaOfInner(const Relation& join) {
    Terms terms;
    for (size_t side = 0; side < 2; ++side) {
      auto changes = Delta(join.sides[side]);
      if (!changes) return changes;
      for (Term& change : *changes) {
        Term term{.weight = std::move(change.weight), .condition = std::move(change.condition)};
        term.relation = join;
        term.relation.sides[side] = std::move(change.relation);
        term.relation.sides[1 - side] =
            At(join.sides[1 - side], side == 0 ? TableState::kAfter : TableState::kBefore);
        terms.push_back(std::move(term));
      }
    }
    return terms;
  }

  /// `kept`: the side all of whose rows are there. Its changed rows against the other side after;
  /// and of its rows before, those of which any partner changed, against the other side before and
  /// after.
  Outcome<Terms> DeltaOfOuter(const Relation& join, size_t kept) {
    auto changes = Delta(join.sides[kept]);
    if (!changes) return changes;
    auto partners = Delta(join.sides[1 - kept]);
    if (!partners) return partners;
    Terms terms;
    for (Term& change : *changes) {
      Term term{.weight = std::move(change.weight), .condition = std::move(change.condition)};
      term.relation = join;
      term.relation.sides[kept] = std::move(change.relation);
      term.relation.sides[1 - kept] = At(join.sides[1 - kept], TableState::kAfter);
      terms.push_back(std::move(term));
    }
    if (partners->empty()) return terms;
    const Expression touched = AnyOf(*partners, join.condition);
    for (const auto state : {TableState::kBefore, TableState::kAfter}) {
      Term term{.weight = Weight(state == TableState::kBefore ? -1 : 1), .condition = touched};
      term.relation = join;
      term.relation.sides[kept] = At(join.sides[kept], TableState::kBefore);
      term.relation.sides[1 - kept] = At(join.sides[1 - kept], state);
      terms.push_back(std::move(term));
    }
    return terms;
  }

  /// Whether a row meets any of the changes. The names of the changes' relations hide those of the
  /// same relations around.
  static Expression AnyOf(const Terms& changes, const std::optional<Expression>& condition) {
    std::optional<Expression> any;
    for (const Term& change : changes) {
      Select select;
      select.items.push_back(Weight(1));
      select.from = change.relation;
      select.where = And(condition, change.condition);
      Expression exists{.kind = ExpressionKind::kSubquery,
                        .carrier = Type::Primitive(TypeKind::kBoolean),
                        .pattern = "EXISTS ({q})",
                        .query = QueryOf(std::move(select), {WeightColumn()})};
      any = any ? Call("({0} OR {1})", {*std::move(any), std::move(exists)},
                       Type::Primitive(TypeKind::kBoolean))
                : std::move(exists);
    }
    return *std::move(any);
  }

  // --- Queries: null where nothing changed ---

  Outcome<QueryPointer> Delta(const Query& query) {
    if (const auto* select = std::get_if<Select>(&query.body)) return Delta(query, *select);
    if (const auto* operation = std::get_if<SetOperation>(&query.body)) {
      return Delta(query, *operation);
    }
    return QueryPointer();
  }

  Outcome<QueryPointer> Delta(const Query& query, const Select& select) {
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
    if (select.distinct) return DeltaOfParts(query, select, select.items);
    if (!select.from) return QueryPointer();
    auto changes = Delta(*select.from);
    if (!changes) return std::unexpected(changes.error());
    std::vector<QueryPointer> terms;
    auto columns = query.columns;
    columns.push_back(WeightColumn());
    for (Term& change : *changes) {
      Select term{.items = select.items, .from = std::move(change.relation)};
      term.items.push_back(std::move(change.weight));
      term.where = And(select.where, std::move(change.condition));
      terms.push_back(QueryOf(std::move(term), columns));
    }
    return terms.empty() ? QueryPointer() : UnionAll(std::move(terms));
  }

  Outcome<QueryPointer> DeltaOfGroups(const Query& query, const Select& select) {
    if (select.grouping_sets.size() != 1) return Refused("GroupingSets");
    std::vector<Expression> keys;
    for (const int32_t key : select.grouping_sets[0]) {
      keys.push_back(select.items[static_cast<size_t>(key)]);
    }
    return DeltaOfParts(query, select, keys);
  }

  Outcome<QueryPointer> DeltaOfWindows(const Query& query, const Select& select,
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
  Outcome<QueryPointer> DeltaOfParts(const Query& query, const Select& select,
                                     const std::vector<Expression>& keys) {
    if (!select.from) return QueryPointer();
    auto changes = Delta(*select.from);
    if (!changes) return std::unexpected(changes.error());
    if (changes->empty()) return QueryPointer();
    std::optional<Relation> parts;
    if (!keys.empty()) {
      parts = Derived(next_relation_++, TouchedParts(*changes, select.where, keys));
    }
    std::vector<QueryPointer> terms;
    auto columns = query.columns;
    columns.push_back(WeightColumn());
    for (const auto state : {TableState::kBefore, TableState::kAfter}) {
      Select term = select;
      term.from = At(*select.from, state);
      if (parts) term.from = Joined(*std::move(term.from), *parts, SameRow(keys, parts->id));
      term.items.push_back(Weight(state == TableState::kBefore ? -1 : 1));
      terms.push_back(QueryOf(std::move(term), columns));
    }
    return UnionAll(std::move(terms));
  }

  /// Each key of a changed row, once.
  static QueryPointer TouchedParts(const Terms& changes, const std::optional<Expression>& where,
                                   const std::vector<Expression>& keys) {
    std::vector<QueryPointer> operands;
    for (const Term& change : changes) {
      Select select{.distinct = true, .items = keys, .from = change.relation};
      select.where = And(where, change.condition);
      operands.push_back(QueryOf(std::move(select), ColumnsOf(keys)));
    }
    if (operands.size() == 1) return operands.front();
    auto query = std::make_shared<Query>();
    query->columns = operands.front()->columns;
    query->body =
        SetOperation{.op = SetOperator::kUnion, .all = false, .operands = std::move(operands)};
    return query;
  }

  Outcome<QueryPointer> Delta(const Query& query, const SetOperation& operation) {
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
  Outcome<QueryPointer> DeltaOfSets(const Query& query, const SetOperation& operation) {
    const int32_t all = next_relation_++;
    std::vector<Expression> keys;
    for (size_t i = 0; i < query.columns.size(); ++i) {
      keys.push_back(Column(all, i, query.columns[i].carrier));
    }
    Terms changes;
    for (const QueryPointer& operand : operation.operands) {
      auto delta = Delta(*operand);
      if (!delta) return delta;
      if (*delta != nullptr) changes.push_back({Derived(all, *std::move(delta)), Weight(1), {}});
    }
    if (changes.empty()) return QueryPointer();
    const Relation parts = Derived(next_relation_++, TouchedParts(changes, std::nullopt, keys));
    std::vector<QueryPointer> terms;
    auto columns = query.columns;
    columns.push_back(WeightColumn());
    for (const auto state : {TableState::kBefore, TableState::kAfter}) {
      SetOperation restricted = operation;
      for (QueryPointer& operand : restricted.operands) {
        Select select{.items = keys};
        select.from = Joined(Derived(all, At(*operand, state)), parts, SameRow(keys, parts.id));
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

  const std::vector<sql::BoundTable>& tables_;
  const std::vector<bool>& changed_;
  std::vector<DeltaTable> used_;
  int32_t next_relation_ = kFirstOwnRelation;
};

}  // namespace

Outcome<DeltaQuery> DeltaOf(const sql::BoundQuery& query, const std::vector<bool>& changed) {
  return Deriver(query, changed).Run(query.query);
}

}  // namespace tarn::incremental
