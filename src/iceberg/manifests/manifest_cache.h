// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/memory_budget.h"
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
  /// What is larger than the limit is read and not kept. `held` counts what is kept, where it is of
  /// a budget: less is kept where there is no room in that.
  ManifestCache(storage::Storage* storage, size_t memory_limit_bytes,
                std::optional<MemoryReservation> held = std::nullopt);
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

  /// Frees the list of a snapshot, and of the manifests in it those that its successor does not
  /// have any more: what is rarely read shall not push out what is. Where they are read after all,
  /// they are read anew. Nothing happens where one of the lists is not here.
  void ForgetSuperseded(const std::string& old_list, const std::string& new_list);

  size_t memory_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tarn::iceberg
