// SPDX-License-Identifier: Apache-2.0
#include "warehouse/managed_tables/filling_default.h"

#include "iceberg/values/column_transform.h"
#include "iceberg/values/single_value.h"
#include "sql/bind/bind_change.h"
#include "sql/bound/volatility.h"
#include "sql/syntax/parser.h"
#include "warehouse/managed_tables/row_intake.h"
#include "warehouse/managed_tables/stored_columns.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

/// One row with the default, converted as a row that is inserted.
StatementResult<sql::BoundChange> BindValue(const QueryContext& context, const Column& column,
                                            const Type& stored) {
  auto query = sql::syntax::ParseQuery(context.text);
  if (!query) return std::unexpected(FromSyntax(std::move(query).error()));
  sql::ChangeTarget target;
  target.columns.push_back({.name = column.name, .type = column.type, .stored = stored});
  STATEMENT_ASSIGN(const auto moment, BindingMoment::Open(context));
  auto bound = sql::BindRows(*query, target, moment->Request());
  if (!bound) return std::unexpected(moment->FailureOf(std::move(bound).error()));
  return *std::move(bound);
}

}  // namespace

StatementResult<std::optional<std::string>> FillingDefault(const QueryContext& context,
                                                           const Column& column,
                                                           const Type& stored) {
  if (IsCounted(column)) {
    return UnsupportedFeature("ADD COLUMN that counts to a table that has rows");
  }
  if (stored.is_nested()) {
    return UnsupportedFeature(
        fmt::format("ADD COLUMN of type {} with a default to a table that has rows",
                    sql::ToString(column.type)));
  }
  STATEMENT_ASSIGN(const auto written, BindDefault(context, *column.default_sql));
  if (IsVolatile(written)) {
    return UnsupportedFeature("ADD COLUMN with a default that differs from row to row");
  }
  const std::string text = "SELECT " + *column.default_sql;
  QueryContext within = context;
  within.text = text;
  within.parameters.clear();
  within.named_parameters.clear();
  STATEMENT_ASSIGN(const sql::BoundChange bound, BindValue(within, column, stored));
  STATEMENT_ASSIGN(auto tables, PlanTables(within, bound.query));
  Value value;
  STATEMENT_TRY(ForEachBatch(
      within, std::move(tables), bound.query, [&](const BatchView& batch) -> StatementResult<> {
        STATEMENT_ASSIGN(const auto values,
                         iceberg::TransformColumn(iceberg::Transform{}, stored, batch.columns[0]));
        value = values.ValueAt(0);
        return {};
      }));
  if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
  STATEMENT_ASSIGN(std::string json, iceberg::EncodeSingleValueJson(stored, value));
  return json;
}

}  // namespace tarn::warehouse
