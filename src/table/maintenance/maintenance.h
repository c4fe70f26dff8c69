// SPDX-License-Identifier: Apache-2.0
// What keeps a table fast to read and cheap to commit to. Every action is planned first (pure,
// bounded), then executed in groups, each its own commit, beside writers: it loses to a conflicting
// writer and tries another time, and never makes a writer fail or wait.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/publisher.h"
#include "table/maintenance/maintenance_run.h"
#include "table/maintenance/rewrite_data_files.h"
#include "table/process_lease.h"
#include "table/table_context.h"

namespace tarn::table {

/// A table, and who works on it: every commit is a writer of the lease, journalled before its first
/// file. Its members outlive the work.
struct MaintenanceTarget {
  const TableContext* context = nullptr;  ///< with a journal
  catalog::Publisher* publisher = nullptr;
  catalog::TableName table;
  const ProcessLease* lease = nullptr;
  ProcessFates* fates = nullptr;  ///< of the lease's directory; is told how every commit ended
};

struct MaintenanceResult {
  int64_t rewritten_files = 0, added_files = 0;
  int64_t rewritten_bytes = 0, added_bytes = 0;
  int64_t conflicts = 0;  ///< groups that lost to a writer
  int64_t expired_snapshots = 0, removed_files = 0;
};

/// Plans on the newest state, which stays pinned meanwhile, and commits group by group. A group
/// that loses to a writer is counted, its files go, and the next one follows; every other failure
/// ends the run, and so does Cancelled: what was committed stays. The run's limit of input counts
/// whole groups, of which there is at least one.
Result<MaintenanceResult> RewriteDataFiles(const MaintenanceTarget& target,
                                           const RewriteDataFilesOptions& options,
                                           const MaintenanceRun& run);
/// Merges small manifests of one kind and partition spec and splits none; entries keep their ids
/// and numbers. Files of the result are manifests. One commit, which nothing conflicts with.
Result<MaintenanceResult> RewriteManifests(const MaintenanceTarget& target,
                                           const MaintenanceRun& run);
/// Position deletes of live files become one vector (v3) or one file (v2) per data file; dangling
/// ones go. Files of the result are delete files. One commit, of whatever size: the run's limit of
/// input does not count. It loses to deletes in the same data files, and is then a conflict.
Result<MaintenanceResult> RewritePositionDeletes(const MaintenanceTarget& target,
                                                 const MaintenanceRun& run);

struct ExpireOptions {
  std::optional<int64_t> older_than_ms;  ///< a time; absent: the table's policy
  std::optional<int32_t> retain_last;    ///< of every branch that does not say it itself
  /// How long what the commit dereferences stays. Longer than the collections of this run wait for,
  /// it goes with a later one.
  int64_t safe_age_ms = 0;
};
/// Expires what the context's policy does not keep, or what is asked for, but nothing that is
/// pinned or that references hold. Commits first; then writers of the journal that died are
/// settled, and files that no snapshot reaches any more are collected (table/garbage.h), those of
/// earlier commits of this journal too. InvalidArgument where gc.enabled is false.
Result<MaintenanceResult> ExpireSnapshots(const MaintenanceTarget& target,
                                          const ExpireOptions& options, const MaintenanceRun& run);

struct OrphanOptions {
  /// By the store's clock: only files last changed before this time. Longer ago than any write of
  /// somebody else takes, since files of writers that nobody here knows of look orphaned.
  int64_t older_than_ms = 0;
  bool dry_run = false;
  /// Locations of the catalog's other tables.
  std::vector<std::string> other_locations;
};
/// Files below the location that no retained metadata and no pin reaches, whose names carry the id
/// of no writer in the journal that may still commit, and whose names do not begin with "_" or ".".
/// Lists storage before it reads metadata. Returns them, removed unless `dry_run`. Locations are
/// compared without regard to s3, s3a and s3n.
/// PermissionDenied where the location has an owner, or another table lies in it, above it or
/// beside it (by the catalog, or by metadata files that are there). InvalidArgument where
/// gc.enabled is false. Conflict where a file is known under another bucket or scheme.
Result<std::vector<std::string>> RemoveOrphanFiles(const MaintenanceTarget& target,
                                                   const OrphanOptions& options,
                                                   const MaintenanceRun& run);

/// Ends what writers of the journal left that died, and removes what committed ones made
/// superfluous, longer than `safe_age_ms` ago. Returns how many files went.
Result<int64_t> CollectLeftovers(const MaintenanceTarget& target, int64_t safe_age_ms,
                                 const MaintenanceRun& run);

/// How writers of a process that died ended, by the newest state of the table: for ProcessFates.
/// `publisher` outlives it.
ProcessFates::Look LookInTable(const TableContext& context, catalog::Publisher& publisher,
                               catalog::TableName table);

}  // namespace tarn::table
