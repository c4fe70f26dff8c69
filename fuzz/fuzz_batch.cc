// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <span>

#include "base/batch.h"
#include "fuzz/target.h"

namespace {

std::vector<tarn::Type> Types() {
  using tarn::Type;
  using tarn::TypeKind;
  Type list = Type::Primitive(TypeKind::kList);
  list.children.push_back(
      {.id = tarn::FieldId(3), .name = "element", .type = Type::Primitive(TypeKind::kLong)});
  return {Type::Primitive(TypeKind::kInt), Type::Primitive(TypeKind::kString), list,
          Type::Primitive(TypeKind::kBoolean)};
}

/// Touches every value that the view claims to have.
uint64_t Touch(const tarn::ColumnView& column) {
  uint64_t sum = 0;
  for (int64_t row = 0; row < column.rows; ++row) sum += column.is_null(row) ? 1 : 0;
  for (size_t i = 0; i < column.values_bytes; ++i) sum += column.values[i];
  if (column.offsets != nullptr) {
    for (int64_t row = 0; row <= column.rows; ++row)
      sum += static_cast<uint64_t>(column.offsets[row]);
  }
  for (const tarn::ColumnView& child : column.children) sum += Touch(child);
  return sum;
}

}  // namespace

std::vector<std::string> SeedInputs() {
  const int32_t ints[] = {1, 2, 3};
  const int32_t offsets[] = {0, 1, 1, 4};
  const int64_t longs[] = {7, 8, 9, 10};
  const uint8_t bits[] = {0b101};
  tarn::BatchView batch;
  batch.rows = 3;
  const auto* int_bytes = reinterpret_cast<const uint8_t*>(ints);
  batch.columns.push_back({.rows = 3, .values = int_bytes, .values_bytes = sizeof ints});
  batch.columns.push_back(
      {.rows = 3, .validity = bits, .values = int_bytes, .values_bytes = 4, .offsets = offsets});
  tarn::ColumnView list{.rows = 3, .offsets = offsets};
  list.children.push_back(
      {.rows = 4, .values = reinterpret_cast<const uint8_t*>(longs), .values_bytes = sizeof longs});
  batch.columns.push_back(list);
  batch.columns.push_back({.rows = 3, .values = bits, .values_bytes = 1});
  std::vector<uint8_t> encoded;
  tarn::EncodeBatch(batch, encoded);
  return {std::string(encoded.begin(), encoded.end())};
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<tarn::Type> types = Types();
  if (size == 0) return 0;
  // A buffer of 8-byte words, exactly as long as the input, so that the sanitizer sees any step
  // past it.
  std::vector<uint64_t> aligned((size + 7) / 8);
  std::memcpy(aligned.data(), data, size);
  const auto* bytes = reinterpret_cast<const uint8_t*>(aligned.data());
  if (auto batch = tarn::DecodeBatch({bytes, size}, types)) {
    volatile uint64_t sum = 0;
    for (const tarn::ColumnView& column : batch->columns) sum = sum + Touch(column);
  }
  return 0;
}
