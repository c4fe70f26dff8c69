// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/change_buffer.h"

#include <algorithm>
#include <utility>

namespace tarn::capture {
namespace {

using pgoutput::Tuple;
using pgoutput::TupleValue;
using pgoutput::ValueFormat;

/// Fewer dead rows are not worth the copy.
constexpr int64_t kDeadRowsLeast = 4096;

/// What a row has in a field of which the stream did not speak: it is of a time when the source had
/// no such column.
void AppendMissing(const TableLayout& layout, size_t field, ColumnBuilder& out) {
  const auto place = std::ranges::find(layout.field_of, field);
  if (place != layout.field_of.end()) {
    const auto column = static_cast<size_t>(place - layout.field_of.begin());
    const std::optional<std::string>& missing = layout.source.columns[column].missing;
    // A value that does not fit leaves the table to be copied again.
    if (missing && layout.decoders[column]->AppendText(*missing, out)) return;
  }
  out.AppendNull();
}

std::vector<Type> KeyTypes(const TableLayout& layout) {
  std::vector<Type> types;
  for (const size_t field : layout.key) types.push_back(layout.types[field]);
  return types;
}

}  // namespace

ChangeBuffer::ChangeBuffer(std::shared_ptr<const TableLayout> layout, SipKey key)
    : layout_(std::move(layout)),
      sip_key_(key),
      hasher_(key, layout_->types, layout_->key),
      values_(layout_->types),
      scratch_(KeyTypes(*layout_)) {}

Result<> ChangeBuffer::AppendValue(const TupleValue& value, size_t column) {
  const size_t field = layout_->field_of[column];
  ColumnBuilder& out = values_.column(field);
  const ValueDecoder& decoder = *layout_->decoders[column];
  Result<> appended;
  switch (value.format) {
    case ValueFormat::kText:
      appended = decoder.AppendText(value.bytes, out);
      break;
    case ValueFormat::kBinary:
      appended = decoder.AppendBinary(value.bytes, out);
      break;
    case ValueFormat::kNull:
    case ValueFormat::kUnchanged:
      out.AppendNull();
      break;
  }
  if (appended) return {};
  Error error = std::move(appended).error();
  if (error.detail.empty()) {
    error.detail = fmt::format("The value is of column \"{}\" of table \"{}.{}\".",
                               layout_->source.columns[column].name, layout_->source.name.schema,
                               layout_->source.name.table);
  }
  return std::unexpected(std::move(error));
}

Result<> ChangeBuffer::AppendKey(const Tuple& row, const Tuple* old_row, const Columns& columns) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (!columns[i]) continue;
    const size_t field = layout_->field_of[*columns[i]];
    if (std::ranges::find(layout_->key, field) == layout_->key.end()) continue;
    const bool from_old =
        row[i].format == ValueFormat::kUnchanged && old_row != nullptr && i < old_row->size();
    const TupleValue& value = from_old ? (*old_row)[i] : row[i];
    if (value.format == ValueFormat::kUnchanged) {
      return Fail(ErrorKind::kCorruption, "a change of \"{}.{}\" came without its key",
                  layout_->source.name.schema, layout_->source.name.table);
    }
    TARN_TRY(AppendValue(value, *columns[i]));
  }
  return {};
}

Result<KeyHash> ChangeBuffer::HashOf(const Tuple& key_values, const Columns& columns) {
  scratch_.Clear();
  for (size_t i = 0; i < key_values.size() && i < columns.size(); ++i) {
    if (!columns[i]) continue;
    const auto place = std::ranges::find(layout_->key, layout_->field_of[*columns[i]]);
    if (place == layout_->key.end()) continue;
    ColumnBuilder& out = scratch_.column(static_cast<size_t>(place - layout_->key.begin()));
    const ValueDecoder& decoder = *layout_->decoders[*columns[i]];
    if (key_values[i].format == ValueFormat::kBinary) {
      TARN_TRY(decoder.AppendBinary(key_values[i].bytes, out));
    } else if (key_values[i].format == ValueFormat::kText) {
      TARN_TRY(decoder.AppendText(key_values[i].bytes, out));
    } else {
      out.AppendNull();
    }
  }
  const BatchView key = scratch_.View();
  if (key.rows != 1) {
    return Fail(ErrorKind::kCorruption, "a change of \"{}.{}\" came without its key",
                layout_->source.name.schema, layout_->source.name.table);
  }
  return hasher_.HashKey(key.columns, 0);
}

