// SPDX-License-Identifier: Apache-2.0
// Names of the files of a commit, and the one place that writes them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "iceberg/commit/commit.h"
#include "iceberg/model/ids.h"
#include "storage/publication.h"
#include "storage/storage.h"

namespace tarn::iceberg {

/// `<location>/metadata`, or write.metadata.path where the policy follows it; without a slash at
/// the end.
std::string MetadataDirectory(const TableMetadata& metadata, const CommitPolicy& policy);

/// `<location>/metadata/<name>`.
std::string MetadataFile(std::string_view table_location, std::string_view name);

/// The number before the first `-` of a metadata file's name; -1 if there is none.
int64_t MetadataVersionNumber(std::string_view metadata_location);

/// Whether `a` is a later metadata file of the same table than `b`, by their names.
bool IsNewerMetadata(std::string_view a, std::string_view b);

/// Names files of one attempt to commit one snapshot. The sequence number keeps a rebased attempt
/// from giving the name of a removed file to other content, which caches of immutable files would
/// not notice; `attempt` tells apart what the same base gives again after a file turned out to be
/// taken.
class CommitFileNames {
 public:
  CommitFileNames(std::string metadata_directory, const Uuid& transaction, SnapshotId snapshot,
                  SequenceNumber sequence, int32_t attempt);

  std::string ManifestList() const;
  /// A manifest written by the commit itself, numbered by the caller from 0.
  std::string Manifest(int32_t ordinal) const;
  std::string Metadata(std::string_view base_metadata_location, bool gzip) const;

 private:
  std::string directory_;
  Uuid transaction_;
  SnapshotId snapshot_;
  SequenceNumber sequence_;
  std::string suffix_;
};

/// Writes the files of a commit, beside each other; they appear in the order of Add, the metadata
/// file last, when all are durable. Removes what it wrote when a write fails, since nothing can
/// refer to it yet. Used by one thread.
class CommitFiles {
 public:
  explicit CommitFiles(const CommitContext& context)
      : storage_(context.storage), publication_(context.workers) {}

  /// Begins to write; what is never published never appears.
  void Add(std::string location, std::string bytes);

  /// Durably, put if absent. AlreadyExists: a name is taken; try other names. `before_appearing`
  /// runs while the files are being written.
  Result<> Publish(std::string metadata_location, std::string metadata,
                   const std::function<Result<>()>& before_appearing);

  /// Everything that was published, in order, the metadata file last.
  const std::vector<std::string>& written() const { return publication_.appeared(); }

 private:
  void RemoveWritten();

  storage::Storage* storage_;
  storage::Publication publication_;
};

}  // namespace tarn::iceberg
