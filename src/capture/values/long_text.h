// SPDX-License-Identifier: Apache-2.0
// A text of a column that is made piece by piece.
#pragma once

#include <cstring>
#include <string_view>

#include "base/column_builder.h"
#include "base/result.h"

namespace tarn::capture {

/// Begins a value of a kString or kBinary column; pieces gather in a buffer on the stack. The value
/// stays only if Finish succeeds.
class LongText {
 public:
  explicit LongText(ColumnBuilder& column) : column_(column), rows_(column.rows()) {}
  ~LongText() {
    if (!finished_) column_.Truncate(rows_);
  }
  LongText(const LongText&) = delete;
  LongText& operator=(const LongText&) = delete;

  void Add(char c) {
    if (used_ == sizeof(buffer_)) Flush();
    buffer_[used_++] = c;
  }
  void Add(std::string_view piece) {
    if (piece.size() > sizeof(buffer_) - used_) Flush();
    if (piece.size() > sizeof(buffer_)) {
      Write(piece);
      return;
    }
    std::memcpy(buffer_ + used_, piece.data(), piece.size());
    used_ += piece.size();
  }
  Result<> Finish() {
    Flush();
    if (!result_) return result_;
    finished_ = true;
    return {};
  }

 private:
  void Flush() {
    Write({buffer_, used_});
    used_ = 0;
  }
  void Write(std::string_view piece) {
    if (!result_) return;
    result_ = begun_ ? column_.ExtendBytes(piece) : column_.AppendBytes(piece);
    begun_ = true;
  }

  ColumnBuilder& column_;
  const int64_t rows_;
  Result<> result_;
  bool begun_ = false, finished_ = false;
  size_t used_ = 0;
  char buffer_[512];
};

}  // namespace tarn::capture
