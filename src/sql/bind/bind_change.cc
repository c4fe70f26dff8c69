// SPDX-License-Identifier: Apache-2.0
#include "sql/bind/bind_change.h"

#include <algorithm>
#include <set>
#include <utility>

#include "iceberg/model/metadata_columns.h"
#include "sql/bind/change_binder.h"
#include "sql/bind/coercion.h"
#include "sql/bound/volatility.h"
#include "sql/functions/function.h"

namespace tarn::sql {

using bound::Expression;

namespace {

constexpr int32_t kMicrosecondDigits = 6;

int64_t PowerOfTen(int32_t exponent) {
  int64_t power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

/// Fewer digits of a second than there are: the rest is cut.
Expression Cut(Expression value) {
  const DataType type = value.type;
  const Type carrier = value.carrier;
  if (!IsTemporal(type) || type.kind == DataTypeKind::kDate ||
      type.precision >= kMicrosecondDigits) {
    return value;
  }
  const bool zoned = type.kind == DataTypeKind::kTimestampTz;
  // Nanoseconds of a TIMESTAMP_TZ count from the second before, microseconds of others from 1970.
  const int64_t unit = PowerOfTen((zoned ? 9 : kMicrosecondDigits) - type.precision);
  std::string pattern =
      zoned ? fmt::format(
                  "CASE WHEN {{0}} IS NULL THEN NULL ELSE struct_pack(p0 := "
                  "struct_extract_at({{0}}, 1), p1 := CAST(struct_extract_at({{0}}, 2) - "
                  "struct_extract_at({{0}}, 2) % {0} AS INTEGER), p2 := "
                  "struct_extract_at({{0}}, 3)) END",
                  unit)
            : fmt::format("({{0}} - to_microseconds(((epoch_us({{0}}) % {0}) + {0}) % {0}))", unit);
  return Call("cut", std::move(pattern), {std::move(value)}, type, carrier);
}

/// In the type that files have.
Expression Stored(Expression value, const Type& stored) {
  const DataType type = value.type;
  if (IsSemistructured(type) && stored.kind == TypeKind::kString) {
    return Call("stored", "tarn_plain_json({0})", {std::move(value)}, type, stored);
  }
  switch (stored.kind) {
    case TypeKind::kFloat:
      return Call("stored", "CAST({0} AS FLOAT)", {std::move(value)}, type, stored);
    case TypeKind::kTimestampNs:
      return Call("stored", "CAST({0} AS TIMESTAMP_NS)", {std::move(value)}, type, stored);
    case TypeKind::kStruct:
      if (type.kind == DataTypeKind::kTimestampTz) return value;
      [[fallthrough]];
    case TypeKind::kList:
    case TypeKind::kMap:
    case TypeKind::kFixed:
    case TypeKind::kVariant:
    case TypeKind::kTimestampTzNs:
      FailUnsupported("writing of columns that other writers made of type {}", ToString(type));
    default:
      return WithCarrier(std::move(value), stored);
  }
}

}  // namespace

Expression ChangeBinder::ToStored(Expression value, const TargetColumn& column) const {
  if (!CanConvert(value.type, column.type)) {
    FailBinding("002023", "22000",
                "Expression type does not match column data type, expecting {} but got {} for "
                "column {}",
                ToString(column.type), ToString(value.type), column.name);
  }
  return Stored(Cut(Convert(std::move(value), column.type)), column.stored);
}

Expression ChangeBinder::DefaultOf(const TargetColumn& column) const {
  return ToStored(column.default_value ? *column.default_value : NullConstant(), column);
}

size_t ChangeBinder::ColumnOf(const syntax::Identifier& name, syntax::Span span) {
  const std::string canonical = binder_.NameOf(name);
  const auto found = std::ranges::find(target_->columns, canonical, &TargetColumn::name);
  if (found == target_->columns.end()) {
    binder_.FailAt(span, "000904", "42000", fmt::format("invalid identifier '{}'", canonical));
  }
  return static_cast<size_t>(found - target_->columns.begin());
}

std::vector<size_t> ChangeBinder::ColumnsOf(const std::vector<syntax::Identifier>& names) {
  std::vector<size_t> columns;
  std::set<size_t> seen;
  for (const syntax::Identifier& name : names) {
    columns.push_back(ColumnOf(name, name.span));
    if (!seen.insert(columns.back()).second) {
      FailBinding("002025", "42S21", "duplicate column name '{}'",
                  target_->columns[columns.back()].name);
    }
  }
  if (!names.empty()) return columns;
  for (size_t i = 0; i < target_->columns.size(); ++i) columns.push_back(i);
  return columns;
}

void ChangeBinder::AddColumn(std::string name, Expression value) {
  result_.query.query.columns.push_back({.name = std::move(name),
                                         .type = value.type,
                                         .carrier = value.carrier,
                                         .nullable = value.nullable});
  select_.items.push_back(std::move(value));
}

BoundChange ChangeBinder::Take() {
  result_.query.query.body = std::move(select_);
  counters_.Give(result_.query);
  return std::move(result_);
}

void ChangeBinder::BindTarget(const syntax::ObjectName& name,
                              const std::optional<syntax::TableAlias>& alias) {
  syntax::TableExpressionNode node{
      .span = name.span,
      .value = syntax::NamedTable{.name = name, .time_travel = {}, .changes = {}},
      .alias = alias,
      .sample = {}};
  from_ = binder_.BindFrom(syntax::TableExpression(std::move(node)), nullptr, nullptr);
  const ScopeItem& item = from_.scope.items.at(0);
  if (item.table_relation < 0) {
    FailBinding("002203", "42809", "Object found is not of type 'TABLE'.");
  }
  target_relation_ = from_.relation;
  target_item_ = item;
  result_.target_table = target_relation_.source;
}

Expression ChangeBinder::RowNumber() const {
  Expression number = IntegerConstant(0);
  number.kind = bound::ExpressionKind::kColumn;
  number.column = {target_relation_.id, bound::ColumnId::kRowNumber};
  number.nullable = true;
  return number;
}

Expression ChangeBinder::RowId() {
  auto& columns = counters_.tables.at(static_cast<size_t>(target_relation_.source)).table.columns;
  Expression id = IntegerConstant(0);
  id.kind = bound::ExpressionKind::kColumn;
  id.column = {target_relation_.id, static_cast<int32_t>(columns.size())};
  id.nullable = true;
  columns.push_back({.name = std::string(kRowNumberName) + "ID",
                     .type = id.type,
                     .field = {.id = iceberg::metadata_column::kRowId,
                               .name = "_row_id",
                               .type = Type::Primitive(TypeKind::kLong)},
                     .nullable = true});
  return id;
}

void ChangeBinder::JoinEach(const std::vector<syntax::TableExpression>& items) {
  for (const syntax::TableExpression& item : items) {
    Binder::BoundFrom next = binder_.BindFrom(item, nullptr, &from_.scope);
    bound::Relation join{.kind = bound::RelationKind::kJoin, .join = bound::JoinKind::kCross};
    join.sides.push_back(std::move(from_.relation));
    join.sides.push_back(std::move(next.relation));
    from_.relation = std::move(join);
    std::ranges::move(next.scope.items, std::back_inserter(from_.scope.items));
    std::ranges::move(next.scope.visible, std::back_inserter(from_.scope.visible));
  }
}

Expression ChangeBinder::BindOver(const syntax::Expression& expression, const char* clause) {
  const Scope scope{.outer = nullptr, .from = from_.scope, .aliases = {}, .variables = {}};
  return BindIn(expression, scope, clause);
}

Expression ChangeBinder::BindIn(const syntax::Expression& expression, const Scope& scope,
                                const char* clause) {
  binder_.clause_ = ClauseState{.clause = clause};
  return binder_.Bind(expression, scope);
}

BoundChange ChangeBinder::Update(const syntax::Update& update) {
  BindTarget(update.table, update.alias);
  JoinEach(update.from);
  std::vector<const syntax::Expression*> assigned(target_->columns.size());
  for (const syntax::ColumnAssignment& assignment : update.assignments) {
    const size_t column = AssignedColumn(assignment);
    if (std::exchange(assigned[column], &assignment.value) != nullptr) {
      FailBinding("002025", "42S21", "duplicate column name '{}'", target_->columns[column].name);
    }
  }
  AddColumn("ROW", RowNumber());
  if (target_->row_ids) AddColumn("ID", RowId());
  BoundClause clause{.action = syntax::MergeAction::kUpdate, .counted = {}};
  for (size_t i = 0; i < target_->columns.size(); ++i) {
    AddColumn(target_->columns[i].name, NewValue(i, assigned[i], clause));
  }
  result_.clauses.push_back(std::move(clause));
  if (update.where) select_.where = And({BindOver(*update.where, "WHERE")});
  select_.from = std::move(from_.relation);
  return Take();
}

size_t ChangeBinder::AssignedColumn(const syntax::ColumnAssignment& assignment) {
  const auto& parts = assignment.column;
  if (parts.size() > 1) {
    std::vector<std::string> qualifier;
    for (size_t i = 0; i + 1 < parts.size(); ++i) qualifier.push_back(binder_.NameOf(parts[i]));
    const auto& whole = target_item_.qualifier;
    const bool denotes = qualifier.size() <= whole.size() &&
                         std::equal(qualifier.rbegin(), qualifier.rend(), whole.rbegin());
    if (!denotes) {
      binder_.FailAt(parts[0].span, "000904", "42000",
                     fmt::format("invalid identifier '{}.{}'", qualifier.back(),
                                 binder_.NameOf(parts.back())));
    }
  }
  return ColumnOf(parts.back(), parts.back().span);
}

/// `written` null: as it is.
Expression ChangeBinder::NewValue(size_t column, const syntax::Expression* written,
                                  BoundClause& clause) {
  const TargetColumn& target = target_->columns[column];
  clause.counted.resize(target_->columns.size());
  if (written == nullptr) return ToStored(target_item_.columns.at(column).value, target);
  if (syntax::As<syntax::DefaultValue>(*written) != nullptr) {
    clause.counted[column] = target.counted;
    return DefaultOf(target);
  }
  return ToStored(BindOver(*written, "SET"), target);
}

BoundChange ChangeBinder::Delete(const syntax::Delete& remove) {
  BindTarget(remove.table, remove.alias);
  JoinEach(remove.from);
  AddColumn("ROW", RowNumber());
  if (remove.where) select_.where = And({BindOver(*remove.where, "WHERE")});
  select_.from = std::move(from_.relation);
  result_.clauses.push_back({.action = syntax::MergeAction::kDelete, .counted = {}});
  return Take();
}

// --- MERGE ---

void ChangeBinder::JoinSource(const syntax::Merge& merge) {
  BindTarget(merge.table, merge.alias);
  const FromScope target = std::move(from_.scope);
  Binder::BoundFrom source = binder_.BindFrom(merge.source, nullptr, nullptr);
  source_ = source.scope;
  FromScope both = target;
  for (ScopeItem& item : both.items) {
    for (ScopeColumn& column : item.columns) column.value.nullable = true;
  }
  for (ScopeColumn& column : both.visible) column.value.nullable = true;
  target_item_ = both.items.at(0);
  std::ranges::copy(source.scope.items, std::back_inserter(both.items));
  std::ranges::copy(source.scope.visible, std::back_inserter(both.visible));
  from_.scope = std::move(both);
  const bool inserts = std::ranges::any_of(merge.clauses, [](const syntax::MergeClause& clause) {
    return clause.action == syntax::MergeAction::kInsert;
  });
  bound::Relation join{.kind = bound::RelationKind::kJoin,
                       .join = inserts ? bound::JoinKind::kLeft : bound::JoinKind::kInner};
  join.sides.push_back(std::move(source.relation));
  join.sides.push_back(std::move(from_.relation));
  join.condition = And({BindOver(merge.on, "ON")});
  from_.relation = std::move(join);
}

Scope ChangeBinder::ScopeOf(const syntax::MergeClause& clause) const {
  // What is inserted has no row of the target beside it.
  const bool inserts = clause.action == syntax::MergeAction::kInsert;
  return {
      .outer = nullptr, .from = inserts ? source_ : from_.scope, .aliases = {}, .variables = {}};
}

/// The index of the first clause that applies, or null.
Expression ChangeBinder::ClauseOf(const syntax::Merge& merge) {
  std::string pattern = "CASE";
  std::vector<Expression> arguments = {RowNumber()};
  bool all_taken[2] = {false, false};
  for (size_t i = 0; i < merge.clauses.size(); ++i) {
    const syntax::MergeClause& clause = merge.clauses[i];
    const bool inserts = clause.action == syntax::MergeAction::kInsert;
    if (std::exchange(all_taken[inserts ? 1 : 0],
                      all_taken[inserts ? 1 : 0] || !clause.condition)) {
      binder_.FailAt(clause.span, "001003", "42000",
                     "a WHEN clause stands behind one of its kind that has no condition");
    }
    pattern += fmt::format(" WHEN {{0}} IS {}NULL", inserts ? "" : "NOT ");
    if (clause.condition) {
      arguments.push_back(And({BindIn(*clause.condition, ScopeOf(clause), "WHEN")}));
      if (IsVolatile(arguments.back())) FailUnsupported("volatile conditions in WHEN");
      pattern += fmt::format(" AND {{{}}}", arguments.size() - 1);
    }
    pattern += fmt::format(" THEN CAST({} AS INTEGER)", i);
  }
  Expression clause = Call("clause", pattern + " END", std::move(arguments), NumberType(9, 0),
                           Type::Primitive(TypeKind::kInt));
  clause.nullable = true;
  return clause;
}

std::vector<Expression> ChangeBinder::ValuesOf(const syntax::MergeClause& clause,
                                               BoundClause& bound) {
  bound.action = clause.action;
  bound.counted.assign(target_->columns.size(), false);
  std::vector<Expression> values;
  if (clause.action == syntax::MergeAction::kDelete) {
    for (const TargetColumn& column : target_->columns) {
      values.push_back(ToStored(NullConstant(), column));
    }
    return values;
  }
  const Scope scope = ScopeOf(clause);
  std::vector<std::optional<Expression>> written =
      clause.all_by_name ? ByName() : WrittenIn(clause, scope, bound);
  for (size_t i = 0; i < target_->columns.size(); ++i) {
    const TargetColumn& column = target_->columns[i];
    if (written[i]) {
      values.push_back(*std::move(written[i]));
    } else if (clause.action == syntax::MergeAction::kUpdate) {
      values.push_back(ToStored(target_item_.columns.at(i).value, column));
    } else {
      bound.counted[i] = column.counted;
      values.push_back(DefaultOf(column));
    }
  }
  return values;
}

/// Absent: not written.
std::vector<std::optional<Expression>> ChangeBinder::WrittenIn(const syntax::MergeClause& clause,
                                                               const Scope& scope,
                                                               BoundClause& bound) {
  std::vector<std::optional<Expression>> written(target_->columns.size());
  const auto set = [&](size_t column, const syntax::Expression& value) {
    if (written[column]) {
      FailBinding("002025", "42S21", "duplicate column name '{}'", target_->columns[column].name);
    }
    if (syntax::As<syntax::DefaultValue>(value) != nullptr) {
      bound.counted[column] = target_->columns[column].counted;
      written[column] = DefaultOf(target_->columns[column]);
      return;
    }
    written[column] = ToStored(BindIn(value, scope, "WHEN"), target_->columns[column]);
  };
  if (clause.action == syntax::MergeAction::kUpdate) {
    for (const syntax::ColumnAssignment& assignment : clause.assignments) {
      set(AssignedColumn(assignment), assignment.value);
    }
    return written;
  }
  const std::vector<size_t> columns = ColumnsOf(clause.columns);
  if (columns.size() != clause.values.size()) {
    FailBinding("002020", "21S01",
                "Insert value list does not match column list expecting {} but got {}",
                columns.size(), clause.values.size());
  }
  for (size_t i = 0; i < columns.size(); ++i) set(columns[i], clause.values[i]);
  return written;
}

/// Source and target have the same columns.
std::vector<std::optional<Expression>> ChangeBinder::ByName() {
  std::vector<std::optional<Expression>> written(target_->columns.size());
  if (source_.visible.size() != target_->columns.size()) {
    FailBinding("001003", "42000", "ALL BY NAME needs source and target of the same columns");
  }
  for (size_t i = 0; i < target_->columns.size(); ++i) {
    const auto found =
        std::ranges::find(source_.visible, target_->columns[i].name, &ScopeColumn::name);
    if (found == source_.visible.end()) {
      FailBinding("000904", "42000", "invalid identifier '{}'", target_->columns[i].name);
    }
    written[i] = ToStored(found->value, target_->columns[i]);
  }
  return written;
}

BoundChange ChangeBinder::Merge(const syntax::Merge& merge) {
  JoinSource(merge);
  AddColumn("ROW", RowNumber());
  if (target_->row_ids) AddColumn("ID", RowId());
  const Expression which = ClauseOf(merge);
  AddColumn("CLAUSE", which);
  std::vector<std::vector<Expression>> values;
  for (const syntax::MergeClause& clause : merge.clauses) {
    values.push_back(ValuesOf(clause, result_.clauses.emplace_back()));
  }
  for (size_t column = 0; column < target_->columns.size(); ++column) {
    std::string pattern = "CASE {0}";
    std::vector<Expression> arguments = {which};
    for (size_t i = 0; i < values.size(); ++i) {
      arguments.push_back(values[i][column]);
      pattern += fmt::format(" WHEN {} THEN {{{}}}", i, i + 1);
    }
    Expression value = Call("value", pattern + " END", std::move(arguments),
                            target_->columns[column].type, values[0][column].carrier);
    value.nullable = true;
    AddColumn(target_->columns[column].name, std::move(value));
  }
  select_.from = std::move(from_.relation);
  return Take();
}

namespace {

template <typename Change>
auto Caught(std::string_view text, const Change& change)
    -> SqlResult<std::invoke_result_t<Change>> {
  try {
    return change();
  } catch (const BindFailure& failure) {
    return std::unexpected(ToSqlError(failure, text));
  }
}

}  // namespace

SqlResult<BoundChange> BindInsert(const syntax::Insert& insert, const ChangeTarget& target,
                                  const BindRequest& request) {
  return Caught(request.text, [&] { return ChangeBinder(target, request).Insert(insert); });
}

SqlResult<BoundChange> BindRows(const syntax::Query& rows, const ChangeTarget& target,
                                const BindRequest& request) {
  return Caught(request.text, [&] { return ChangeBinder(target, request).Rows(rows); });
}

SqlResult<BoundMultiInsert> BindInsertAll(const syntax::MultiTableInsert& insert,
                                          std::span<const ChangeTarget> targets,
                                          const BindRequest& request) {
  const ChangeTarget nothing;
  return Caught(request.text,
                [&] { return ChangeBinder(nothing, request).InsertAll(insert, targets); });
}

SqlResult<BoundLoad> BindLoad(const syntax::Query& rows,
                              const std::vector<syntax::Identifier>& columns,
                              const ChangeTarget& target, const LoadOptions& options,
                              const BindRequest& request) {
  return Caught(request.text,
                [&] { return ChangeBinder(target, request).Load(rows, columns, options); });
}

SqlResult<BoundChange> BindUpdate(const syntax::Update& update, const ChangeTarget& target,
                                  const BindRequest& request) {
  return Caught(request.text, [&] { return ChangeBinder(target, request).Update(update); });
}

SqlResult<BoundChange> BindDelete(const syntax::Delete& remove, const BindRequest& request) {
  const ChangeTarget nothing;
  return Caught(request.text, [&] { return ChangeBinder(nothing, request).Delete(remove); });
}

SqlResult<BoundChange> BindMerge(const syntax::Merge& merge, const ChangeTarget& target,
                                 const BindRequest& request) {
  return Caught(request.text, [&] { return ChangeBinder(target, request).Merge(merge); });
}

}  // namespace tarn::sql
