// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "sql/bind/change_binder.h"
#include "sql/bind/coercion.h"

namespace tarn::sql {

using bound::Expression;

void ChangeBinder::CheckCount(size_t columns, size_t values) const {
  if (columns == values) return;
  FailBinding("002020", "21S01",
              "Insert value list does not match column list expecting {} but got {}", columns,
              values);
}

/// Columns that nobody gives take their default.
void ChangeBinder::AddInserted(std::vector<std::optional<Expression>> written, BoundClause clause) {
  clause.action = syntax::MergeAction::kInsert;
  clause.counted.resize(target_->columns.size());
  for (size_t i = 0; i < target_->columns.size(); ++i) {
    const TargetColumn& column = target_->columns[i];
    if (written[i]) {
      AddColumn(column.name, *std::move(written[i]));
    } else {
      clause.counted[i] = column.counted;
      AddColumn(column.name, DefaultOf(column));
    }
  }
  result_.clauses.push_back(std::move(clause));
}

std::vector<size_t> ChangeBinder::ColumnsByName(const std::vector<ScopeColumn>& visible) {
  std::vector<size_t> columns;
  for (const ScopeColumn& column : visible) {
    const auto found = std::ranges::find(target_->columns, column.name, &TargetColumn::name);
    if (found == target_->columns.end()) {
      FailBinding("000904", "42000", "invalid identifier '{}'", column.name);
    }
    columns.push_back(static_cast<size_t>(found - target_->columns.begin()));
    if (std::ranges::count(columns, columns.back()) > 1) {
      FailBinding("002025", "42S21", "duplicate column name '{}'", column.name);
    }
  }
  return columns;
}

BoundChange ChangeBinder::Insert(const syntax::Insert& insert) {
  const syntax::Query& source = insert.source;
  const auto* values = std::get_if<syntax::Values>(&source.body);
  const bool plain = source.with.empty() && source.order_by.empty() && !source.order_by_all &&
                     !source.limit.limit && !source.limit.offset && !insert.by_name;
  if (values != nullptr && plain) return InsertValues(*values, ColumnsOf(insert.columns));
  if (insert.by_name && !insert.columns.empty()) {
    FailBinding("001003", "42000", "BY NAME takes no list of columns");
  }
  return InsertQuery(source, insert.columns, insert.by_name);
}

BoundChange ChangeBinder::Rows(const syntax::Query& source) {
  return InsertQuery(source, {}, false);
}

BoundChange ChangeBinder::InsertQuery(const syntax::Query& source,
                                      const std::vector<syntax::Identifier>& names, bool by_name) {
  Binder::BoundFrom rows = binder_.DerivedFrom(binder_.BindQuery(source, nullptr), false);
  const std::vector<size_t> columns =
      by_name ? ColumnsByName(rows.scope.visible) : ColumnsOf(names);
  CheckCount(columns.size(), rows.scope.visible.size());
  std::vector<std::optional<Expression>> written(target_->columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    written[columns[i]] =
        ToStored(std::move(rows.scope.visible[i].value), target_->columns[columns[i]]);
  }
  select_.from = std::move(rows.relation);
  AddInserted(std::move(written), {});
  return Take();
}

namespace {

bool HasSubquery(const Expression& expression) {
  return expression.kind == bound::ExpressionKind::kSubquery ||
         std::ranges::any_of(expression.arguments, HasSubquery);
}

}  // namespace

/// The values of one column, which have one type before they are converted; absent: DEFAULT.
std::vector<std::optional<Expression>> ChangeBinder::BindValuesOf(const syntax::Values& values,
                                                                  size_t place) {
  const Scope nothing;
  std::vector<Expression> written;
  for (const auto& row : values.rows) {
    if (syntax::As<syntax::DefaultValue>(row[place]) != nullptr) continue;
    Expression value = BindIn(row[place], nothing, "VALUES");
    if (IsSemistructured(value.type) || HasSubquery(value)) {
      FailBinding("002014", "22000", "Invalid expression [{}] in VALUES clause",
                  syntax::TextOf(binder_.request_.text, row[place]->span));
    }
    written.push_back(std::move(value));
  }
  Unify(written);
  std::vector<std::optional<Expression>> column;
  auto next = written.begin();
  for (const auto& row : values.rows) {
    const bool is_default = syntax::As<syntax::DefaultValue>(row[place]) != nullptr;
    column.push_back(is_default ? std::optional<Expression>() : std::move(*next++));
  }
  return column;
}

BoundChange ChangeBinder::InsertValues(const syntax::Values& values,
                                       const std::vector<size_t>& columns) {
  BoundClause clause;
  clause.counted.resize(target_->columns.size());
  for (const auto& row : values.rows) CheckCount(columns.size(), row.size());
  bound::Values rows;
  rows.rows.resize(values.rows.size());
  bound::Query inner;
  for (size_t i = 0; i < columns.size(); ++i) {
    const TargetColumn& target = target_->columns[columns[i]];
    auto column = BindValuesOf(values, i);
    const auto defaults = std::ranges::count_if(
        column, [](const std::optional<Expression>& value) { return !value; });
    clause.counted[columns[i]] = target.counted && defaults > 0;
    if (clause.counted[columns[i]] && static_cast<size_t>(defaults) < column.size()) {
      FailUnsupported("DEFAULT beside values in a column that numbers itself");
    }
    for (size_t row = 0; row < column.size(); ++row) {
      rows.rows[row].push_back(column[row] ? ToStored(*std::move(column[row]), target)
                                           : DefaultOf(target));
    }
    inner.columns.push_back(
        {.name = target.name, .type = target.type, .carrier = rows.rows[0].back().carrier});
  }
  inner.body = std::move(rows);
  Binder::BoundFrom from = binder_.DerivedFrom(std::move(inner), false);
  std::vector<std::optional<Expression>> written(target_->columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    written[columns[i]] = std::move(from.scope.visible[i].value);
  }
  select_.from = std::move(from.relation);
  AddInserted(std::move(written), std::move(clause));
  return Take();
}

}  // namespace tarn::sql