KeyHash ChangeBuffer::HashRow(int64_t row) {
  std::vector<ColumnView> key;
  for (const size_t field : layout_->key) key.push_back(values_.column(field).View());
  return hasher_.HashKey(key, row);
}

void ChangeBuffer::FillRow(int64_t row) {
  for (size_t field = 0; field < values_.column_count(); ++field) {
    ColumnBuilder& column = values_.column(field);
    if (column.rows() == row) AppendMissing(*layout_, field, column);
  }
}

RowVersion* ChangeBuffer::LatestOf(const KeyHash& key) {
  const auto found = latest_.find(key);
  return found == latest_.end() ? nullptr : &versions_[found->second];
}

void ChangeBuffer::Add(RowVersion version) {
  const auto [entry, added] = latest_.try_emplace(version.key, versions_.size());
  if (!added) {
    RowVersion& before = versions_[entry->second];
    before.latest = false;
    if (before.row != version.row) ++dead_rows_;
    entry->second = versions_.size();
  }
  versions_.push_back(std::move(version));
  if (dead_rows_ > kDeadRowsLeast && dead_rows_ > values_.rows() / 2) DropDeadRows();
}

Result<> ChangeBuffer::Insert(const Tuple& row, const Columns& columns) {
  const int64_t at = values_.rows();
  for (size_t i = 0; i < row.size(); ++i) {
    if (!columns[i]) continue;
    if (auto appended = AppendValue(row[i], *columns[i]); !appended) {
      values_.Truncate(at);
      return appended;
    }
  }
  FillRow(at);
  Add({.key = HashRow(at), .row = at});
  return {};
}

Result<> ChangeBuffer::Update(const pgoutput::Update& update, const Columns& columns) {
  const int64_t at = values_.rows();
  const Tuple* const old_row = update.old_row ? &*update.old_row : nullptr;
  TARN_TRY(AppendKey(update.row, old_row, columns));
  RowVersion version{.key = HashRow(at), .row = at};
  version.unchanged_of = version.key;
  if (old_row != nullptr) {
    TARN_ASSIGN(version.unchanged_of, HashOf(*old_row, columns));
  }
  const KeyHash before_key = version.unchanged_of;
  RowVersion* const before = LatestOf(before_key);
  std::vector<bool> unchanged;
  for (size_t i = 0; i < update.row.size(); ++i) {
    if (!columns[i]) continue;
    const size_t field = layout_->field_of[*columns[i]];
    if (values_.column(field).rows() > at) continue;
    const TupleValue* value = &update.row[i];
    if (value->format == ValueFormat::kUnchanged && old_row != nullptr && !update.old_is_key &&
        i < old_row->size()) {
      value = &(*old_row)[i];
    }
    if (value->format != ValueFormat::kUnchanged) {
      TARN_TRY(AppendValue(*value, *columns[i]));
      continue;
    }
    const bool unknown =
        before == nullptr ||
        (before->unchanged >= 0 && unchanged_[static_cast<size_t>(before->unchanged)][field]);
    if (!unknown) {
      TARN_TRY(values_.column(field).AppendCopy(before->row));
      continue;
    }
    unchanged.resize(layout_->fields.size());
    unchanged[field] = true;
    values_.column(field).AppendNull();
  }
  FillRow(at);
  if (!unchanged.empty()) {
    if (before != nullptr) version.unchanged_of = before->unchanged_of;
    version.unchanged = static_cast<int32_t>(unchanged_.size());
    unchanged_.push_back(std::move(unchanged));
  }
  if (before_key != version.key) {
    TARN_TRY(Delete(*old_row, columns));
  }
  Add(std::move(version));
  return {};
}

