// SPDX-License-Identifier: Apache-2.0
// Rewrites, committed beside other writers.
#include <algorithm>
#include <charconv>
#include <numeric>

#include "base/clock.h"
#include "base/logging.h"
#include "base/saturating.h"
#include "table/maintenance/maintenance.h"
#include "table/maintenance/maintenance_commit.h"
#include "table/maintenance/rewrite_position_deletes.h"
#include "table/pins.h"

namespace tarn::table {
namespace {

constexpr int64_t kPinForMs = int64_t{60} * 60 * 1000;

/// The state that a rewrite reads: others collect garbage meanwhile.
class PinnedBase {
 public:
  PinnedBase(const MaintenanceTarget& target, const iceberg::LoadedTable& base)
      : target_(target), base_(base), name_(MaintenancePin(target)) {}
  ~PinnedBase() {
    const auto removed = RemovePin(*target_.context->storage, base_.metadata->location, name_);
    if (!removed) spdlog::warn("\"{}\": {}", base_.metadata->location, removed.error().message);
  }
  PinnedBase(const PinnedBase&) = delete;
  PinnedBase& operator=(const PinnedBase&) = delete;

  /// Prolongs it, too.
  Result<> Hold() {
    const int64_t now_ms = NowMs();
    if (now_ms < held_until_ms_ - kPinForMs / 2) return {};
    TARN_TRY(PutPin(*target_.context->storage, base_.metadata->location,
                    {.name = name_,
                     .snapshot_id = *base_.metadata->current_snapshot_id,
                     .metadata_location = base_.metadata_location,
                     .expires_ms = now_ms + kPinForMs},
                    [this]() -> Result<std::string> {
                      TARN_ASSIGN(const auto newest, LoadNewest(target_));
                      return newest.metadata_location;
                    }));
    held_until_ms_ = now_ms + kPinForMs;
    return {};
  }

 private:
  const MaintenanceTarget& target_;
  const iceberg::LoadedTable& base_;
  const std::string name_;
  int64_t held_until_ms_ = 0;
};

int64_t NumberOf(const iceberg::Snapshot& snapshot, const char* key) {
  const auto found = snapshot.summary.find(key);
  int64_t number = 0;
  if (found != snapshot.summary.end()) {
    const std::string& text = found->second;
    std::from_chars(text.data(), text.data() + text.size(), number);
  }
  return number;
}

/// Groups of one plan, one commit each.
class GroupRewrites {
 public:
  GroupRewrites(const MaintenanceTarget& target, const RewriteDataFilesOptions& options,
                const MaintenanceRun& run, const iceberg::LoadedTable& base)
      : target_(target), options_(options), run_(run), base_(base), pin_(target, base) {}

  Result<MaintenanceResult> Run(const std::vector<RewriteGroup>& groups) {
    for (const RewriteGroup& group : groups) total_ = SaturatingAdd(total_, group.input_bytes);
    if (run_.max_bytes > 0) total_ = std::min(total_, run_.max_bytes);
    for (const RewriteGroup& group : groups) {
      const bool first = done_ == 0;
      if (!first && run_.max_bytes > 0 && done_ + group.input_bytes > run_.max_bytes) continue;
      TARN_TRY(run_.CheckGoesOn());
      TARN_TRY(pin_.Hold());
      TARN_TRY(RewriteOne(group));
      done_ = SaturatingAdd(done_, std::max<int64_t>(group.input_bytes, 1));
    }
    return result_;
  }

 private:
  Result<> RewriteOne(const RewriteGroup& group) {
    TARN_ASSIGN(MaintenanceWriter writer, MaintenanceWriter::Begin(target_, base_));
    MaintenanceRun run = run_;
    run.on_progress = [this](const Progress& progress) {
      run_.Report({progress.action, SaturatingAdd(done_, progress.done), total_});
    };
    auto prepared = PrepareRewrite(*target_.context, writer.writer(), base_, group, options_, run);
    if (!prepared) {
      writer.Abandon();
      return std::unexpected(prepared.error());
    }
    const auto committed = writer.Commit({.table = target_.table,
                                          .table_uuid = base_.metadata->table_uuid,
                                          .changes = std::move(prepared->changes),
                                          .snapshot_id = prepared->snapshot_id},
                                         std::move(prepared->written_files));
    if (!committed && committed.error().kind == ErrorKind::kConflict) {
      ++result_.conflicts;
      return {};
    }
    TARN_TRY(committed);
    result_.rewritten_files += static_cast<int64_t>(group.plan.files.size());
    result_.rewritten_bytes = SaturatingAdd(result_.rewritten_bytes, group.input_bytes);
    result_.added_files += prepared->added_files;
    result_.added_bytes += prepared->added_bytes;
    result_.expired_snapshots += committed->expired_snapshots;
    return {};
  }

