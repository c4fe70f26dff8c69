// SPDX-License-Identifier: Apache-2.0
// Two states of one table, as far as their files differ: what a reader of changes has to look at.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/commit.h"
#include "iceberg/plan/scan_plan.h"

namespace tarn::iceberg {

/// A data file whose live rows differ, with the deletes that it has in each state. In both states
/// it is the same file: only deletes differ.
struct FileDifference {
  std::optional<ScanFile> before;  ///< absent: not part of that state
  std::optional<ScanFile> after;
};

struct SnapshotDifference {
  std::shared_ptr<const TableMetadata> metadata;
  std::vector<FileDifference> files;  ///< those of `before` first, then new ones; no promised order
  /// Those that apply to files with FileDeletes::by_equality, of each state.
  std::vector<EqualityDelete> equality_before, equality_after;
};

/// The difference of two snapshots, which need not descend from each other; without `from`, of the
/// empty table. Which snapshot moved an entry from manifest to manifest makes no difference, and
/// neither do delete files that take others' place with the same identity. A compaction appears as
/// files that go and come: whether their rows are the same is for the reader to see.
/// Reads manifests that one state alone lists, delete manifests of both states that may concern the
/// differing files, and shared data manifests that may hold files of which deletes changed.
/// NotFound when a snapshot has expired, naming the oldest that is left.
Result<SnapshotDifference> CompareSnapshots(const CommitContext& context,
                                            std::shared_ptr<const TableMetadata> metadata,
                                            std::optional<SnapshotId> from, SnapshotId to);

}  // namespace tarn::iceberg
