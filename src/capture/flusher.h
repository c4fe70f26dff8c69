// SPDX-License-Identifier: Apache-2.0
// What waits for all tables becomes one commit.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "capture/destination.h"
#include "capture/lsn.h"
#include "capture/replica.h"

namespace tarn::capture {

/// A table that could not take its changes, and why. The others could.
struct FlushFailure {
  Replica* replica = nullptr;
  Error error;
};

/// When what is flushed was read, for statistics.
struct FlushTimes {
  int64_t first_read_ms = 0;  ///< since 1970
  int64_t read_ms = 0;
};

/// Commits the buffers of these replicas, all kStreaming, as of `position`, at which no transaction
/// of the source is half done. Empty buffers cost nothing. Tables whose changes cannot be written
/// are left out and returned. Others changed a table meanwhile: the index is built anew, and it
/// goes again. An error is of all of them: nothing was committed, or, with kCommitStateUnknown, may
/// have been; the caller looks what the tables have.
Result<std::vector<FlushFailure>> Flush(Destination& destination,
                                        std::span<Replica* const> replicas, Lsn position,
                                        const FlushTimes& times);

}  // namespace tarn::capture