  const MaintenanceTarget& target_;
  const RewriteDataFilesOptions& options_;
  const MaintenanceRun& run_;
  const iceberg::LoadedTable& base_;
  PinnedBase pin_;
  MaintenanceResult result_;
  int64_t done_ = 0, total_ = 0;
};

}  // namespace

Result<MaintenanceResult> RewriteDataFiles(const MaintenanceTarget& target,
                                           const RewriteDataFilesOptions& options,
                                           const MaintenanceRun& run) {
  TARN_ASSIGN(const iceberg::LoadedTable base, LoadNewest(target));
  TARN_ASSIGN(const auto groups, PlanRewriteDataFiles(*target.context, base, options));
  if (groups.empty()) return MaintenanceResult{};
  return GroupRewrites(target, options, run, base).Run(groups);
}

Result<MaintenanceResult> RewriteManifests(const MaintenanceTarget& target,
                                           const MaintenanceRun& run) {
  TARN_TRY(run.CheckGoesOn());
  TARN_ASSIGN(const iceberg::LoadedTable base, LoadNewest(target));
  if (base.metadata->current_snapshot() == nullptr) return MaintenanceResult{};
  run.Report({.action = "rewriting manifests"});
  TARN_ASSIGN(MaintenanceWriter writer, MaintenanceWriter::Begin(target, base));
  TableChange change{.table = target.table, .table_uuid = base.metadata->table_uuid};
  change.changes.merge_manifests = true;
  change.snapshot_id = iceberg::NewSnapshotId(base.metadata.get());
  const iceberg::SnapshotId id = change.snapshot_id;
  TARN_ASSIGN(const auto committed, writer.Commit(std::move(change), {}));
  MaintenanceResult result{.expired_snapshots = committed.expired_snapshots};
  const iceberg::Snapshot* snapshot = committed.table.metadata->FindSnapshot(id);
  if (snapshot == nullptr) return result;  // there was nothing to merge
  result.rewritten_files = NumberOf(*snapshot, "manifests-replaced");
  result.added_files = NumberOf(*snapshot, "manifests-created");
  return result;
}

Result<MaintenanceResult> RewritePositionDeletes(const MaintenanceTarget& target,
                                                 const MaintenanceRun& run) {
  TARN_TRY(run.CheckGoesOn());
  TARN_ASSIGN(const iceberg::LoadedTable base, LoadNewest(target));
  MaintenanceResult result;
  if (base.metadata->current_snapshot() == nullptr) return result;
  PinnedBase pin(target, base);
  TARN_TRY(pin.Hold());
  TARN_ASSIGN(MaintenanceWriter writer, MaintenanceWriter::Begin(target, base));
  auto prepared = PrepareDeletesRewrite(*target.context, writer.writer(), base, run);
  if (!prepared || prepared->rewritten_files == 0) {
    writer.Abandon();
    if (!prepared) return std::unexpected(prepared.error());
    return result;
  }
  const auto committed = writer.Commit({.table = target.table,
                                        .table_uuid = base.metadata->table_uuid,
                                        .changes = std::move(prepared->changes),
                                        .snapshot_id = prepared->snapshot_id},
                                       std::move(prepared->written_files));
  if (!committed && committed.error().kind == ErrorKind::kConflict) {
    result.conflicts = 1;
    return result;
  }
  TARN_TRY(committed);
  result.rewritten_files = prepared->rewritten_files;
  result.rewritten_bytes = prepared->rewritten_bytes;
  result.added_files = prepared->added_files;
  result.added_bytes = prepared->added_bytes;
  result.expired_snapshots = committed->expired_snapshots;
  return result;
}

}  // namespace tarn::table
