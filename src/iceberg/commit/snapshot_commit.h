// SPDX-License-Identifier: Apache-2.0
// The manifests of a new snapshot: those of its parent, what a change set adds to and takes from
// them, and merges.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit.h"
#include "iceberg/commit/commit_files.h"
#include "iceberg/commit/commit_manifests.h"
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

/// One attempt to make a snapshot. Collects files in `files`, writes nothing. Used once. Not
/// thread-safe.
class SnapshotCommit {
 public:
  /// `metadata` is the state to be committed, schema and properties applied already; `parent` the
  /// head of the branch, or null. All references outlive the object.
  SnapshotCommit(const CommitContext& context, const TableMetadata& metadata,
                 const Snapshot* parent, SnapshotId snapshot_id, SequenceNumber sequence,
                 const CommitFileNames& names, CommitFiles& files);

  /// The snapshot, its manifest list among the files; none when the changes change no data.
  Result<std::optional<Snapshot>> Build(const ChangeSet& changes, const MergePolicy& merge,
                                        int64_t timestamp_ms);

  /// To be called when the files are published.
  void FillCache();

 private:
  Result<> LoadParent();
  Result<> CarryParent(const ChangeSet& changes, const MergePolicy& merge);
  Result<> MergeOnce(const MergePolicy& merge);
  Result<> MergeAll(const MergePolicy& merge);
  Result<> DeleteParent(const MergePolicy& merge);
  Result<> AddAppended(const ChangeSet& changes);
  Result<> CountAppended(const ChangeSet& changes);
  SnapshotOperation Operation(const ChangeSet& changes) const;
  Result<Snapshot> MakeSnapshot(const ChangeSet& changes, int64_t timestamp_ms);
  std::map<std::string, std::string> Summary(const ChangeSet& changes) const;
  Result<> NumberRows(Snapshot& snapshot);
  Result<> AddManifestList(const Snapshot& snapshot);

  const CommitContext& context_;
  const TableMetadata& metadata_;
  const Snapshot* parent_;
  SnapshotId snapshot_id_;
  SequenceNumber sequence_;
  const CommitFileNames& names_;
  CommitFiles& files_;
  CommitManifests written_;
  SnapshotCounters counters_;

  std::vector<ManifestFile> manifests_;  ///< of the parent with live files, then of the snapshot
  int64_t merged_away_ = 0;              ///< manifests
  bool changes_data_ = false;
  std::string list_location_;
};

}  // namespace tarn::iceberg
