// SPDX-License-Identifier: Apache-2.0
#include "lake/compaction_board.h"

#include <algorithm>

namespace tarn::lake {
namespace {

/// So many commits are worth a look before the nap is over: scans open a file for each.
constexpr int64_t kManyCommits = 100;
/// Commits have ceased when none came for so long.
constexpr int64_t kQuietMs = 10'000;
constexpr int64_t kLongestPauseMs = 600'000;
constexpr int32_t kMostDoublings = 16;

}  // namespace

void CompactionBoard::Written(const TableKey& table, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  Entry& entry = tables_[table];
  ++entry.commits;
  entry.last_commit_ms = now_ms;
  entry.settled = false;
  entry.expires_ms = 0;
}

void CompactionBoard::Forget(const TableKey& table) {
  const std::lock_guard lock(mutex_);
  tables_.erase(table);
}

void CompactionBoard::ForgetDatabase(uint32_t database_oid) {
  const std::lock_guard lock(mutex_);
  std::erase_if(tables_,
                [&](const auto& entry) { return entry.first.database_oid == database_oid; });
}

bool CompactionBoard::IsDue(const Entry& entry, int64_t nap_ms, int64_t now_ms) {
  if (now_ms < entry.not_before_ms) return false;
  if (entry.commits >= kManyCommits) return true;
  if (entry.commits > 0 && now_ms - entry.looked_ms >= nap_ms) return true;
  if (!entry.settled && now_ms - entry.last_commit_ms >= kQuietMs) return true;
  return entry.expires_ms != 0 && now_ms >= entry.expires_ms;
}

std::vector<DueDatabase> CompactionBoard::Due(uint32_t database_oid, int64_t nap_ms,
                                              int64_t now_ms) const {
  std::vector<DueDatabase> due;
  const std::lock_guard lock(mutex_);
  for (const auto& [table, entry] : tables_) {
    if (database_oid != 0 && table.database_oid != database_oid) continue;
    if (!IsDue(entry, nap_ms, now_ms)) continue;
    if (due.empty() || due.back().database_oid != table.database_oid) {
      due.push_back({.database_oid = table.database_oid, .tables = {}});
    }
    due.back().tables.push_back(table.table_oid);
  }
  return due;
}

CompactionLook CompactionBoard::LookAt(const TableKey& table, int64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  const auto found = tables_.find(table);
  // One that is not known was written by an earlier engine: nobody writes to it now.
  if (found == tables_.end()) return {.pass = CompactionPass::kSettle, .planned_at = {}};
  const Entry& entry = found->second;
  if (entry.settled && entry.commits == 0) {
    return {.pass = entry.expires_ms != 0 ? CompactionPass::kExpire : CompactionPass::kSettle,
            .planned_at = {}};
  }
  if (now_ms - entry.last_commit_ms >= kQuietMs)
    return {.pass = CompactionPass::kSettle, .planned_at = {}};
  return {.pass = CompactionPass::kSteady, .planned_at = entry.planned_at};
}

void CompactionBoard::FoundNothing(const TableKey& table, const CompactionLook& look,
                                   std::optional<iceberg::SnapshotId> snapshot, int64_t expires_ms,
                                   int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  Entry& entry = tables_[table];
  entry.looked_ms = now_ms;
  entry.failures = 0;
  entry.not_before_ms = 0;
  // Commits that came meanwhile count on: their snapshots are not what was looked at.
  if (look.pass == CompactionPass::kSteady) {
    entry.commits = 0;
    entry.planned_at = snapshot;
    return;
  }
  if (now_ms - entry.last_commit_ms < kQuietMs) return;
  entry.commits = 0;
  entry.settled = true;
  entry.expires_ms = expires_ms;
}

void CompactionBoard::Began(const TableKey& table, int32_t backend_pid, int64_t input_files,
                            int64_t input_bytes, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  Entry& entry = tables_[table];
  entry.looked_ms = now_ms;
  entry.commits = 0;
  CompactionState& shown = entry.shown;
  shown.table_oid = table.table_oid;
  shown.backend_pid = backend_pid;
  shown.started_ms = now_ms;
  shown.total_files = input_files;
  shown.total_bytes = input_bytes;
  shown.done_bytes = 0;
}

void CompactionBoard::Progressed(const TableKey& table, int64_t done_bytes) {
  const std::lock_guard lock(mutex_);
  tables_[table].shown.done_bytes = done_bytes;
}

void CompactionBoard::Ended(const TableKey& table, bool committed, const RewriteOutcome& outcome,
                            int64_t nap_ms, int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  Entry& entry = tables_[table];
  CompactionState& shown = entry.shown;
  shown.table_oid = table.table_oid;
  shown.backend_pid = 0;
  shown.ended_ms = now_ms;
  if (committed) {
    entry.failures = 0;
    entry.not_before_ms = 0;
    entry.planned_at.reset();
    // There may be more to do of the same kind.
    entry.settled = false;
    ++shown.rewrites;
    shown.rewritten_files += outcome.rewritten_files;
    shown.rewritten_bytes += outcome.rewritten_bytes;
    shown.added_files += outcome.added_files;
    shown.added_bytes += outcome.added_bytes;
    shown.error.clear();
    return;
  }
  entry.settled = false;
  ++shown.failures;
  shown.error = outcome.error;
  const int64_t doublings = std::min(entry.failures++, kMostDoublings);
  entry.not_before_ms = now_ms + std::min(nap_ms << doublings, kLongestPauseMs);
}

std::vector<CompactionState> CompactionBoard::States(uint32_t database_oid) const {
  std::vector<CompactionState> states;
  const std::lock_guard lock(mutex_);
  for (const auto& [table, entry] : tables_) {
    if (table.database_oid != database_oid || entry.shown.table_oid == 0) continue;
    states.push_back(entry.shown);
  }
  return states;
}

}  // namespace tarn::lake
