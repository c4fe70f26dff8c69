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

/// A change whose files are written, and what it means.
struct PreparedFlush {
  table::TableChange change;
  WrittenKeys written;
  AppliedChanges applied;
  bool changes_rows = false;
};

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

/// Writes new rows as data files and what they replace as deletes, all named after the writer. The
/// index is left as it is. Conflict where the index is not the base's.
Result<PreparedFlush> PrepareFlush(const FlushRequest& request);

}  // namespace tarn::capture
