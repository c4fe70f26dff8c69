// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/row_lookup.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/engine.h"

namespace tarn::capture {
namespace {

using iceberg::PositionBitmap;

std::optional<int64_t> LongAt(const ColumnView& column, int64_t row) {
  if (column.is_null(row)) return std::nullopt;
  return reinterpret_cast<const int64_t*>(column.values)[row];
}

/// The places, by file of the plan.
Result<std::vector<engine::FileRows>> RowsAt(std::span<const RowPlace> places,
                                             const iceberg::ScanPlan& plan, const KeyIndex& index) {
  std::map<IndexedFile, std::shared_ptr<PositionBitmap>> positions;
  for (const RowPlace& place : places) {
    auto& bitmap = positions[place.file];
    if (bitmap == nullptr) bitmap = std::make_shared<PositionBitmap>();
    bitmap->Add(place.position);
  }
  std::vector<engine::FileRows> rows;
  for (const auto& [file, bitmap] : positions) {
    const std::string& path = index.PathOf(file);
    const auto found = std::ranges::find_if(
        plan.files, [&](const iceberg::ScanFile& each) { return each.file().file_path == path; });
    if (found == plan.files.end()) {
      return Fail(ErrorKind::kConflict, "file {} is no longer of the table", path);
    }
    rows.push_back({.file = *found, .only = bitmap, .except = nullptr});
  }
  return rows;
}

}  // namespace

std::optional<FoundRows::Cell> FoundRows::Find(const KeyHash& key, size_t field) const {
  const auto found = rows_.find(key);
  if (found == rows_.end() || !column_of_[field]) return std::nullopt;
  return Cell{&batches_[found->second.batch].columns[*column_of_[field]], found->second.row};
}

std::optional<int64_t> FoundRows::RowIdOf(const KeyHash& key) const {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return std::nullopt;
  return LongAt(batches_[found->second.batch].columns[row_id_column_], found->second.row);
}

Result<FoundRows> RowLookup::Find(std::span<const RowPlace> places, std::span<const size_t> fields,
                                  KeyHasher hasher) const {
  FoundRows found;
  found.column_of_.resize(layout_.fields.size());
  if (places.empty()) return found;
  engine::DifferenceRequest request{.metadata = plan_.metadata};
  TARN_ASSIGN(request.after, RowsAt(places, plan_, index_));
  std::vector<Type> types;
  const auto ask = [&](size_t field) {
    if (found.column_of_[field]) return;
    found.column_of_[field] = types.size();
    request.columns.push_back({.field = layout_.fields[field], .default_value = {}});
    types.push_back(layout_.types[field]);
  };
  std::ranges::for_each(layout_.key, ask);
  std::ranges::for_each(fields, ask);
  types.push_back(Type::Primitive(TypeKind::kInt));  // the kind
  found.row_id_column_ = types.size();
  types.push_back(Type::Primitive(TypeKind::kLong));
  std::vector<size_t> key_columns;
  for (const size_t field : layout_.key) key_columns.push_back(*found.column_of_[field]);
  TARN_ASSIGN(const auto stream, context_.engine->OpenDifference(std::move(request)));
  while (true) {
    std::vector<uint8_t>& bytes = found.bytes_.emplace_back();
    TARN_TRY(stream->Next(bytes));
    if (bytes.empty()) break;
    TARN_ASSIGN(BatchView batch, DecodeBatch(bytes, types));
    std::vector<ColumnView> key;
    for (const size_t column : key_columns) key.push_back(batch.columns[column]);
    for (int64_t row = 0; row < batch.rows; ++row) {
      found.rows_[hasher.HashKey(key, row)] = {found.batches_.size(), row};
    }
    found.batches_.push_back(std::move(batch));
  }
  if (found.rows_.size() != places.size()) {
    return Fail(ErrorKind::kCorruption, "of {} rows that are to be replaced, {} were found",
                places.size(), found.rows_.size());
  }
  return found;
}

}  // namespace tarn::capture
