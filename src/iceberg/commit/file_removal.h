// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/change_set.h"
#include "iceberg/commit/commit_manifests.h"
#include "iceberg/commit/snapshot_summary.h"

namespace tarn::iceberg {

/// Takes the files that a change set removes out of the manifests that hold them. A manifest is
/// read when a removed file was seen in it, may be in it by partition and sequence number, or may
/// hold rows of the filter; it is written anew when something goes. Used once; references outlive
/// the object.
class FileRemoval {
 public:
  /// `removed` counts what goes.
  FileRemoval(const ChangeSet& changes, CommitManifests& manifests, SnapshotCounters& counters);

  /// Replaces lines of `listed`, the parent's manifests with live files. Conflict when a file that
  /// has to go is not there any more; InvalidArgument when a filter fits only a part of a file.
  Result<> RemoveFrom(std::vector<ManifestFile>& listed);

  bool removed_any() const { return removed_any_; }

 private:
  /// What must go of one content.
  struct Wanted {
    std::unordered_map<std::string, const RemovedFile*> missing;  ///< by identity
    std::unordered_set<std::string_view> hints;                   ///< manifests
  };
  /// Where deletion vectors of removed data files can be.
  struct Place {
    SpecId spec_id;
    std::vector<Value> tuple;
    SequenceNumber sequence;  ///< the lowest
  };

  Wanted& WantedOf(ManifestContent content) { return wanted_[static_cast<size_t>(content)]; }
  Result<> RemoveContent(ManifestContent content, std::vector<ManifestFile>& listed);
  bool MustRead(const ManifestFile& line);
  bool MayHoldMissing(const ManifestFile& line);
  bool MayHold(const ManifestFile& line, SpecId spec_id, const std::vector<Value>& tuple,
               SequenceNumber sequence) const;
  Result<> Rewrite(ManifestFile& line);
  Result<bool> Goes(const ManifestFile& line, const Manifest& manifest, const ManifestEntry& entry);
  Result<bool> MatchesFilter(const Manifest& manifest, const DataFile& file) const;
  bool DeleteGoes(const ManifestEntry& entry) const;
  void NoteRemovedData(SpecId spec_id, const PartitionSpec& spec, const ManifestEntry& entry);
  Result<> CheckAllFound() const;

  const ChangeSet& changes_;
  CommitManifests& manifests_;
  SnapshotCounters& counters_;
  Wanted wanted_[2];  ///< by ManifestContent
  std::unordered_set<std::string> removed_paths_;
  std::unordered_map<std::string, Place> vector_places_;  ///< by partition
  /// Of the data that stays or comes: older deletes reach nothing.
  SequenceNumber oldest_data_;
  bool removed_any_ = false;
};

}  // namespace tarn::iceberg
