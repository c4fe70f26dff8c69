// SPDX-License-Identifier: Apache-2.0
// The rows of a table under a snapshot, in parallel.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/batch.h"
#include "base/result.h"
#include "capture/source/connection_settings.h"
#include "capture/source/source_connection.h"
#include "capture/source_table.h"
#include "capture/values/value_decoder.h"

namespace tarn::capture {

/// Blocks of one relation without children: a table, a partition, a child of inheritance. Without
/// an end, all from `begin` on, also those that it gets while it is copied.
struct CopyRange {
  SourceName relation;
  uint32_t begin_block = 0;
  std::optional<uint32_t> end_block;
};

/// Ranges that cover every row of the table and of its partitions once, the last one of each
/// relation open, so that some `workers` × 4 of them are alike in size. `ONLY` is used throughout.
Result<std::vector<CopyRange>> PlanCopy(SourceConnection& connection, const SourceTable& table,
                                        int32_t workers);

/// A transaction that reads under somebody's snapshot. Used by one thread.
class SnapshotReader {
 public:
  /// REPEATABLE READ, READ ONLY. NotFound where the snapshot is gone.
  static Result<std::unique_ptr<SnapshotReader>> Open(const ConnectionSettings& settings,
                                                      const std::string& snapshot);

  SourceConnection& connection() { return *connection_; }

  /// COPY (SELECT … WHERE ctid … AND <row filter>) TO STDOUT (FORMAT binary), decoded straight into
  /// columns: one per column of the table, in its order, by the decoders of these. `take` gets
  /// batches of at most `batch_rows` rows or some 4 MiB; a value that cannot be decoded fails with
  /// the column's name.
  Result<> Copy(const SourceTable& table, const CopyRange& range,
                const std::vector<const ValueDecoder*>& decoders, std::vector<Type> types,
                int64_t batch_rows, const std::function<Result<>(const BatchView&)>& take);

 private:
  explicit SnapshotReader(std::unique_ptr<SourceConnection> connection)
      : connection_(std::move(connection)) {}
  std::unique_ptr<SourceConnection> connection_;
};

}  // namespace tarn::capture
