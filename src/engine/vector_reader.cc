// SPDX-License-Identifier: Apache-2.0
#include "engine/vector_reader.h"

#include <duckdb/common/types/uuid.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace tarn::engine {

namespace {

/// Bytes that grow without being cleared first.
class Bytes {
 public:
  uint8_t* Extend(size_t count) {
    if (size_ + count > bytes_.size()) bytes_.resize(std::max(size_ + count, bytes_.size() * 2));
    size_ += count;
    return bytes_.data() + size_ - count;
  }
  uint8_t* data() { return bytes_.data(); }
  size_t size() const { return size_; }
  void clear() { size_ = 0; }

 private:
  std::vector<uint8_t> bytes_;
  size_t size_ = 0;
};

/// Bits that grow one or many at a time. Those of the last byte past the end are zero.
class Bits {
 public:
  void Push(bool value) {
    if (count_ % 8 == 0) *bytes_.Extend(1) = 0;
    if (value) bytes_.data()[count_ / 8] |= static_cast<uint8_t>(1U << (count_ % 8));
    ++count_;
  }
  void PushOnes(int64_t number) {
    for (; number > 0 && count_ % 8 != 0; --number) Push(true);
    if (const auto whole = static_cast<size_t>(number / 8); whole > 0) {
      std::memset(bytes_.Extend(whole), 0xff, whole);
      count_ += number / 8 * 8;
    }
    for (number %= 8; number > 0; --number) Push(true);
  }
  const uint8_t* data() { return bytes_.data(); }
  size_t size_bytes() const { return bytes_.size(); }
  void clear() { bytes_.clear(), count_ = 0; }

 private:
  Bytes bytes_;
  int64_t count_ = 0;
};

/// Of the first `count` values of a vector, which is flattened.
int64_t VectorStringBytes(duckdb::Vector& vector, duckdb::idx_t count) {
  int64_t sum = 0;
  switch (vector.GetType().InternalType()) {
    case duckdb::PhysicalType::VARCHAR: {
      vector.Flatten(count);
      const auto* values = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
      const auto& mask = duckdb::FlatVector::Validity(vector);
      for (duckdb::idx_t row = 0; row < count; ++row) {
        if (mask.RowIsValid(row)) sum += static_cast<int64_t>(values[row].GetSize());
      }
      return sum;
    }
    case duckdb::PhysicalType::LIST:
      vector.Flatten(count);
      return VectorStringBytes(duckdb::ListVector::GetEntry(vector),
                               duckdb::ListVector::GetListSize(vector));
    case duckdb::PhysicalType::STRUCT:
      vector.Flatten(count);
      for (auto& member : duckdb::StructVector::GetEntries(vector)) {
        sum += VectorStringBytes(*member, count);
      }
      return sum;
    default:
      return 0;
  }
}

}  // namespace

int64_t StringBytes(duckdb::DataChunk& chunk) {
  int64_t sum = 0;
  for (duckdb::Vector& vector : chunk.data) sum += VectorStringBytes(vector, chunk.size());
  return sum;
}

struct BatchBuilder::Column {
  explicit Column(const Type& column_type) : type(&column_type) {
    for (const Field& child : column_type.children) children.emplace_back(child.type);
    if (column_type.kind == TypeKind::kMap) {
      // A map's child is one struct {key, value}.
      entries =
          std::make_unique<Type>(Type{.kind = TypeKind::kStruct, .children = column_type.children});
      children.clear();
      children.emplace_back(*entries);
    }
  }

  const Type* type;
  std::unique_ptr<Type> entries;
  int64_t rows = 0;
  bool has_nulls = false;
  Bits validity;
  Bits bits;
  Bytes values;
  Bytes offsets;
  std::vector<Column> children;

  void Clear() {
    rows = 0;
    has_nulls = false;
    validity.clear(), bits.clear(), values.clear(), offsets.clear();
    for (Column& child : children) child.Clear();
  }

  size_t size_bytes() const {
    size_t sum = validity.size_bytes() + bits.size_bytes() + values.size() + offsets.size();
    for (const Column& child : children) sum += child.size_bytes();
    return sum;
  }

  void AppendValidity(const duckdb::ValidityMask& mask, int64_t begin, int64_t end) {
    if (mask.AllValid() && !has_nulls) return;  // filled in when the first null comes
    if (!has_nulls) validity.PushOnes(rows);
    has_nulls = true;
    if (mask.AllValid()) {
      validity.PushOnes(end - begin);
      return;
    }
    for (int64_t row = begin; row < end; ++row) {
      validity.Push(mask.RowIsValidUnsafe(static_cast<duckdb::idx_t>(row)));
    }
  }

