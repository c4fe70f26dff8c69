// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "sql/bind/binder.h"
#include "sql/bind/coercion.h"

namespace tarn::sql {

using bound::Expression;

namespace {

FromScope Joined(const FromScope& left, const FromScope& right) {
  FromScope both = left;
  both.items.insert(both.items.end(), right.items.begin(), right.items.end());
  both.visible.insert(both.visible.end(), right.visible.begin(), right.visible.end());
  return both;
}

void MakeNullable(FromScope& scope) {
  for (ScopeColumn& column : scope.visible) column.value.nullable = true;
  for (ScopeItem& item : scope.items) {
    for (ScopeColumn& column : item.columns) column.value.nullable = true;
  }
}

const ScopeColumn* FindVisible(const FromScope& scope, const std::string& name) {
  const auto found = std::ranges::find(scope.visible, name, &ScopeColumn::name);
  return found == scope.visible.end() ? nullptr : &*found;
}

std::vector<std::string> SharedNames(const FromScope& left, const FromScope& right) {
  std::vector<std::string> names;
  for (const ScopeColumn& column : left.visible) {
    if (FindVisible(right, column.name) != nullptr) names.push_back(column.name);
  }
  return names;
}

bound::JoinKind KindOf(syntax::JoinKind kind) {
  switch (kind) {
    case syntax::JoinKind::kInner:
      return bound::JoinKind::kInner;
    case syntax::JoinKind::kLeft:
      return bound::JoinKind::kLeft;
    case syntax::JoinKind::kRight:
      return bound::JoinKind::kRight;
    case syntax::JoinKind::kFull:
      return bound::JoinKind::kFull;
    case syntax::JoinKind::kCross:
      return bound::JoinKind::kCross;
    case syntax::JoinKind::kAsof:
      return bound::JoinKind::kAsofLeft;
  }
  return bound::JoinKind::kInner;
}

}  // namespace

/// Keys are one column each and come first; the side that may be missing does not give their value.
void Binder::JoinUsing(const std::vector<std::string>& names, const syntax::Join& join,
                       BoundFrom& left, BoundFrom& right, std::vector<Expression>& conditions,
                       std::vector<ScopeColumn>& visible) {
  for (const std::string& name : names) {
    const ScopeColumn* a = FindVisible(left.scope, name);
    const ScopeColumn* b = FindVisible(right.scope, name);
    if (a == nullptr || b == nullptr) {
      FailAt(join.columns.empty() ? join.left->span : join.columns[0].span, "000904", "42000",
             fmt::format("invalid identifier '{}'", name));
    }
    conditions.push_back(Compare("=", a->value, b->value));
    ScopeColumn key = join.kind == syntax::JoinKind::kRight ? *b : *a;
    if (join.kind == syntax::JoinKind::kFull) {
      std::vector<Expression> sides = {a->value, b->value};
      Unify(sides);
      const DataType type = sides[0].type;
      const Type carrier = sides[0].carrier;
      key.value = Call("COALESCE", "coalesce({0}, {1})", std::move(sides), type, carrier);
      key.table = -1;
    }
    visible.push_back(std::move(key));
  }
  const auto rest = [&](const FromScope& scope) {
    for (const ScopeColumn& column : scope.visible) {
      if (std::ranges::find(names, column.name) == names.end()) visible.push_back(column);
    }
  };
  rest(left.scope);
  rest(right.scope);
}

Binder::BoundFrom Binder::BindJoin(const syntax::Join& join, const Scope* outer,
                                   const FromScope* before) {
  BoundFrom left = BindFrom(join.left, outer, before);
  const FromScope seen = before == nullptr ? left.scope : Joined(*before, left.scope);
  BoundFrom right = BindFrom(join.right, outer, &seen);
  if (join.kind == syntax::JoinKind::kRight || join.kind == syntax::JoinKind::kFull) {
    MakeNullable(left.scope);
  }
  if (join.kind == syntax::JoinKind::kLeft || join.kind == syntax::JoinKind::kFull ||
      join.kind == syntax::JoinKind::kAsof) {
    MakeNullable(right.scope);
  }
  BoundFrom result;
  result.scope = Joined(left.scope, right.scope);
  std::vector<Expression> conditions;
  if (join.natural || !join.columns.empty()) {
    std::vector<std::string> names;
    for (const syntax::Identifier& column : join.columns) names.push_back(NameOf(column));
    if (join.natural) names = SharedNames(left.scope, right.scope);
    std::vector<ScopeColumn> visible;
    JoinUsing(names, join, left, right, conditions, visible);
    result.scope.visible = std::move(visible);
  }
  const Scope scope{.outer = outer, .from = result.scope, .aliases = {}, .variables = {}};
  const ClauseState clause = std::exchange(clause_, ClauseState{.clause = "ON"});
  if (join.on) conditions.push_back(Bind(*join.on, scope));
  // DuckDB wants exactly one inequality in the condition of an ASOF join.
  if (join.match_condition) conditions.push_back(Bind(*join.match_condition, scope));
  clause_ = clause;
  result.relation.kind = bound::RelationKind::kJoin;
  result.relation.join = KindOf(join.kind);
  result.relation.sides.push_back(std::move(left.relation));
  result.relation.sides.push_back(std::move(right.relation));
  if (!conditions.empty()) result.relation.condition = And(std::move(conditions));
  return result;
}

}  // namespace tarn::sql
