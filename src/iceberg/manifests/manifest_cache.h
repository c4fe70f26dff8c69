// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "iceberg/manifests/manifest_codec.h"
#include "iceberg/model/data_file.h"
#include "iceberg/model/manifest_file.h"
#include "iceberg/model/snapshot.h"
#include "storage/storage.h"

namespace tarn::iceberg {

/// Parsed manifests and manifest lists, least recently used out first. Files are immutable, so an
/// entry never goes stale; values are shared and constant. Thread-safe; two threads may parse the
/// same file at once.
class ManifestCache {
 public:
  ManifestCache(storage::Storage* storage, size_t memory_limit_bytes);
  ~ManifestCache();

  Result<std::shared_ptr<const std::vector<ManifestFile>>> ManifestList(
      const std::string& location);
  /// The manifests of a snapshot, from its list or, for old snapshots without one, from the
  /// manifests themselves.
  Result<std::shared_ptr<const std::vector<ManifestFile>>> SnapshotManifests(
      const Snapshot& snapshot);
  /// The line of a list with its counts, which old lists leave out: then from the manifest.
  Result<ManifestFile> WithCounts(const ManifestFile& file);
  Result<std::shared_ptr<const Manifest>> ReadManifest(const ManifestFile& file);

  /// Puts what was just written, to save the next reader the parsing. Numbers that entries inherit
  /// are filled in from `file`, which must be as the manifest list has it.
  void AddManifestList(const std::string& location, std::vector<ManifestFile> manifests);
  void AddManifest(const ManifestFile& file, Manifest manifest);

  size_t memory_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tarn::iceberg