  void AppendFixed(duckdb::Vector& vector, int64_t begin, int64_t end, size_t width) {
    const size_t bytes = static_cast<size_t>(end - begin) * width;
    std::memcpy(values.Extend(bytes),
                duckdb::FlatVector::GetData(vector) + static_cast<size_t>(begin) * width, bytes);
  }

  template <typename T>
  void AppendDecimal(duckdb::Vector& vector, int64_t begin, int64_t end) {
    const T* source = duckdb::FlatVector::GetData<T>(vector);
    uint8_t* target = values.Extend(static_cast<size_t>(end - begin) * 16);
    for (int64_t row = begin; row < end; ++row, target += 16) {
      const int64_t low = source[row];
      const int64_t high = low >> 63;
      std::memcpy(target, &low, 8);
      std::memcpy(target + 8, &high, 8);
    }
  }

  void AppendBooleans(duckdb::Vector& vector, int64_t begin, int64_t end) {
    // Bytes under a null may hold anything.
    const uint8_t* source = duckdb::FlatVector::GetData(vector);
    for (int64_t row = begin; row < end; ++row) bits.Push((source[row] & 1) != 0);
  }

  void AppendUuids(duckdb::Vector& vector, int64_t begin, int64_t end) {
    const auto* source = duckdb::FlatVector::GetData<duckdb::hugeint_t>(vector);
    uint8_t* target = values.Extend(static_cast<size_t>(end - begin) * 16);
    for (int64_t row = begin; row < end; ++row, target += 16) {
      const uint64_t upper = static_cast<uint64_t>(source[row].upper) ^ (uint64_t{1} << 63);
      const uint64_t words[2] = {__builtin_bswap64(upper), __builtin_bswap64(source[row].lower)};
      std::memcpy(target, words, 16);
    }
  }

  void AppendFixedBytes(duckdb::Vector& vector, int64_t begin, int64_t end) {
    const auto* source = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
    const auto& mask = duckdb::FlatVector::Validity(vector);
    const auto length = static_cast<size_t>(type->length);
    for (int64_t row = begin; row < end; ++row) {
      uint8_t* target = values.Extend(length);
      std::memset(target, 0, length);
      if (!mask.RowIsValid(static_cast<duckdb::idx_t>(row))) continue;
      if (source[row].GetSize() != length) {
        throw duckdb::InvalidInputException("fixed[%d] value has %d bytes", type->length,
                                            source[row].GetSize());
      }
      std::memcpy(target, source[row].GetData(), length);
    }
  }

  int32_t* StartOffsets(int64_t count, int32_t& last) {
    if (offsets.size() == 0) {
      last = 0;
      std::memset(offsets.Extend(4), 0, 4);
    } else {
      std::memcpy(&last, offsets.data() + offsets.size() - 4, 4);
    }
    return reinterpret_cast<int32_t*>(offsets.Extend(static_cast<size_t>(count) * 4));
  }

  void AppendStrings(duckdb::Vector& vector, int64_t begin, int64_t end) {
    const auto* source = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
    const auto& mask = duckdb::FlatVector::Validity(vector);
    const bool all_valid = mask.AllValid();
    const auto valid = [&](int64_t row) {
      return all_valid || mask.RowIsValidUnsafe(static_cast<duckdb::idx_t>(row));
    };
    int32_t last = 0;
    int32_t* offset = StartOffsets(end - begin, last);
    size_t total = 0;
    for (int64_t row = begin; row < end; ++row) {
      if (valid(row)) total += source[row].GetSize();
      *offset++ = last + static_cast<int32_t>(total);
    }
    if (total == 0) return;
    uint8_t* target = values.Extend(total);
    for (int64_t row = begin; row < end; ++row) {
      if (!valid(row)) continue;
      std::memcpy(target, source[row].GetData(), source[row].GetSize());
      target += source[row].GetSize();
    }
  }

  void AppendLists(duckdb::Vector& vector, int64_t begin, int64_t end) {
    const auto* source = duckdb::FlatVector::GetData<duckdb::list_entry_t>(vector);
    const auto& mask = duckdb::FlatVector::Validity(vector);
    duckdb::Vector& elements = duckdb::ListVector::GetEntry(vector);
    elements.Flatten(duckdb::ListVector::GetListSize(vector));
    int32_t last = 0;
    int32_t* offset = StartOffsets(end - begin, last);
    // Runs of entries that lie one behind the other are copied together.
    int64_t run_begin = 0;
    int64_t run_end = 0;
    for (int64_t row = begin; row < end; ++row) {
      const bool valid = mask.RowIsValid(static_cast<duckdb::idx_t>(row));
      const int64_t length = valid ? static_cast<int64_t>(source[row].length) : 0;
      *offset++ = last += static_cast<int32_t>(length);
      if (length == 0) continue;
      const auto first = static_cast<int64_t>(source[row].offset);
      if (first != run_end) {
        if (run_end > run_begin) children[0].Append(elements, run_begin, run_end);
        run_begin = first;
      }
      run_end = first + length;
    }
    if (run_end > run_begin) children[0].Append(elements, run_begin, run_end);
  }

