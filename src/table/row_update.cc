// SPDX-License-Identifier: Apache-2.0
#include "table/row_update.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "iceberg/model/metadata_columns.h"
#include "table/row_delta.h"
#include "table/row_writer.h"

namespace tarn::table {
namespace {

namespace metadata_column = iceberg::metadata_column;

constexpr int32_t kLineageVersion = 3;

Field LongColumn(FieldId id, const char* name) {
  return {.id = id, .name = name, .type = Type::Primitive(TypeKind::kLong)};
}

Field RowIdColumn() { return LongColumn(metadata_column::kRowId, "_row_id"); }

bool HasLineage(const iceberg::TableMetadata& table) {
  return table.format_version >= kLineageVersion;
}

class Writing : public RowChangeWriter {
 public:
  Writing(const TableContext& context, Writer writer, iceberg::LoadedTable base,
          iceberg::ScanPlan plan, int32_t first_ordinal)
      : context_(context),
        writer_(std::move(writer)),
        base_(std::move(base)),
        plan_(std::move(plan)),
        first_ordinal_(first_ordinal),
        next_ordinal_(first_ordinal) {
    result_.snapshot_id = iceberg::NewSnapshotId(base_.metadata.get());
  }

  Result<> Delete(std::span<const int64_t> row_numbers) override {
    for (const int64_t number : row_numbers) {
      const auto file =
          std::ranges::upper_bound(plan_.files, number, {}, &iceberg::ScanFile::first_row);
      const int64_t position = file == plan_.files.begin() ? -1 : number - (file - 1)->first_row;
      if (position < 0 || position >= (file - 1)->file().record_count) {
        return Fail(ErrorKind::kInvalidArgument, "row {} is in no file of the plan", number);
      }
      deleted_[static_cast<size_t>(file - 1 - plan_.files.begin())].Add(position);
    }
    return {};
  }

  Result<> Insert(const BatchView& rows) override {
    if (rows.rows == 0) return {};
    if (inserted_ == nullptr) {
      TARN_ASSIGN(inserted_, OpenFiles(base_.metadata->current_schema().fields, first_ordinal_));
    }
    return inserted_->Append(rows);
  }

  Result<> InsertReplaced(const BatchView& rows, const ColumnView& row_ids) override {
    if (!HasLineage(*base_.metadata)) return Insert(rows);
    if (rows.rows == 0) return {};
    if (replaced_ == nullptr) {
      std::vector<Field> fields = base_.metadata->current_schema().fields;
      fields.push_back(RowIdColumn());
      // Null: the commit's own number.
      fields.push_back(
          LongColumn(metadata_column::kLastUpdatedSequence, "_last_updated_sequence_number"));
      TARN_ASSIGN(replaced_, OpenFiles(std::move(fields), kFirstReplaced + first_ordinal_));
    }
    const std::vector<uint64_t> nulls(static_cast<size_t>(rows.rows) / 64 + 1);
    const std::vector<int64_t> zeros(static_cast<size_t>(rows.rows));
    BatchView with_lineage = rows;
    with_lineage.columns.push_back(row_ids);
    with_lineage.columns.push_back({.rows = rows.rows,
                                    .validity = reinterpret_cast<const uint8_t*>(nulls.data()),
                                    .values = reinterpret_cast<const uint8_t*>(zeros.data()),
                                    .values_bytes = zeros.size() * sizeof(int64_t)});
    return replaced_->Append(with_lineage);
  }

