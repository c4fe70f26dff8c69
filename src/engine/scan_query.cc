// SPDX-License-Identifier: Apache-2.0
#include "engine/scan_query.h"

#include <duckdb/parser/expression/columnref_expression.hpp>
#include <duckdb/parser/expression/comparison_expression.hpp>
#include <duckdb/parser/expression/conjunction_expression.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <utility>

#include "engine/duckdb_type.h"
#include "engine/file_constants.h"
#include "engine/filter_expression.h"
#include "engine/metadata_column_query.h"
#include "engine/vector_writer.h"

namespace tarn::engine {

namespace {

using duckdb::ExpressionType;
using ExpressionPtr = duckdb::unique_ptr<duckdb::ParsedExpression>;
using Range = PendingRows::Range;

ExpressionPtr Column(std::string name) {
  return duckdb::make_uniq<duckdb::ColumnRefExpression>(std::move(name));
}

ExpressionPtr Bigint(int64_t value) {
  return duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BIGINT(value));
}

/// `left + right`.
ExpressionPtr Sum(ExpressionPtr left, ExpressionPtr right) {
  duckdb::vector<ExpressionPtr> operands;
  operands.push_back(std::move(left));
  operands.push_back(std::move(right));
  auto sum = duckdb::make_uniq<duckdb::FunctionExpression>("+", std::move(operands));
  sum->is_operator = true;
  return sum;
}

ExpressionPtr And(ExpressionPtr left, ExpressionPtr right) {
  if (!left) return right;
  return duckdb::make_uniq<duckdb::ConjunctionExpression>(ExpressionType::CONJUNCTION_AND,
                                                          std::move(left), std::move(right));
}

/// The value of an absent column: null, or the one row of an encoded batch.
Result<duckdb::Value> DefaultValue(const ScanColumn& column) {
  TARN_ASSIGN(const duckdb::LogicalType type, ToDuckdbType(column.field.type));
  if (column.default_value.empty()) return InitialDefault(column.field);
  // The decoder wants bytes at a multiple of 8.
  std::vector<uint64_t> aligned((column.default_value.size() + 7) / 8);
  std::memcpy(aligned.data(), column.default_value.data(), column.default_value.size());
  const std::span bytes(reinterpret_cast<const uint8_t*>(aligned.data()),
                        column.default_value.size());
  TARN_ASSIGN(const BatchView view, DecodeBatch(bytes, std::span(&column.field.type, 1)));
  if (view.rows != 1)
    return Fail(ErrorKind::kCorruption, "default of \"{}\" is not one row", column.field.name);
  duckdb::Vector vector(type);
  FillVector(column.field.type, view.columns[0], 0, 1, vector);
  return vector.GetValue(0);
}

/// Turns one request into queries; what all of them share is made once.
class Builder {
 public:
  Builder(ScanRequest request, DeleteStore* deletes)
      : request_(std::move(request)), deletes_(deletes) {}

  Result<ScanQueries> Build() {
    TARN_TRY(AddColumns());
    TARN_TRY(ReadNameMapping());
    if (request_.filter) CollectFloats(*request_.filter, filtered_floats_);
    for (const ScanColumn& column : request_.columns) result_.types.push_back(column.field.type);
    if (request_.row_numbers) result_.types.push_back(Type::Primitive(TypeKind::kLong));
    if (request_.plan) TARN_TRY(AddCommitted());
    if (request_.pending) TARN_TRY(AddPending());
    if (!request_.order_by.empty() && result_.queries.size() > 1) {
      return Fail(ErrorKind::kUnsupported, "only rows of whole files can be sorted");
    }
    CollectDeletes();
    return std::move(result_);
  }

  Result<ScanQueries> BuildRows(const iceberg::TableMetadata& metadata,
                                const std::vector<FileRows>& rows) {
    TARN_TRY(AddColumns());
    TARN_ASSIGN(result_.names, iceberg::NameMappingOf(metadata.properties));
    if (request_.filter) CollectFloats(*request_.filter, filtered_floats_);
    for (const ScanColumn& column : request_.columns) result_.types.push_back(column.field.type);
    TARN_TRY(AddRows(rows));
    return std::move(result_);
  }

 private:
  bool counts_only() const {
    return request_.columns.empty() && !request_.row_numbers && !request_.filter;
  }

