// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "iceberg/commit/commit.h"
#include "iceberg/commit/commit_files.h"
#include "iceberg/manifests/manifest_codec.h"

namespace tarn::iceberg {

/// Manifests of one attempt: those of the base that it reads, and those that it writes itself.
/// Collects in `files`, writes nothing. Not thread-safe; references outlive the object.
class CommitManifests {
 public:
  CommitManifests(const CommitContext& context, const TableMetadata& metadata,
                  SnapshotId snapshot_id, SequenceNumber sequence, const CommitFileNames& names,
                  CommitFiles& files);

  SnapshotId snapshot_id() const { return snapshot_id_; }
  SequenceNumber sequence() const { return sequence_; }
  const TableMetadata& metadata() const { return metadata_; }
  /// Corruption when the table lacks it.
  Result<const PartitionSpec*> SpecOf(SpecId spec_id) const;

  /// With inherited numbers filled in, through the cache.
  Result<std::shared_ptr<const Manifest>> Read(const ManifestFile& file);
  /// One that comes with the change, past the cache: what it inherits is not decided yet.
  Result<Manifest> ReadAppended(const ManifestFile& file);
  /// The line of the list for a new manifest. `written` is the schema of a manifest that had one of
  /// the entries. Unsupported for partition specs that can't be written, whose transforms are
  /// unknown.
  Result<ManifestFile> Write(ManifestContent content, SpecId spec_id, const Schema& written,
                             std::vector<ManifestEntry> entries);
  /// `manifests` become one; entries keep their numbers and ids. None if they can only stay as they
  /// are.
  Result<std::optional<ManifestFile>> Merge(std::span<const ManifestFile> manifests);

  /// To be called when the files are published; `listed` as the manifest list has it.
  void FillCache(std::span<const ManifestFile> listed);

  int64_t written_count() const { return next_ordinal_; }
  int64_t merged_entries() const { return merged_entries_; }

 private:
  /// None if no known schema fits the entries.
  Result<std::optional<ManifestFile>> TryWrite(ManifestContent content, SpecId spec_id,
                                               const Schema& written,
                                               std::vector<ManifestEntry> entries);

  struct WrittenManifest {
    std::string path;
    Manifest manifest;
  };

  const CommitContext& context_;
  const TableMetadata& metadata_;
  SnapshotId snapshot_id_;
  SequenceNumber sequence_;
  const CommitFileNames& names_;
  CommitFiles& files_;
  std::vector<WrittenManifest> written_;
  int32_t next_ordinal_ = 0;
  int64_t merged_entries_ = 0;
};

/// Whether a file is part of the snapshot.
inline bool IsLive(const ManifestEntry& entry) { return entry.status != EntryStatus::kDeleted; }

}  // namespace tarn::iceberg
