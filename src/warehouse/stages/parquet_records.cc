// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/parquet_records.h"

#include "sql/duckdb_text/print.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

const Type& TextCarrier() {
  static const Type kText = Type::Primitive(TypeKind::kString);
  return kText;
}

bool IsBinaryText(const FileFormat& format) {
  const auto found = format.options.find("BINARY_AS_TEXT");
  return found == format.options.end() || found->second == "TRUE";
}

std::string ScanText(const std::string& location) {
  return fmt::format("parquet_scan({}, hive_partitioning = false)", sql::QuoteForDuckdb(location));
}

/// What is wrong with the file, and not with us.
StatementError FailureOf(engine::QueryFailure failure, const StageFile& file) {
  StatementError error = FromQuery(std::move(failure));
  const bool content =
      error.error.kind == ErrorKind::kInvalidArgument || error.error.kind == ErrorKind::kCorruption;
  if (!content) return error;
  error.error.kind = ErrorKind::kInvalidArgument;
  error.error.message =
      fmt::format("Error parsing the parquet file '{}': {}", file.path, error.error.message);
  error.sqlstate = "22000";
  return error;
}

StatementResult<std::unique_ptr<engine::QueryStream>> OpenScan(const table::TableContext& tables,
                                                               const std::string& location,
                                                               const StageFile& file,
                                                               std::string text, size_t columns) {
  // Staged files are replaced under one name, unlike those of tables.
  tables.engine->ForgetDataFiles({location});
  engine::QueryRequest request{.text = std::move(text), .tables = {}, .parameters = {}};
  request.carriers.assign(columns, TextCarrier());
  auto stream = tables.engine->OpenQuery(std::move(request));
  if (!stream) return std::unexpected(FailureOf(std::move(stream).error(), file));
  return *std::move(stream);
}

std::string TextAt(const ColumnView& column, int64_t row) {
  if (column.is_null(row)) return {};
  const auto begin = static_cast<size_t>(column.offsets[row]);
  const auto end = static_cast<size_t>(column.offsets[row + 1]);
  return {reinterpret_cast<const char*>(column.values) + begin, end - begin};
}

/// By the name of DuckDB's type (Snowflake, "INFER_SCHEMA", usage notes).
std::string SnowflakeType(std::string_view type, bool binary_as_text) {
  if (type.starts_with("DECIMAL(")) {
    std::string number = "NUMBER" + std::string(type.substr(type.find('(')));
    number.replace(number.find(','), 1, ", ");
    return number;
  }
  if (type.ends_with("INT") || type == "INTEGER") return "NUMBER(38, 0)";
  if (type == "FLOAT" || type == "DOUBLE") return "REAL";
  if (type == "BOOLEAN" || type == "DATE" || type == "TIME") return std::string(type);
  if (type.starts_with("TIMESTAMP")) return "TIMESTAMP_NTZ";
  if (type == "BLOB") return binary_as_text ? "TEXT" : "BINARY";
  if (type == "VARCHAR" || type == "UUID" || type.starts_with("ENUM")) return "TEXT";
  return "VARIANT";
}

}  // namespace

StatementResult<std::unique_ptr<ParquetRecords>> ParquetRecords::Open(
    const table::TableContext& tables, const StorageArea& area, const StageFile& file,
    const FileFormat& format) {
  std::unique_ptr<ParquetRecords> opened(
      new ParquetRecords(*tables.storage, area.base + file.path, file));
  STATEMENT_TRY(opened->CheckUnchanged());
  // No column of a file has such a name.
  std::string text =
      fmt::format("SELECT tarn_variant_of(\"tarn record\", {}) FROM {} AS \"tarn record\"",
                  IsBinaryText(format), ScanText(opened->location_));
  STATEMENT_ASSIGN(opened->stream_, OpenScan(tables, opened->location_, file, std::move(text), 1));
  return opened;
}

StatementResult<> ParquetRecords::CheckUnchanged() const {
  STATEMENT_ASSIGN(const storage::ObjectInfo now, storage_.Head(location_));
  if (now.size_bytes == file_.size) return {};
  return std::unexpected(
      StatementError{.error = {ErrorKind::kInvalidArgument,
                               fmt::format("file '{}' was changed while it was read", file_.path),
                               {},
                               "Run the statement again."},
                     .code = {},
                     .sqlstate = "55000"});
}

StatementResult<bool> ParquetRecords::Fetch() {
  if (auto read = stream_->Next(bytes_); !read) {
    return std::unexpected(FailureOf(std::move(read).error(), file_));
  }
  if (bytes_.empty()) {
    STATEMENT_TRY(CheckUnchanged());
    return false;
  }
  STATEMENT_ASSIGN(batch_, DecodeBatch(bytes_, {&TextCarrier(), 1}));
  next_ = 0;
  return true;
}

StatementResult<bool> ParquetRecords::Next(std::string& record) {
  if (next_ == batch_.rows) {
    STATEMENT_ASSIGN(const bool more, Fetch());
    if (!more) return false;
  }
  record = TextAt(batch_.columns[0], next_++);
  return true;
}

StatementResult<std::vector<ParquetColumn>> ColumnsOfParquet(const table::TableContext& tables,
                                                             const StorageArea& area,
                                                             const StageFile& file,
                                                             const FileFormat& format) {
  const std::string location = area.base + file.path;
  std::string text =
      fmt::format("SELECT column_name, column_type FROM (DESCRIBE FROM {})", ScanText(location));
  STATEMENT_ASSIGN(const auto stream, OpenScan(tables, location, file, std::move(text), 2));
  const std::vector<Type> carriers(2, TextCarrier());
  std::vector<ParquetColumn> columns;
  std::vector<uint8_t> bytes;
  while (true) {
    if (auto read = stream->Next(bytes); !read) {
      return std::unexpected(FailureOf(std::move(read).error(), file));
    }
    if (bytes.empty()) return columns;
    STATEMENT_ASSIGN(const BatchView batch, DecodeBatch(bytes, carriers));
    for (int64_t row = 0; row < batch.rows; ++row) {
      columns.push_back(
          {.name = TextAt(batch.columns[0], row),
           .type = SnowflakeType(TextAt(batch.columns[1], row), IsBinaryText(format))});
    }
  }
}

}  // namespace tarn::warehouse
