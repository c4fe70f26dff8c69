// SPDX-License-Identifier: Apache-2.0
// How a terminal, or a log, sees tables being captured.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/capture/warehouse_captures.h"

namespace tarn::cli {

/// "1.2 s", "3 min"; "-" where nobody knows.
std::string LagText(const std::optional<double>& seconds);

/// One line for each table: state, rows, rate, then lag; with a heading.
std::vector<std::string> TableLines(const std::vector<CapturedTableState>& tables);

/// Draws over what it drew before on a terminal; elsewhere a line for each table whose state is
/// another one. Standard output. Used by one thread.
class CaptureProgress {
 public:
  CaptureProgress();

  void Show(const std::vector<CapturedTableState>& tables);

 private:
  const bool on_terminal_;
  size_t drawn_ = 0;
  std::map<capture::SourceName, std::string> told_;
};

}  // namespace tarn::cli
