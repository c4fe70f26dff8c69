// SPDX-License-Identifier: Apache-2.0
// One column of a batch, read as datums.
#pragma once

#include "boundary/postgres_headers.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/batch.h"
#include "values/value_mapping.h"

namespace tarn::extension {

/// Memory for by-reference datums: handed out in order, given back all at once, kept for the next
/// batch.
class DatumArena {
 public:
  DatumArena() = default;
  DatumArena(const DatumArena&) = delete;
  ~DatumArena();

  /// At a multiple of 8.
  char* Allocate(size_t bytes) {
    const size_t size = (bytes + 7) & ~size_t{7};
    if (size > left_) return AllocateSlow(size);
    char* memory = next_;
    next_ += size;
    left_ -= size;
    return memory;
  }
  /// For what only PostgreSQL's functions can build; made at first use.
  MemoryContext context();
  void Reset();

 private:
  char* AllocateSlow(size_t size);

  struct Chunk {
    std::unique_ptr<char[]> memory;
    size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  size_t used_chunks_ = 0;
  char* next_ = nullptr;
  size_t left_ = 0;
  MemoryContext context_ = nullptr;
  bool context_used_ = false;
};

/// Not thread-safe. `mapping` and `arena` outlive the reader.
class DatumReader {
 public:
  DatumReader(const ValueMapping& mapping, DatumArena& arena);

  /// `view` outlives the datums made from it. Throws where another writer's values are none of
  /// PostgreSQL's type, and so does Read.
  void SetColumn(const ColumnView& view);
  bool is_null(int64_t row) const {
    return validity_ != nullptr && (validity_[row >> 3] >> (row & 7) & 1) == 0;
  }
  /// REQUIRES: !is_null(row).
  Datum Read(int64_t row);

 private:
  template <typename T>
  T Get(int64_t row) const {
    return reinterpret_cast<const T*>(values_)[row];
  }
  Datum ReadNumeric(int64_t row);
  Datum ReadVarlena(int64_t row);
  Datum ReadJsonb(int64_t row);
  Datum ReadEnum(int64_t row);
  Datum ReadArray(int64_t row);
  Datum ReadComposite(int64_t row);

  const ValueMapping& mapping_;
  DatumArena& arena_;
  ValueForm form_;
  int scale_ = 0;
  const uint8_t* validity_ = nullptr;
  const uint8_t* values_ = nullptr;
  const int32_t* offsets_ = nullptr;
  std::vector<DatumReader> children_;
  std::unordered_map<std::string, Oid> labels_;  ///< kEnum: met so far
  std::string text_;                             ///< reused, NUL-terminated copy
};

}  // namespace tarn::extension