  Result<> AddColumns() {
    std::set<FieldId> known;
    for (const auto* columns : {&request_.columns, &request_.filter_columns}) {
      for (const ScanColumn& column : *columns) {
        if (!known.insert(column.field.id).second) continue;
        if (IsMetadataColumn(column.field.id)) {
          metadata_columns_.push_back(column.field);
          continue;
        }
        TARN_ASSIGN(auto definition, ToColumnDefinition(column.field, ColumnName(column.field.id)));
        TARN_ASSIGN(const duckdb::Value value, DefaultValue(column));
        definition.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(value);
        fields_.push_back(column.field);
        definitions_.push_back(std::move(definition));
        defaults_.push_back(value);
      }
    }
    file_columns_ = definitions_;
    TARN_ASSIGN(auto sources, MetadataSources(metadata_columns_));
    for (auto& source : sources) file_columns_.push_back(std::move(source));
    // Batches have no metadata: null.
    for (const Field& column : metadata_columns_) {
      TARN_ASSIGN(auto definition, ToColumnDefinition(column, ColumnName(column.id)));
      fields_.push_back(column);
      defaults_.emplace_back(definition.type);
      definitions_.push_back(std::move(definition));
    }
    return {};
  }

  Result<> ReadNameMapping() {
    if (!request_.plan || request_.plan->metadata == nullptr) return {};
    TARN_ASSIGN(result_.names, iceberg::NameMappingOf(request_.plan->metadata->properties));
    return {};
  }

  /// Files stand still from now on.
  void CollectDeletes() {
    for (const CountedFile& counted : result_.counted_files) {
      result_.with_deletes.push_back(counted.file.get());
    }
    for (const ScanQuery& query : result_.queries) {
      if (query.files == nullptr) continue;
      for (FileScan::File& file : query.files->files) {
        if (file.deletes != nullptr) result_.with_deletes.push_back(&file);
      }
    }
  }

  /// SELECT columns [, row_number] FROM function(source) WHERE filter [AND condition].
  Result<> AddQuery(ScanQuery query, ExpressionPtr row_number, ExpressionPtr condition) {
    auto node = duckdb::make_uniq<duckdb::SelectNode>();
    for (const ScanColumn& column : request_.columns) {
      node->select_list.push_back(Column(ColumnName(column.field.id)));
    }
    if (request_.row_numbers) node->select_list.push_back(std::move(row_number));
    if (node->select_list.empty())
      node->select_list.push_back(Bigint(0));  // there must be one; it is not returned
    if (request_.filter) {
      TARN_ASSIGN(ExpressionPtr filter, ToExpression(*request_.filter));
      condition = And(std::move(condition), std::move(filter));
    }
    node->where_clause = std::move(condition);
    node->from_table = Source(query);
    if (query.files && !metadata_columns_.empty()) {
      node->from_table = WithMetadataColumns(std::move(node->from_table), metadata_columns_);
    }
    if (!request_.order_by.empty()) node->modifiers.push_back(Order());
    auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
    statement->node = std::move(node);
    query.statement = std::move(statement);
    result_.queries.push_back(std::move(query));
    return {};
  }

  duckdb::unique_ptr<duckdb::ResultModifier> Order() const {
    auto order = duckdb::make_uniq<duckdb::OrderModifier>();
    for (const SortKey& key : request_.order_by) {
      order->orders.emplace_back(
          key.descending ? duckdb::OrderType::DESCENDING : duckdb::OrderType::ASCENDING,
          key.nulls_first ? duckdb::OrderByNullType::NULLS_FIRST
                          : duckdb::OrderByNullType::NULLS_LAST,
          Column(ColumnName(key.field)));
    }
    return order;
  }

