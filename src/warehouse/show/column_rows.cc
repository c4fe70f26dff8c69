// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "warehouse/show/show_parts.h"

namespace tarn::warehouse {
namespace {

using sql::DataTypeKind;

constexpr int64_t kUtf8BytesMax = 4;

/// A type as SHOW COLUMNS tells it, with the keys in Snowflake's order.
std::string TypeJson(const Column& column) {
  const sql::DataType& type = column.type;
  nlohmann::ordered_json json;
  switch (type.kind) {
    case DataTypeKind::kVarchar:
      json["type"] = "TEXT";
      json["length"] = type.length;
      json["byteLength"] =
          std::min(type.length * kUtf8BytesMax, std::max(type.length, sql::kVarcharLengthDefault));
      json["nullable"] = column.nullable;
      json["fixed"] = false;
      break;
    case DataTypeKind::kBinary:
      json["type"] = "BINARY";
      json["length"] = type.length;
      json["byteLength"] = type.length;
      json["nullable"] = column.nullable;
      json["fixed"] = true;
      break;
    case DataTypeKind::kNumber:
      json["type"] = "FIXED";
      json["precision"] = type.precision;
      json["scale"] = type.scale;
      json["nullable"] = column.nullable;
      break;
    case DataTypeKind::kTime:
    case DataTypeKind::kTimestampNtz:
    case DataTypeKind::kTimestampLtz:
    case DataTypeKind::kTimestampTz:
      json["type"] = ToString(type.kind);
      json["precision"] = 0;
      json["scale"] = type.precision;
      json["nullable"] = column.nullable;
      break;
    default:
      json["type"] = type.kind == DataTypeKind::kFloat ? "REAL" : ToString(type.kind);
      json["nullable"] = column.nullable;
      break;
  }
  return json.dump();
}

std::string IdentityText(const Column& column) {
  if (!column.identity) return {};
  return fmt::format("IDENTITY START {} INCREMENT {} {}", column.identity->start,
                     column.identity->increment, column.identity->ordered ? "ORDER" : "NOORDER");
}

}  // namespace

RowSet EmptyColumnRows() {
  return {.columns = {{"table_name"},
                      {"schema_name"},
                      {"column_name"},
                      {"data_type"},
                      {"null?"},
                      {"default"},
                      {"kind"},
                      {"expression"},
                      {"comment"},
                      {"database_name"},
                      {"autoincrement"},
                      {"schema_evolution_record"}},
          .rows = {}};
}

void AddColumnRows(const ShowContext& context, const ObjectHead& relation,
                   const std::vector<Column>& columns, const std::optional<std::string>& like,
                   RowSet& set) {
  for (const Column& column : columns) {
    if (like && !MatchesLike(column.name, *like)) continue;
    set.rows.push_back(
        {relation.name, std::string(context.lister().SchemaName(relation)), column.name,
         TypeJson(column), std::string(column.nullable ? "true" : "NOT_NULL"),
         column.default_sql.value_or(""), std::string("COLUMN"), std::string(), column.comment,
         std::string(context.lister().DatabaseName(relation)), IdentityText(column), Value()});
  }
}

}  // namespace tarn::warehouse
