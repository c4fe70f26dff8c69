// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lake/limits.h"

namespace tarn::lake {

/// What `tarn engine` is started with (docs/internals/engine-process.md).
struct EngineProcessOptions {
  std::string socket_path;
  std::string journal_directory;
  std::string buckets_directory;
  std::vector<std::string> allowed_prefixes;  ///< file:///…/
  int64_t memory_limit_mb = 0;                ///< 0: half of the machine's, at most 4 GiB
  int64_t buffer_limit_mb = 0;                ///< 0: as LakeLimits::memory_bytes says
  int32_t threads = 0;                        ///< 0: cores of the machine
  std::string spill_directory;                ///< "": no spilling
  std::string fault_plan;                     ///< for tests (storage/faulty_storage.h)
  std::string log_level = "info";
  LakeLimits limits;
};

/// Serves until SIGTERM or SIGINT; returns the exit status.
int RunEngine(const EngineProcessOptions& options);

}  // namespace tarn::lake
