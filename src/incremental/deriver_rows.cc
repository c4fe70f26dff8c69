// SPDX-License-Identifier: Apache-2.0
// Deltas of relations: tables, joins, and rows of a FROM that a WHERE lets through.
#include <algorithm>
#include <set>
#include <utility>

#include "incremental/bound_terms.h"
#include "incremental/deriver.h"

namespace tarn::incremental {

using sql::bound::Expression;
using sql::bound::ExpressionKind;
using sql::bound::JoinKind;
using sql::bound::Relation;
using sql::bound::RelationKind;
using sql::bound::Select;

Outcome<Terms> Deriver::Delta(const Relation& relation) {
  switch (relation.kind) {
    case RelationKind::kTable:
      return DeltaOfTable(relation);
    case RelationKind::kDerived: {
      if (relation.lateral) return Refused("Lateral");
      auto delta = Delta(*relation.query);
      if (!delta) return std::unexpected(delta.error());
      if (*delta == nullptr) return Terms();
      const size_t columns = relation.query->columns.size();
      return Terms{{Derived(relation.id, *delta), ColumnOf(relation.id, columns, WeightType()),
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

Outcome<Terms> Deriver::DeltaOfTable(const Relation& relation) {
  const auto table = static_cast<size_t>(relation.source);
  if (!changed_[table]) return Terms();
  Term term{.relation = relation};
  term.relation.source = Use(table, TableState::kChanges);
  const size_t columns = tables_[table].table.columns.size();
  term.weight =
      Call("CAST(CASE WHEN {0} = 'INSERT' THEN 1 ELSE -1 END AS BIGINT)",
           {ColumnOf(relation.id, columns, Type::Primitive(TypeKind::kString))}, WeightType());
  return Terms{std::move(term)};
}

Outcome<Terms> Deriver::DeltaOfJoin(const Relation& join) {
  switch (join.join) {
    case JoinKind::kInner:
    case JoinKind::kCross:
      return DeltaOfInner(join);
    case JoinKind::kLeft:
      return DeltaOfOuter(join, 0);
    case JoinKind::kRight:
      return DeltaOfOuter(join, 1);
    case JoinKind::kFull:
      return DeltaOfFull(join);
    case JoinKind::kAsofLeft:
      return Refused("Join[ASOF]");
  }
  return Refused("Join");
}

/// Δ(L ⋈ R) = ΔL ⋈ R after + L before ⋈ ΔR.
Outcome<Terms> Deriver::DeltaOfInner(const Relation& join) {
  Terms terms;
  std::vector<Terms> changes;
  for (const Relation& side : join.sides) {
    auto delta = Delta(side);
    if (!delta) return delta;
    changes.push_back(*std::move(delta));
  }
  for (size_t side = 0; side < 2; ++side) {
    for (Term& change : changes[side]) {
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
Outcome<Terms> Deriver::DeltaOfOuter(const Relation& join, size_t kept) {
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

/// As a left join, and beside it the rows of the right side without a partner: those that changed
/// themselves, and those before of which any partner changed.
Outcome<Terms> Deriver::DeltaOfFull(const Relation& join) {
  Relation left = join;
  left.join = JoinKind::kLeft;
  auto terms = DeltaOfOuter(left, 0);
  if (!terms) return terms;
  auto changes = Delta(join.sides[1]);
  if (!changes) return changes;
  auto partners = Delta(join.sides[0]);
  if (!partners) return partners;
  // No row of the left side: its columns are null.
  Relation alone = join;
  alone.join = JoinKind::kRight;
  alone.condition =
      Expression{.carrier = Type::Primitive(TypeKind::kBoolean), .constant = Value(false)};
  for (Term& change : *changes) {
    Term term{.relation = alone, .weight = std::move(change.weight)};
    term.relation.sides[0] = At(join.sides[0], TableState::kAfter);
    term.relation.sides[1] = std::move(change.relation);
    term.condition =
        And(std::move(change.condition), NoneOf(join.sides[0], TableState::kAfter, join.condition));
    terms->push_back(std::move(term));
  }
  if (partners->empty()) return terms;
  const Expression touched = AnyOf(*partners, join.condition);
  for (const auto state : {TableState::kBefore, TableState::kAfter}) {
    Term term{.relation = alone, .weight = Weight(state == TableState::kBefore ? -1 : 1)};
    term.relation.sides[0] = At(join.sides[0], state);
    term.relation.sides[1] = At(join.sides[1], TableState::kBefore);
    term.condition = And(touched, NoneOf(join.sides[0], state, join.condition));
    terms->push_back(std::move(term));
  }
  return terms;
}

namespace {

/// The names of the rows' relations hide those of the same relations around.
Expression Exists(const char* pattern, Relation from, std::optional<Expression> condition) {
  Select select{.items = {Weight(1)}, .from = std::move(from)};
  select.where = std::move(condition);
  return {.kind = ExpressionKind::kSubquery,
          .carrier = Type::Primitive(TypeKind::kBoolean),
          .pattern = pattern,
          .query = QueryOf(std::move(select), {WeightColumn()})};
}

Expression Or(Expression a, Expression b) {
  return Call("({0} OR {1})", {std::move(a), std::move(b)}, Type::Primitive(TypeKind::kBoolean));
}

}  // namespace

/// Whether a row meets any of the changes.
Expression Deriver::AnyOf(const Terms& changes, const std::optional<Expression>& condition) {
  std::optional<Expression> any;
  for (const Term& change : changes) {
    Expression exists = Exists("EXISTS ({q})", change.relation, And(condition, change.condition));
    any = any ? Or(*std::move(any), std::move(exists)) : std::move(exists);
  }
  return *std::move(any);
}

Expression Deriver::NoneOf(const Relation& relation, TableState state,
                           const std::optional<Expression>& condition) {
  return Exists("NOT EXISTS ({q})", At(relation, state), condition);
}

/// F ⊢ W, where W has subqueries: changed rows of F by W after, and rows of F before that a change
/// of a subquery concerns, by W before and after.
Outcome<Terms> Deriver::DeltaOfRows(const Select& select) {
  auto changes = Delta(*select.from);
  if (!changes) return changes;
  // Before anything is read as it is after: of groups that are kept, only a derived change tells
  // which ones it touches.
  Outcome<std::optional<Expression>> touched = std::optional<Expression>();
  if (select.where) touched = Touches(*select.where);
  if (!touched) return std::unexpected(touched.error());
  const auto after = At(select.where, TableState::kAfter);
  for (Term& change : *changes) change.condition = And(after, std::move(change.condition));
  if (!*touched) return changes;
  for (const auto state : {TableState::kBefore, TableState::kAfter}) {
    Term term{.weight = Weight(state == TableState::kBefore ? -1 : 1)};
    term.relation = At(*select.from, TableState::kBefore);
    term.condition = And(*touched, At(select.where, state));
    changes->push_back(std::move(term));
  }
  return changes;
}

/// Whether a change of any subquery in the expression may concern a row; absent: none changed.
Outcome<std::optional<Expression>> Deriver::Touches(const Expression& where) {
  std::optional<Expression> any;
  Outcome<void> outcome;
  const auto add = [&](const Expression& part) {
    auto touches = Touches(part);
    if (!touches) {
      outcome = std::unexpected(touches.error());
    } else if (*touches) {
      any = any ? Or(*std::move(any), **std::move(touches)) : **std::move(touches);
    }
  };
  for (const Expression& argument : where.arguments) add(argument);
  if (!outcome) return std::unexpected(outcome.error());
  if (where.kind != ExpressionKind::kSubquery) return any;
  auto touches = TouchesOf(where);
  if (!touches) return touches;
  if (!*touches) return any;
  return any ? Or(*std::move(any), **std::move(touches)) : **std::move(touches);
}

namespace {

void CollectRelations(const Relation& relation, std::set<int32_t>& ids) {
  ids.insert(relation.id);
  for (const Relation& side : relation.sides) CollectRelations(side, ids);
}

/// Whether the relation names columns that are not its own: of a query around it.
bool IsCorrelated(const Relation& relation) {
  std::set<int32_t> own;
  CollectRelations(relation, own);
  bool correlated = false;
  ForEachExpression(relation, [&](const Expression& each) {
    correlated |= each.kind == ExpressionKind::kColumn && !own.contains(each.column.relation);
  });
  return correlated;
}

}  // namespace

/// Rows of its FROM that changed and that its WHERE lets through; of IN, those that the value may
/// be compared with.
Outcome<std::optional<Expression>> Deriver::TouchesOf(const Expression& subquery) {
  const sql::bound::Query& query = *subquery.query;
  if (!Changes(query)) return std::optional<Expression>();
  const auto* const select = std::get_if<Select>(&query.body);
  const bool plain = select != nullptr && select->from && !select->grouped && !select->qualify;
  if (!plain || IsCorrelated(*select->from)) return Refused("Subquery");
  auto changes = DeltaOfRows(*select);
  if (!changes) return std::unexpected(changes.error());
  if (changes->empty()) return std::optional<Expression>();
  if (subquery.name != "IN" || subquery.arguments.size() != 1 || select->items.size() != 1) {
    return AnyOf(*changes, std::nullopt);
  }
  // Equal ones, which are found by a hash; and where one is null, whatever is compared with it.
  const Type boolean = Type::Primitive(TypeKind::kBoolean);
  const Expression& value = subquery.arguments[0];
  const Expression& listed = select->items[0];
  Expression equal = AnyOf(*changes, Call("({0} = {1})", {value, listed}, boolean));
  Expression any = AnyOf(*changes, std::nullopt);
  Expression null = AnyOf(*changes, Call("({0} IS NULL)", {listed}, boolean));
  return Or(std::move(equal),
            Or(And(Call("({0} IS NULL)", {value}, boolean), std::move(any)), std::move(null)));
}

}  // namespace tarn::incremental