  Result<PreparedRowChange> Finish(iceberg::Validation validation) override {
    std::vector<DeletedRows> deleted;
    for (auto& [file, positions] : deleted_) {
      deleted.push_back({plan_.files[file], std::move(positions)});
    }
    if (!deleted.empty()) {
      TARN_ASSIGN(WrittenDeletes written,
                  WriteDeletes(context_, writer_, base_, result_.snapshot_id, std::move(deleted),
                               first_ordinal_));
      result_.deleted_rows = written.deleted_rows;
      result_.written_files = written.written_files;
      next_ordinal_ = written.next_ordinal;
      AddDeletes(std::move(written), result_.changes);
      result_.changes.validation = std::move(validation);
    }
    for (RowWriter* files : {inserted_.get(), replaced_.get()}) {
      if (files != nullptr) TARN_TRY(AddFiles(*files));
    }
    if (inserted_ != nullptr) next_ordinal_ = std::max(next_ordinal_, inserted_->next_ordinal());
    if (replaced_ != nullptr) {
      next_ordinal_ = std::max(next_ordinal_, replaced_->next_ordinal() - kFirstReplaced);
    }
    result_.next_ordinal = next_ordinal_;
    return std::move(result_);
  }

 private:
  /// Names stay apart by their numbers; those of deletes end in other words.
  static constexpr int32_t kFirstReplaced = 1'000'000;

  Result<std::unique_ptr<RowWriter>> OpenFiles(std::vector<Field> fields, int32_t first_ordinal) {
    return OpenRowWriter(context_, writer_, *base_.metadata,
                         {.fields = std::move(fields),
                          .partition_spec_id = base_.metadata->default_spec_id,
                          .first_ordinal = first_ordinal});
  }

  Result<> AddFiles(RowWriter& files) {
    iceberg::NewFiles added{.partition_spec_id = base_.metadata->default_spec_id};
    TARN_ASSIGN(added.files, files.Finish());
    for (const iceberg::DataFile& file : added.files) {
      result_.written_files.push_back(file.file_path);
      result_.inserted_rows += file.record_count;
    }
    TARN_TRY(AddDataFiles(context_, writer_, base_, result_.snapshot_id, std::move(added),
                          next_ordinal_++, result_.changes));
    if (!result_.changes.appended_manifests.empty()) {
      result_.written_files.push_back(result_.changes.appended_manifests.back().manifest_path);
    }
    return {};
  }

