// SPDX-License-Identifier: Apache-2.0
// What goes to and fro in a replication stream (PostgreSQL, "Streaming Replication Protocol").
#pragma once

#include <array>
#include <chrono>
#include <string_view>

#include "base/result.h"
#include "capture/lsn.h"

namespace tarn::capture {

/// XLogData, or a keepalive of the primary.
struct ServerMessage {
  bool is_data = false;
  Lsn wal_start;  ///< of data
  Lsn wal_end;
  bool reply_requested = false;
  std::string_view payload;  ///< of data; points into the message
};
/// Corruption for anything else.
Result<ServerMessage> ReadServerMessage(std::string_view message);

/// A standby status update.
using StatusMessage = std::array<char, 34>;
/// Everything before `durable` may be forgotten.
StatusMessage MakeStatusMessage(Lsn received, Lsn durable,
                                std::chrono::system_clock::time_point now);

}  // namespace tarn::capture
