// SPDX-License-Identifier: Apache-2.0
// The stream of a slot: messages in, acknowledgements out.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/lsn.h"
#include "capture/source/connection_settings.h"

namespace tarn::capture {

struct StreamOptions {
  std::string slot;
  std::string publication;
  /// 0: where the slot stands.
  Lsn start;
  /// Values in binary, from version 14 on. The server then sends so whatever has a send function:
  /// true only where the decoders of all columns that are captured take binary
  /// (values/value_decoder.h). A column that does not, and comes later, takes a new stream.
  bool binary = false;
  /// Bytes that wait to be taken, beyond which no more is read from the connection.
  int64_t queue_bytes = int64_t{64} << 20;
  std::chrono::milliseconds status_interval{1000};
};

/// What came: a message of pgoutput, or, with an empty payload, the news that the server has sent
/// everything up to `wal_end`.
struct StreamItem {
  Lsn wal_start;
  Lsn wal_end;
  std::vector<char> payload;
};

/// A thread of its own reads and sends feedback, so that a slow reader loses no connection. `Next`
/// is for one thread, everything else for any.
class ReplicationStream {
 public:
  /// proto_version as the server has it ("4" from 16 on, "2" from 14, else "1"), `messages` from 14
  /// on. Streaming of transactions in progress is off. Conflict, with the process, where the slot
  /// is in use; NotFound for a slot that is gone or whose log is; Unavailable.
  static Result<std::unique_ptr<ReplicationStream>> Start(const ConnectionSettings& settings,
                                                          const StreamOptions& options);
  virtual ~ReplicationStream() = default;

  /// Waits at most so long. Absent: nothing came. An error ends the stream, and comes again:
  /// Cancelled after Stop.
  virtual Result<std::optional<StreamItem>> Next(std::chrono::milliseconds wait) = 0;
  /// Everything before `lsn` is durable with us: the server may forget it. Never goes back; sent
  /// with the next status, which is sent at once where one is due or the server asked for it.
  virtual void Acknowledge(Lsn lsn) = 0;
  /// Makes Next return. Idempotent.
  virtual void Stop() = 0;
};

}  // namespace tarn::capture
