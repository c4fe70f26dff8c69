// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "boundary/postgres_headers.h"

#include <memory>
#include <vector>

#include "base/batch.h"

namespace tarn::extension {

/// Turns columns into datums. Backend only.
class RowUnpacker {
 public:
  /// Column i of the batches to come holds attribute `attnums[i]` of `descriptor`.
  static std::unique_ptr<RowUnpacker> Make(TupleDesc descriptor,
                                           const std::vector<AttrNumber>& attnums);
  virtual ~RowUnpacker() = default;

  /// Takes a batch, whose columns may be followed by others. `view` must live until the next call.
  /// Ends the life of all by-reference datums made before: the unpacker owns them.
  virtual void SetBatch(const BatchView* view) = 0;
  /// Sets tts_values/tts_isnull of the unpacker's attributes only; the caller clears and stores the
  /// slot.
  virtual void Unpack(int64_t row, TupleTableSlot* slot) = 0;
};

}  // namespace tarn::extension
