// SPDX-License-Identifier: Apache-2.0
// Compaction in place of step 1 of the commit: the rewrite of one table becomes what the
// transaction is going to commit.
#include "base/clock.h"
#include "lake/compaction.h"
#include "lake/transaction.h"

namespace tarn::lake {

Result<RewriteOutcome> LakeTransaction::Rewrite(const lake::Rewrite& message) {
  if (error_) return std::unexpected(*error_);
  auto outcome = RewriteTable(message);
  if (!outcome) {
    files_unknown_ = true;
    if (rewrite_) rewrite_->outcome.error = outcome.error().message;
  }
  return outcome;
}

Result<RewriteOutcome> LakeTransaction::RewriteTable(const lake::Rewrite& message) {
  if (!prepared_.empty() || !storages_.empty()) {
    return Fail(ErrorKind::kInvalidArgument, "a transaction with other changes cannot rewrite");
  }
  TARN_ASSIGN(const iceberg::LoadedTable base, lake_.tables->Load(message.base_metadata_location));
  TARN_ASSIGN(
      PlannedCompaction plan,
      PlanCompaction(lake_, base, {.pass = message.pass, .planned_at = {}}, message.limits));
  if (plan.empty()) return RewriteOutcome{};
  const TableKey key{.database_oid = peer_.database_oid, .table_oid = message.place.table_oid};
  rewrite_ = RunningRewrite{.table = key, .nap_ms = message.limits.nap_ms, .outcome = {}};
  const bool has_files = !plan.groups.empty();
  lake_.compaction->Began(
      key, peer_.backend_pid,
      has_files ? static_cast<int64_t>(plan.groups.front().plan.files.size()) : 0,
      has_files ? plan.groups.front().input_bytes : 0, NowMs());
  PreparedWrite write{.place = message.place,
                      .location = {},
                      .base_metadata_location = message.base_metadata_location,
                      .base = base,
                      .needs_base = !plan.expiry.empty(),
                      .changes = {},
                      .snapshot_id = iceberg::NewSnapshotId(base.metadata.get()),
                      .data_files = {}};
  TARN_ASSIGN(write.location, Locate(message.place));
  RewriteOutcome& outcome = rewrite_->outcome;
  outcome.changes = true;
  outcome.more = plan.groups.size() > 1;
  outcome.expired_snapshots = static_cast<int64_t>(plan.expiry.size());
  if (has_files) TARN_TRY(RewriteFiles(message, plan.groups.front(), write));
  write.changes.merge_manifests = plan.merge_manifests;
  write.changes.updates = std::move(plan.expiry);
  prepared_.insert_or_assign(message.place.table_oid, std::move(write));
  return outcome;
}

Result<> LakeTransaction::RewriteFiles(const lake::Rewrite& message,
                                       const table::RewriteGroup& group, PreparedWrite& write) {
  const table::MaintenanceRun run{.on_progress =
                                      [this](const table::Progress& progress) {
                                        lake_.compaction->Progressed(rewrite_->table,
                                                                     progress.done);
                                      },
                                  .cancelled = &request_.cancelled()};
  TARN_ASSIGN(table::PreparedRewrite prepared,
              table::PrepareRewrite(lake_, writer_, write.base, group,
                                    OptionsOf(message.pass, message.limits), run));
  std::vector<std::string> read_files;
  for (const iceberg::ScanFile& file : group.plan.files)
    read_files.push_back(file.file().file_path);
  lake_.engine->ForgetDataFiles(read_files);
  write.changes = std::move(prepared.changes);
  write.snapshot_id = prepared.snapshot_id;
  for (std::string& file : prepared.written_files) {
    if (file.ends_with(".parquet")) {
      data_files_.push_back(file);
      write.data_files.push_back(std::move(file));
    } else {
      metadata_files_.push_back(std::move(file));
    }
  }
  RewriteOutcome& outcome = rewrite_->outcome;
  outcome.rewritten_files = static_cast<int64_t>(group.plan.files.size());
  outcome.rewritten_bytes = group.input_bytes;
  outcome.added_files = prepared.added_files;
  outcome.added_bytes = prepared.added_bytes;
  return {};
}

/// One whose end was not told is tried again.
LakeTransaction::~LakeTransaction() {
  if (rewrite_) NoteEnd(false);
}

/// Tells the board how the transaction ended.
void LakeTransaction::NoteEnd(bool committed) {
  const int64_t now_ms = NowMs();
  if (rewrite_) {
    if (!committed && rewrite_->outcome.error.empty()) {
      rewrite_->outcome.error = "rolled back";
    }
    lake_.compaction->Ended(rewrite_->table, committed, rewrite_->outcome, rewrite_->nap_ms,
                            now_ms);
    rewrite_.reset();
    return;
  }
  if (!committed) return;
  for (const auto& [oid, table] : tables_) {
    if (table.committed) lake_.compaction->Written({key_.database_oid, oid}, now_ms);
  }
  for (const uint32_t oid : dropped_) lake_.compaction->Forget({key_.database_oid, oid});
}

}  // namespace tarn::lake
