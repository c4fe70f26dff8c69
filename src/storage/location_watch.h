// SPDX-License-Identifier: Apache-2.0
// Being told of new objects where a store can tell, instead of listing again and again.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/storage.h"

namespace tarn::storage {

/// Watches folders of local storage. A hint: whoever waits lists now and then all the same, since a
/// folder may be replaced, and others' machines say nothing. Used by one thread, but for Interrupt.
class LocationWatch {
 public:
  virtual ~LocationWatch() = default;
  /// `folder` ends in a slash. What was watched before and is not in `folders` is no longer. A
  /// folder that does not exist, or is outside of what is allowed, is left out.
  virtual void Watch(const std::vector<std::string>& folders) = 0;
  /// Folders in which objects appeared since the last call, each once; empty after `at_most` and
  /// after Interrupt.
  virtual std::vector<std::string> Wait(std::chrono::milliseconds at_most) = 0;
  /// Ends the Wait that runs, or the next one. From any thread.
  virtual void Interrupt() = 0;
};

/// ResourceExhausted where the system has no more of what it takes.
Result<std::unique_ptr<LocationWatch>> OpenLocalWatch(const LocalStorageOptions& options);

}  // namespace tarn::storage