void ChangeBuffer::AddDeleted(const KeyHash& key, int64_t key_row) {
  RowVersion gone{.key = key, .row = key_row, .deleted = true, .unchanged_of = key};
  std::vector<bool> unchanged(layout_->fields.size());
  for (const size_t field : layout_->replicated) unchanged[field] = true;
  for (const size_t field : layout_->key) unchanged[field] = false;
  gone.unchanged = static_cast<int32_t>(unchanged_.size());
  unchanged_.push_back(std::move(unchanged));
  Add(std::move(gone));
}

Result<> ChangeBuffer::Delete(const Tuple& old_row, const Columns& columns) {
  TARN_ASSIGN(const KeyHash key, HashOf(old_row, columns));
  if (const RowVersion* const before = LatestOf(key)) {
    RowVersion gone = *before;
    gone.latest = true;
    gone.deleted = true;
    Add(std::move(gone));
    return {};
  }
  const int64_t at = values_.rows();
  const BatchView values = scratch_.View();
  for (size_t i = 0; i < layout_->key.size(); ++i) {
    TARN_TRY(values_.column(layout_->key[i]).AppendFrom(values.columns[i], 0));
  }
  FillRow(at);
  AddDeleted(key, at);
  return {};
}

void ChangeBuffer::Truncate() {
  for (RowVersion& version : versions_) {
    if (version.latest) version.deleted = true;
  }
  truncated_ = true;
  ++truncates_;
}

void ChangeBuffer::Migrate(std::shared_ptr<const TableLayout> layout) {
  BatchBuilder values(layout->types);
  const int64_t rows = values_.rows();
  for (size_t field = 0; field < layout->fields.size(); ++field) {
    const auto before = std::ranges::find(layout_->fields, layout->fields[field].id, &Field::id);
    if (before != layout_->fields.end()) {
      values.column(field) =
          std::move(values_.column(static_cast<size_t>(before - layout_->fields.begin())));
    } else {
      for (int64_t row = 0; row < rows; ++row) {
        AppendMissing(*layout, field, values.column(field));
      }
    }
  }
  for (std::vector<bool>& unchanged : unchanged_) {
    std::vector<bool> moved(layout->fields.size());
    for (size_t field = 0; field < layout->fields.size(); ++field) {
      const auto before = std::ranges::find(layout_->fields, layout->fields[field].id, &Field::id);
      moved[field] = before != layout_->fields.end() &&
                     unchanged[static_cast<size_t>(before - layout_->fields.begin())];
    }
    unchanged = std::move(moved);
  }
  values_ = std::move(values);
  layout_ = std::move(layout);
  hasher_ = KeyHasher(sip_key_, layout_->types, layout_->key);
  scratch_ = BatchBuilder(KeyTypes(*layout_));
}

void ChangeBuffer::DropDeadRows() {
  BatchBuilder values(layout_->types);
  std::vector<RowVersion> versions;
  std::vector<std::vector<bool>> unchanged;
  const BatchView before = values_.View();
  for (RowVersion& version : versions_) {
    if (!version.latest) continue;
    const int64_t row = values.rows();
    bool copied = true;
    for (size_t field = 0; field < layout_->fields.size() && copied; ++field) {
      copied = values.column(field).AppendFrom(before.columns[field], version.row).has_value();
    }
    if (!copied) return;
    latest_[version.key] = versions.size();
    versions.push_back(version);
    versions.back().row = row;
    if (version.unchanged < 0) continue;
    versions.back().unchanged = static_cast<int32_t>(unchanged.size());
    unchanged.push_back(unchanged_[static_cast<size_t>(version.unchanged)]);
  }
  values_ = std::move(values);
  versions_ = std::move(versions);
  unchanged_ = std::move(unchanged);
  dead_rows_ = 0;
}

void ChangeBuffer::Clear() {
  values_.Clear();
  versions_.clear();
  unchanged_.clear();
  latest_.clear();
  dead_rows_ = 0;
  truncated_ = false;
  truncates_ = 0;
}

int64_t ChangeBuffer::memory_bytes() const {
  constexpr size_t kMapEntryBytes = 64;
  return values_.memory_bytes() + static_cast<int64_t>(versions_.size() * sizeof(RowVersion) +
                                                       latest_.size() * kMapEntryBytes);
}

}  // namespace tarn::capture
