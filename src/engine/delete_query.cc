// SPDX-License-Identifier: Apache-2.0
#include "engine/delete_query.h"

#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/joinref.hpp>
#include <duckdb/parser/tableref/subqueryref.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "engine/duckdb_error.h"
#include "engine/duckdb_type.h"
#include "engine/file_constants.h"
#include "engine/filter_expression.h"
#include "iceberg/model/metadata_columns.h"

namespace tarn::engine {

namespace {

namespace metadata_column = iceberg::metadata_column;

constexpr const char* kScopePartition = "scope_partition";
constexpr const char* kScopeSequence = "scope_sequence";

duckdb::MultiFileColumnDefinition ColumnOf(const char* name, const duckdb::LogicalType& type,
                                           FieldId id) {
  duckdb::MultiFileColumnDefinition column(name, type);
  column.identifier = duckdb::Value::INTEGER(id.value());
  column.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(type));
  return column;
}

/// Puts the scans in the place of the numbers that stand for them in `tarn_files(0)`.
void SetSources(duckdb::TableRef& table, std::span<const FileScan* const> scans) {
  switch (table.type) {
    case duckdb::TableReferenceType::JOIN: {
      auto& join = table.Cast<duckdb::JoinRef>();
      SetSources(*join.left, scans);
      SetSources(*join.right, scans);
      return;
    }
    case duckdb::TableReferenceType::SUBQUERY: {
      auto& node = *table.Cast<duckdb::SubqueryRef>().subquery->node;
      SetSources(*node.Cast<duckdb::SelectNode>().from_table, scans);
      return;
    }
    case duckdb::TableReferenceType::TABLE_FUNCTION: {
      auto& function =
          table.Cast<duckdb::TableFunctionRef>().function->Cast<duckdb::FunctionExpression>();
      auto& argument = function.children.at(0);
      const auto number = argument->Cast<duckdb::ConstantExpression>().value.GetValue<int32_t>();
      argument = duckdb::make_uniq<duckdb::ConstantExpression>(
          duckdb::Value::POINTER(reinterpret_cast<uintptr_t>(scans[static_cast<size_t>(number)])));
      return;
    }
    default:
      return;
  }
}

/// Runs a SELECT that was written with numbers for scans. `visit` gets whole chunks.
Result<> RunSelect(duckdb::ClientContext& context, const std::string& sql,
                   std::span<const FileScan* const> scans,
                   const std::function<Result<>(duckdb::DataChunk&)>& visit) {
  return Guarded([&]() -> Result<> {
    duckdb::Parser parser;
    parser.ParseQuery(sql);
    auto statement = std::move(parser.statements.at(0));
    auto& node = *statement->Cast<duckdb::SelectStatement>().node;
    SetSources(*node.Cast<duckdb::SelectNode>().from_table, scans);
    const auto result =
        context.Query(std::move(statement), duckdb::QueryParameters(/*stream=*/true));
    while (!result->HasError()) {
      const auto chunk = result->Fetch();
      if (chunk == nullptr || chunk->size() == 0) break;
      chunk->Flatten();
      TARN_TRY(visit(*chunk));
    }
    if (!result->HasError()) return {};
    const duckdb::ErrorData& data = result->GetErrorObject();
    Error error = ToError(data);
    if (IsCarried(data) || !IsContentError(data.Type())) return std::unexpected<Error>(error);
    return std::unexpected<Error>(Error{
        ErrorKind::kCorruption, "deleted rows cannot be determined", std::move(error.message), {}});
  });
}

bool IsNull(duckdb::DataChunk& chunk, duckdb::idx_t column, duckdb::idx_t row) {
  return !duckdb::FlatVector::Validity(chunk.data[column]).RowIsValid(row);
}

template <typename T>
const T* Values(duckdb::DataChunk& chunk, duckdb::idx_t column) {
  return duckdb::FlatVector::GetData<T>(chunk.data[column]);
}

/// The newest definition of a column, whether or not it is still in the table.
Result<Field> FindKey(const iceberg::TableMetadata& metadata, FieldId id) {
  std::vector<const iceberg::Schema*> schemas = {&metadata.current_schema()};
  for (auto schema = metadata.schemas.rbegin(); schema != metadata.schemas.rend(); ++schema) {
    schemas.push_back(&*schema);
  }
  for (const iceberg::Schema* schema : schemas) {
    const auto found = std::ranges::find(schema->fields, id, &Field::id);
    if (found != schema->fields.end()) return *found;
    if (schema->FindField(id) != nullptr) {
      return Fail(ErrorKind::kUnsupported,
                  "equality deletes by column {} of table \"{}\", which is inside another column, "
                  "are not supported",
                  id.value(), metadata.location);
    }
  }
  return Fail(ErrorKind::kCorruption,
              "table \"{}\" has equality deletes by column {}, which no schema has",
              metadata.location, id.value());
}

FileScan::File FileOf(const iceberg::DataFile& file) {
  return {.location = file.file_path, .record_count = file.record_count};
}

}  // namespace

