// SPDX-License-Identifier: Apache-2.0
// Rows in columns. The layout of every buffer is Arrow's (Arrow columnar format, "Physical Memory
// Layout"), little-endian, so that a batch can be handed to Arrow readers without copying:
//   validity   bit i set = row i is not null; absent = no nulls
//   kBoolean   bits
//   kInt, kDate: int32; kLong, kTime, kTimestamp*: int64; kFloat, kDouble
//   kUnknown   validity only: every row is null
//   kDecimal   16 bytes, two's complement (decimal128)
//   kUuid      16 bytes; kFixed `length` bytes
//   kString, kBinary: int32 offsets (rows + 1) and bytes
//   kList      int32 offsets (rows + 1), one child; kMap: the child is a struct {key, value}
//   kStruct    children only
// Values under a null are unspecified but present for fixed-width columns. Bits past the row count
// are unspecified. All offsets start at 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/column_type.h"
#include "base/result.h"

namespace tarn {

/// Views of one column's buffers; owned by somebody else. Buffers start at multiples of 8 bytes.
struct ColumnView {
  int64_t rows = 0;
  const uint8_t* validity = nullptr;
  const uint8_t* values = nullptr;  ///< fixed-width values, bits, or the bytes of strings
  size_t values_bytes = 0;
  const int32_t* offsets = nullptr;
  std::vector<ColumnView> children;

  bool is_null(int64_t row) const {
    return validity != nullptr && (validity[row >> 3] >> (row & 7) & 1) == 0;
  }
};

/// A batch of rows, without names or types: those are agreed when a stream of batches is opened.
struct BatchView {
  int64_t rows = 0;
  std::vector<ColumnView> columns;
};

/// Bytes of one fixed-width value; 0 for kBoolean, variable-width and nested types.
size_t FixedWidthBytes(const Type& type);

/// Appends the encoded form of a batch: a table of buffer positions, then the buffers, each at a
/// multiple of 8 bytes from the start of the encoding. `out.size()` must be a multiple of 8 on
/// entry. Layout, all little-endian: u32 magic "TBAT", u32 node count, i64 rows; then for each node
/// in depth-first order: i64 rows, {u64 offset, u64 bytes} of validity, values, offsets (bytes 0 =
/// absent).
void EncodeBatch(const BatchView& batch, std::vector<uint8_t>& out);

/// The same in place of what `out` holds, whose memory is reused as it is.
void EncodeBatchOver(const BatchView& batch, std::vector<uint8_t>& out);

/// Leaves the first `rows` rows; buffers of fixed-width values may stay longer than needed.
/// REQUIRES: rows ≤ batch.rows.
void TruncateBatch(BatchView& batch, int64_t rows);

/// The views point into `bytes`, which must start at a multiple of 8 and outlive them. Every
/// position, length and offset is checked against `types`: malformed input gives Corruption, never
/// a wild read.
Result<BatchView> DecodeBatch(std::span<const uint8_t> bytes, std::span<const Type> types);

}  // namespace tarn
