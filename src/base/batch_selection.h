// SPDX-License-Identifier: Apache-2.0
// Some rows of a batch, copied.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"

namespace tarn {

/// Rows of a batch in buffers of its own. The view lasts as long as the object does and stays where
/// it is. Used by one thread.
class BatchSelection {
 public:
  /// `rows`, each one of the batch's, in the order in which they are given. REQUIRES: a batch of
  /// these types.
  BatchSelection(const BatchView& batch, std::span<const Type> types,
                 std::span<const int32_t> rows);
  BatchSelection(BatchSelection&&) = default;
  BatchSelection& operator=(BatchSelection&&) = default;

  const BatchView& view() const { return view_; }

 private:
  using Rows = std::span<const int32_t>;

  uint8_t* NewBuffer(size_t bytes);
  ColumnView Select(const Type& type, const ColumnView& column, Rows rows);
  void SelectBytes(const ColumnView& column, Rows rows, ColumnView& selected);
  void SelectElements(const Type& element, const ColumnView& column, Rows rows,
                      ColumnView& selected);

  BatchView view_;
  std::deque<std::vector<uint64_t>> buffers_;  ///< words, for the alignment that views promise
};

/// Bytes of the batch's buffers, roughly: what it costs to keep.
int64_t BatchBytes(const BatchView& batch);

}  // namespace tarn
