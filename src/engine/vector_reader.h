// SPDX-License-Identifier: Apache-2.0
// From DuckDB's vectors to batches (base/batch.h). Only for sources of this folder: it includes
// DuckDB.
#pragma once

#include <duckdb.hpp>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"

namespace tarn::engine {

/// Bytes of all strings in a chunk, nested ones too; the chunk is flattened.
int64_t StringBytes(duckdb::DataChunk& chunk);

/// Collects rows of DuckDB's vectors in Arrow layout. Used by one thread.
class BatchBuilder {
 public:
  explicit BatchBuilder(std::vector<Type> types);
  ~BatchBuilder();

  /// Appends rows [begin, end) of a chunk whose first columns have the DuckDB types of the
  /// builder's; the chunk is flattened.
  void Append(duckdb::DataChunk& chunk, int64_t begin, int64_t end);
  int64_t rows() const { return rows_; }
  int64_t size_bytes() const;
  /// Replaces `out` with the encoding of the rows so far, and starts over.
  void Finish(std::vector<uint8_t>& out);

 private:
  struct Column;

  std::vector<Type> types_;
  std::vector<Column> columns_;
  int64_t rows_ = 0;
};

}  // namespace tarn::engine
