// SPDX-License-Identifier: Apache-2.0
// Verification of a table against the specification, to the last byte of its metadata and through a
// reader interface to its data files.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/column_type.h"
#include "base/result.h"
#include "base/value.h"
#include "iceberg/model/data_file.h"
#include "iceberg/model/schema.h"
#include "storage/storage.h"

namespace tarn::iceberg {

enum class Severity : uint8_t {
  kNote,  ///< orphans, known deviations of the Parquet writer: errors under --strict
  kError,
};

struct Finding {
  Severity severity = Severity::kError;
  std::string code;  ///< stable, kebab-case: "sequence-number-order", "bound-excludes-value", …
  std::string
      location;  ///< file, and the place in it where there is one: "….avro entry 3 field 125"
  std::string message;
};

/// What is in a Parquet file, measured from the file alone.
struct DataFileFacts {
  int64_t record_count = 0;
  std::vector<int64_t> row_group_offsets;
  struct Column {
    FieldId id;  ///< 0 if the file gives none
    std::string path;
    Type type;  ///< as the file declares it; structs, lists and maps included with children
    bool required = false;
    int64_t value_count = 0;
    int64_t null_count = 0;
    int64_t nan_count = 0;
    Value
        lower;  ///< exact minimum and maximum over non-null, non-NaN values; null if none or nested
    Value upper;
    std::vector<std::string>
        deviations;  ///< known ones, in words: "decimal(20,2) stored in 16 bytes, not 9"
  };
  std::vector<Column> columns;  ///< depth-first, leaves and inner nodes
};

/// Implemented by the engine. Thread-safe. Corruption with the place when the file can't be read.
class DataFileReader {
 public:
  virtual ~DataFileReader() = default;
  virtual Result<DataFileFacts> Examine(std::string_view location, bool read_values) = 0;
  /// Calls `visit(data file, position)` for each row of a position delete file, in its order.
  virtual Result<> ReadPositionDeletes(
      std::string_view location,
      const std::function<Result<>(std::string_view, int64_t)>& visit) = 0;
};

struct FsckOptions {
  bool strict = false;
  bool read_data = true;      ///< off: metadata only
  bool all_snapshots = true;  ///< off: the current one
  bool find_orphans = true;
};

struct FsckReport {
  std::string metadata_location;
  std::vector<Finding> findings;
  int64_t snapshots = 0, manifests = 0, data_files = 0, rows = 0, files_checked = 0;
  /// No error; under strict, no note either.
  bool clean(bool strict) const;
};

bool IsMetadataFile(std::string_view location);
/// The newest metadata file of a table directory, by version, then by time. NotFound if it has
/// none. A catalog may name another.
Result<std::string> FindNewestMetadata(storage::Storage& storage, std::string_view directory);

/// `location`: a metadata file, or a table directory (whose newest metadata file is taken, with a
/// note). Fails only if nothing can be examined at all; everything else is a finding.
Result<FsckReport> Fsck(storage::Storage& storage, DataFileReader* reader,
                        std::string_view location, const FsckOptions& options);

}  // namespace tarn::iceberg
