// SPDX-License-Identifier: Apache-2.0
#include "engine/running_query.h"

#include <utility>

#include "engine/engine.h"

namespace tarn::engine {

RunningQuery::RunningQuery(duckdb::ClientContext& context, MemoryBudget* memory)
    : context_(context),
      rows_(memory == nullptr ? std::make_shared<EncodedRows>()
                              : std::make_shared<EncodedRows>(memory->Open(kScanBatchesConsumer))) {
}

std::expected<std::unique_ptr<RunningQuery>, duckdb::ErrorData> RunningQuery::Start(
    duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement,
    std::vector<Type> types, int64_t max_batch_rows, MemoryBudget* memory, QueryValues values) {
  std::unique_ptr<RunningQuery> result(new RunningQuery(context, memory));
  result->query_ = StartEncoding(context, std::move(statement),
                                 {.types = std::move(types),
                                  .max_batch_rows = max_batch_rows,
                                  .rows = result->rows_,
                                  .values = std::move(values)});
  if (result->query_->HasError()) return std::unexpected(result->query_->GetErrorObject());
  return result;
}

RunningQuery::~RunningQuery() {
  rows_->Close();
  if (query_ == nullptr || query_->HasError()) return;
  // This frees the plan and ends the transaction.
  if (!finished_) context_.Interrupt();
  query_->Execute();
  context_.ClearInterrupt();
}

std::expected<std::optional<EncodedBatch>, duckdb::ErrorData> RunningQuery::Await(
    std::vector<uint8_t>& memory) {
  while (true) {
    if (auto batch = rows_->Take(memory)) return batch;
    if (finished_) return std::nullopt;
    rows_->WakeSinks();
    switch (query_->ExecuteTask()) {
      case duckdb::PendingExecutionResult::EXECUTION_ERROR:
        return std::unexpected(query_->GetErrorObject());
      case duckdb::PendingExecutionResult::EXECUTION_FINISHED:
        finished_ = true;  // what came last is still to be taken
        break;
      case duckdb::PendingExecutionResult::RESULT_NOT_READY:
        break;
      case duckdb::PendingExecutionResult::NO_TASKS_AVAILABLE:
      case duckdb::PendingExecutionResult::BLOCKED:
      case duckdb::PendingExecutionResult::RESULT_READY:
        rows_->Wait();
        break;
    }
  }
}

}  // namespace tarn::engine
