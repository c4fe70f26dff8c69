// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/model/data_file.h"
#include "iceberg/model/manifest_file.h"
#include "iceberg/model/schema.h"

namespace tarn::iceberg {

/// Rows of one data file that go away.
struct PositionDeletes {
  std::string data_file;
  std::vector<int64_t> positions;  ///< ascending
};

/// Everything that one transaction does to one table. Which base it applies to is decided at
/// commit; it can be applied again on a newer base. A plain value.
struct ChangeSet {
  /// The snapshot that the changes were computed from; deletes, removals and replacements are
  /// validated against what came after it. Absent for pure appends.
  std::optional<SnapshotId> read_snapshot;

  /// New data files, and the manifests that already describe them (written before any lock; they
  /// inherit their sequence number). Every appended file is in exactly one of the manifests.
  std::vector<ManifestFile> appended_manifests;
  int64_t appended_files = 0;
  int64_t appended_rows = 0;
  int64_t appended_bytes = 0;

  std::vector<PositionDeletes> deletes;    ///< Unsupported for now
  std::vector<std::string> removed_files;  ///< data files that leave the table; Unsupported for now
  /// All files of the base leave the table (TRUNCATE, rewrites); appended ones stay.
  bool replace_all = false;

  std::optional<Schema> schema;  ///< the schema wanted after the commit, if it may differ
  std::map<std::string, std::string> set_properties;
  std::vector<std::string> removed_properties;
  std::map<std::string, std::string> summary;  ///< the caller's own entries of the snapshot summary
};

}  // namespace tarn::iceberg
