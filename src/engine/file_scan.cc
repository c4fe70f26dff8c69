// SPDX-License-Identifier: Apache-2.0
#include "engine/file_scan.h"

#include <duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp>
#include <duckdb/common/multi_file/multi_file_list.hpp>
#include <duckdb/common/multi_file/multi_file_reader.hpp>
#include <duckdb/common/multi_file/multi_file_states.hpp>
#include <duckdb/main/extension/extension_loader.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/parsed_data/create_table_function_info.hpp>
#include <duckdb/storage/statistics/node_statistics.hpp>

#include <algorithm>
#include <utility>

#include "engine/column_fit.h"
#include "engine/duckdb_error.h"
#include "engine/member_names.h"

namespace tarn::engine {

namespace {

/// No file has it: a reserved id of the specification that belongs to no column we read from files.
constexpr int32_t kFirstRowFieldId = 2147483000;

class FileList : public duckdb::MultiFileList {
 public:
  explicit FileList(const FileScan* scan) : scan_(scan) {}

  duckdb::vector<duckdb::OpenFileInfo> GetAllFiles() const override {
    duckdb::vector<duckdb::OpenFileInfo> files;
    for (const FileScan::File& file : scan_->files) files.emplace_back(file.location);
    return files;
  }
  duckdb::FileExpandResult GetExpandResult() const override {
    if (scan_->files.empty()) return duckdb::FileExpandResult::NO_FILES;
    return scan_->files.size() == 1 ? duckdb::FileExpandResult::SINGLE_FILE
                                    : duckdb::FileExpandResult::MULTIPLE_FILES;
  }
  duckdb::idx_t GetTotalFileCount() const override { return scan_->files.size(); }
  duckdb::unique_ptr<duckdb::NodeStatistics> GetCardinality(duckdb::ClientContext&) const override {
    int64_t rows = 0;
    for (const FileScan::File& file : scan_->files) rows += file.record_count;
    return duckdb::make_uniq<duckdb::NodeStatistics>(static_cast<duckdb::idx_t>(rows),
                                                     static_cast<duckdb::idx_t>(rows));
  }
  duckdb::unique_ptr<duckdb::MultiFileList> Copy() const override {
    return duckdb::make_uniq<FileList>(scan_);
  }

 protected:
  duckdb::OpenFileInfo GetFile(duckdb::idx_t index) const override {
    if (index >= scan_->files.size()) return duckdb::OpenFileInfo();
    return duckdb::OpenFileInfo(scan_->files[index].location);
  }

 private:
  const FileScan* scan_;
};

/// Keeps the given positions. Called from several threads at once: it has no state that changes.
class PositionFilter : public duckdb::DeleteFilter {
 public:
  explicit PositionFilter(const std::vector<PendingRows::Range>* positions)
      : positions_(positions) {}

  duckdb::idx_t Filter(duckdb::row_t start, duckdb::idx_t count,
                       duckdb::SelectionVector& result) override {
    result.Initialize(STANDARD_VECTOR_SIZE);
    duckdb::idx_t kept = 0;
    const int64_t end = start + static_cast<int64_t>(count);
    auto range = std::ranges::upper_bound(*positions_, start, {}, &PendingRows::Range::end);
    for (; range != positions_->end() && range->begin < end; ++range) {
      for (int64_t row = std::max(range->begin, start); row < std::min(range->end, end); ++row) {
        result.set_index(kept++, static_cast<duckdb::idx_t>(row - start));
      }
    }
    return kept;
  }

 private:
  const std::vector<PendingRows::Range>* positions_;
};

/// Keeps the positions of a set. Called from several threads at once: it has no state that changes.
class OnlyFilter : public duckdb::DeleteFilter {
 public:
  explicit OnlyFilter(PositionsPtr only) : only_(std::move(only)) {}

  duckdb::idx_t Filter(duckdb::row_t start, duckdb::idx_t count,
                       duckdb::SelectionVector& result) override {
    result.Initialize(STANDARD_VECTOR_SIZE);
    duckdb::sel_t* kept = result.data();
    only_->ForEachIn(start, start + static_cast<int64_t>(count), [&](int64_t position) {
      *kept++ = static_cast<duckdb::sel_t>(position - start);
    });
    return static_cast<duckdb::idx_t>(kept - result.data());
  }

 private:
  PositionsPtr only_;
};

/// Leaves deleted positions out. Called from several threads at once: it has no state that changes.
class DeletedFilter : public duckdb::DeleteFilter {
 public:
  explicit DeletedFilter(PositionsPtr deleted) : deleted_(std::move(deleted)) {}