  const TableContext& context_;
  const Writer writer_;
  const iceberg::LoadedTable base_;
  const iceberg::ScanPlan plan_;
  std::map<size_t, iceberg::PositionBitmap> deleted_;  ///< by file of the plan
  std::unique_ptr<RowWriter> inserted_;
  std::unique_ptr<RowWriter> replaced_;
  const int32_t first_ordinal_;
  int32_t next_ordinal_;  ///< of manifests
  PreparedRowChange result_;
};

void CollectFields(const Filter& filter, std::set<FieldId>& fields) {
  for (const Filter& child : filter.children) CollectFields(child, fields);
  if (filter.children.empty() && filter.op >= FilterOp::kIsNull) fields.insert(filter.field);
}

/// A scan of the base that may hold rows of the filter, for which it is exact.
Result<engine::ScanRequest> MatchingRows(const TableContext& context,
                                         const iceberg::LoadedTable& base,
                                         const std::optional<Filter>& filter) {
  engine::ScanRequest request{.filter = filter, .row_numbers = true};
  if (filter) {
    std::set<FieldId> fields;
    CollectFields(*filter, fields);
    for (const FieldId id : fields) {
      const auto& columns = base.metadata->current_schema().fields;
      const auto found = std::ranges::find(columns, id, &Field::id);
      if (found == columns.end()) {
        return Fail(ErrorKind::kInvalidArgument, "filter over column {}, which the table lacks",
                    id.value());
      }
      request.filter_columns.push_back({.field = *found, .default_value = {}});
    }
  }
  TARN_ASSIGN(request.plan, iceberg::PlanScan(MakeCommitContext(context, Uuid()), base.metadata,
                                              {.filter = filter ? &*filter : nullptr}));
  return request;
}

Result<bool> IsSerializable(const iceberg::TableMetadata& table, const char* property) {
  const auto found = table.properties.find(property);
  if (found == table.properties.end() || found->second == "serializable") return true;
  if (found->second == "snapshot") return false;
  return std::unexpected(
      Error{ErrorKind::kInvalidArgument,
            fmt::format("table property \"{}\" cannot be \"{}\"", property, found->second),
            {},
            "Use serializable or snapshot."});
}

/// Calls `visit` with every batch of a scan of these types.
Result<> ForEachBatch(engine::Engine& engine, engine::ScanRequest request,
                      const std::vector<Type>& types,
                      const std::function<Result<>(const BatchView&)>& visit) {
  TARN_ASSIGN(const auto stream, engine.OpenScan(std::move(request)));
  std::vector<uint8_t> bytes;
  while (true) {
    TARN_TRY(stream->Next(bytes));
    if (bytes.empty()) return {};
    TARN_ASSIGN(const BatchView batch, DecodeBatch(bytes, types));
    TARN_TRY(visit(batch));
  }
}

std::span<const int64_t> Longs(const ColumnView& column) {
  return {reinterpret_cast<const int64_t*>(column.values), static_cast<size_t>(column.rows)};
}

}  // namespace

Result<std::unique_ptr<RowChangeWriter>> OpenRowChangeWriter(const TableContext& context,
                                                             const Writer& writer,
                                                             const iceberg::LoadedTable& base,
                                                             iceberg::ScanPlan plan,
                                                             int32_t first_ordinal) {
  return std::make_unique<Writing>(context, writer, base, std::move(plan), first_ordinal);
}

Result<PreparedRowChange> DeleteRows(const TableContext& context, const Writer& writer,
                                     const iceberg::LoadedTable& base,
                                     const std::optional<Filter>& filter) {
  TARN_ASSIGN(const bool serializable,
              IsSerializable(*base.metadata, "write.delete.isolation-level"));
  TARN_ASSIGN(engine::ScanRequest request, MatchingRows(context, base, filter));
  TARN_ASSIGN(const auto rows, OpenRowChangeWriter(context, writer, base, *request.plan));
  TARN_TRY(ForEachBatch(
      *context.engine, std::move(request), {Type::Primitive(TypeKind::kLong)},
      [&](const BatchView& batch) { return rows->Delete(Longs(batch.columns.back())); }));
  return rows->Finish({.conflict_filter = filter, .no_new_data = serializable});
}

Result<PreparedRowChange> UpdateRows(const TableContext& context, const Writer& writer,
                                     const iceberg::LoadedTable& base,
                                     const std::optional<Filter>& filter, const NewRows& new_rows) {
  TARN_ASSIGN(const bool serializable,
              IsSerializable(*base.metadata, "write.update.isolation-level"));
  TARN_ASSIGN(engine::ScanRequest request, MatchingRows(context, base, filter));
  std::vector<Type> types;
  for (const Field& field : base.metadata->current_schema().fields) {
    request.columns.push_back({.field = field, .default_value = {}});
    types.push_back(field.type);
  }
  const std::vector<Type> row_types = types;
  request.columns.push_back({.field = RowIdColumn(), .default_value = {}});
  types.insert(types.end(), 2, Type::Primitive(TypeKind::kLong));
  TARN_ASSIGN(const auto rows, OpenRowChangeWriter(context, writer, base, *request.plan));
  const auto replace = [&](BatchView batch) -> Result<> {
    TARN_TRY(rows->Delete(Longs(batch.columns.back())));
    batch.columns.pop_back();
    const ColumnView row_ids = std::move(batch.columns.back());
    batch.columns.pop_back();
    TARN_ASSIGN(const std::vector<uint8_t> bytes, new_rows(batch));
    TARN_ASSIGN(const BatchView replaced, DecodeBatch(bytes, row_types));
    if (replaced.rows != batch.rows) {
      return Fail(ErrorKind::kInvalidArgument, "{} rows come in the place of {}", replaced.rows,
                  batch.rows);
    }
    return rows->InsertReplaced(replaced, row_ids);
  };
  TARN_TRY(ForEachBatch(*context.engine, std::move(request), types, replace));
  return rows->Finish(
      {.conflict_filter = filter, .no_new_data = serializable, .no_new_deletes = true});
}

}  // namespace tarn::table
