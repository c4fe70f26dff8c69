// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/batch.h"
#include "base/memory_budget.h"
#include "server/postgres/row_source.h"

namespace tarn::server::postgres {

/// Rows that are kept to be read again in any order: in memory while they are few, then in a file
/// without a name. Used by one thread.
class RowSpool {
 public:
  RowSpool(std::vector<Type> carriers, MemoryBudget& space)
      : carriers_(std::move(carriers)), reservation_(space.Open("cursors")) {}
  ~RowSpool();
  RowSpool(const RowSpool&) = delete;
  RowSpool& operator=(const RowSpool&) = delete;

  /// 53400 beyond what all cursors may keep.
  warehouse::StatementResult<> Append(const RowRange& range);
  int64_t rows() const { return rows_; }
  /// Rows from number `row` (from 0) on that lie together, at most `limit`; valid until the next
  /// call. REQUIRES: row < rows().
  warehouse::StatementResult<RowRange> Read(int64_t row, int64_t limit);

 private:
  struct Segment {
    int64_t first_row = 0, rows = 0;
    int64_t skipped = 0;         ///< rows of the batch in front of them
    std::vector<uint8_t> bytes;  ///< empty: in the file
    int64_t offset = 0, size = 0;
  };
  warehouse::StatementResult<> ToFile(Segment& segment);

  std::vector<Type> carriers_;
  MemoryReservation reservation_;
  std::vector<Segment> segments_;
  int64_t rows_ = 0, memory_bytes_ = 0, file_bytes_ = 0;
  int file_ = -1;
  size_t loaded_ = SIZE_MAX;  ///< the segment that stands in loaded_batch_
  std::vector<uint8_t> loaded_bytes_;
  BatchView loaded_batch_;
};

}  // namespace tarn::server::postgres
