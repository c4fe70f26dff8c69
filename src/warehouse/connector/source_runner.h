// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "capture/capture.h"
#include "warehouse/connector/destination.h"
#include "warehouse/connector/source_settings.h"
#include "warehouse/metastore/capture_records.h"

namespace tarn::warehouse {

/// capture::Capture::Start, or what tests have in its place.
using StartCapture = std::function<std::unique_ptr<capture::Capture>(
    capture::CaptureOptions, capture::Destination&, std::vector<capture::TableRequest>)>;

/// What a data source is to do. A plain value.
struct SourceTask {
  DataSource source;
  std::vector<CapturedTable> tables;
  /// Absent: nobody knows yet how to reach it, and it waits.
  std::optional<SourceSettings> settings;
  std::string agent;  ///< from which the settings came
  bool operator==(const SourceTask& other) const {
    return tables == other.tables && settings == other.settings && agent == other.agent &&
           source.schedule == other.source.schedule &&
           source.scheduled_ms == other.source.scheduled_ms;
  }
};

/// Replicates one data source in a thread of its own: all the time, or at the moments of its
/// schedule. Removes tables that are to go when nothing is written to them any more. Thread-safe.
class SourceRunner {
 public:
  /// The account outlives it.
  SourceRunner(Account& account, const DataSource& source, StartCapture start);
  /// Ends the capture. A scheduled run that waits for the source may take some seconds to notice.
  ~SourceRunner();

  void Direct(SourceTask task);
  /// Of the capture; absent while there is none.
  std::optional<capture::CaptureStatus> status() const;

 private:
  using Keys = std::set<capture::SourceName>;

  void Work(const std::stop_token& stop);
  void Step(SourceTask& task, const std::stop_token& stop);
  /// Nothing where it runs already, or cannot.
  void EnsureCapture(const SourceTask& task);
  void StopCapture();
  void FollowTables(const SourceTask& task);
  /// They leave the task.
  Result<> RemoveTables(SourceTask& task);
  void RunSchedule(const SourceTask& task, const std::stop_token& stop);
  std::optional<int64_t> DueRun(const SourceTask& task) const;
  /// Whether any of its tables has failed or is retried.
  Result<bool> HasTroubles() const;
  void Store(const std::function<void(DataSource&)>& change);
  void StoreStatus(const SourceTask& task);
  /// Tells in the audit log when the slot holds back more of the source's log than it may.
  void TellOfSlot();
  void Warn(const std::string& message);

  Account& account_;
  const DataSourceId source_;
  const std::string name_;
  const StartCapture start_;
  ConnectorDestination destination_;

  std::mutex mutex_;
  std::condition_variable_any directed_;
  std::optional<SourceTask> next_;  ///< since the last step

  mutable std::mutex capture_mutex_;  ///< held where `capture_` is made, ended, or read by others
  // Of the thread.
  std::unique_ptr<capture::Capture> capture_;
  std::optional<SourceSettings> capture_settings_;  ///< with which it was started
  Keys capture_tables_;
  std::string last_warning_;
  bool slot_is_beyond_ = false;                                ///< as last told
  std::optional<std::pair<std::string, std::string>> stored_;  ///< status and agent

  std::jthread thread_;
};

}  // namespace tarn::warehouse
