// SPDX-License-Identifier: Apache-2.0
// First copies, one after the other, beside the stream.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "capture/apply/initial_copy.h"
#include "capture/destination.h"
#include "capture/source/connection_settings.h"

namespace tarn::capture {

/// One table to be copied. The position of its progress is the copier's to find; Conflict where the
/// table is no longer of its version.
struct CopyTask {
  SourceName name;
  std::shared_ptr<const TableLayout> layout;
  Destination::Found base;
  TableProgress progress;
  SipKey key;
  std::shared_ptr<std::atomic<bool>> stop;
  std::shared_ptr<std::atomic<int64_t>> rows_read;
};

struct CopyResult {
  SourceName name;
  std::shared_ptr<std::atomic<bool>> stop;  ///< the task's: which of several it was
  TableProgress progress;
  Result<InitialCopy> copy;
};

/// Tables that wait are copied under one snapshot, of a temporary slot. Thread-safe.
class Copier {
 public:
  /// `slot_prefix`: of temporary slots. `destination` outlives it.
  Copier(ConnectionSettings source, std::string publication, std::string slot_prefix,
         int32_t workers, Destination& destination);
  /// Gives up what is copied.
  ~Copier();
  Copier(const Copier&) = delete;
  Copier& operator=(const Copier&) = delete;

  void Add(CopyTask task);
  /// What has ended since.
  std::vector<CopyResult> Take();

 private:
  void Run();
  void CopyAll(std::vector<CopyTask> tasks);
  Result<InitialCopy> CopyOne(CopyTask& task, const std::string& snapshot);
  void Give(const CopyTask& task, Result<InitialCopy> copy);

  const ConnectionSettings source_;
  const std::string publication_;
  const std::string slot_prefix_;
  const int32_t workers_;
  Destination& destination_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::deque<CopyTask> waiting_;
  std::vector<CopyResult> ended_;
  std::vector<std::shared_ptr<std::atomic<bool>>> running_;
  std::thread thread_;
};

}  // namespace tarn::capture
