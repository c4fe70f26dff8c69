// SPDX-License-Identifier: Apache-2.0
// The manifests of a new snapshot: those of its parent, what a change set adds to and takes from
// them, and merges.
#pragma once

#include <cstdint>
#include <optional>
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

/// Where the branch is; a branch to be made begins at main. Null: no snapshot yet. InvalidArgument
/// for a tag.
Result<const Snapshot*> BranchHead(const TableMetadata& metadata, const std::string& branch);

/// Of the next snapshot: 0 in version 1, which does not number them. InvalidArgument when none is
/// left.
Result<SequenceNumber> NextSequenceNumber(const TableMetadata& metadata);

/// One attempt to make a snapshot. Collects files in `files`, writes nothing. Not thread-safe.
class SnapshotCommit {
 public:
  /// `metadata` is the state to be committed, schema and properties applied already; `parent` one
  /// of its snapshots, or null. All references outlive the object.
  SnapshotCommit(const CommitContext& context, const TableMetadata& metadata,
                 const Snapshot* parent, SnapshotId snapshot_id, SequenceNumber sequence,
                 const CommitFileNames& names, CommitFiles& files);

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
  /// Absent if the manifests can only stay as they are.
  Result<std::optional<ManifestFile>> MergeParents(const std::vector<size_t>& inputs);
  /// `written`: the schema of a manifest that had one of the entries.
  Result<std::optional<ManifestFile>> AddManifest(ManifestContent content, SpecId spec,
                                                  const Schema& written,
                                                  std::vector<ManifestEntry> entries);
  Result<> AssignRowIds(Snapshot& snapshot);
  Result<> AddManifestList(std::string location, std::optional<SnapshotId> parent);

  const CommitContext& context_;
  const TableMetadata& metadata_;
  const Snapshot* parent_;
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
