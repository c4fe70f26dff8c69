// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lake/limits.h"
#include "table/journal.h"
#include "table/table_cache.h"
#include "table/table_context.h"

namespace tarn::lake {

class CompactionBoard;
class Maintenance;
class PostgresFates;
using table::Journal;
using table::TableCache;

/// What all sessions share. Every member is thread-safe and outlives the sessions; `memory` is
/// never null.
struct LakeContext : table::TableContext {
  LakeLimits limits;
  PostgresFates* fates = nullptr;         ///< the server's
  Maintenance* maintenance = nullptr;     ///< the server's
  CompactionBoard* compaction = nullptr;  ///< the server's
};

/// Who is at the other end of a session, as its Hello said.
struct SessionPeer {
  uint32_t database_oid = 0;
  int32_t backend_pid = 0;
  uint64_t system_identifier = 0;
  uint32_t timeline = 0;
};

}  // namespace tarn::lake
