// SPDX-License-Identifier: Apache-2.0
// What the versions of the format write into manifests and manifest lists: one adapter class each.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "iceberg/avro/field_codec.h"
#include "iceberg/model/data_file.h"
#include "iceberg/model/manifest_file.h"

namespace tarn::iceberg {

constexpr EntryStatus LastValue(EntryStatus) { return EntryStatus::kDeleted; }
constexpr FileContent LastValue(FileContent) { return FileContent::kEqualityDeletes; }
constexpr ManifestContent LastValue(ManifestContent) { return ManifestContent::kDeletes; }

/// Field tables of one format version, in the order in which they are written. Immutable, lives
/// forever, thread-safe.
class ManifestFormat {
 public:
  virtual ~ManifestFormat() = default;
  virtual int32_t version() const = 0;

  /// `data_file` is nested.
  virtual const avro::FieldTable<ManifestEntry>& entry_fields() const = 0;
  /// `partition` is nested.
  virtual const avro::FieldTable<DataFile>& data_file_fields() const = 0;
  /// `partitions` is nested.
  virtual const avro::FieldTable<ManifestFile>& list_fields() const = 0;
  virtual const avro::FieldTable<FieldSummary>& summary_fields() const = 0;

  /// Unsupported for versions that are not known.
  static Result<const ManifestFormat*> ForWriting(int32_t version);
  /// The tables of the newest version, which hold all that older ones do.
  static const ManifestFormat& ForReading();
};

inline constexpr int32_t kNewestFormatVersion = 3;

}  // namespace tarn::iceberg
