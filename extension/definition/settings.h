// SPDX-License-Identifier: Apache-2.0
// Settings ("GUCs"). Values are owned by PostgreSQL; read them when needed, keep no copies.
#pragma once

#include "boundary/postgres_headers.h"

namespace tarn::extension {

struct Settings {
  char* engine_path = nullptr;        ///< "" = beside the extension, or not started
  char* buckets_directory = nullptr;  ///< relative to the data directory, or absolute
  char* allowed_locations = nullptr;  ///< comma-separated prefixes beyond the bucket directories
  char* table_locations = nullptr;    ///< comma-separated: those that new tables may be placed in
  char* spill_directory = nullptr;
  int engine_memory_mb = 0;
  int engine_buffer_memory_mb = 0;
  int engine_threads = 0;
  int connect_timeout_ms = 0;
  int garbage_safe_age_s = 0;
  bool notify_commits = false;
  bool compaction = true;
  int compaction_workers = 0;
  int compaction_naptime_s = 0;
  int compaction_min_files = 0;
  int compaction_round_mb = 0;
  char* default_location_prefix = nullptr;  ///< normalised: ends with "/frompg/tables/"
};

const Settings& settings();

/// Called once from _PG_init.
void DefineSettings();

}  // namespace tarn::extension
