// SPDX-License-Identifier: Apache-2.0
// One line of a terminal that tells how far work has come.
#pragma once

#include <chrono>
#include <string>

#include "table/maintenance/maintenance_run.h"

namespace tarn::cli {

/// Writes to standard error while that is a terminal, a few times a second; gone when the object
/// is. Used by one thread.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(const table::Progress& progress);
  void Clear();

 private:
  const bool on_terminal_;
  bool shown_ = false;
  std::string action_;
  std::chrono::steady_clock::time_point next_;
};

/// "12.3 MB", as people read sizes.
std::string SizeText(int64_t bytes);

}  // namespace tarn::cli
