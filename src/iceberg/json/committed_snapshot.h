// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "iceberg/model/snapshot.h"

namespace tarn::iceberg {

class MetadataVersion;

/// A snapshot as metadata files hold it.
struct SnapshotText {
  std::string json;
  bool is_utf8 = false;
};

/// A snapshot that never changes again. Copies share it, so that the next version of a table with
/// many snapshots costs pointers, and each one becomes JSON once. Thread-safe.
class CommittedSnapshot {
 public:
  explicit CommittedSnapshot(Snapshot snapshot)
      : shared_(std::make_shared<Shared>(std::move(snapshot))) {}

  const Snapshot& operator*() const { return shared_->snapshot; }
  const Snapshot* operator->() const { return &shared_->snapshot; }
  const Snapshot* get() const { return &shared_->snapshot; }

  /// The snapshot in a format version. Kept for the version that asks first; null for others.
  const SnapshotText* TextIn(const MetadataVersion& version) const;

 private:
  struct Shared {
    explicit Shared(Snapshot committed) : snapshot(std::move(committed)) {}
    const Snapshot snapshot;
    std::once_flag rendered;
    const MetadataVersion* version = nullptr;
    SnapshotText text;
  };

  std::shared_ptr<Shared> shared_;
};

}  // namespace tarn::iceberg
