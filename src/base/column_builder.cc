// SPDX-License-Identifier: Apache-2.0
#include "base/column_builder.h"

#include <algorithm>
#include <limits>
#include <string>

namespace tarn {
namespace {

constexpr int64_t kWordBits = 64;

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

void ColumnBuilder::AppendValidity(bool valid) {
  SetBit(validity_, rows_, valid);
  if (!valid) ++nulls_;
  ++rows_;
}

void ColumnBuilder::AppendNull() {
  if (width_ > 0) {
    const __int128 zero = 0;
    if (width_ <= sizeof(zero)) {
      AppendFixed(&zero, width_);
    } else {
      const std::vector<char> zeros(width_);
      AppendFixed(zeros.data(), width_);
    }
    SetBit(validity_, rows_ - 1, false);
    ++nulls_;
    return;
  }
  if (HasBytes(type_)) offsets_.push_back(offsets_.back());
  if (type_.kind == TypeKind::kBoolean) SetBit(bits_, rows_, false);
  for (ColumnBuilder& child : children_) child.AppendNull();
  AppendValidity(false);
}

void ColumnBuilder::AppendBoolean(bool value) {
  SetBit(bits_, rows_, value);
  AppendValidity(true);
}

void ColumnBuilder::AppendFixed(const void* value, size_t bytes) {
  const size_t words = (fixed_bytes_ + bytes + sizeof(uint64_t) - 1) / sizeof(uint64_t);
  if (words > fixed_.size()) {
    if (words > fixed_.capacity()) fixed_.reserve(std::max(words, 2 * fixed_.capacity()));
    fixed_.resize(words);
  }
  std::memcpy(reinterpret_cast<char*>(fixed_.data()) + fixed_bytes_, value, bytes);
  fixed_bytes_ += bytes;
  AppendValidity(true);
}

Result<> ColumnBuilder::AppendBytes(std::string_view value) {
  offsets_.push_back(offsets_.back());
  AppendValidity(true);
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

void ColumnBuilder::AppendStruct() { AppendValidity(true); }

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
    AppendValidity(true);
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
    AppendValidity(true);
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
  const auto words = static_cast<size_t>((rows + kWordBits - 1) / kWordBits);
  validity_.resize(std::min(validity_.size(), words));
  bits_.resize(std::min(bits_.size(), words));
  fixed_bytes_ = static_cast<size_t>(rows) * width_;
  fixed_.resize((fixed_bytes_ + sizeof(uint64_t) - 1) / sizeof(uint64_t));
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
  return std::ranges::min(columns_, {}, &ColumnBuilder::rows).rows();
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
