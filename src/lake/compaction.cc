// SPDX-License-Identifier: Apache-2.0
#include "lake/compaction.h"

#include <algorithm>

#include "base/clock.h"
#include "base/logging.h"
#include "iceberg/maintenance/snapshot_expiry.h"
#include "iceberg/model/table_properties.h"

namespace tarn::lake {
namespace {

/// Under steady commits a file is written again when it becomes part of one so many times as large.
constexpr double kSteadyGrowth = 3;
/// What is written again at once when commits cease, however often that happens.
constexpr int64_t kSettleBytes = int64_t{64} << 20;
constexpr int32_t kSettleFiles = 2;
/// Files are made larger, never split: readers split them.
constexpr double kNeverTooLarge = 1e9;
constexpr int32_t kManyDeletes = 10;
/// A list of so few manifests is not worth a snapshot.
constexpr int64_t kFewManifests = 4;

bool HasManyManifests(const LakeContext& lake, const iceberg::TableMetadata& metadata) {
  const iceberg::Snapshot* head = metadata.current_snapshot();
  if (head == nullptr || head->has_manifest_array()) return false;
  const auto manifests = lake.manifests->SnapshotManifests(*head);
  if (!manifests) return false;
  const int64_t target = iceberg::NumberProperty(metadata, "commit.manifest.target-size-bytes",
                                                 lake.policy.manifest_target_size_bytes);
  return std::ranges::count_if(**manifests, [&](const iceberg::ManifestFile& manifest) {
           // What only tells of deletions goes with the next commit anyway.
           const bool live = !manifest.counts_known() || manifest.live_files_count() > 0;
           return live && manifest.manifest_length_bytes < target / 2;
         }) > kFewManifests;
}

std::vector<iceberg::MetadataUpdate> ExpiryOf(const LakeContext& lake,
                                              const iceberg::TableMetadata& metadata,
                                              int64_t now_ms) {
  return iceberg::ExpiryUpdates(metadata, table::PolicyFor(lake, metadata.location), now_ms);
}

/// When all that will ever expire of the table as it is has come of age; 0: nothing will.
int64_t ExpiresMs(const LakeContext& lake, const iceberg::TableMetadata& metadata) {
  const int64_t age = iceberg::NumberProperty(metadata, "history.expire.max-snapshot-age-ms",
                                              lake.policy.max_snapshot_age_ms);
  const int64_t then = metadata.last_updated_ms + std::min(age, int64_t{1} << 50) + 1;
  return ExpiryOf(lake, metadata, then).empty() ? 0 : then;
}

Result<FoundRewrite> LookAt(const LakeContext& lake, const TableKey& key, const TableState& state) {
  TARN_ASSIGN(const iceberg::LoadedTable table, lake.tables->Load(state.metadata_location));
  const int64_t now_ms = NowMs();
  const CompactionLook look = lake.compaction->LookAt(key, now_ms);
  TARN_ASSIGN(const PlannedCompaction plan, PlanCompaction(lake, table, look, state.limits));
  FoundRewrite found{.table_oid = key.table_oid, .pass = look.pass};
  if (plan.empty()) {
    lake.compaction->FoundNothing(key, look, table.metadata->current_snapshot_id,
                                  ExpiresMs(lake, *table.metadata), now_ms);
    found.table_oid = 0;
    return found;
  }
  if (!plan.groups.empty()) {
    found.files = static_cast<int64_t>(plan.groups.front().plan.files.size());
    found.bytes = plan.groups.front().input_bytes;
  }
  return found;
}

}  // namespace

table::RewriteDataFilesOptions OptionsOf(CompactionPass pass, const RewriteLimits& limits) {
  table::RewriteDataFilesOptions options;
  options.max_file_size_ratio = kNeverTooLarge;
  options.delete_file_threshold = kManyDeletes;
  if (limits.max_bytes > 0) options.max_group_bytes = limits.max_bytes;
  if (limits.min_input_files > 0) options.min_input_files = limits.min_input_files;
  switch (pass) {
    case CompactionPass::kSettle:
      options.min_input_files = kSettleFiles;
      options.max_group_bytes = std::min(options.max_group_bytes, kSettleBytes);
      break;
    case CompactionPass::kWhole:
      options.min_input_files = kSettleFiles;
      break;
    default:
      options.min_growth = kSteadyGrowth;
  }
  return options;
}

Result<PlannedCompaction> PlanCompaction(const LakeContext& lake, const iceberg::LoadedTable& table,
                                         const CompactionLook& look, const RewriteLimits& limits) {
  PlannedCompaction plan;
  const iceberg::TableMetadata& metadata = *table.metadata;
  if (look.pass == CompactionPass::kExpire) {
    plan.expiry = ExpiryOf(lake, metadata, NowMs());
    return plan;
  }
  table::RewriteDataFilesOptions options = OptionsOf(look.pass, limits);
  options.planned_at = look.planned_at;
  TARN_ASSIGN(plan.groups, table::PlanRewriteDataFiles(lake, table, options));
  if (look.pass == CompactionPass::kSteady) return plan;
  // With the last group: what comes before writes manifests again.
  plan.merge_manifests = plan.groups.size() <= 1 && HasManyManifests(lake, metadata);
  return plan;
}

FoundRewrites FindWorthwhile(const LakeContext& lake, uint32_t database_oid,
                             const FindRewrites& message) {
  FoundRewrites answer;
  for (const uint32_t oid : message.excluded) lake.compaction->Forget({database_oid, oid});
  for (const TableState& state : message.tables) {
    const TableKey key{.database_oid = database_oid, .table_oid = state.table_oid};
    const auto found = LookAt(lake, key, state);
    if (!found) {
      spdlog::warn("compaction of \"{}\": {}", state.metadata_location, found.error().message);
      lake.compaction->Ended(key, false, {.error = found.error().message}, state.limits.nap_ms,
                             NowMs());
      continue;
    }
    if (found->table_oid != 0) answer.tables.push_back(*found);
  }
  return answer;
}

}  // namespace tarn::lake
