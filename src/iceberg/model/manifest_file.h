// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/saturating.h"
#include "iceberg/model/ids.h"

namespace tarn::iceberg {

enum class ManifestContent : uint8_t { kData = 0, kDeletes = 1 };

struct FieldSummary {
  bool contains_null = false;
  std::optional<bool> contains_nan;
  std::optional<std::string> lower_bound;
  std::optional<std::string> upper_bound;
};

/// A count that the list does not give: only lists of format version 1 may leave counts out.
inline constexpr int32_t kUnknownCount = -1;

/// One line of a manifest list (spec, "Manifest Lists"). A plain value.
struct ManifestFile {
  std::string manifest_path;
  int64_t manifest_length_bytes = 0;
  SpecId partition_spec_id;
  ManifestContent content = ManifestContent::kData;
  SequenceNumber sequence_number;
  SequenceNumber min_sequence_number;
  SnapshotId added_snapshot_id;
  int32_t added_files_count = 0;
  int32_t existing_files_count = 0;
  int32_t deleted_files_count = 0;
  int64_t added_rows_count = 0;
  int64_t existing_rows_count = 0;
  int64_t deleted_rows_count = 0;
  std::vector<FieldSummary> partitions;
  std::optional<std::string> key_metadata;
  std::optional<int64_t> first_row_id;  ///< v3, data manifests only

  /// False for lists of version 1 that leave counts out; the sums below are then meaningless.
  bool counts_known() const {
    return added_files_count >= 0 && existing_files_count >= 0 && deleted_files_count >= 0 &&
           added_rows_count >= 0 && existing_rows_count >= 0 && deleted_rows_count >= 0;
  }
  int64_t live_rows_count() const { return SaturatingAdd(added_rows_count, existing_rows_count); }
  int64_t live_files_count() const { return int64_t{added_files_count} + existing_files_count; }
};

}  // namespace tarn::iceberg
