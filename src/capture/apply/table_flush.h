// SPDX-License-Identifier: Apache-2.0
// What waits for a table becomes a change of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "capture/apply/change_buffer.h"
#include "capture/apply/key_index.h"
#include "capture/apply/progress.h"
#include "capture/destination.h"
#include "table/commit.h"
#include "table/table_context.h"
#include "table/writer.h"

namespace tarn::capture {

/// Where a file's rows are, by key, in the order in which they were written. For the index, once
/// they are committed.
struct WrittenKeys {
  std::vector<iceberg::DataFile> files;
  std::vector<KeyHash> keys;  ///< of all rows of the files, one after the other
};
/// The index has them now.
void AddToIndex(const WrittenKeys& written, KeyIndex& index);

/// Keys that a table of a mirror does not have any more.
struct GoneKeys {
  bool all = false;  ///< of before this flush
  std::vector<KeyHash> keys;
};

/// A change whose files are written, and what it means.
struct PreparedFlush {
  table::TableChange change;
  GoneKeys gone;
  WrittenKeys written;
  AppliedChanges applied;
};
/// The index is that of the table with the flush: REQUIRES that it was of its base.
void Follow(const PreparedFlush& flush, KeyIndex& index);

/// What is flushed, onto what.
struct FlushRequest {
  const table::TableContext* context = nullptr;
  table::Writer writer;
  const Destination::Found* base = nullptr;
  const ChangeBuffer* buffer = nullptr;
  const KeyIndex* index = nullptr;  ///< of the base
  TableProgress progress;           ///< that the table has then
  int64_t now_us = 0;               ///< for the columns that tell when; since 1970
};

/// Writes new rows as data files and what they replace as deletes, all named after the writer. A
/// row that the source deleted is marked by the connector, and gone from a mirror. The index is
/// left as it is. Conflict where the index is not the base's.
Result<PreparedFlush> PrepareFlush(const FlushRequest& request);

}  // namespace tarn::capture
