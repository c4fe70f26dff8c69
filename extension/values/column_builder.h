// SPDX-License-Identifier: Apache-2.0
// One column that grows row by row, in Arrow's layout.
#pragma once

#include "boundary/postgres_headers.h"

extern "C" {
#include <utils/date.h>
}

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/batch.h"
#include "values/value_mapping.h"

namespace tarn::extension {

/// Memory that grows by doubling and does not zero what it adds.
class GrowingBuffer {
 public:
  GrowingBuffer() = default;
  GrowingBuffer(GrowingBuffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), capacity_(std::exchange(other.capacity_, 0)) {}
  GrowingBuffer& operator=(GrowingBuffer&&) = delete;
  ~GrowingBuffer();

  void Reserve(size_t bytes) {
    if (bytes > capacity_) Grow(bytes);
  }
  void Release();
  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t capacity() const { return capacity_; }

 private:
  void Grow(size_t bytes);
  uint8_t* data_ = nullptr;
  size_t capacity_ = 0;
};

/// Where values that must be detoasted are put; reset by the packer after each row that used it.
class ScratchMemory {
 public:
  ScratchMemory() = default;
  ScratchMemory(const ScratchMemory&) = delete;
  ~ScratchMemory();
  /// The context to allocate from until Reset.
  MemoryContext Use();
  void Reset() {
    if (used_) ResetUsed();
  }

 private:
  void ResetUsed();
  MemoryContext context_ = nullptr;
  bool used_ = false;
};

/// Writes values at row positions that the caller counts: a row that failed halfway is overwritten
/// by the next one, so that there is nothing to undo. Not thread-safe.
class ColumnBuilder {
 public:
  /// `mapping`, `subject` (`column "x"`, for messages) and `scratch` outlive the builder.
  ColumnBuilder(const ValueMapping& mapping, const std::string& subject, ScratchMemory& scratch);

  /// REQUIRES: rows before `row` are set. Throws PostgresError / LakeError for what can't be stored
  /// exactly.
  void Set(int64_t row, Datum value) {
    if (row >= capacity_) Grow(row + 1);
    if (has_nulls_) MarkValid(row);
    SetValue(row, value);
  }
  void SetNull(int64_t row);
  /// Bytes that the first `rows` rows take, about.
  size_t bytes(int64_t rows) const;
  ColumnView view(int64_t rows) const;
  void Clear();

 private:
  void Grow(int64_t rows);
  void MarkValid(int64_t row) {
    validity_.data()[row >> 3] |= static_cast<uint8_t>(1U << (row & 7));
  }
  void SetValue(int64_t row, Datum value);
  void SetNumeric(int64_t row, Datum value);
  void SetDate(int64_t row, DateADT value);
  void SetTime(int64_t row, int64_t value);
  void SetTimestamp(int64_t row, int64_t value);
  void SetBytes(int64_t row, const char* data, size_t size);
  void SetVarlena(int64_t row, Datum value);
  void SetJsonb(int64_t row, Datum value);
  void SetEnum(int64_t row, Oid value);
  void SetArray(int64_t row, Datum value);
  void SetComposite(int64_t row, Datum value);
  /// The value with its header, not compressed and not out of line.
  struct varlena* Detoast(Datum value);
  /// With a four-byte header too, so that the contents are aligned.
  struct varlena* DetoastAligned(Datum value);

  template <typename T>
  void Put(int64_t row, T value) {
    reinterpret_cast<T*>(values_.data())[row] = value;
  }
  int32_t* offsets() { return reinterpret_cast<int32_t*>(offsets_.data()); }

  const ValueMapping& mapping_;
  const std::string& subject_;
  ScratchMemory& scratch_;
  ValueForm form_;
  bool has_nulls_ = false;
  bool has_offsets_ = false;
  size_t width_ = 0;  ///< bytes of a fixed-width value
  int64_t capacity_ = 0;
  GrowingBuffer validity_, values_, offsets_;
  std::vector<ColumnBuilder> children_;
  // kEnum: labels met so far.
  struct Label {
    Oid oid = InvalidOid;
    std::string text;
  };
  std::vector<Label> labels_;
  // kComposite
  std::vector<Datum> member_values_;
  std::unique_ptr<bool[]> member_nulls_;
};

}  // namespace tarn::extension
