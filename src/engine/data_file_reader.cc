// SPDX-License-Identifier: Apache-2.0
#include "engine/data_file_reader.h"

#include <limits>
#include <utility>

#include "engine/column_metrics.h"
#include "engine/delete_query.h"
#include "engine/metadata_column_query.h"
#include "engine/parquet_footer.h"
#include "engine/parquet_schema.h"
#include "engine/row_stream.h"
#include "iceberg/values/single_value.h"

namespace tarn::engine {

namespace {

using Column = iceberg::DataFileFacts::Column;

/// Counts from the footer, for leaves.
void AddFooterCounts(const duckdb_parquet::FileMetaData& metadata, int leaf, Column& column) {
  for (const auto& group : metadata.row_groups) {
    if (leaf < 0 || static_cast<size_t>(leaf) >= group.columns.size()) continue;
    const auto& chunk = group.columns[static_cast<size_t>(leaf)].meta_data;
    column.value_count += chunk.num_values;
    if (chunk.__isset.statistics && chunk.statistics.__isset.null_count) {
      column.null_count += chunk.statistics.null_count;
    }
  }
}

void AddColumns(const duckdb_parquet::FileMetaData& metadata,
                const std::vector<ParquetColumn>& columns, iceberg::DataFileFacts& facts) {
  for (const ParquetColumn& source : columns) {
    Column column{.id = source.field.id,
                  .path = source.path,
                  .type = source.field.type,
                  .required = source.field.required,
                  .deviations = source.deviations};
    AddFooterCounts(metadata, source.leaf, column);
    facts.columns.push_back(std::move(column));
    AddColumns(metadata, source.children, facts);
  }
}

/// Reads all rows of the columns that have an id.
Result<FileMetrics> MeasureValues(Database& database, DeleteStore& deletes,
                                  const iceberg::DataFile& file, const std::vector<Field>& fields) {
  auto manifest = std::make_shared<iceberg::Manifest>();
  manifest->entries.push_back({.data_file = file});
  ScanRequest request;
  request.plan.emplace();
  request.plan->files.push_back({.manifest = manifest, .entry = &manifest->entries[0]});
  std::vector<Type> types;
  for (const Field& field : fields) {
    request.columns.push_back({.field = field, .default_value = {}});
    types.push_back(field.type);
  }
  // Bounds that keep all of a value are the value.
  FileMetrics metrics(fields, {.metrics = {.mode = MetricsMode::kFull}});
  TARN_ASSIGN(auto stream, OpenRowStream(database, deletes, nullptr, std::move(request)));
  std::vector<uint8_t> bytes;
  while (true) {
    TARN_TRY(stream->Next(bytes));
    if (bytes.empty()) return metrics;
    TARN_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
    metrics.Add(batch);
  }
}

Result<> AddValues(const iceberg::DataFile& measured, iceberg::DataFileFacts& facts) {
  for (Column& column : facts.columns) {
    const auto count = measured.value_counts.find(column.id);
    if (count == measured.value_counts.end()) continue;
    column.value_count = count->second;
    column.null_count = measured.null_value_counts.at(column.id);
    if (const auto nans = measured.nan_value_counts.find(column.id);
        nans != measured.nan_value_counts.end()) {
      column.nan_count = nans->second;
    }
    if (const auto bound = measured.lower_bounds.find(column.id);
        bound != measured.lower_bounds.end()) {
      TARN_ASSIGN(column.lower, iceberg::DecodeSingleValue(column.type, bound->second));
    }
    if (const auto bound = measured.upper_bounds.find(column.id);
        bound != measured.upper_bounds.end()) {
      TARN_ASSIGN(column.upper, iceberg::DecodeSingleValue(column.type, bound->second));
    }
  }
  return {};
}

}  // namespace

Result<iceberg::DataFileFacts> ParquetExaminer::Examine(std::string_view location,
                                                        bool read_values) {
  TARN_ASSIGN(const auto object, storage_.Open(location));
  TARN_ASSIGN(const auto metadata, ReadFooter(*object, location));
  TARN_ASSIGN(const auto columns, ReadParquetSchema(metadata));
  iceberg::DataFileFacts facts;
  facts.record_count = metadata.num_rows;
  facts.row_group_offsets = RowGroupOffsets(metadata);
  AddColumns(metadata, columns, facts);
  if (!read_values) return facts;
  std::vector<Field> fields;
  for (const ParquetColumn& column : columns) {
    // A scan would compute metadata columns; of those that a file stores, the footer's counts do.
    if (column.field.id.value() == 0 || IsMetadataColumn(column.field.id)) continue;
    fields.push_back(column.field);
  }
  if (fields.empty()) return facts;
  iceberg::DataFile file;
  file.file_path = location;
  file.record_count = metadata.num_rows;
  TARN_ASSIGN(const FileMetrics metrics, MeasureValues(database_, deletes_, file, fields));
  iceberg::DataFile measured;
  metrics.Fill(measured);
  TARN_TRY(AddValues(measured, facts));
  facts.record_count = measured.record_count;
  return facts;
}

Result<> ParquetExaminer::ReadPositionDeletes(
    std::string_view location, const std::function<Result<>(std::string_view, int64_t)>& visit) {
  iceberg::ManifestEntry entry;
  entry.data_file.file_path = location;
  const iceberg::DeleteFile source{nullptr, &entry};
  const FileScan scan = PositionDeleteScan({&source});
  auto connection = database_.Borrow();
  return ::tarn::engine::ReadPositionDeletes(
      *connection->context, scan,
      [&](int64_t, std::string_view path, int64_t position) { return visit(path, position); });
}

}  // namespace tarn::engine
