// SPDX-License-Identifier: Apache-2.0
// Verification's view of a Parquet file. Only for sources of this folder: it includes DuckDB.
#pragma once

#include "engine/database.h"
#include "iceberg/fsck/fsck.h"
#include "storage/storage.h"

namespace tarn::engine {

/// Footer by our own parsing, values through a scan. Thread-safe.
class ParquetExaminer : public iceberg::DataFileReader {
 public:
  ParquetExaminer(storage::Storage& storage, Database& database)
      : storage_(storage), database_(database) {}
  Result<iceberg::DataFileFacts> Examine(std::string_view location, bool read_values) override;

 private:
  storage::Storage& storage_;
  Database& database_;
};

}  // namespace tarn::engine