  void AppendStructs(duckdb::Vector& vector, int64_t begin, int64_t end) {
    auto& entries_of = duckdb::StructVector::GetEntries(vector);
    for (size_t i = 0; i < children.size(); ++i) {
      entries_of[i]->Flatten(static_cast<duckdb::idx_t>(end));
      children[i].Append(*entries_of[i], begin, end);
    }
  }

  void AppendDecimals(duckdb::Vector& vector, int64_t begin, int64_t end) {
    if (type->precision <= 4) {
      AppendDecimal<int16_t>(vector, begin, end);
    } else if (type->precision <= 9) {
      AppendDecimal<int32_t>(vector, begin, end);
    } else if (type->precision <= 18) {
      AppendDecimal<int64_t>(vector, begin, end);
    } else {
      AppendFixed(vector, begin, end, 16);
    }
  }

  /// REQUIRES: a flat vector.
  void Append(duckdb::Vector& vector, int64_t begin, int64_t end) {
    AppendValidity(duckdb::FlatVector::Validity(vector), begin, end);
    switch (type->kind) {
      case TypeKind::kBoolean:
        AppendBooleans(vector, begin, end);
        break;
      case TypeKind::kInt:
      case TypeKind::kDate:
      case TypeKind::kFloat:
        AppendFixed(vector, begin, end, 4);
        break;
      case TypeKind::kDecimal:
        AppendDecimals(vector, begin, end);
        break;
      case TypeKind::kUuid:
        AppendUuids(vector, begin, end);
        break;
      case TypeKind::kFixed:
        AppendFixedBytes(vector, begin, end);
        break;
      case TypeKind::kString:
      case TypeKind::kBinary:
        AppendStrings(vector, begin, end);
        break;
      case TypeKind::kList:
      case TypeKind::kMap:
        AppendLists(vector, begin, end);
        break;
      case TypeKind::kStruct:
        AppendStructs(vector, begin, end);
        break;
      case TypeKind::kUnknown:
        break;
      default:
        AppendFixed(vector, begin, end, 8);
        break;
    }
    rows += end - begin;
  }

  ColumnView View() {
    ColumnView view;
    view.rows = rows;
    if (has_nulls) view.validity = validity.data();
    if (type->kind == TypeKind::kBoolean) {
      view.values = bits.data();
      view.values_bytes = bits.size_bytes();
    } else if (!type->is_nested()) {
      view.values = values.data();
      view.values_bytes = values.size();
    }
    const bool has_offsets = type->kind == TypeKind::kString || type->kind == TypeKind::kBinary ||
                             type->kind == TypeKind::kList || type->kind == TypeKind::kMap;
    if (has_offsets) {
      if (offsets.size() == 0) std::memset(offsets.Extend(4), 0, 4);
      view.offsets = reinterpret_cast<const int32_t*>(offsets.data());
    }
    for (Column& child : children) view.children.push_back(child.View());
    return view;
  }
};

BatchBuilder::BatchBuilder(std::vector<Type> types) : types_(std::move(types)) {
  columns_.reserve(types_.size());
  for (const Type& type : types_) columns_.emplace_back(type);
}

BatchBuilder::~BatchBuilder() = default;

void BatchBuilder::Append(duckdb::DataChunk& chunk, int64_t begin, int64_t end) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    chunk.data[i].Flatten(chunk.size());
    columns_[i].Append(chunk.data[i], begin, end);
  }
  rows_ += end - begin;
}

int64_t BatchBuilder::size_bytes() const {
  size_t sum = 0;
  for (const Column& column : columns_) sum += column.size_bytes();
  return static_cast<int64_t>(sum);
}

void BatchBuilder::Finish(std::vector<uint8_t>& out) {
  BatchView view{.rows = rows_, .columns = {}};
  for (Column& column : columns_) view.columns.push_back(column.View());
  EncodeBatchOver(view, out);
  for (Column& column : columns_) column.Clear();
  rows_ = 0;
}

}  // namespace tarn::engine
