// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/strong_id.h"
#include "base/value.h"
#include "iceberg/model/field_map.h"
#include "iceberg/model/ids.h"

namespace tarn::iceberg {

enum class FileContent : uint8_t { kData = 0, kPositionDeletes = 1, kEqualityDeletes = 2 };

/// A file as a manifest describes it (spec, "Data File Fields"). Bounds are single values in binary
/// form (Appendix D). A plain value.
struct DataFile {
  FileContent content = FileContent::kData;
  std::string file_path;  ///< full location, matched byte for byte
  std::string file_format = "PARQUET";
  std::vector<Value> partition;  ///< one per field of the spec
  int64_t record_count = 0;
  int64_t file_size_bytes = 0;
  FieldMap<int64_t> column_sizes_bytes;
  FieldMap<int64_t> value_counts;
  FieldMap<int64_t> null_value_counts;
  FieldMap<int64_t> nan_value_counts;
  FieldMap<std::string> lower_bounds;
  FieldMap<std::string> upper_bounds;
  std::optional<std::string> key_metadata;
  std::vector<int64_t> split_offsets;
  std::vector<FieldId> equality_ids;
  std::optional<SortOrderId> sort_order_id;
  std::optional<int64_t> first_row_id;              ///< v3
  std::optional<std::string> referenced_data_file;  ///< deletes
  std::optional<int64_t> content_offset;            ///< deletion vectors
  std::optional<int64_t> content_size_bytes;        ///< deletion vectors
};

enum class EntryStatus : uint8_t { kExisting = 0, kAdded = 1, kDeleted = 2 };

/// One line of a manifest (spec, "Manifest Entry Fields"). As read, null fields have been inherited
/// from the manifest list (spec, "Sequence Number Inheritance"); as written, absent optionals are
/// null.
struct ManifestEntry {
  EntryStatus status = EntryStatus::kAdded;
  std::optional<SnapshotId> snapshot_id;
  std::optional<SequenceNumber> sequence_number;
  std::optional<SequenceNumber> file_sequence_number;
  DataFile data_file;
};

}  // namespace tarn::iceberg
