// SPDX-License-Identifier: Apache-2.0
// Columns that grow value by value, for whoever decodes rows.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"
#include "base/result.h"

namespace tarn {

/// One column in buffers of its own, laid out as base/batch.h says. Every row is one call of
/// Append… or AppendNull. Types without children, and structs of such; no lists and maps. Used by
/// one thread.
class ColumnBuilder {
 public:
  /// REQUIRES: a type as above.
  explicit ColumnBuilder(const Type& type);

  int64_t rows() const { return rows_; }
  const Type& type() const { return type_; }

  void AppendNull();
  void AppendBoolean(bool value);
  /// kInt, kDate: int32_t; kLong, kTime, kTimestamp…: int64_t; kFloat, kDouble; kDecimal: __int128.
  template <typename T>
  void AppendValue(T value) {
    if (fixed_bytes_ + sizeof(T) > fixed_.size() * sizeof(uint64_t)) GrowFixed(sizeof(T));
    std::memcpy(reinterpret_cast<char*>(fixed_.data()) + fixed_bytes_, &value, sizeof(T));
    fixed_bytes_ += sizeof(T);
    AppendValid();
  }
  /// The bytes of one fixed-width value (kUuid and kFixed have no other form). REQUIRES: of the
  /// type's width.
  void AppendFixed(const void* value, size_t bytes);
  /// kString, kBinary. ResourceExhausted, and nothing is appended, where a column would hold more
  /// than 2 GiB.
  Result<> AppendBytes(std::string_view value);
  /// kString, kBinary: more of the value that was appended last.
  Result<> ExtendBytes(std::string_view more);
  /// kStruct: a row of it; every child gets its own by `child`.
  void AppendStruct();
  ColumnBuilder& child(size_t index) { return children_[index]; }
  /// A copy of that row of another column of the same type.
  Result<> AppendFrom(const ColumnView& column, int64_t row);
  /// A copy of that row of this one.
  Result<> AppendCopy(int64_t row);

  /// Takes back what came behind the first rows. REQUIRES: rows ≤ rows().
  void Truncate(int64_t rows);
  /// Empties it; memory is kept.
  void Clear() { Truncate(0); }
  /// Roughly what it holds.
  int64_t memory_bytes() const;

  /// Until the next change.
  ColumnView View() const;

 private:
  void AppendValid() {
    if (nulls_ > 0) SetValid(rows_);
    ++rows_;
  }
  void SetValid(int64_t row);
  void AppendInvalid();
  void GrowFixed(size_t bytes);

  Type type_;
  size_t width_ = 0;  ///< of a value in bytes; 0: bits, variable or a struct
  int64_t rows_ = 0;
  int64_t nulls_ = 0;
  /// Words, for the alignment that views promise. Validity counts from the first null on.
  std::vector<uint64_t> validity_, bits_;
  std::vector<uint64_t> fixed_;  ///< likewise; `fixed_bytes_` of it are used
  size_t fixed_bytes_ = 0;
  std::vector<char> bytes_;
  std::vector<int32_t> offsets_;
  std::vector<ColumnBuilder> children_;
};

/// Columns of one length.
class BatchBuilder {
 public:
  explicit BatchBuilder(std::span<const Type> types);

  size_t column_count() const { return columns_.size(); }
  ColumnBuilder& column(size_t index) { return columns_[index]; }
  const ColumnBuilder& column(size_t index) const { return columns_[index]; }
  /// Whole rows: those that every column has.
  int64_t rows() const;
  /// Takes back a row that was begun, and what came behind `rows`.
  void Truncate(int64_t rows);
  void Clear() { Truncate(0); }
  int64_t memory_bytes() const;
  /// Until the next change. REQUIRES: no row is begun.
  BatchView View() const;

 private:
  std::vector<ColumnBuilder> columns_;
};

}  // namespace tarn
