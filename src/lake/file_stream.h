// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "lake/memory_shares.h"

namespace tarn::lake {

/// Rows on their way to one Parquet file, encoded by a thread of its own, so that packing in the
/// backend and encoding overlap. Used by one thread. Destroyed without Finish, nothing remains.
class FileStream {
 public:
  FileStream(engine::Engine& engine, std::string location,
             std::shared_ptr<const std::vector<Field>> fields, int64_t queue_bytes,
             MemoryBudget& memory);
  ~FileStream();

  /// Waits while the queue is full, or not empty and the memory budget is: for the encoding of its
  /// own rows, never for other sessions. False after a failure, which Finish tells.
  bool Push(engine::PendingRows::Batch batch);
  /// Bytes of the file so far; lags behind.
  int64_t size_bytes() const { return size_bytes_.load(std::memory_order_relaxed); }
  const std::shared_ptr<const std::vector<Field>>& fields() const { return fields_; }
  /// Waits for the encoding, publishes the file durably.
  Result<iceberg::DataFile> Finish();

 private:
  void Run();
  Result<iceberg::DataFile> Encode();
  /// The next batch; none at the end or when given up.
  std::optional<engine::PendingRows::Batch> Pop();

  engine::Engine& engine_;
  const std::string location_;
  const std::shared_ptr<const std::vector<Field>> fields_;
  const int64_t queue_bytes_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<engine::PendingRows::Batch> queue_;
  MemoryReservation queued_;    ///< the queue and what is being encoded
  int64_t encoding_bytes_ = 0;  ///< what is being encoded
  bool ended_ = false;          ///< no more rows come
  bool abandoned_ = false;      ///< the file is not wanted
  bool failed_ = false;
  std::atomic<int64_t> size_bytes_{0};
  std::optional<Result<iceberg::DataFile>> result_;
  std::thread thread_;
};

}  // namespace tarn::lake
