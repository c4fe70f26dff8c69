// SPDX-License-Identifier: Apache-2.0
// Metrics of a data file (Iceberg spec, "Data File Fields"), measured from the rows that go into
// it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"
#include "engine/engine.h"
#include "iceberg/model/data_file.h"

namespace tarn::engine {

/// Counts values, nulls and NaNs of every leaf field, and keeps exact bounds of those outside lists
/// and maps. Counts are Parquet's: a null or empty list is one null entry of its element. A plain
/// accumulator, used by one thread at a time.
class FileMetrics {
 public:
  /// What is measured is what the options ask for.
  FileMetrics(std::span<const Field> fields, const DataFileOptions& options);
  ~FileMetrics();
  FileMetrics(FileMetrics&&) noexcept;

  /// True if the batch holds a negative zero.
  bool Add(const BatchView& batch);
  /// Fills record_count, the counts and the bounds of `file`, and takes away sizes of columns that
  /// have no metrics.
  void Fill(iceberg::DataFile& file) const;

 private:
  struct Node;

  std::vector<Node> nodes_;
  int64_t rows_ = 0;
};

}  // namespace tarn::engine
