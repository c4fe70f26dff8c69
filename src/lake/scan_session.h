// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"
#include "lake/lake_context.h"
#include "lake/memory_shares.h"
#include "lake/request_guard.h"
#include "lake/wire.h"

namespace tarn::lake {

/// Committed rows of a ScanOpen, pruned; none for the empty location.
Result<std::optional<iceberg::ScanPlan>> PlanOf(LakeContext& lake, const ScanOpen& message);

/// One open scan. Next from one thread at a time.
class OpenedScan {
 public:
  /// Keeps the failure of an opening for the first Next.
  static std::unique_ptr<OpenedScan> Open(LakeContext& lake, const ScanOpen& message,
                                          std::optional<Result<engine::PendingRows>> pending);

  /// One encoded batch, empty at the end.
  Result<> Next(std::vector<uint8_t>& out);
  void Interrupt();
  engine::RowStream* stream() const { return stream_.get(); }
  bool done() const { return done_; }

 private:
  std::optional<Error> error_;
  std::unique_ptr<engine::RowStream> stream_;
  bool done_ = false;
};

/// The scans of one session, and the thread that prepares the next batch of one of them while the
/// backend works on the last. Used by the session's thread.
class ScanSession {
 public:
  ScanSession(RequestGuard& request, MemoryBudget& memory)
      : request_(request), held_(tarn::lake::Open(memory, kScanBatches)) {}
  ~ScanSession();

  /// Replaces a scan of the same number.
  void Open(uint32_t scan, std::unique_ptr<OpenedScan> opened);
  /// One encoded batch in `out`, empty at the end.
  Result<> Next(uint32_t scan, std::vector<uint8_t>& out);
  /// Lets the next batch of the scan be prepared, of about `expected_bytes`, if there may be one,
  /// nothing else is being prepared, and the memory budget has room.
  void Prefetch(uint32_t scan, size_t expected_bytes);
  void Close(uint32_t scan);

 private:
  void Run();
  void FreeMemory();
  /// Waits until the scan is not being prepared; a prepared batch is left in `batch_` for it.
  void AwaitIdle(std::unique_lock<std::mutex>& lock, const OpenedScan* scan);

  RequestGuard& request_;
  std::map<uint32_t, std::unique_ptr<OpenedScan>> scans_;
  std::mutex mutex_;
  std::condition_variable changed_;
  OpenedScan* preparing_ = nullptr;  ///< handed to the thread
  OpenedScan* prepared_ = nullptr;   ///< whose batch is in batch_
  Result<> result_;
  std::vector<uint8_t> batch_;
  MemoryReservation held_;  ///< about batch_, while a scan goes on
  bool stopping_ = false;
  std::thread thread_;  ///< started at first use
};

}  // namespace tarn::lake
