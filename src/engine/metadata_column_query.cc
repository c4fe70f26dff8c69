// SPDX-License-Identifier: Apache-2.0
#include "engine/metadata_column_query.h"

#include <duckdb/parser/expression/columnref_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/star_expression.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/subqueryref.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/duckdb_type.h"
#include "engine/file_constants.h"
#include "engine/file_scan.h"
#include "engine/filter_expression.h"
#include "iceberg/model/metadata_columns.h"

namespace tarn::engine {

namespace {

namespace metadata_column = iceberg::metadata_column;

constexpr const char* kFirstRowIdName = "file_first_row_id";
constexpr const char* kSequenceName = "file_sequence_number";
constexpr const char* kStoredRowId = "stored_row_id";
constexpr const char* kStoredSequence = "stored_sequence_number";
constexpr const char* kFileName = "file_location";
constexpr const char* kSpecIdName = "file_spec_id";
constexpr const char* kPartitionName = "file_partition";

struct MetadataColumn {
  FieldId id;
  const char* name;
  TypeKind type;
};

constexpr std::array kColumns = {
    MetadataColumn{metadata_column::kFile, "_file", TypeKind::kString},
    MetadataColumn{metadata_column::kPosition, "_pos", TypeKind::kLong},
    MetadataColumn{metadata_column::kDeleted, "_deleted", TypeKind::kBoolean},
    MetadataColumn{metadata_column::kSpecId, "_spec_id", TypeKind::kInt},
    MetadataColumn{metadata_column::kPartition, "_partition", TypeKind::kStruct},
    MetadataColumn{metadata_column::kRowId, "_row_id", TypeKind::kLong},
    MetadataColumn{metadata_column::kLastUpdatedSequence, "_last_updated_sequence_number",
                   TypeKind::kLong},
    MetadataColumn{kIsNewRow, "is_new_row", TypeKind::kBoolean},
};

const MetadataColumn* Find(FieldId id) {
  const auto found = std::ranges::find(kColumns, id, &MetadataColumn::id);
  return found == kColumns.end() ? nullptr : &*found;
}

duckdb::MultiFileColumnDefinition Source(const char* name, FieldId id, duckdb::LogicalType type) {
  duckdb::MultiFileColumnDefinition column(name, type);
  column.identifier = duckdb::Value::INTEGER(id.value());
  column.default_expression =
      duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(std::move(type)));
  return column;
}

/// How a column is computed. Stored ids count only where the file takes part in row lineage.
std::string ExpressionOf(FieldId id) {
  if (id == metadata_column::kFile) return kFileName;
  if (id == metadata_column::kSpecId) return kSpecIdName;
  if (id == metadata_column::kPartition) return kPartitionName;
  if (id == metadata_column::kRowId) {
    return fmt::format("CASE WHEN {0} IS NOT NULL THEN coalesce({1}, {0} + {2}) END",
                       kFirstRowIdName, kStoredRowId, kPositionColumn);
  }
  if (id == metadata_column::kLastUpdatedSequence) {
    return fmt::format("CASE WHEN {} IS NOT NULL THEN coalesce({}, {}) END", kFirstRowIdName,
                       kStoredSequence, kSequenceName);
  }
  if (id == kIsNewRow) {
    return fmt::format("CASE WHEN {} IS NOT NULL THEN {} IS NULL END", kFirstRowIdName,
                       kStoredRowId);
  }
  return kPositionColumn;
}

}  // namespace

bool IsMetadataColumn(FieldId id) { return Find(id) != nullptr; }

Result<duckdb::vector<duckdb::MultiFileColumnDefinition>> MetadataSources(
    const std::vector<Field>& columns) {
  using duckdb::LogicalType;
  duckdb::vector<duckdb::MultiFileColumnDefinition> sources;
  bool lineage = false;
  bool stored_row_id = false;
  for (const Field& column : columns) {
    const MetadataColumn* known = Find(column.id);
    if (known->type != column.type.kind) {
      return Fail(ErrorKind::kInvalidArgument, "metadata column {} is asked for in another type",
                  known->name);
    }
    if (column.id == metadata_column::kDeleted) {
      return Fail(ErrorKind::kUnsupported, "metadata column _deleted is not supported");
    }
    if (column.id == metadata_column::kFile) {
      sources.push_back(Source(kFileName, kFileConstant, LogicalType::VARCHAR));
    } else if (column.id == metadata_column::kSpecId) {
      sources.push_back(Source(kSpecIdName, kSpecIdConstant, LogicalType::INTEGER));
    } else if (column.id == metadata_column::kPartition) {
      TARN_ASSIGN(LogicalType type, ToDuckdbType(column.type));
      sources.push_back(Source(kPartitionName, kPartitionConstant, std::move(type)));
    } else if (column.id == metadata_column::kRowId || column.id == kIsNewRow) {
      if (!std::exchange(stored_row_id, true)) {
        sources.push_back(Source(kStoredRowId, metadata_column::kRowId, LogicalType::BIGINT));
      }
      lineage = true;
    } else if (column.id == metadata_column::kLastUpdatedSequence) {
      sources.push_back(Source(kStoredSequence, column.id, LogicalType::BIGINT));
      lineage = true;
    }
  }
  if (lineage) {
    sources.push_back(Source(kFirstRowIdName, kFirstRowIdConstant, LogicalType::BIGINT));
    sources.push_back(Source(kSequenceName, kSequenceConstant, LogicalType::BIGINT));
  }
  return sources;
}

duckdb::unique_ptr<duckdb::TableRef> WithMetadataColumns(
    duckdb::unique_ptr<duckdb::TableRef> source, const std::vector<Field>& columns) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  node->select_list.push_back(duckdb::make_uniq<duckdb::ColumnRefExpression>(kPositionColumn));
  for (const Field& column : columns) {
    auto expression = std::move(duckdb::Parser::ParseExpressionList(ExpressionOf(column.id)).at(0));
    expression->SetAlias(ColumnName(column.id));
    node->select_list.push_back(std::move(expression));
  }
  node->from_table = std::move(source);
  auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
  statement->node = std::move(node);
  return duckdb::make_uniq<duckdb::SubqueryRef>(std::move(statement));
}

}  // namespace tarn::engine
