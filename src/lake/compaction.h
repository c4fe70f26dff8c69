// SPDX-License-Identifier: Apache-2.0
// What of a table is worth a rewrite (docs/internals/commit-protocol.md, "Compaction").
#pragma once

#include <vector>

#include "base/result.h"
#include "lake/compaction_board.h"
#include "lake/lake_context.h"
#include "lake/wire_maintenance.h"
#include "table/maintenance/rewrite_data_files.h"

namespace tarn::lake {

/// What a pass would do to a table; nothing where all is empty.
struct PlannedCompaction {
  std::vector<table::RewriteGroup> groups;  ///< the first is to be rewritten
  bool merge_manifests = false;
  std::vector<iceberg::MetadataUpdate> expiry;

  bool empty() const { return groups.empty() && !merge_manifests && expiry.empty(); }
};

table::RewriteDataFilesOptions OptionsOf(CompactionPass pass, const RewriteLimits& limits);

/// Reads manifests at most; thread-safe.
Result<PlannedCompaction> PlanCompaction(const LakeContext& lake, const iceberg::LoadedTable& table,
                                         const CompactionLook& look, const RewriteLimits& limits);

/// Those tables of a database that are worth it; the board learns of the others. What cannot be
/// read is left out, and logged.
FoundRewrites FindWorthwhile(const LakeContext& lake, uint32_t database_oid,
                             const FindRewrites& message);

}  // namespace tarn::lake
