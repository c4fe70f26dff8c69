// SPDX-License-Identifier: Apache-2.0
// What keeps a table fast to read and cheap to commit to. Every action is planned first (pure,
// bounded), then executed in groups, each its own commit, beside writers: it loses to a conflicting
// writer and tries another time, and never makes a writer fail or wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/publisher.h"
#include "iceberg/plan/scan_plan.h"
#include "table/table_context.h"

namespace tarn::table {

/// Told from the thread that works; cheap.
struct Progress {
  std::string action;
  int64_t done = 0, total = 0;  ///< bytes of input files, or files where there are no bytes
};

struct MaintenanceRun {
  std::function<void(const Progress&)> on_progress;  ///< may be null
  const std::atomic<bool>* cancelled = nullptr;      ///< may be null; checked between batches
  int64_t max_bytes = 0;                             ///< of input, then the run ends; 0 = no limit
};

/// Names and defaults of Iceberg's rewrite_data_files planner (reference: Java's
/// BinPackRewriteFilePlanner); table properties override targets.
struct RewriteDataFilesOptions {
  std::optional<Filter> filter;        ///< only files that may hold such rows
  int64_t target_file_size_bytes = 0;  ///< 0 = write.target-file-size-bytes
  double min_file_size_ratio = 0.75;
  double max_file_size_ratio = 1.8;
  int32_t min_input_files = 5;
  double delete_ratio_threshold = 0.3;
  int64_t max_group_bytes = int64_t{1} << 30;  ///< one commit; small groups lose fewer races
  bool rewrite_all = false;
  bool sort = false;  ///< by the table's default sort order
};

/// Files that become one commit: of one partition, in row order.
struct RewriteGroup {
  std::vector<iceberg::ScanFile> files;
  int64_t input_bytes = 0;
};

Result<std::vector<RewriteGroup>> PlanRewriteDataFiles(TableContext& context,
                                                       const iceberg::LoadedTable& table,
                                                       const RewriteDataFilesOptions& options);

struct MaintenanceResult {
  int64_t rewritten_files = 0, added_files = 0;
  int64_t rewritten_bytes = 0, added_bytes = 0;
  int64_t conflicts = 0;  ///< groups that lost to a writer
  int64_t expired_snapshots = 0, removed_files = 0;
};

Result<MaintenanceResult> RewriteDataFiles(TableContext& context, catalog::Publisher& publisher,
                                           const catalog::TableName& table,
                                           const RewriteDataFilesOptions& options,
                                           const MaintenanceRun& run);
/// Merges small manifests and splits none; entries keep their ids and numbers.
Result<MaintenanceResult> RewriteManifests(TableContext& context, catalog::Publisher& publisher,
                                           const catalog::TableName& table,
                                           const MaintenanceRun& run);
/// Position deletes of live files become one vector (v3) or one file (v2) per data file; dangling
/// ones go.
Result<MaintenanceResult> RewritePositionDeletes(TableContext& context,
                                                 catalog::Publisher& publisher,
                                                 const catalog::TableName& table,
                                                 const MaintenanceRun& run);

struct ExpireOptions {
  std::optional<int64_t> older_than_ms;  ///< a time; absent: the table's policy
  std::optional<int32_t> retain_last;
};
/// Commits first; files go by the rules of dereferenced files. Refused where gc.enabled is false.
Result<MaintenanceResult> ExpireSnapshots(TableContext& context, catalog::Publisher& publisher,
                                          const catalog::TableName& table,
                                          const ExpireOptions& options, const MaintenanceRun& run);

/// Files below the location that no retained metadata reaches, whose names carry no running
/// writer's id, older than `older_than_ms`. Lists storage before it reads metadata.
/// PermissionDenied where the location has another owner, or is shared or nested. `dry_run` only
/// returns them.
Result<std::vector<std::string>> RemoveOrphanFiles(TableContext& context,
                                                   catalog::Publisher& publisher,
                                                   const catalog::TableName& table,
                                                   int64_t older_than_ms, bool dry_run,
                                                   const MaintenanceRun& run);

}  // namespace tarn::table
