// SPDX-License-Identifier: Apache-2.0
// `sequence.NEXTVAL` (Snowflake, "Using Sequences"): every place where it stands gives every row a
// number of its own.
#include <algorithm>
#include <array>
#include <utility>

#include "sql/bind/coercion.h"
#include "sql/bind/select_binder.h"

namespace tarn::sql {

using bound::Expression;

namespace {

constexpr std::string_view kNextValue = "NEXTVAL";
/// A sequence's numbers have 64 bits.
constexpr int32_t kDigits = 19;

/// Numbers belong to the rows that a query block gives, and these decide which rows those are.
constexpr std::array<std::string_view, 6> kClausesWithout = {"WHERE",  "ON",      "GROUP BY",
                                                             "HAVING", "QUALIFY", "ORDER BY"};

}  // namespace

bool TakesNumbers(const Expression& value) {
  return (value.is_volatile && value.name == kNextValue) ||
         std::ranges::any_of(value.arguments, TakesNumbers);
}

Expression Binder::BindFixed(const syntax::Expression& expression) {
  const Scope nothing;
  Expression value = Bind(expression, nothing);
  if (TakesNumbers(value)) FailUnsupported("NEXTVAL in a value of the statement itself");
  return value;
}

std::optional<Expression> Binder::BindNextValue(const std::vector<std::string>& parts,
                                                syntax::Span span) {
  if (parts.size() < 2 || parts.back() != kNextValue || request_.names == nullptr) {
    return std::nullopt;
  }
  auto found = request_.names->Sequence({parts.begin(), parts.end() - 1});
  if (!found) {
    throw BindFailure{.code = found.error().code,
                      .sqlstate = found.error().sqlstate,
                      .message = found.error().error.message,
                      .span = span,
                      .kind = found.error().error.kind};
  }
  if (!*found) return std::nullopt;
  if (std::ranges::find(kClausesWithout, std::string_view(clause_.clause)) !=
      kClausesWithout.end()) {
    FailUnsupported("NEXTVAL in {}", clause_.clause);
  }
  auto& sequences = counters_.sequences;
  const auto known = std::ranges::find(sequences, (*found)->id, &NamedSequence::id);
  const auto place = static_cast<size_t>(known - sequences.begin());
  if (known == sequences.end()) sequences.push_back(**std::move(found));
  Expression value = Call(std::string(kNextValue), fmt::format("tarn_next_value({})", place), {},
                          NumberType(kDigits, 0), Type::Primitive(TypeKind::kLong));
  value.nullable = false;
  value.is_volatile = true;
  ++counters_.volatile_calls;
  return value;
}

void SelectBinder::NumberRows(std::vector<Binder::BoundFrom>& items,
                              const syntax::TableExpressionNode& node,
                              const syntax::FunctionCall& call) {
  const auto* sequence = call.arguments.size() == 1
                             ? syntax::As<syntax::ColumnReference>(call.arguments[0].value)
                             : nullptr;
  if (sequence == nullptr || !node.alias) {
    binder_.FailAt(node.span, "001003", "42000", "GETNEXTVAL wants a sequence and an alias");
  }
  std::vector<std::string> parts = binder_.NamesOf(sequence->name);
  parts.emplace_back(kNextValue);
  const ClauseState clause = std::exchange(binder_.clause_, ClauseState{.clause = "FROM"});
  auto number = binder_.BindNextValue(parts, node.span);
  binder_.clause_ = clause;
  if (!number) {
    binder_.FailAt(node.span, "000904", "42000",
                   fmt::format("invalid identifier '{}'", parts[parts.size() - 2]));
  }
  bound::Query rows;
  bound::Select select;
  const auto place_of = [&](const Expression& value) {
    const auto known = std::ranges::find_if(
        select.items, [&](const Expression& item) { return bound::SameValue(item, value); });
    const auto place = static_cast<size_t>(known - select.items.begin());
    if (known == select.items.end()) select.items.push_back(value);
    return place;
  };
  // Where each column of the scope, in its order, is among the columns of the rows.
  FromScope scope;
  std::vector<size_t> places;
  for (Binder::BoundFrom& item : items) {
    std::ranges::move(item.scope.items, std::back_inserter(scope.items));
    std::ranges::move(item.scope.visible, std::back_inserter(scope.visible));
    if (!select.from) {
      select.from = std::move(item.relation);
      continue;
    }
    bound::Relation join{.kind = bound::RelationKind::kJoin, .join = bound::JoinKind::kCross};
    join.sides.push_back(*std::move(select.from));
    join.sides.push_back(std::move(item.relation));
    select.from = std::move(join);
  }
  const auto each_column = [&](const auto& visit) {
    for (ScopeItem& item : scope.items) {
      item.table_relation = -1;
      for (ScopeColumn& column : item.columns) visit(column);
    }
    for (ScopeColumn& column : scope.visible) visit(column);
  };
  each_column([&](ScopeColumn& column) { places.push_back(place_of(column.value)); });
  select.items.push_back(*std::move(number));
  for (const Expression& value : select.items) {
    rows.columns.push_back({.name = std::string(kNextValue),
                            .type = value.type,
                            .carrier = value.carrier,
                            .nullable = value.nullable});
  }
  rows.body = std::move(select);
  Binder::BoundFrom numbered = binder_.DerivedFrom(std::move(rows), false);
  auto next = places.begin();
  each_column([&](ScopeColumn& column) { column.value = numbered.scope.visible[*next++].value; });
  ScopeColumn last = numbered.scope.visible.back();
  scope.items.push_back({.qualifier = {binder_.NameOf(node.alias->name)}, .columns = {last}});
  scope.visible.push_back(std::move(last));
  numbered.scope = std::move(scope);
  items.clear();
  items.push_back(std::move(numbered));
}

}  // namespace tarn::sql