  duckdb::idx_t Filter(duckdb::row_t start, duckdb::idx_t count,
                       duckdb::SelectionVector& result) override {
    result.Initialize(STANDARD_VECTOR_SIZE);
    duckdb::sel_t* kept = result.data();
    const int64_t end = start + static_cast<int64_t>(count);
    int64_t next = start;
    const auto keep_until = [&](int64_t until) {
      for (; next < until; ++next) *kept++ = static_cast<duckdb::sel_t>(next - start);
    };
    deleted_->ForEachIn(start, end, [&](int64_t position) {
      keep_until(position);
      next = position + 1;
    });
    keep_until(end);
    return static_cast<duckdb::idx_t>(kept - result.data());
  }

 private:
  PositionsPtr deleted_;
};

duckdb::MultiFileColumnDefinition BigintColumn(const char* name, int32_t field_id) {
  duckdb::MultiFileColumnDefinition column(name, duckdb::LogicalType::BIGINT);
  column.identifier = duckdb::Value::INTEGER(field_id);
  column.default_expression =
      duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(duckdb::LogicalType::BIGINT));
  return column;
}

class FileReader : public duckdb::MultiFileReader {
 public:
  static duckdb::unique_ptr<MultiFileReader> Create(const duckdb::TableFunction&) {
    return duckdb::make_uniq<FileReader>();
  }

  duckdb::vector<duckdb::string> ParsePaths(const duckdb::Value& input) override {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): DuckDB passes pointers as numbers
    scan_ = reinterpret_cast<const FileScan*>(input.GetPointer());
    return {};
  }

  duckdb::shared_ptr<duckdb::MultiFileList> CreateFileList(duckdb::ClientContext&,
                                                           const duckdb::vector<duckdb::string>&,
                                                           const duckdb::FileGlobInput&) override {
    return duckdb::make_shared_ptr<FileList>(scan_);
  }

  bool Bind(duckdb::MultiFileOptions&, duckdb::MultiFileList&,
            duckdb::vector<duckdb::LogicalType>& types, duckdb::vector<duckdb::string>& names,
            duckdb::MultiFileReaderBindData& bind_data) override {
    bind_data.schema = scan_->columns;
    bind_data.schema.push_back(BigintColumn(kFirstRowColumn, kFirstRowFieldId));
    bind_data.mapping = duckdb::MultiFileColumnMappingMode::BY_FIELD_ID;
    for (const auto& column : bind_data.schema) {
      names.push_back(column.name);
      types.push_back(column.type);
    }
    return true;
  }

  void BindOptions(duckdb::MultiFileOptions& options, duckdb::MultiFileList&,
                   duckdb::vector<duckdb::LogicalType>&, duckdb::vector<duckdb::string>&,
                   duckdb::MultiFileReaderBindData&) override {
    options.auto_detect_hive_partitioning = false;
    options.hive_partitioning = false;
    options.union_by_name = false;
  }

  void FinalizeBind(duckdb::MultiFileReaderData& reader_data,
                    const duckdb::MultiFileOptions& file_options,
                    const duckdb::MultiFileReaderBindData& options,
                    const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                    const duckdb::vector<duckdb::ColumnIndex>& column_ids,
                    duckdb::ClientContext& context,
                    duckdb::optional_ptr<duckdb::MultiFileReaderGlobalState> state) override {
    MultiFileReader::FinalizeBind(reader_data, file_options, options, columns, column_ids, context,
                                  state);
    const FileScan::File& file = scan_->files.at(reader_data.reader->file_list_idx.GetIndex());
    for (duckdb::idx_t i = 0; i < column_ids.size(); ++i) {
      if (column_ids[i].GetPrimaryIndex() != scan_->columns.size()) continue;  // kFirstRowColumn
      reader_data.constant_map.Add(duckdb::MultiFileGlobalIndex(i),
                                   duckdb::Value::BIGINT(file.first_row));
    }
    if (file.restricted) {
      reader_data.reader->deletion_filter = duckdb::make_uniq<PositionFilter>(&file.positions);
      return;
    }
    if (file.only != nullptr) {
      reader_data.reader->deletion_filter = duckdb::make_uniq<OnlyFilter>(file.only);
      return;
    }
    auto deleted = DeletedPositions(scan_->deletes, file);
    if (!deleted) ThrowError(deleted.error());
    if (*deleted != nullptr) {
      reader_data.reader->deletion_filter = duckdb::make_uniq<DeletedFilter>(*std::move(deleted));
    }
  }

