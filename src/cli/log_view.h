// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace tarn::cli {

/// A log file, and the part of the product that its lines come from.
struct LogFile {
  std::filesystem::path path;
  std::string part;
};

struct LogViewOptions {
  int lines = 50;  ///< of each file
  bool follow = false;
};

/// Prints the ends of log files to the standard output, each line behind its part. Following ends
/// with the process.
Result<> ShowLogs(const std::vector<LogFile>& files, const LogViewOptions& options);

}  // namespace tarn::cli
