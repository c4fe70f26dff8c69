// SPDX-License-Identifier: Apache-2.0
#include "rest/columns.h"

#include <algorithm>
#include <map>

#include "sql/syntax/name.h"
#include "warehouse/lake_tables/foreign_columns.h"

namespace tarn::rest {

using warehouse::Column;

std::vector<Column> ColumnsOf(const iceberg::Schema& schema) {
  std::map<std::string, int> uses;
  for (const Field& field : schema.fields) ++uses[sql::syntax::UpperCase(field.name)];
  std::vector<Column> columns;
  for (const Field& field : schema.fields) {
    auto type = warehouse::ShownTypeOf(field.type);
    if (!type) continue;
    Column column;
    column.name = sql::syntax::UpperCase(field.name);
    if (uses[column.name] > 1) column.name = field.name;
    column.field_id = field.id.value();
    column.type = *std::move(type);
    column.nullable = !field.required;
    column.comment = field.doc.value_or("");
    columns.push_back(std::move(column));
  }
  return columns;
}

std::vector<Column> ColumnsAfter(const std::vector<Column>& columns, const iceberg::Schema& before,
                                 const iceberg::Schema& after) {
  std::vector<Column> result = ColumnsOf(after);
  for (Column& column : result) {
    const auto known = std::ranges::find(columns, column.field_id, &Column::field_id);
    const Field* const old_field = before.FindField(FieldId(column.field_id));
    const Field* const field = after.FindField(FieldId(column.field_id));
    if (known == columns.end() || old_field == nullptr) continue;
    column.default_sql = known->default_sql;
    column.identity = known->identity;
    column.collation = known->collation;
    if (old_field->type == field->type) column.type = known->type;
    if (old_field->name == field->name) column.name = known->name;
    if (old_field->required == field->required) column.nullable = known->nullable;
    if (old_field->doc == field->doc) column.comment = known->comment;
  }
  return result;
}

}  // namespace tarn::rest
