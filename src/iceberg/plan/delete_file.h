// SPDX-License-Identifier: Apache-2.0
// What takes rows away from the data files of a scan.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "iceberg/manifests/manifest_codec.h"
#include "iceberg/model/data_file.h"

namespace tarn::iceberg {

/// A delete file or deletion vector. Points into a cached manifest, which it keeps alive.
struct DeleteFile {
  std::shared_ptr<const Manifest> manifest;
  const ManifestEntry* entry = nullptr;

  const DataFile& file() const { return entry->data_file; }
  SequenceNumber sequence_number() const { return *entry->sequence_number; }
};

/// True for an entry that is a blob of a Puffin file.
bool IsDeletionVector(const DataFile& file);

/// What tells delete files apart: several deletion vectors share one path, and then differ in their
/// offsets.
std::string DeleteIdentity(const DataFile& file);

/// Equality deletes of one file, and which data files they are for: all whose data sequence number
/// is lower, in every partition or in one (a number as in FileDeletes).
struct EqualityDelete {
  DeleteFile source;
  std::optional<int32_t> partition;
};

/// What applies to one data file (spec, "Scan Planning"). A plain value.
struct FileDeletes {
  std::optional<DeleteFile> vector;
  std::vector<DeleteFile> positions;  ///< position delete files; none beside a vector
  bool by_equality = false;           ///< at least one of ScanPlan::equality_deletes applies
  int32_t partition = 0;              ///< equal for files of one partition of one spec
};

}  // namespace tarn::iceberg
