// SPDX-License-Identifier: Apache-2.0
// How a capture fares, of one moment. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/lsn.h"
#include "capture/source_table.h"

namespace tarn::capture {

enum class TableStage : uint8_t {
  kWaiting,    ///< for its first copy, or to be tried again
  kCopying,    ///< its rows are copied
  kStreaming,  ///< changes are applied
  kFailed,     ///< until it is removed and added again
  kAbsent,     ///< the source does not have or send it any more
};

struct TableStatus {
  SourceName name;
  TableStage stage = TableStage::kWaiting;
  int64_t rows_copied = 0;      ///< by the copy that is under way, or was last since the start
  int64_t rows_estimated = -1;  ///< pg_class.reltuples; -1: nobody counted
  // Since the capture was started; what is committed.
  int64_t rows_inserted = 0, rows_updated = 0, rows_deleted = 0;
  double rows_per_second = 0;  ///< of late: copied, or applied
  /// The table is as the source was at this moment, by the source's clock while changes wait; since
  /// 1970. Absent: it has no rows of a whole copy yet, or nobody follows it.
  std::optional<int64_t> as_of_ms;
  int64_t lag_bytes = 0;       ///< of the source's log, from the first change that waits
  int64_t last_commit_ms = 0;  ///< that changed its rows; 0: none yet
  std::string error;           ///< why it is tried again, is absent or has failed
};

struct CaptureStatus {
  bool connected = false;
  std::optional<Error> error;       ///< of the connection, where it is tried again
  int64_t failures = 0;             ///< of connections, since the start
  Lsn received;                     ///< of the source's log
  Lsn source_end;                   ///< of the source's log, as of some seconds ago
  Lsn durable;                      ///< everything before is in the destination
  int64_t lag_bytes = 0;            ///< of the source's log, behind its end as last heard of
  int64_t tables_copying = 0;       ///< whose first copy is not committed, and has not failed
  int64_t last_commit_ms = 0;       ///< since 1970; 0: none yet
  int64_t slot_retained_bytes = 0;  ///< of the source's log, as of some seconds ago
  bool slot_is_beyond_alert = false;
  /// As of when the tables that stream are; it stays while the source is not reached. Absent: never
  /// was.
  std::optional<int64_t> as_of_ms;
  std::vector<TableStatus> tables;  ///< by name
};

/// How far behind; never below 0, whatever the clocks say.
inline std::optional<int64_t> LagMs(const std::optional<int64_t>& as_of_ms, int64_t now_ms) {
  if (!as_of_ms) return std::nullopt;
  return now_ms > *as_of_ms ? now_ms - *as_of_ms : 0;
}

/// "COPYING", for views, metrics and terminals.
std::string_view WordOf(TableStage stage);

}  // namespace tarn::capture
