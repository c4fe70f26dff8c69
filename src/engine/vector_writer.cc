// SPDX-License-Identifier: Apache-2.0
#include "engine/vector_writer.h"

#include <algorithm>
#include <cstring>

#include "base/value.h"

namespace tarn::engine {

namespace {

void FillValidity(const ColumnView& column, int64_t begin, int64_t end, duckdb::Vector& vector) {
  auto& mask = duckdb::FlatVector::Validity(vector);
  const int64_t count = end - begin;
  const auto capacity = static_cast<duckdb::idx_t>(std::max<int64_t>(count, STANDARD_VECTOR_SIZE));
  mask.Reset(capacity);
  if (column.validity == nullptr) return;
  mask.Initialize(capacity);
  if (begin % 8 == 0) {
    // The bits past `count` stay set.
    auto* words = reinterpret_cast<uint8_t*>(mask.GetData());
    std::memcpy(words, column.validity + begin / 8, static_cast<size_t>(count / 8));
    for (int64_t row = count / 8 * 8; row < count; ++row) {
      if (column.is_null(begin + row)) mask.SetInvalid(static_cast<duckdb::idx_t>(row));
    }
    return;
  }
  for (int64_t row = 0; row < count; ++row) {
    if (column.is_null(begin + row)) mask.SetInvalid(static_cast<duckdb::idx_t>(row));
  }
}

void CopyValues(const ColumnView& column, int64_t begin, int64_t end, size_t width,
                duckdb::Vector& vector) {
  if (begin == end) return;
  std::memcpy(duckdb::FlatVector::GetData(vector),
              column.values + static_cast<size_t>(begin) * width,
              static_cast<size_t>(end - begin) * width);
}

void FillBooleans(const ColumnView& column, int64_t begin, int64_t end, duckdb::Vector& vector) {
  uint8_t* target = duckdb::FlatVector::GetData(vector);
  for (int64_t row = begin; row < end; ++row) *target++ = column.values[row >> 3] >> (row & 7) & 1;
}

template <typename T>
void NarrowDecimals(const ColumnView& column, int64_t begin, int64_t end, duckdb::Vector& vector) {
  auto* target = duckdb::FlatVector::GetData<T>(vector);
  const uint8_t* source = column.values + begin * 16;
  for (int64_t row = begin; row < end; ++row, source += 16) {
    int64_t low = 0;
    std::memcpy(&low, source, 8);
    *target++ = static_cast<T>(low);
  }
}

void FillDecimals(const Type& type, const ColumnView& column, int64_t begin, int64_t end,
                  duckdb::Vector& vector) {
  if (type.precision <= 4) return NarrowDecimals<int16_t>(column, begin, end, vector);
  if (type.precision <= 9) return NarrowDecimals<int32_t>(column, begin, end, vector);
  if (type.precision <= 18) return NarrowDecimals<int64_t>(column, begin, end, vector);
  CopyValues(column, begin, end, 16, vector);
}

void FillUuids(const ColumnView& column, int64_t begin, int64_t end, duckdb::Vector& vector) {
  auto* target = duckdb::FlatVector::GetData<duckdb::hugeint_t>(vector);
  const uint8_t* source = column.values + begin * 16;
  for (int64_t row = begin; row < end; ++row, source += 16, ++target) {
    uint64_t words[2];
    std::memcpy(words, source, 16);
    target->upper = static_cast<int64_t>(__builtin_bswap64(words[0]) ^ (uint64_t{1} << 63));
    target->lower = __builtin_bswap64(words[1]);
  }
}

void FillStrings(const ColumnView& column, int64_t begin, int64_t end, duckdb::Vector& vector) {
  auto* target = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
  const auto* bytes = reinterpret_cast<const char*>(column.values);
  for (int64_t row = begin; row < end; ++row) {
    const int32_t start = column.offsets[row];
    *target++ =
        duckdb::string_t(bytes + start, static_cast<uint32_t>(column.offsets[row + 1] - start));
  }
}

void FillFixedBytes(const Type& type, const ColumnView& column, int64_t begin, int64_t end,
                    duckdb::Vector& vector) {
  auto* target = duckdb::FlatVector::GetData<duckdb::string_t>(vector);
  const auto* bytes = reinterpret_cast<const char*>(column.values);
  for (int64_t row = begin; row < end; ++row) {
    *target++ = duckdb::string_t(bytes + row * type.length, static_cast<uint32_t>(type.length));
  }
}

void FillLists(const Type& type, const ColumnView& column, int64_t begin, int64_t end,
               duckdb::Vector& vector) {
  auto* target = duckdb::FlatVector::GetData<duckdb::list_entry_t>(vector);
  const int32_t first = column.offsets[begin];
  for (int64_t row = begin; row < end; ++row, ++target) {
    target->offset = static_cast<duckdb::idx_t>(column.offsets[row] - first);
    target->length = static_cast<duckdb::idx_t>(column.offsets[row + 1] - column.offsets[row]);
  }
  const int32_t last = column.offsets[end];
  const auto size = static_cast<duckdb::idx_t>(last - first);
  duckdb::ListVector::Reserve(vector, size);
  duckdb::ListVector::SetListSize(vector, size);
  duckdb::Vector& entry = duckdb::ListVector::GetEntry(vector);
  if (type.kind == TypeKind::kList) {
    FillVector(type.children[0].type, column.children[0], first, last, entry);
    return;
  }
  const Type entries{.kind = TypeKind::kStruct, .children = type.children};
  FillVector(entries, column.children[0], first, last, entry);
}

void FillStructs(const Type& type, const ColumnView& column, int64_t begin, int64_t end,
                 duckdb::Vector& vector) {
  auto& entries = duckdb::StructVector::GetEntries(vector);
  for (size_t i = 0; i < type.children.size(); ++i) {
    FillVector(type.children[i].type, column.children[i], begin, end, *entries[i]);
  }
  if (column.validity == nullptr) return;
  // DuckDB wants the children of a null struct to be null.
  const auto& mask = duckdb::FlatVector::Validity(vector);
  for (duckdb::idx_t row = 0; row < static_cast<duckdb::idx_t>(end - begin); ++row) {
    if (!mask.RowIsValid(row)) duckdb::FlatVector::SetNull(vector, row, true);
  }
}

}  // namespace

void FillVector(const Type& type, const ColumnView& column, int64_t begin, int64_t end,
                duckdb::Vector& vector) {
  vector.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  FillValidity(column, begin, end, vector);
  switch (type.kind) {
    case TypeKind::kBoolean:
      return FillBooleans(column, begin, end, vector);
    case TypeKind::kInt:
    case TypeKind::kDate:
    case TypeKind::kFloat:
      return CopyValues(column, begin, end, 4, vector);
    case TypeKind::kDecimal:
      return FillDecimals(type, column, begin, end, vector);
    case TypeKind::kUuid:
      return FillUuids(column, begin, end, vector);
    case TypeKind::kFixed:
      return FillFixedBytes(type, column, begin, end, vector);
    case TypeKind::kString:
    case TypeKind::kBinary:
      return FillStrings(column, begin, end, vector);
    case TypeKind::kList:
    case TypeKind::kMap:
      return FillLists(type, column, begin, end, vector);
    case TypeKind::kStruct:
      return FillStructs(type, column, begin, end, vector);
    case TypeKind::kUnknown:
      return;
    default:
      return CopyValues(column, begin, end, 8, vector);
  }
}

}  // namespace tarn::engine
