// SPDX-License-Identifier: Apache-2.0
// INFORMATION_SCHEMA.COLUMNS.
#include <algorithm>

#include "warehouse/information_schema/information_views.h"
#include "warehouse/objects/table.h"

namespace tarn::warehouse {
namespace {

using sql::DataTypeKind;

constexpr int64_t kUtf8BytesMax = 4;
constexpr int64_t kDecimal = 10;

Value NameOfType(const sql::DataType& type) {
  if (type.kind == DataTypeKind::kVarchar) return std::string("TEXT");
  const std::string whole = ToString(type);
  return whole.substr(0, whole.find('('));
}

std::vector<Value> ColumnRow(const InformationPlace& place, const ObjectHead& head,
                             const Column& column, int64_t position) {
  const Value nothing;
  const sql::DataType& type = column.type;
  const bool is_text = type.kind == DataTypeKind::kVarchar;
  const bool is_bytes = type.kind == DataTypeKind::kBinary;
  const bool is_number = type.kind == DataTypeKind::kNumber;
  const auto& identity = column.identity;
  std::vector<Value> row = {place.database.name,
                            std::string(place.objects.lister().SchemaName(head)),
                            head.name,
                            column.name,
                            position,
                            column.default_sql ? Value(*column.default_sql) : nothing,
                            YesOrNo(column.nullable),
                            NameOfType(type)};
  row.push_back(is_text || is_bytes ? Value(type.length) : nothing);
  row.push_back(is_text    ? Value(std::min(type.length * kUtf8BytesMax,
                                            std::max(type.length, sql::kVarcharLengthDefault)))
                : is_bytes ? Value(type.length)
                           : nothing);
  row.push_back(is_number ? Value(int64_t{type.precision}) : nothing);
  row.push_back(is_number ? Value(kDecimal) : nothing);
  row.push_back(is_number ? Value(int64_t{type.scale}) : nothing);
  // From DATETIME_PRECISION to IS_SELF_REFERENCING.
  row.resize(row.size() + 21);
  row.push_back(YesOrNo(identity.has_value()));
  row.push_back(identity ? Value(std::string("BY DEFAULT")) : nothing);
  row.push_back(identity ? Value(std::to_string(identity->start)) : nothing);
  row.push_back(identity ? Value(std::to_string(identity->increment)) : nothing);
  row.push_back(nothing);
  row.push_back(nothing);
  row.push_back(identity ? YesOrNo(false) : nothing);
  row.push_back(identity ? YesOrNo(identity->ordered) : nothing);
  row.push_back(nothing);  // SCHEMA_EVOLUTION_RECORD
  row.push_back(TextOrNothing(column.comment));
  row.push_back(nothing);  // DATA_TYPE_ALIAS
  row.push_back(nothing);
  row.push_back(std::string("COLUMN"));
  return row;
}

template <typename Noun>
StatementResult<> AddColumns(const InformationPlace& place, InformationRows& rows) {
  STATEMENT_ASSIGN(const auto relations, place.objects.lister().List<Noun>());
  for (const auto& [head, relation] : relations) {
    int64_t position = 0;
    for (const Column& column : relation.columns) {
      rows.push_back(ColumnRow(place, head, column, ++position));
    }
  }
  return {};
}

}  // namespace

std::vector<MadeColumn> ColumnsColumns() {
  return {TextColumn("TABLE_CATALOG"),
          TextColumn("TABLE_SCHEMA"),
          TextColumn("TABLE_NAME"),
          TextColumn("COLUMN_NAME"),
          NumberColumn("ORDINAL_POSITION"),
          TextColumn("COLUMN_DEFAULT"),
          TextColumn("IS_NULLABLE"),
          TextColumn("DATA_TYPE"),
          NumberColumn("CHARACTER_MAXIMUM_LENGTH"),
          NumberColumn("CHARACTER_OCTET_LENGTH"),
          NumberColumn("NUMERIC_PRECISION"),
          NumberColumn("NUMERIC_PRECISION_RADIX"),
          NumberColumn("NUMERIC_SCALE"),
          NumberColumn("DATETIME_PRECISION"),
          TextColumn("INTERVAL_TYPE"),
          NumberColumn("INTERVAL_PRECISION"),
          TextColumn("CHARACTER_SET_CATALOG"),
          TextColumn("CHARACTER_SET_SCHEMA"),
          TextColumn("CHARACTER_SET_NAME"),
          TextColumn("COLLATION_CATALOG"),
          TextColumn("COLLATION_SCHEMA"),
          TextColumn("COLLATION_NAME"),
          TextColumn("DOMAIN_CATALOG"),
          TextColumn("DOMAIN_SCHEMA"),
          TextColumn("DOMAIN_NAME"),
          TextColumn("UDT_CATALOG"),
          TextColumn("UDT_SCHEMA"),
          TextColumn("UDT_NAME"),
          TextColumn("SCOPE_CATALOG"),
          TextColumn("SCOPE_SCHEMA"),
          TextColumn("SCOPE_NAME"),
          NumberColumn("MAXIMUM_CARDINALITY"),
          TextColumn("DTD_IDENTIFIER"),
          TextColumn("IS_SELF_REFERENCING"),
          TextColumn("IS_IDENTITY"),
          TextColumn("IDENTITY_GENERATION"),
          TextColumn("IDENTITY_START"),
          TextColumn("IDENTITY_INCREMENT"),
          TextColumn("IDENTITY_MAXIMUM"),
          TextColumn("IDENTITY_MINIMUM"),
          TextColumn("IDENTITY_CYCLE"),
          TextColumn("IDENTITY_ORDERED"),
          TextColumn("SCHEMA_EVOLUTION_RECORD"),
          TextColumn("COMMENT"),
          TextColumn("DATA_TYPE_ALIAS"),
          TextColumn("EXPRESSION"),
          TextColumn("KIND")};
}

StatementResult<InformationRows> ColumnsRows(const InformationPlace& place) {
  InformationRows rows;
  STATEMENT_TRY(AddColumns<Table>(place, rows));
  STATEMENT_TRY(AddColumns<DynamicTable>(place, rows));
  STATEMENT_TRY(AddColumns<View>(place, rows));
  return rows;
}

}  // namespace tarn::warehouse
