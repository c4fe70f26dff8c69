// SPDX-License-Identifier: Apache-2.0
#include "capture/compaction.h"

#include <utility>

#include "capture/apply/announcement.h"
#include "capture/apply/index_build.h"
#include "iceberg/plan/scan_plan.h"
#include "table/maintenance/rewrite_data_files.h"

namespace tarn::capture {
namespace {

/// Every flush makes a file.
constexpr int32_t kFilesLeast = 24;
constexpr double kGrowth = 4;

table::RewriteDataFilesOptions OptionsFor(const Replica& replica) {
  return {.target_file_size_bytes = kCompactedBytesMost,
          .min_input_files = kFilesLeast,
          .max_group_bytes = kCompactedBytesMost,
          .min_growth = kGrowth,
          .planned_at = replica.compaction_planned_at};
}

Result<bool> Compact(Destination& destination, Replica& replica, const table::Writer& writer) {
  const table::TableContext& context = destination.tables();
  const iceberg::LoadedTable& base = replica.base->table;
  const table::RewriteDataFilesOptions options = OptionsFor(replica);
  TARN_ASSIGN(const auto groups, table::PlanRewriteDataFiles(context, base, options));
  if (groups.empty()) {
    replica.compaction_planned_at = base.metadata->current_snapshot_id;
    return false;
  }
  TARN_TRY(Announce(context, writer, base));
  TARN_ASSIGN(table::PreparedRewrite rewrite,
              table::PrepareRewrite(context, writer, base, groups.front(), options, {}));
  table::TableChange change{.table = replica.base->name,
                            .table_uuid = base.metadata->table_uuid,
                            .changes = std::move(rewrite.changes),
                            .snapshot_id = rewrite.snapshot_id};
  TARN_ASSIGN(auto committed, destination.Commit(writer, {&change, 1}, {}));
  const bool alone = FollowsAlone(*base.metadata, *committed.at(0).metadata);
  replica.base->table = std::move(committed.at(0));
  if (!alone) {
    replica.index_stale = true;
    return true;
  }
  TARN_TRY(IndexNewFiles(context, *replica.layout, replica.base->table, replica.buffer->hasher(),
                         replica.index));
  return true;
}

}  // namespace

Result<bool> CompactSome(Destination& destination, Replica& replica) {
  if (replica.index_stale) return false;
  const table::Writer writer = destination.BeginWriter();
  auto done = Compact(destination, replica, writer);
  if (!done) replica.index_stale = true;
  const ErrorKind kind = done ? ErrorKind::kInternal : done.error().kind;
  if (kind != ErrorKind::kCommitStateUnknown) destination.EndWriter(writer);
  if (kind == ErrorKind::kConflict) return false;
  return done;
}

}  // namespace tarn::capture
