// SPDX-License-Identifier: Apache-2.0
// Names of the files of a commit, and the one place that writes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "iceberg/ids.h"
#include "storage/storage.h"

namespace tarn::iceberg {

/// `<location>/metadata/<name>`; write.metadata.path is not followed, so that owners find their
/// files.
std::string MetadataFile(std::string_view table_location, std::string_view name);

/// The number before the first `-` of a metadata file's name; -1 if there is none.
int64_t MetadataVersionNumber(std::string_view metadata_location);

/// Names files of one attempt to commit one snapshot. The sequence number keeps a rebased attempt
/// from giving the name of a removed file to other content, which caches of immutable files would
/// not notice; `attempt` tells apart what the same base gives again after a file turned out to be
/// taken.
class CommitFileNames {
 public:
  CommitFileNames(std::string_view table_location, const Uuid& transaction, SnapshotId snapshot,
                  SequenceNumber sequence, int32_t attempt);

  std::string ManifestList() const;
  /// A manifest written by the commit itself, numbered by the caller from 0.
  std::string Manifest(int32_t ordinal) const;
  std::string Metadata(std::string_view base_metadata_location) const;

 private:
  std::string table_location_;
  Uuid transaction_;
  SnapshotId snapshot_;
  SequenceNumber sequence_;
  std::string suffix_;
};

/// Collects the files of a commit and writes them: first all that was added, in order, then the
/// metadata file. Removes what it wrote when a write fails, since nothing can refer to it yet. Not
/// thread-safe.
class CommitFiles {
 public:
  explicit CommitFiles(storage::Storage* storage) : storage_(storage) {}

  void Add(std::string location, std::string bytes);

  /// Writes durably, put if absent. AlreadyExists: a name is taken; try other names.
  Result<> Publish(std::string metadata_location, std::string metadata);

  /// Everything that may exist, in order of writing, the metadata file last.
  std::vector<std::string> TakeWritten() { return std::move(written_); }

 private:
  struct PendingFile {
    std::string location;
    std::string bytes;
  };
  Result<> Write(const PendingFile& file);
  void RemoveWritten();

  storage::Storage* storage_;
  std::vector<PendingFile> pending_;
  std::vector<std::string> written_;
};

}  // namespace tarn::iceberg
