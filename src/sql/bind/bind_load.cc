// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "sql/bind/change_binder.h"
#include "sql/bind/coercion.h"
#include "sql/bind/select_binder.h"

namespace tarn::sql {

using bound::Expression;

namespace {

bool AnyOf(const Expression& expression, bool (*is)(const Expression&)) {
  return is(expression) || std::ranges::any_of(expression.arguments, [is](const Expression& part) {
           return AnyOf(part, is);
         });
}

bool IsSubquery(const Expression& expression) {
  return expression.kind == bound::ExpressionKind::kSubquery;
}

/// Such a value is nobody's to catch: DuckDB refuses to guard it.
bool MayDiffer(const Expression& expression) { return expression.is_volatile; }

/// The SELECT, if rows of it depend on one row of a table each.
bound::Select& RowByRow(bound::Query& query) {
  auto* const select = std::get_if<bound::Select>(&query.body);
  bool plain = select != nullptr && select->from &&
               select->from->kind == bound::RelationKind::kTable && select->from->sample.empty() &&
               !select->distinct && !select->where && !select->grouped && !select->qualify;
  plain = plain && query.with.empty() && query.order.empty() && !query.limit && !query.offset;
  plain = plain && std::ranges::none_of(select->items, [](const Expression& item) {
            return HasWindow(item) || AnyOf(item, IsSubquery);
          });
  if (plain) return *select;
  FailUnsupported("COPY INTO from a query that does more than compute values of each record");
}

}  // namespace

/// As INSERT converts, but for what a file alone knows: too long a text may be cut.
Expression ChangeBinder::Loaded(Expression value, const TargetColumn& column,
                                const LoadOptions& options) const {
  const bool text = value.type.kind == DataTypeKind::kVarchar || IsSemistructured(value.type);
  const bool cut = options.truncate && text && column.type.kind == DataTypeKind::kVarchar;
  if (cut && CanConvert(value.type, column.type)) {
    value = Convert(std::move(value), VarcharType());
    value = Call("cut", fmt::format("left({{0}}, {})", column.type.length), {std::move(value)},
                 column.type);
  }
  return ToStored(std::move(value), column);
}

/// The value in a struct; null where it cannot be made. The CASE, whose condition is always true,
/// keeps the optimizer from computing parts of the value outside of the TRY.
Expression ChangeBinder::Guarded(Expression value) const {
  const DataType type = value.type;
  const Type carrier = value.carrier;
  return Call(
      "guarded",
      "TRY(CASE WHEN {1} IS DISTINCT FROM CAST(-1 AS BIGINT) THEN struct_pack(v := {0}) END)",
      {std::move(value), RowNumber()}, type, carrier);
}

BoundLoad ChangeBinder::Load(const syntax::Query& source,
                             const std::vector<syntax::Identifier>& names,
                             const LoadOptions& options) {
  bound::Query rows = binder_.BindQuery(source, nullptr);
  bound::Select& select = RowByRow(rows);
  target_relation_ = *select.from;
  BoundLoad load{.query = {}, .columns = ColumnsOf(names), .counted = {}};
  CheckCount(load.columns.size(), select.items.size());
  AddColumn("ROW", RowNumber());
  std::vector<std::optional<Expression>> written(target_->columns.size());
  for (size_t i = 0; i < load.columns.size(); ++i) {
    const TargetColumn& column = target_->columns[load.columns[i]];
    Expression value = Loaded(std::move(select.items[i]), column, options);
    Expression failed = Call("failed", "FALSE", {}, BooleanType());
    if (options.guarded && !AnyOf(value, MayDiffer)) {
      const DataType type = value.type;
      const Type carrier = value.carrier;
      const Expression guarded = Guarded(std::move(value));
      failed = Call("failed", "({0} IS NULL)", {guarded}, BooleanType());
      value = Call("value", "struct_extract({0}, 'v')", {guarded}, type, carrier);
    }
    failed.nullable = false;
    AddColumn("FAILED", std::move(failed));
    written[load.columns[i]] = std::move(value);
  }
  AddInserted(std::move(written), {});
  select_.from = std::move(select.from);
  BoundChange change = Take();
  load.query = std::move(change.query);
  load.counted = std::move(change.clauses.at(0).counted);
  return load;
}

}  // namespace tarn::sql
