// SPDX-License-Identifier: Apache-2.0
#include <duckdb/execution/operator/helper/physical_result_collector.hpp>
#include <duckdb/execution/physical_plan_generator.hpp>
#include <duckdb/main/client_config.hpp>
#include <duckdb/main/materialized_query_result.hpp>
#include <duckdb/main/pending_query_result.hpp>
#include <duckdb/main/prepared_statement_data.hpp>

#include <algorithm>
#include <utility>

#include "engine/encoded_rows.h"
#include "engine/vector_reader.h"

namespace tarn::engine {

namespace {

constexpr int64_t kTargetBatchBytes = 512 * 1024;
/// Rows whose strings are long are taken in smaller steps, so that a batch stays near its target.
constexpr int64_t kSmallStepRows = 16;

struct LocalState : duckdb::LocalSinkState {
  explicit LocalState(const std::vector<Type>& types) : builder(types) {}

  void Flush(EncodedRows& rows) {
    if (builder.rows() == 0) return;
    EncodedBatch batch{.rows = builder.rows(), .bytes = rows.SpareMemory()};
    builder.Finish(batch.bytes);
    rows.Add(partition, std::move(batch));
  }

  duckdb::idx_t partition = 0;  ///< of the rows in the builder
  BatchBuilder builder;
};

class Collector final : public duckdb::PhysicalResultCollector {
 public:
  Collector(duckdb::ClientContext& context, duckdb::PreparedStatementData& data,
            CollectorOptions options)
      : PhysicalResultCollector(*data.physical_plan, data),
        options_(std::move(options)),
        rows_(*options_.rows),
        partitioned_(
            duckdb::PhysicalPlanGenerator::UseBatchIndex(context, data.physical_plan->Root())) {}

  /// It may block: a query that waits for its reader is no deadlock.
  bool IsStreaming() const override { return true; }
  bool ParallelSink() const override { return partitioned_; }
  bool SinkOrderDependent() const override { return true; }
  duckdb::OperatorPartitionInfo RequiredPartitionInfo() const override {
    return partitioned_ ? duckdb::OperatorPartitionInfo::BatchIndex()
                        : duckdb::OperatorPartitionInfo::NoPartitionInfo();
  }

  duckdb::unique_ptr<duckdb::LocalSinkState> GetLocalSinkState(
      duckdb::ExecutionContext&) const override {
    return duckdb::make_uniq<LocalState>(options_.types);
  }

  duckdb::SinkResultType Sink(duckdb::ExecutionContext&, duckdb::DataChunk& chunk,
                              duckdb::OperatorSinkInput& input) const override {
    auto& local = input.local_state.Cast<LocalState>();
    if (partitioned_) Enter(local);
    switch (rows_.AskForRoom(local.partition, input.interrupt_state)) {
      case EncodedRows::Room::kWait:
        return duckdb::SinkResultType::BLOCKED;
      case EncodedRows::Room::kClosed:
        return duckdb::SinkResultType::FINISHED;
      case EncodedRows::Room::kYes:
        break;
    }
    Append(chunk, local);
    return duckdb::SinkResultType::NEED_MORE_INPUT;
  }

  duckdb::SinkNextBatchType NextBatch(duckdb::ExecutionContext&,
                                      duckdb::OperatorSinkNextBatchInput& input) const override {
    auto& local = input.local_state.Cast<LocalState>();
    local.Flush(rows_);
    Enter(local);
    return duckdb::SinkNextBatchType::READY;
  }

  duckdb::SinkCombineResultType Combine(duckdb::ExecutionContext&,
                                        duckdb::OperatorSinkCombineInput& input) const override {
    auto& local = input.local_state.Cast<LocalState>();
    local.Flush(rows_);
    rows_.Advance(partitioned_ ? local.partition_info.min_batch_index.GetIndex() : 0);
    return duckdb::SinkCombineResultType::FINISHED;
  }

  duckdb::unique_ptr<duckdb::QueryResult> GetResult(duckdb::GlobalSinkState&) const override {
    return duckdb::make_uniq<duckdb::MaterializedQueryResult>(
        duckdb::ErrorData(duckdb::ExceptionType::INTERRUPT, "the rows of this query were encoded"));
  }

 private:
  void Enter(LocalState& local) const {
    local.partition = local.partition_info.batch_index.GetIndex();
    rows_.Advance(local.partition_info.min_batch_index.GetIndex());
  }

  void Append(duckdb::DataChunk& chunk, LocalState& local) const {
    const auto size = static_cast<int64_t>(chunk.size());
    const int64_t step = StringBytes(chunk) > kTargetBatchBytes ? kSmallStepRows : size;
    for (int64_t begin = 0; begin < size;) {
      const int64_t room = options_.max_batch_rows - local.builder.rows();
      const int64_t end = std::min(begin + std::min(step, room), size);
      local.builder.Append(chunk, begin, end);
      begin = end;
      if (local.builder.size_bytes() >= kTargetBatchBytes ||
          local.builder.rows() == options_.max_batch_rows) {
        local.Flush(rows_);
      }
    }
  }

  CollectorOptions options_;
  EncodedRows& rows_;
  bool partitioned_;
};

}  // namespace

duckdb::unique_ptr<duckdb::PendingQueryResult> StartEncoding(
    duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement,
    CollectorOptions options) {
  auto& hook = duckdb::ClientConfig::GetConfig(context).get_result_collector;
  hook = [&options](
             duckdb::ClientContext& client,
             duckdb::PreparedStatementData& data) -> duckdb::unique_ptr<duckdb::PhysicalOperator> {
    return duckdb::make_uniq<Collector>(client, data, std::move(options));
  };
  // DuckDB asks the hook only for results that are not streamed to its own reader.
  const duckdb::QueryParameters parameters(false);
  auto pending = options.values.empty()
                     ? context.PendingQuery(std::move(statement), parameters)
                     : context.PendingQuery(std::move(statement), options.values, parameters);
  hook = nullptr;
  return pending;
}

}  // namespace tarn::engine