  duckdb::ReaderInitializeType InitializeReader(
      duckdb::MultiFileReaderData& reader_data, const duckdb::MultiFileBindData& bind_data,
      const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
      const duckdb::vector<duckdb::ColumnIndex>& column_ids,
      duckdb::optional_ptr<duckdb::TableFilterSet> filters, duckdb::ClientContext& context,
      duckdb::MultiFileGlobalState& state) override {
    IdentifyColumns(*reader_data.reader, scan_->names.get());
    NameMembersByFieldId(reader_data.reader->columns);
    RequireFittingColumns(scan_->columns, reader_data.reader->columns,
                          reader_data.reader->GetFileName());
    const FileScan::File& file = scan_->files.at(reader_data.reader->file_list_idx.GetIndex());
    if (file.constants.empty()) {
      return MultiFileReader::InitializeReader(reader_data, bind_data, columns, column_ids, filters,
                                               context, state);
    }
    // Filters are judged by them too, which they are not by constants that are added later.
    const auto with_constants = WithConstants(columns, file);
    return MultiFileReader::InitializeReader(reader_data, bind_data, with_constants, column_ids,
                                             filters, context, state);
  }

  duckdb::unique_ptr<MultiFileReader> Copy() const override {
    auto result = duckdb::make_uniq<FileReader>();
    result->function_name = function_name;
    result->scan_ = scan_;
    return result;
  }

 private:
  static duckdb::vector<duckdb::MultiFileColumnDefinition> WithConstants(
      const duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
      const FileScan::File& file) {
    auto result = columns;
    for (auto& column : result) {
      if (column.identifier.IsNull()) continue;
      const FieldId id(column.identifier.GetValue<int32_t>());
      const auto constant =
          std::ranges::find(file.constants, id, &std::pair<FieldId, duckdb::Value>::first);
      if (constant == file.constants.end()) continue;
      column.default_expression = duckdb::make_uniq<duckdb::ConstantExpression>(constant->second);
    }
    return result;
  }

  /// DuckDB stops looking for field ids at the first column without one, which would make null of
  /// those behind it.
  static void IdentifyColumns(duckdb::BaseFileReader& reader, const iceberg::NameMapping* names) {
    const auto has_id = [](const auto& column) { return !column.identifier.IsNull(); };
    if (reader.columns.empty()) return;
    if (std::ranges::any_of(reader.columns, has_id)) {
      static const iceberg::NameMapping kNoNames;
      NameColumns(reader.columns, kNoNames);
      return;
    }
    if (names != nullptr) {
      NameColumns(reader.columns, *names);
      return;
    }
    ThrowError(Error{ErrorKind::kUnsupported,
                     fmt::format("file \"{}\" has no field ids", reader.GetFileName()),
                     {},
                     fmt::format("Set the table property {} to say which columns its names are.",
                                 iceberg::kNameMappingProperty)});
  }

  /// Gives ids to columns without one: by name, or such that nothing matches them.
  static void NameColumns(duckdb::vector<duckdb::MultiFileColumnDefinition>& columns,
                          const std::vector<iceberg::MappedField>& names) {
    int32_t unknown = -1;
    for (auto& column : columns) {
      const iceberg::MappedField* field = iceberg::FindMapped(names, column.name);
      if (column.identifier.IsNull()) {
        const bool known = field != nullptr && field->id;
        column.identifier = duckdb::Value::INTEGER(known ? field->id->value() : unknown--);
      }
      if (field != nullptr && !field->fields.empty()) NameColumns(column.children, field->fields);
    }
  }

  const FileScan* scan_ = nullptr;
};

}  // namespace

Result<PositionsPtr> DeletedPositions(DeleteStore* store, const FileScan::File& file) {
  PositionsPtr deleted = file.deleted;
  if (file.deletes != nullptr && file.deletes->vector) {
    TARN_ASSIGN(PositionsPtr vector,
                store->LoadVector(file.deletes->vector->file(), file.record_count));
    if (deleted == nullptr) {
      deleted = std::move(vector);
    } else {
      auto both = std::make_shared<iceberg::PositionBitmap>(*deleted);
      both->UnionWith(*vector);
      deleted = std::move(both);
    }
  }
  return deleted != nullptr && deleted->empty() ? nullptr : deleted;
}

void RegisterFileScan(duckdb::DatabaseInstance& instance) {
  duckdb::ExtensionLoader loader(instance, "tarn");
  duckdb::TableFunction function =
      loader.GetTableFunction("parquet_scan").functions.GetFunctionByOffset(0);
  function.name = kFileScanFunction;
  function.arguments = {duckdb::LogicalType::POINTER};
  function.named_parameters = {{kCanHaveNanParameter, duckdb::LogicalType::BOOLEAN}};
  function.get_multi_file_reader = FileReader::Create;
  // What these would say comes from one file, not from the table.
  function.serialize = nullptr;
  function.deserialize = nullptr;
  function.statistics = nullptr;
  function.get_bind_info = nullptr;
  function.get_partition_stats = nullptr;
  function.get_row_id_columns = nullptr;
  function.table_scan_progress = nullptr;
  function.dynamic_to_string = nullptr;
  function.late_materialization = false;
  loader.RegisterFunction(function);
}

}  // namespace tarn::engine
