// SPDX-License-Identifier: Apache-2.0
// A table's rows as they are at one point of the source's log, committed at once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "capture/apply/key_hash.h"
#include "capture/apply/key_index.h"
#include "capture/apply/progress.h"
#include "capture/apply/table_layout.h"
#include "capture/destination.h"
#include "capture/source/connection_settings.h"

namespace tarn::capture {

struct InitialCopyRequest {
  ConnectionSettings source;
  std::string snapshot;  ///< exported, of `progress.position`; alive until the copy has returned
  std::shared_ptr<const TableLayout> layout;
  Destination::Found base;
  TableProgress progress;  ///< that the table has then
  SipKey key;
  int32_t workers = 2;
  /// Set by whoever gives up. Outlives the copy.
  const std::atomic<bool>* stopping = nullptr;
  /// Counts rows as they are read; null: nobody asks. Outlives the copy.
  std::atomic<int64_t>* rows_read = nullptr;
  /// Asked when all rows have been read: a snapshot of before sees nothing of a table that was
  /// rewritten meanwhile.
  std::function<Result<>()> before_commit = nullptr;
};

struct InitialCopy {
  iceberg::LoadedTable table;
  KeyIndex index;
  int64_t rows = 0;
};

/// Copies by several connections, replaces what the destination's table had, and commits. Blocks.
/// Nothing is visible of a copy that failed.
Result<InitialCopy> CopyTable(Destination& destination, const InitialCopyRequest& request);

}  // namespace tarn::capture
