// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/filter.h"
#include "base/result.h"
#include "iceberg/commit/commit.h"
#include "iceberg/manifests/manifest_cache.h"
#include "iceberg/model/data_file.h"
#include "iceberg/model/table_metadata.h"
#include "iceberg/plan/delete_file.h"

namespace tarn::iceberg {

/// A data file to read. Points into a cached manifest, which it keeps alive.
struct ScanFile {
  std::shared_ptr<const Manifest> manifest;
  const ManifestEntry* entry = nullptr;
  /// Number of live rows of the snapshot before this file, in the order of the manifest list: with
  /// the row's position it numbers the rows of a snapshot, the same with and without pruning.
  /// Deleted rows keep their numbers.
  int64_t first_row = 0;
  SpecId spec_id;  ///< of the manifest, as its list says
  /// What takes rows away, null if nothing does.
  std::shared_ptr<const FileDeletes> deletes;
  /// Where `manifest` lies, for whoever removes the file; null = not known.
  std::shared_ptr<const std::string> manifest_path;

  const DataFile& file() const { return entry->data_file; }
};

struct ScanPlan {
  std::shared_ptr<const TableMetadata> metadata;
  std::vector<ScanFile> files;
  /// Those that apply to files with FileDeletes::by_equality.
  std::vector<EqualityDelete> equality_deletes;
  int64_t total_rows = 0;    ///< in the snapshot's files, before pruning; deleted rows count
  int64_t planned_rows = 0;  ///< in `files`; deleted rows count
  int64_t total_files = 0;
  int64_t skipped_files = 0;
  int64_t total_manifests = 0;
  int64_t skipped_manifests = 0;
  int64_t planned_bytes = 0;
};

struct ScanOptions {
  std::optional<SnapshotId> snapshot;  ///< the current one by default
  const Filter* filter = nullptr;      ///< prunes only; rows are filtered by the reader
  std::optional<int64_t>
      row_begin;  ///< only files with rows in [row_begin, row_end), numbered as above
  std::optional<int64_t> row_end;
};

/// Snapshot → manifests → files and their deletes (fails as DeleteMatcher::Match does).
/// Thread-safe.
Result<ScanPlan> PlanScan(const CommitContext& context,
                          std::shared_ptr<const TableMetadata> metadata,
                          const ScanOptions& options);

/// False only if no row of the file can satisfy the filter, judged by counts and bounds (inclusive
/// evaluation; nulls, NaN, promoted and truncated bounds, missing columns and their defaults
/// considered).
bool MayMatch(const DataFile& file, const Schema& schema, const Filter& filter);

/// Numbers for planners without reading manifests: from the snapshot summary where it has them.
/// Estimates, never answers: rows that are deleted by equality are unknown.
struct TableSize {
  int64_t rows = 0;
  int64_t files = 0;
  int64_t bytes = 0;
};
Result<TableSize> EstimateSize(const CommitContext& context, const TableMetadata& metadata);

}  // namespace tarn::iceberg
