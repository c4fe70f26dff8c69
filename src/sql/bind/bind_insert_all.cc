// SPDX-License-Identifier: Apache-2.0
// INSERT ALL and INSERT FIRST.
#include <algorithm>
#include <utility>

#include "sql/bind/change_binder.h"
#include "sql/bind/coercion.h"
#include "sql/functions/function.h"

namespace tarn::sql {

using bound::Expression;

namespace {

Expression Always() { return Constant(true, BooleanType(), CarrierOf(BooleanType())); }

/// Null counts as false.
Expression Holds(Expression condition) {
  Expression holds = Call("holds", "coalesce({0}, FALSE)", {std::move(condition)}, BooleanType());
  holds.nullable = false;
  return holds;
}

}  // namespace

/// Of each branch, whether its rows are taken. ELSE takes what no other condition does, and so does
/// every branch of FIRST with what those before it do not.
std::vector<Expression> ChangeBinder::ConditionsOf(const syntax::MultiTableInsert& insert) {
  std::vector<Expression> conditions;
  std::vector<Expression> before;
  const bool conditional = insert.branches.at(0).condition.has_value();
  for (const syntax::InsertBranch& branch : insert.branches) {
    if (!conditional) {
      conditions.push_back(Always());
      continue;
    }
    Expression own =
        branch.condition ? Holds(And({BindOver(*branch.condition, "WHEN")})) : Always();
    std::vector<Expression> all = {own};
    if (insert.first || !branch.condition) {
      for (const Expression& earlier : before) all.push_back(Not(earlier));
    }
    before.push_back(std::move(own));
    conditions.push_back(Holds(And(std::move(all))));
  }
  return conditions;
}

/// Absent: the default.
std::vector<std::optional<Expression>> ChangeBinder::ValuesInto(const syntax::InsertTarget& into,
                                                                std::vector<bool>& counted) {
  const std::vector<size_t> columns = ColumnsOf(into.columns);
  std::vector<std::optional<Expression>> written(target_->columns.size());
  counted.assign(target_->columns.size(), false);
  if (into.values.empty()) {
    const auto& visible = from_.scope.visible;
    CheckCount(columns.size(), visible.size());
    for (size_t i = 0; i < columns.size(); ++i) {
      written[columns[i]] = ToStored(visible[i].value, target_->columns[columns[i]]);
    }
    return written;
  }
  CheckCount(columns.size(), into.values.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (syntax::As<syntax::DefaultValue>(into.values[i]) != nullptr) continue;
    written[columns[i]] =
        ToStored(BindOver(into.values[i], "VALUES"), target_->columns[columns[i]]);
  }
  return written;
}

BoundMultiInsert ChangeBinder::InsertAll(const syntax::MultiTableInsert& insert,
                                         std::span<const ChangeTarget> targets) {
  from_ = binder_.DerivedFrom(binder_.BindQuery(insert.source, nullptr), false);
  const std::vector<Expression> conditions = ConditionsOf(insert);
  BoundMultiInsert result;
  for (size_t branch = 0; branch < insert.branches.size(); ++branch) {
    for (const syntax::InsertTarget& into : insert.branches[branch].targets) {
      target_ = &targets[result.targets.size()];
      BoundInsertRows rows{
          .applies = select_.items.size(), .first_value = select_.items.size() + 1, .counted = {}};
      AddColumn("APPLIES", conditions[branch]);
      std::vector<std::optional<Expression>> written = ValuesInto(into, rows.counted);
      for (size_t i = 0; i < target_->columns.size(); ++i) {
        const TargetColumn& column = target_->columns[i];
        if (!written[i]) rows.counted[i] = column.counted;
        Expression value = written[i] ? *std::move(written[i]) : DefaultOf(column);
        const DataType type = value.type;
        const Type carrier = value.carrier;
        // What is converted for other rows must not fail.
        Expression guarded = Call("value", "CASE WHEN {0} THEN {1} END",
                                  {conditions[branch], std::move(value)}, type, carrier);
        guarded.nullable = true;
        AddColumn(column.name, std::move(guarded));
      }
      result.targets.push_back(std::move(rows));
    }
  }
  select_.from = std::move(from_.relation);
  result.query = Take().query;
  return result;
}

}  // namespace tarn::sql
