// SPDX-License-Identifier: Apache-2.0
// The manifests of a new snapshot: those of its parent, what a change set adds to and takes from
// them, and merges.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit.h"
#include "iceberg/commit/commit_files.h"
#include "iceberg/commit/manifest_merge.h"
#include "iceberg/commit/snapshot_summary.h"
#include "iceberg/manifests/manifest_codec.h"

namespace tarn::iceberg {

/// One attempt to make a snapshot. Collects files in `files`, writes nothing. Not thread-safe.
class SnapshotCommit {
 public:
  /// `metadata` is the state to be committed, schema and properties applied already; its current
  /// snapshot becomes the parent. All references outlive the object.
  SnapshotCommit(const CommitContext& context, const TableMetadata& metadata,
                 SnapshotId snapshot_id, const CommitFileNames& names, CommitFiles& files);

  /// Whether the change set makes a snapshot at all.
  Result<bool> ChangesData(const ChangeSet& changes);

  /// The snapshot, its manifest list among the files.
  Result<Snapshot> Build(const ChangeSet& changes, const MergePolicy& merge, int64_t timestamp_ms);

  /// To be called when the files are published.
  void FillCache();

 private:
  struct WrittenManifest {
    ManifestFile file;
    Manifest manifest;
  };

  Result<> LoadParent();
  Result<> CarryParent(const MergePolicy& merge);
  Result<> DeleteParent(const MergePolicy& merge);
  Result<> AddAppended(const ChangeSet& changes);
  Result<ManifestFile> MergeParents(const std::vector<size_t>& inputs);
  Result<ManifestFile> AddManifest(ManifestContent content, SpecId spec,
                                   std::vector<ManifestEntry> entries);
  Result<> AddManifestList(std::string location, std::optional<SnapshotId> parent);

  const CommitContext& context_;
  const TableMetadata& metadata_;
  SnapshotId snapshot_id_;
  SequenceNumber sequence_;
  const CommitFileNames& names_;
  CommitFiles& files_;

  bool parent_loaded_ = false;
  std::vector<ManifestFile> parent_manifests_;  ///< those with live files
  std::vector<ManifestFile> manifests_;         ///< of the new snapshot
  FileCounters added_;
  FileCounters removed_;
  std::vector<WrittenManifest> merged_;
  std::string list_location_;
  int32_t next_ordinal_ = 0;
};

}  // namespace tarn::iceberg
