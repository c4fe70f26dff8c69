// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/target_rows.h"

#include <utility>

#include "capture/apply/table_flush.h"
#include "iceberg/model/metadata_columns.h"

namespace tarn::capture {
namespace {

namespace metadata_column = iceberg::metadata_column;

constexpr int64_t kBatchRows = 16'384;

Field LongColumn(FieldId id, const char* name) {
  return {.id = id, .name = name, .type = Type::Primitive(TypeKind::kLong)};
}

/// One value, over and over.
ColumnBuilder Repeated(const Type& type, int64_t rows, int64_t value) {
  ColumnBuilder column(type);
  for (int64_t row = 0; row < rows; ++row) {
    if (type.kind == TypeKind::kBoolean) {
      column.AppendBoolean(value != 0);
    } else {
      column.AppendValue(value);
    }
  }
  return column;
}

}  // namespace

Field RowIdColumn() { return LongColumn(metadata_column::kRowId, "_row_id"); }

TargetRows::TargetRows(const TableLayout& layout, int64_t now_us)
    : layout_(layout),
      now_us_(now_us),
      rows_(layout.types),
      row_ids_(Type::Primitive(TypeKind::kLong)),
      sequence_numbers_(Type::Primitive(TypeKind::kLong)) {}

Result<> TargetRows::Open(const table::TableContext& context, const table::Writer& writer,
                          const iceberg::LoadedTable& base, RowIds row_ids, int32_t first_ordinal) {
  kind_ = row_ids;
  std::vector<Field> fields = layout_.fields;
  if (row_ids == RowIds::kKept) {
    fields.push_back(RowIdColumn());
    fields.push_back(
        LongColumn(metadata_column::kLastUpdatedSequence, "_last_updated_sequence_number"));
  }
  TARN_ASSIGN(writer_, table::OpenRowWriter(context, writer, *base.metadata,
                                            {.fields = std::move(fields),
                                             .partition_spec_id = base.metadata->default_spec_id,
                                             .first_ordinal = first_ordinal}));
  return {};
}

Result<> TargetRows::Copy(size_t field, const ColumnView& column, int64_t row) {
  return rows_.column(field).AppendFrom(column, row);
}

Result<> TargetRows::End(const KeyHash& key, bool deleted, std::optional<int64_t> row_id) {
  const auto at = static_cast<int64_t>(row_ids_.rows());
  const std::optional<OwnFields>& own = layout_.own;
  for (size_t field = 0; field < rows_.column_count(); ++field) {
    ColumnBuilder& column = rows_.column(field);
    if (column.rows() > at) continue;
    if (own && (field == own->inserted_at || field == own->updated_at)) {
      column.AppendValue(now_us_);
    } else if (own && field == own->deleted) {
      column.AppendBoolean(deleted);
    } else {
      column.AppendNull();
    }
  }
  if (row_id) {
    row_ids_.AppendValue(*row_id);
  } else {
    row_ids_.AppendNull();
  }
  sequence_numbers_.AppendNull();
  keys_.push_back(key);
  return row_ids_.rows() < kBatchRows ? Result<>() : HandOn();
}

Result<> TargetRows::HandOn() {
  BatchView batch = rows_.View();
  if (batch.rows == 0) return {};
  if (kind_ == RowIds::kKept) {
    batch.columns.push_back(row_ids_.View());
    batch.columns.push_back(sequence_numbers_.View());
  }
  TARN_TRY(writer_->Append(batch));
  rows_.Clear();
  row_ids_.Clear();
  sequence_numbers_.Clear();
  return {};
}

Result<> TargetRows::Append(const BatchView& source, KeyHasher& hasher) {
  const int64_t rows = source.rows;
  BatchView batch{.rows = rows, .columns = {}};
  batch.columns.resize(layout_.fields.size());
  std::vector<bool> filled(layout_.fields.size());
  for (size_t column = 0; column < source.columns.size(); ++column) {
    batch.columns[layout_.field_of[column]] = source.columns[column];
    filled[layout_.field_of[column]] = true;
  }
  std::vector<ColumnBuilder> made;
  made.reserve(filled.size());
  if (const std::optional<OwnFields>& own = layout_.own) {
    made.push_back(Repeated(layout_.types[own->updated_at], rows, now_us_));
    batch.columns[own->inserted_at] = batch.columns[own->updated_at] = made.back().View();
    made.push_back(Repeated(layout_.types[own->deleted], rows, 0));
    batch.columns[own->deleted] = made.back().View();
    filled[own->inserted_at] = filled[own->updated_at] = filled[own->deleted] = true;
  }
  for (size_t field = 0; field < filled.size(); ++field) {
    if (filled[field]) continue;
    ColumnBuilder& empty = made.emplace_back(layout_.types[field]);
    for (int64_t row = 0; row < rows; ++row) empty.AppendNull();
    batch.columns[field] = empty.View();
  }
  for (int64_t row = 0; row < rows; ++row) keys_.push_back(hasher.Hash(batch, row));
  return writer_->Append(batch);
}

Result<WrittenKeys> TargetRows::Finish() {
  TARN_TRY(HandOn());
  WrittenKeys written;
  TARN_ASSIGN(written.files, writer_->Finish());
  written.keys = std::move(keys_);
  return written;
}

}  // namespace tarn::capture
