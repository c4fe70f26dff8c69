// SPDX-License-Identifier: Apache-2.0
// Replication slots of a source.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "capture/lsn.h"
#include "capture/source/connection_settings.h"
#include "capture/source/source_connection.h"

struct pg_conn;

namespace tarn::capture {

/// pg_replication_slots of one slot.
struct SlotState {
  std::string plugin;
  std::string database;
  bool active = false;
  int32_t active_pid = 0;
  Lsn confirmed_flush;
  Lsn restart;
  std::string wal_status;           ///< "reserved", "extended", "unreserved", "lost"
  std::string invalidation_reason;  ///< PostgreSQL 17 and later; "" = none
  int64_t retained_bytes = 0;       ///< of WAL that it holds back
  Lsn log_end;                      ///< of the server's WAL
  bool synced = false;  ///< PostgreSQL 17 and later: was kept up from the primary before
};
/// Absent: no such slot.
Result<std::optional<SlotState>> DescribeSlot(SourceConnection& connection,
                                              const std::string& name);
Result<> DropSlot(SourceConnection& connection, const std::string& name);

/// A slot just made, with the snapshot of its starting point: what was committed before
/// `consistent_point` is seen by it, everything else comes in the stream. The snapshot lives as
/// long as the object does; a temporary slot, too. Used by one thread.
class NewSlot {
 public:
  /// pgoutput; one that lasts goes along to standbys that synchronize slots, from version 17 on.
  /// AlreadyExists; ResourceExhausted where the source has no slot or sender left.
  static Result<std::unique_ptr<NewSlot>> Create(const ConnectionSettings& settings,
                                                 const std::string& name, bool temporary);
  ~NewSlot();
  NewSlot(const NewSlot&) = delete;
  NewSlot& operator=(const NewSlot&) = delete;

  Lsn consistent_point() const { return consistent_point_; }
  /// For SET TRANSACTION SNAPSHOT.
  const std::string& snapshot() const { return snapshot_; }

 private:
  NewSlot() = default;
  pg_conn* connection_ = nullptr;  ///< owned; idle in its transaction
  Lsn consistent_point_;
  std::string snapshot_;
};

}  // namespace tarn::capture