FileScan PositionDeleteScan(const std::vector<const iceberg::DeleteFile*>& sources) {
  // These files may lack ids, as their columns are known by name.
  static const auto kNames = std::make_shared<const iceberg::NameMapping>(iceberg::NameMapping{
      {.names = {"file_path"}, .id = metadata_column::kDeletePath, .fields = {}},
      {.names = {"pos"}, .id = metadata_column::kDeletePosition, .fields = {}}});
  FileScan scan;
  scan.names = kNames;
  scan.columns.push_back(
      ColumnOf("file_path", duckdb::LogicalType::VARCHAR, metadata_column::kDeletePath));
  scan.columns.push_back(
      ColumnOf("pos", duckdb::LogicalType::BIGINT, metadata_column::kDeletePosition));
  for (const iceberg::DeleteFile* source : sources) {
    scan.files.push_back(FileOf(source->file()));
    scan.files.back().first_row = static_cast<int64_t>(scan.files.size()) - 1;
  }
  return scan;
}

Result<> ReadPositionDeletes(
    duckdb::ClientContext& context, const FileScan& scan,
    const std::function<Result<>(int64_t, std::string_view, int64_t)>& visit) {
  const FileScan* const scans[] = {&scan};
  const std::string sql =
      fmt::format("SELECT {}, file_path, pos FROM {}(0)", kFirstRowColumn, kFileScanFunction);
  return RunSelect(context, sql, scans, [&](duckdb::DataChunk& chunk) -> Result<> {
    const auto* sources = Values<int64_t>(chunk, 0);
    const auto* paths = Values<duckdb::string_t>(chunk, 1);
    const auto* positions = Values<int64_t>(chunk, 2);
    for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
      if (IsNull(chunk, 1, row) || IsNull(chunk, 2, row)) {
        return Fail(ErrorKind::kCorruption,
                    "delete file \"{}\" holds a row without path or position",
                    scan.files[static_cast<size_t>(sources[row])].location);
      }
      TARN_TRY(visit(sources[row], {paths[row].GetData(), paths[row].GetSize()}, positions[row]));
    }
    return {};
  });
}

Result<EqualityJoin> EqualityJoin::Make(
    const iceberg::TableMetadata& metadata,
    const std::shared_ptr<const iceberg::NameMapping>& names, const std::vector<FieldId>& ids,
    const std::vector<const FileScan::File*>& files,
    const std::vector<const iceberg::EqualityDelete*>& deletes) {
  EqualityJoin join;
  for (const FieldId id : ids) {
    TARN_ASSIGN(Field key, FindKey(metadata, id));
    TARN_ASSIGN(auto column, ToColumnDefinition(key, ColumnName(id)));
    join.deletes_.columns.push_back(column);
    TARN_ASSIGN(const duckdb::Value initial, InitialDefault(key));
    column.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(initial);
    join.data_.columns.push_back(std::move(column));
    join.keys_.push_back(std::move(key));
  }
  for (FileScan* scan : {&join.data_, &join.deletes_}) {
    scan->names = names;
    scan->columns.push_back(
        ColumnOf(kScopePartition, duckdb::LogicalType::INTEGER, kScopePartitionConstant));
    scan->columns.push_back(
        ColumnOf(kScopeSequence, duckdb::LogicalType::BIGINT, kScopeSequenceConstant));
  }
  const bool global = !deletes.front()->partition;
  const auto scope = [&](FileScan::File& file, int32_t partition,
                         iceberg::SequenceNumber sequence) {
    file.constants.emplace_back(kScopePartitionConstant,
                                duckdb::Value::INTEGER(global ? 0 : partition));
    file.constants.emplace_back(kScopeSequenceConstant, duckdb::Value::BIGINT(sequence.value()));
  };
  for (const FileScan::File* file : files) {
    FileScan::File copy{.location = file->location, .record_count = file->record_count};
    copy.first_row = static_cast<int64_t>(join.data_.files.size());
    TARN_ASSIGN(copy.constants, FileConstants(*file->source, join.keys_));
    scope(copy, file->deletes->partition, file->sequence_number);
    join.data_.files.push_back(std::move(copy));
  }
  for (const iceberg::EqualityDelete* each : deletes) {
    FileScan::File& file = join.deletes_.files.emplace_back(FileOf(each->source.file()));
    scope(file, each->partition.value_or(0), each->source.sequence_number());
  }
  return join;
}

Result<> EqualityJoin::Run(duckdb::ClientContext& context,
                           const std::function<Result<>(int64_t, int64_t)>& visit) const {
  std::string columns;
  std::string condition;
  for (const Field& key : keys_) {
    const std::string name = ColumnName(key.id);
    columns += name + ", ";
    // Plain equality lets the data files' row groups be skipped, by statistics that leave NaN out.
    const bool plain =
        key.required && key.type.kind != TypeKind::kFloat && key.type.kind != TypeKind::kDouble;
    condition += fmt::format("k.{0} {1} d.{0} AND ", name, plain ? "=" : "IS NOT DISTINCT FROM");
  }
  const std::string sql = fmt::format(
      "SELECT k.{0}, k.{1} FROM {2}(0) AS k SEMI JOIN (SELECT {3}{4}, max({5}) AS newest FROM "
      "{2}(1) GROUP BY {3}{4}) AS d ON ({6}k.{4} = d.{4} AND k.{5} < d.newest)",
      kFirstRowColumn, kPositionColumn, kFileScanFunction, columns, kScopePartition, kScopeSequence,
      condition);
  const FileScan* const scans[] = {&data_, &deletes_};
  return RunSelect(context, sql, scans, [&](duckdb::DataChunk& chunk) -> Result<> {
    const auto* files = Values<int64_t>(chunk, 0);
    const auto* positions = Values<int64_t>(chunk, 1);
    for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
      TARN_TRY(visit(files[row], positions[row]));
    }
    return {};
  });
}

}  // namespace tarn::engine