  duckdb::unique_ptr<duckdb::TableRef> Source(const ScanQuery& query) {
    const void* source =
        query.files ? static_cast<const void*>(query.files.get()) : query.batches.get();
    duckdb::vector<ExpressionPtr> arguments;
    arguments.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(
        duckdb::Value::POINTER(reinterpret_cast<uintptr_t>(source))));
    if (query.files && std::ranges::any_of(query.files->files, &FileScan::File::may_hide_nan)) {
      arguments.push_back(duckdb::make_uniq<duckdb::ComparisonExpression>(
          ExpressionType::COMPARE_EQUAL, Column(kCanHaveNanParameter),
          duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BOOLEAN(true))));
    }
    auto table = duckdb::make_uniq<duckdb::TableFunctionRef>();
    table->function = duckdb::make_uniq<duckdb::FunctionExpression>(
        query.files ? kFileScanFunction : kBatchScanFunction, std::move(arguments));
    return table;
  }

  static void CollectFloats(const Filter& filter, std::set<FieldId>& fields) {
    for (const Filter& child : filter.children) CollectFloats(child, fields);
    const TypeKind kind = filter.type.kind;
    if (filter.children.empty() && (kind == TypeKind::kFloat || kind == TypeKind::kDouble)) {
      fields.insert(filter.field);
    }
  }

  /// Whether row-group statistics of a filtered column may say nothing of the NaN in it: their
  /// maximum would hide them.
  bool MayHideNan(const iceberg::DataFile& file) const {
    return std::ranges::any_of(filtered_floats_, [&](FieldId field) {
      const auto count = file.nan_value_counts.find(field);
      return count == file.nan_value_counts.end() || count->second > 0;
    });
  }

  std::unique_ptr<FileScan> NewFileScan() const {
    auto scan = std::make_unique<FileScan>();
    scan->columns = file_columns_;
    scan->names = result_.names;
    scan->deletes = deletes_;
    return scan;
  }

  Result<> AddFiles(std::unique_ptr<FileScan> files, ExpressionPtr condition) {
    if (files->files.empty()) return {};
    // To DuckDB, an empty path is the end of the list.
    if (std::ranges::any_of(files->files, [](const auto& file) { return file.location.empty(); })) {
      return Fail(ErrorKind::kCorruption, "data file without a location");
    }
    return AddQuery(ScanQuery{.files = std::move(files)},
                    Sum(Column(kFirstRowColumn), Column(kPositionColumn)), std::move(condition));
  }

  /// Files that lie within the wanted rows are read whole, by one query; one that lies across an
  /// end gets a query with a condition on positions, which skips row groups.
  Result<> AddCommitted() {
    const Range wanted{request_.row_begin.value_or(0),
                       request_.row_end.value_or(std::numeric_limits<int64_t>::max())};
    result_.plan = std::make_unique<const iceberg::ScanPlan>(*std::move(request_.plan));
    auto whole = NewFileScan();
    for (const iceberg::ScanFile& scan_file : result_.plan->files) {
      const iceberg::DataFile& file = scan_file.file();
      TARN_TRY(CheckFormat(file));
      const int64_t begin = std::max<int64_t>(wanted.begin - scan_file.first_row, 0);
      const int64_t end = std::min(wanted.end - scan_file.first_row, file.record_count);
      if (begin >= end) continue;
      if (counts_only() && scan_file.deletes == nullptr) {
        result_.counted_rows += end - begin;
        continue;
      }
      TARN_ASSIGN(FileScan::File entry, CommittedFile(scan_file));
      if (counts_only()) {
        result_.counted_files.push_back(
            {std::make_unique<FileScan::File>(std::move(entry)), begin, end});
        continue;
      }
      if (begin == 0 && end == file.record_count) {
        whole->files.push_back(std::move(entry));
        continue;
      }
      TARN_TRY(AddFiles(std::exchange(whole, NewFileScan()), nullptr));
      auto part = NewFileScan();
      part->files.push_back(std::move(entry));
      TARN_TRY(AddFiles(std::move(part), PositionsBetween(begin, end)));
    }
    return AddFiles(std::move(whole), nullptr);
  }

  static Result<> CheckFormat(const iceberg::DataFile& file) {
    if (file.file_format == "PARQUET") return {};
    return Fail(ErrorKind::kUnsupported, "file \"{}\" has format {}, not Parquet", file.file_path,
                file.file_format);
  }

  /// All in one query, but for files of many row groups of which few rows are wanted: positions in
  /// a condition of their own skip row groups.
  Result<> AddRows(const std::vector<FileRows>& rows) {
    constexpr int64_t kRowGroupRows = 122'880;
    constexpr size_t kOwnQueriesMax = 64;
    auto whole = NewFileScan();
    for (const FileRows& each : rows) {
      TARN_TRY(CheckFormat(each.file.file()));
      if (each.only != nullptr && each.only->empty()) continue;
      TARN_ASSIGN(FileScan::File entry, CommittedFile(each.file));
      entry.deletes = nullptr;
      entry.deleted = each.except;
      entry.only = each.only;
      const bool own = each.only != nullptr && entry.record_count > 2 * kRowGroupRows &&
                       *each.only->highest() - *each.only->lowest() < entry.record_count / 2 &&
                       result_.queries.size() < kOwnQueriesMax;
      if (!own) {
        whole->files.push_back(std::move(entry));
        continue;
      }
      auto part = NewFileScan();
      part->files.push_back(std::move(entry));
      TARN_TRY(AddFiles(std::move(part),
                        PositionsBetween(*each.only->lowest(), *each.only->highest() + 1)));
    }
    return AddFiles(std::move(whole), nullptr);
  }

  Result<FileScan::File> CommittedFile(const iceberg::ScanFile& scan_file) const {
    const iceberg::DataFile& file = scan_file.file();
    FileScan::File entry{.location = file.file_path,
                         .record_count = file.record_count,
                         .first_row = scan_file.first_row,
                         .source = &scan_file,
                         .may_hide_nan = MayHideNan(file),
                         .deletes = scan_file.deletes};
    if (scan_file.entry->sequence_number) {
      entry.sequence_number = *scan_file.entry->sequence_number;
    }
    TARN_ASSIGN(entry.constants, FileConstants(scan_file, fields_));
    return entry;
  }

  static ExpressionPtr PositionsBetween(int64_t begin, int64_t end) {
    return And(
        duckdb::make_uniq<duckdb::ComparisonExpression>(
            ExpressionType::COMPARE_GREATERTHANOREQUALTO, Column(kPositionColumn), Bigint(begin)),
        duckdb::make_uniq<duckdb::ComparisonExpression>(ExpressionType::COMPARE_LESSTHAN,
                                                        Column(kPositionColumn), Bigint(end)));
  }

  /// Files and batches of one transaction in the order of their ordinals, which never overlap:
  /// neighbours of one sort share a query.
  Result<> AddPending() {
    PendingRows& pending = *request_.pending;
    std::ranges::sort(pending.files, {}, &PendingRows::File::first_ordinal);
    std::ranges::sort(pending.batches, {}, &PendingRows::Batch::first_ordinal);
    size_t batch = 0;
    size_t file = 0;
    while (batch < pending.batches.size() || file < pending.files.size()) {
      const int64_t next_batch = batch < pending.batches.size()
                                     ? pending.batches[batch].first_ordinal
                                     : std::numeric_limits<int64_t>::max();
      const int64_t next_file = file < pending.files.size() ? pending.files[file].first_ordinal
                                                            : std::numeric_limits<int64_t>::max();
      if (next_file < next_batch) {
        auto scan = NewFileScan();
        for (; file < pending.files.size() && pending.files[file].first_ordinal < next_batch;
             ++file) {
          AddPendingFile(pending.files[file], *scan);
        }
        TARN_TRY(AddFiles(std::move(scan), nullptr));
      } else {
        auto scan = std::make_unique<BatchScan>();
        for (; batch < pending.batches.size() && pending.batches[batch].first_ordinal < next_file;
             ++batch) {
          scan->batches.push_back(std::move(pending.batches[batch]));
        }
        TARN_TRY(AddBatches(std::move(scan)));
      }
    }
    return {};
  }

  void AddPendingFile(const PendingRows::File& file, FileScan& scan) {
    FileScan::File entry{.location = file.file.file_path,
                         .record_count = file.file.record_count,
                         .first_row = kPendingRowBit | file.first_ordinal,
                         .may_hide_nan = MayHideNan(file.file)};
    int64_t kept = 0;
    for (const Range& range : request_.pending->visible) {
      const Range part{std::max<int64_t>(range.begin - file.first_ordinal, 0),
                       std::min(range.end - file.first_ordinal, file.file.record_count)};
      if (part.begin >= part.end) continue;
      entry.positions.push_back(part);
      kept += part.end - part.begin;
    }
    if (counts_only()) {
      result_.counted_rows += kept;
      return;
    }
    if (kept == 0) return;
    entry.restricted = kept < file.file.record_count;
    scan.files.push_back(std::move(entry));
  }

  Result<> AddBatches(std::unique_ptr<BatchScan> scan) {
    scan->visible = request_.pending->visible;
    if (counts_only()) {
      for (const PendingRows::Batch& batch : scan->batches) {
        for (const Range& range : scan->visible) {
          const int64_t begin = std::max(range.begin, batch.first_ordinal);
          const int64_t end = std::min(range.end, batch.first_ordinal + batch.view.rows);
          result_.counted_rows += std::max<int64_t>(end - begin, 0);
        }
      }
      return {};
    }
    scan->fields = fields_;
    for (const auto& definition : definitions_) {
      scan->names.push_back(definition.name);
      scan->types.push_back(definition.type);
    }
    scan->defaults = defaults_;
    return AddQuery(ScanQuery{.batches = std::move(scan)},
                    Sum(Bigint(kPendingRowBit), Column(kOrdinalColumn)), nullptr);
  }

  ScanRequest request_;
  DeleteStore* deletes_;
  // Columns of batches; those of files, which have sources of the metadata columns instead of them.
  std::vector<Field> fields_;
  duckdb::vector<duckdb::MultiFileColumnDefinition> definitions_;
  duckdb::vector<duckdb::MultiFileColumnDefinition> file_columns_;
  std::vector<Field> metadata_columns_;
  std::vector<duckdb::Value> defaults_;
  std::set<FieldId> filtered_floats_;
  ScanQueries result_;
};

}  // namespace

Result<ScanQueries> BuildFileRowQueries(ScanRequest request, const iceberg::TableMetadata& metadata,
                                        const std::vector<FileRows>& rows) {
  return Builder(std::move(request), nullptr).BuildRows(metadata, rows);
}

Result<ScanQueries> BuildQueries(ScanRequest request, DeleteStore* deletes) {
  return Builder(std::move(request), deletes).Build();
}

}  // namespace tarn::engine
