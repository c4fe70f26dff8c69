// SPDX-License-Identifier: Apache-2.0
#include "base/column_builder.h"

#include <algorithm>
#include <limits>
#include <string>

namespace tarn {
namespace {

constexpr int64_t kWordBits = 64;
constexpr size_t kFixedWordsLeast = 64;

bool HasBytes(const Type& type) {
  return type.kind == TypeKind::kString || type.kind == TypeKind::kBinary;
}

void SetBit(std::vector<uint64_t>& words, int64_t index, bool value) {
  const auto word = static_cast<size_t>(index / kWordBits);
  if (word >= words.size()) words.resize(word + 1);
  const uint64_t bit = uint64_t{1} << (index % kWordBits);
  if (value) {
    words[word] |= bit;
  } else {
    words[word] &= ~bit;
  }
}

const uint8_t* Bytes(const std::vector<uint64_t>& words) {
  return reinterpret_cast<const uint8_t*>(words.data());
}

}  // namespace

ColumnBuilder::ColumnBuilder(const Type& type) : type_(type), width_(FixedWidthBytes(type)) {
  if (HasBytes(type)) offsets_.push_back(0);
  if (type.kind == TypeKind::kStruct) {
    for (const Field& field : type.children) children_.emplace_back(field.type);
  }
}

void ColumnBuilder::SetValid(int64_t row) { SetBit(validity_, row, true); }

void ColumnBuilder::AppendInvalid() {
  if (nulls_ == 0) {
    validity_.assign(static_cast<size_t>(rows_ / kWordBits) + 1, ~uint64_t{0});
  }
  SetBit(validity_, rows_, false);
  ++nulls_;
  ++rows_;
}

void ColumnBuilder::GrowFixed(size_t bytes) {
  const size_t words = (fixed_bytes_ + bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t);
  fixed_.resize(std::max({words, 2 * fixed_.size(), kFixedWordsLeast}));
}

void ColumnBuilder::AppendNull() {
  if (width_ > 0) {
    if (fixed_bytes_ + width_ > fixed_.size() * sizeof(uint64_t)) GrowFixed(width_);
    std::memset(reinterpret_cast<char*>(fixed_.data()) + fixed_bytes_, 0, width_);
    fixed_bytes_ += width_;
  } else if (HasBytes(type_)) {
    offsets_.push_back(offsets_.back());
  } else if (type_.kind == TypeKind::kBoolean) {
    SetBit(bits_, rows_, false);
  }
  for (ColumnBuilder& child : children_) child.AppendNull();
  AppendInvalid();
}

void ColumnBuilder::AppendBoolean(bool value) {
  SetBit(bits_, rows_, value);
  AppendValid();
}

void ColumnBuilder::AppendFixed(const void* value, size_t bytes) {
  if (fixed_bytes_ + bytes > fixed_.size() * sizeof(uint64_t)) GrowFixed(bytes);
  std::memcpy(reinterpret_cast<char*>(fixed_.data()) + fixed_bytes_, value, bytes);
  fixed_bytes_ += bytes;
  AppendValid();
}

Result<> ColumnBuilder::AppendBytes(std::string_view value) {
  offsets_.push_back(offsets_.back());
  AppendValid();
  if (auto extended = ExtendBytes(value); !extended) {
    Truncate(rows_ - 1);
    return extended;
  }
  return {};
}

Result<> ColumnBuilder::ExtendBytes(std::string_view more) {
  constexpr auto kMost = static_cast<size_t>(std::numeric_limits<int32_t>::max());
  if (more.size() > kMost - bytes_.size()) {
    return Fail(ErrorKind::kResourceExhausted, "a column of a batch would exceed 2 GiB");
  }
  bytes_.insert(bytes_.end(), more.begin(), more.end());
  offsets_.back() = static_cast<int32_t>(bytes_.size());
  return {};
}

void ColumnBuilder::AppendStruct() { AppendValid(); }

Result<> ColumnBuilder::AppendFrom(const ColumnView& column, int64_t row) {
  if (column.is_null(row)) {
    AppendNull();
    return {};
  }
  if (width_ > 0) {
    AppendFixed(column.values + static_cast<size_t>(row) * width_, width_);
  } else if (HasBytes(type_)) {
    const auto at = static_cast<size_t>(column.offsets[row]);
    return AppendBytes({reinterpret_cast<const char*>(column.values) + at,
                        static_cast<size_t>(column.offsets[row + 1]) - at});
  } else if (type_.kind == TypeKind::kBoolean) {
    AppendBoolean((column.values[row >> 3] >> (row & 7) & 1) != 0);
  } else {
    for (size_t i = 0; i < children_.size(); ++i) {
      TARN_TRY(children_[i].AppendFrom(column.children[i], row));
    }
    AppendValid();
  }
  return {};
}

Result<> ColumnBuilder::AppendCopy(int64_t row) {
  // Buffers move as they grow: what is copied is taken out of them first.
  const ColumnView column = View();
  if (column.is_null(row)) {
    AppendNull();
    return {};
  }
  if (width_ > 0) {
    const auto* const value =
        reinterpret_cast<const char*>(column.values) + static_cast<size_t>(row) * width_;
    const std::string copy(value, width_);
    AppendFixed(copy.data(), width_);
  } else if (HasBytes(type_)) {
    const auto at = static_cast<size_t>(offsets_[static_cast<size_t>(row)]);
    const auto end = static_cast<size_t>(offsets_[static_cast<size_t>(row) + 1]);
    return AppendBytes(std::string(bytes_.data() + at, end - at));
  } else if (type_.kind == TypeKind::kBoolean) {
    AppendBoolean((column.values[row >> 3] >> (row & 7) & 1) != 0);
  } else {
    for (ColumnBuilder& child : children_) TARN_TRY(child.AppendCopy(row));
    AppendValid();
  }
  return {};
}

void ColumnBuilder::Truncate(int64_t rows) {
  for (ColumnBuilder& child : children_) {
    if (child.rows() > rows) child.Truncate(rows);
  }
  if (rows_ <= rows) return;
  const ColumnView before = View();
  for (int64_t row = rows; row < rows_ && nulls_ > 0; ++row) {
    if (before.is_null(row)) --nulls_;
  }
  rows_ = rows;
  fixed_bytes_ = static_cast<size_t>(rows) * width_;
  if (HasBytes(type_)) {
    offsets_.resize(static_cast<size_t>(rows) + 1);
    bytes_.resize(static_cast<size_t>(offsets_.back()));
  }
}

int64_t ColumnBuilder::memory_bytes() const {
  size_t bytes = (validity_.capacity() + bits_.capacity() + fixed_.capacity()) * sizeof(uint64_t) +
                 bytes_.capacity() + offsets_.capacity() * sizeof(int32_t);
  for (const ColumnBuilder& child : children_) bytes += static_cast<size_t>(child.memory_bytes());
  return static_cast<int64_t>(bytes);
}

ColumnView ColumnBuilder::View() const {
  ColumnView view;
  view.rows = rows_;
  if (nulls_ > 0 || type_.kind == TypeKind::kUnknown) view.validity = Bytes(validity_);
  if (width_ > 0) {
    view.values = Bytes(fixed_);
    view.values_bytes = fixed_bytes_;
  } else if (HasBytes(type_)) {
    view.values = reinterpret_cast<const uint8_t*>(bytes_.data());
    view.values_bytes = bytes_.size();
    view.offsets = offsets_.data();
  } else if (type_.kind == TypeKind::kBoolean) {
    view.values = Bytes(bits_);
    view.values_bytes = static_cast<size_t>((rows_ + 7) / 8);
  }
  for (const ColumnBuilder& child : children_) view.children.push_back(child.View());
  return view;
}

BatchBuilder::BatchBuilder(std::span<const Type> types) {
  columns_.reserve(types.size());
  for (const Type& type : types) columns_.emplace_back(type);
}

int64_t BatchBuilder::rows() const {
  if (columns_.empty()) return 0;
  // Not std::ranges::min, which gives a copy of the column.
  int64_t rows = columns_.front().rows();
  for (const ColumnBuilder& column : columns_) rows = std::min(rows, column.rows());
  return rows;
}

void BatchBuilder::Truncate(int64_t rows) {
  for (ColumnBuilder& column : columns_) column.Truncate(rows);
}

int64_t BatchBuilder::memory_bytes() const {
  int64_t bytes = 0;
  for (const ColumnBuilder& column : columns_) bytes += column.memory_bytes();
  return bytes;
}

BatchView BatchBuilder::View() const {
  BatchView view;
  view.rows = rows();
  for (const ColumnBuilder& column : columns_) view.columns.push_back(column.View());
  return view;
}

}  // namespace tarn
