// SPDX-License-Identifier: Apache-2.0
// How captures fare at this moment: known to the process that runs them, and to nobody else.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "capture/capture_status.h"
#include "warehouse/metastore/capture_records.h"

namespace tarn::warehouse {

/// By data source; those that are not captured are missing.
using CaptureStatuses = std::map<DataSourceId, capture::CaptureStatus>;

/// Thread-safe.
class CaptureBoard {
 public:
  /// Absent while there is no capture. Called from any thread, until Withdraw has returned.
  using Ask = std::function<std::optional<capture::CaptureStatus>()>;

  void Post(DataSourceId source, Ask ask);
  void Withdraw(DataSourceId source);
  CaptureStatuses Read() const;

 private:
  mutable std::mutex mutex_;
  std::map<DataSourceId, Ask> asked_;
};

}  // namespace tarn::warehouse
