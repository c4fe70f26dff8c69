// SPDX-License-Identifier: Apache-2.0
#include "warehouse/managed_tables/stored_columns.h"

#include <algorithm>

#include "sql/bind/coercion.h"
#include "sql/syntax/parser.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

using sql::DataTypeKind;

constexpr int32_t kLineageVersion = 3;
constexpr std::string_view kNextValue = ".NEXTVAL";

}  // namespace

StatementResult<Type> StoredTypeOf(const sql::DataType& type, int32_t& next_id) {
  if (!type.fields.empty() || type.kind == DataTypeKind::kMap) {
    return UnsupportedFeature(fmt::format("columns of type {}", sql::ToString(type)));
  }
  if (type.kind == DataTypeKind::kNumber) return Type::Decimal(type.precision, type.scale);
  Type stored = sql::CarrierOf(type);
  for (::tarn::Field& member : stored.children) {
    member.id = FieldId(next_id++);
    member.required = true;
  }
  return stored;
}

StatementResult<::tarn::Field> FieldOf(const Column& column, int32_t& next_id) {
  ::tarn::Field field{
      .id = FieldId(column.field_id), .name = column.name, .required = !column.nullable};
  STATEMENT_ASSIGN(field.type, StoredTypeOf(column.type, next_id));
  if (!column.comment.empty()) field.doc = column.comment;
  return field;
}

StatementResult<iceberg::Schema> SchemaOfColumns(std::vector<Column>& columns) {
  iceberg::Schema schema;
  int32_t next_id = 1;
  for (Column& column : columns) column.field_id = next_id++;
  for (const Column& column : columns) {
    STATEMENT_ASSIGN(schema.fields.emplace_back(), FieldOf(column, next_id));
  }
  return schema;
}

bool IsCounted(const Column& column) {
  return column.identity || (column.default_sql && column.default_sql->ends_with(kNextValue));
}

StatementResult<sql::bound::Expression> BindDefault(const QueryContext& context,
                                                    const std::string& text) {
  auto parsed = sql::syntax::ParseExpression(text);
  if (!parsed) return std::unexpected(FromSyntax(std::move(parsed).error()));
  QueryContext within = context;
  within.text = text;
  within.parameters.clear();
  within.named_parameters.clear();
  STATEMENT_ASSIGN(sql::bound::Expression value, BindStatementConstant(within, *parsed));
  return value;
}

StatementResult<sql::ChangeTarget> TargetOf(const QueryContext& context, const PinnedTable& table) {
  sql::ChangeTarget target;
  target.row_ids = table.loaded.metadata->format_version >= kLineageVersion;
  STATEMENT_ASSIGN(const auto columns, ColumnsOf(table));
  for (size_t i = 0; i < columns.size(); ++i) {
    const Column& column = table.definition.columns[i];
    sql::TargetColumn& added = target.columns.emplace_back(sql::TargetColumn{
        .name = column.name, .type = column.type, .stored = columns[i].field.type});
    added.counted = IsCounted(column);
    if (added.counted || !column.default_sql) continue;
    STATEMENT_ASSIGN(added.default_value, BindDefault(context, *column.default_sql));
  }
  return target;
}

}  // namespace tarn::warehouse
