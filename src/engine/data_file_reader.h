// SPDX-License-Identifier: Apache-2.0
// Verification's view of a Parquet file. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <functional>
#include <string_view>

#include "engine/database.h"
#include "engine/delete_store.h"
#include "iceberg/fsck/fsck.h"
#include "storage/storage.h"

namespace tarn::engine {

/// Footer by our own parsing, values through a scan. Thread-safe.
class ParquetExaminer : public iceberg::DataFileReader {
 public:
  ParquetExaminer(storage::Storage& storage, Database& database, DeleteStore& deletes)
      : storage_(storage), database_(database), deletes_(deletes) {}
  Result<iceberg::DataFileFacts> Examine(std::string_view location, bool read_values) override;
  Result<> ReadPositionDeletes(
      std::string_view location,
      const std::function<Result<>(std::string_view, int64_t)>& visit) override;

 private:
  storage::Storage& storage_;
  Database& database_;
  DeleteStore& deletes_;
};

}  // namespace tarn::engine
