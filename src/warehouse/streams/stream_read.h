// SPDX-License-Identifier: Apache-2.0
// A stream as statements read it.
#pragma once

#include <cstdint>
#include <map>

#include "iceberg/commit/commit.h"
#include "warehouse/objects/definition.h"
#include "warehouse/objects/stream.h"
#include "warehouse/time_travel/table_version.h"

namespace tarn::warehouse {

/// What it showed, and what it is once that was consumed. A plain value.
struct StreamRead {
  ObjectHead head;
  Stream before, after;
  TableChanges changes = {};         ///< of a table
  iceberg::LoadedTable source = {};  ///< likewise: where the snapshot of `after` is
  int64_t lease_ms = 0;              ///< until when that snapshot is kept for it: a time
};

/// Whether a stream still stands where it was read.
inline bool StandsAt(const Stream& stream, const Stream& read) {
  return stream.offsets == read.offsets && stream.show_initial_rows == read.show_initial_rows;
}

/// What an open transaction saw of streams: the same until its end (Snowflake, "Introduction to
/// streams", "Repeatable read isolation").
struct TransactionView {
  int64_t began_ms = 0;
  std::map<ObjectId, StreamRead> streams;
};

}  // namespace tarn::warehouse
