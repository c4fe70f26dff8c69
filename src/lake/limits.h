// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tarn::lake {

/// What bounds the memory and the files of the service. Bytes.
struct LakeLimits {
  /// A storage with so much in memory starts writing its Parquet file while rows still arrive.
  int64_t stream_start_bytes = int64_t{8} << 20;
  /// What all sessions and caches hold together, beside the engine's own memory (shares in
  /// lake/memory_shares.h).
  int64_t memory_bytes = int64_t{512} << 20;
  /// Where there is no more of it, only a storage with so much in memory goes to a file: hundreds
  /// of sessions must not write hundreds of tiny ones.
  int64_t min_early_file_bytes = int64_t{1} << 20;
  /// Rows on their way to a file that is being written; the sender waits beyond.
  int64_t queue_bytes = int64_t{32} << 20;
  /// All storages of one connection; the largest goes to a file beyond.
  int64_t session_buffer_bytes = int64_t{64} << 20;
  /// A data file ends when it has reached this size.
  int64_t target_file_bytes = int64_t{512} << 20;
  /// Threads that wait for the storage on behalf of all connections.
  int32_t storage_threads = 16;
  /// Metadata files that a table has superseded go after this time: a commit a second would leave
  /// gigabytes of them in the hour that data files wait.
  int64_t metadata_safe_age_ms = int64_t{60} * 1000;
};

}  // namespace tarn::lake
