// SPDX-License-Identifier: Apache-2.0
// The result of a query as encoded batches (base/batch.h). The threads that decode files encode the
// batches, too: no chunk is copied on the way. Only for sources of this folder: it includes DuckDB.
#pragma once

#include <duckdb.hpp>
#include <duckdb/parallel/interrupt.hpp>
#include <duckdb/planner/expression/bound_parameter_data.hpp>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/column_type.h"
#include "base/memory_budget.h"

namespace tarn::engine {

struct EncodedBatch {
  int64_t rows = 0;
  std::vector<uint8_t> bytes;
};

/// Between the threads of one query, which add batches, and the one that takes them. A *partition*
/// is a stretch of the source that one thread reads (DuckDB's batch index): batches come out in the
/// order of partitions, and within one in the order they were added. Thread-safe.
class EncodedRows {
 public:
  /// `held` counts the batches that are here, where it is of a budget: where there is no room in
  /// that, one batch at a time is made.
  explicit EncodedRows(std::optional<MemoryReservation> held = std::nullopt)
      : held_(std::move(held)) {}

  enum class Room { kYes, kWait, kClosed };

  // ---- the query's threads ----

  /// kWait: `sink` is woken when there is room for more of this partition.
  Room AskForRoom(duckdb::idx_t partition, const duckdb::InterruptState& sink);
  void Add(duckdb::idx_t partition, EncodedBatch batch);
  /// Nothing comes any more for partitions before `first`.
  void Advance(duckdb::idx_t first);
  /// Memory of a batch that was taken, for one to come.
  std::vector<uint8_t> SpareMemory();

  // ---- the reader ----

  /// Nothing if none is ready. `memory` is kept for others.
  std::optional<EncodedBatch> Take(std::vector<uint8_t>& memory);
  /// Returns when a batch is ready or something else happened to the query; may return early.
  void Wait();
  /// Wakes the sinks for which there is room.
  void WakeSinks();
  /// The query's threads are to stop.
  void Close();

 private:
  struct Partition {
    std::deque<EncodedBatch> batches;
    size_t size_bytes = 0;
  };

  bool HasRoom(duckdb::idx_t partition) const;
  void Count(size_t bytes);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<MemoryReservation> held_;
  bool crowded_ = false;  ///< what came last found no room in the budget
  bool closed_ = false;
  duckdb::idx_t first_ = 0;  ///< partition whose batches are ready at once
  std::deque<EncodedBatch> ready_;
  size_t ready_bytes_ = 0;
  std::map<duckdb::idx_t, Partition> later_;  ///< of partitions after the first
  size_t later_bytes_ = 0;
  std::vector<std::pair<duckdb::idx_t, duckdb::InterruptState>> blocked_;
  std::vector<std::vector<uint8_t>> spare_;
};

/// How to collect.
struct CollectorOptions {
  std::vector<Type> types;     ///< of the first columns of the result; others are left out
  int64_t max_batch_rows = 0;  ///< at least 1
  std::shared_ptr<EncodedRows> rows;
  /// Of the statement's parameters.
  duckdb::case_insensitive_map_t<duckdb::BoundParameterData> values = {};
};

/// Starts a query whose rows go to `options.rows`; the result itself is empty. It is driven by
/// PendingQueryResult::ExecuteTask.
duckdb::unique_ptr<duckdb::PendingQueryResult> StartEncoding(
    duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement,
    CollectorOptions options);

}  // namespace tarn::engine
