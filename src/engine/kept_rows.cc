// SPDX-License-Identifier: Apache-2.0
#include "engine/kept_rows.h"

#include <duckdb/parser/parser.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "engine/duckdb_error.h"
#include "engine/query_stream.h"

namespace tarn::engine {
namespace {

constexpr std::chrono::microseconds kPause(100);

class Kept final : public KeptTable {
 public:
  Kept(Database& database, std::string name, int64_t rows)
      : database_(database), name_(std::move(name)), rows_(rows) {}
  ~Kept() override {
    // What cannot be dropped goes with the process.
    static_cast<void>(ChangeKeptTablesIn(database_, "DROP TABLE IF EXISTS " + name_));
  }
  const std::string& name() const override { return name_; }
  int64_t rows() const override { return rows_; }

 private:
  Database& database_;
  const std::string name_;
  const int64_t rows_;
};

std::string CreationText(const std::string& name, const std::string& query, size_t columns) {
  std::string names;
  for (size_t i = 0; i < columns; ++i) names += fmt::format("{}c{}", i > 0 ? ", " : "", i);
  return fmt::format("CREATE TABLE {} AS SELECT * FROM ({}) AS kept({})", name, query, names);
}

/// Until it is done; the count of rows that the statement tells.
std::expected<int64_t, duckdb::ErrorData> RunToEnd(duckdb::ClientContext& context,
                                                   duckdb::unique_ptr<duckdb::SQLStatement> text,
                                                   const IsCancelled& is_cancelled) {
  const auto pending = context.PendingQuery(std::move(text), duckdb::QueryParameters());
  if (pending->HasError()) return std::unexpected(pending->GetErrorObject());
  bool interrupted = false;
  while (true) {
    const auto state = pending->ExecuteTask();
    if (duckdb::PendingQueryResult::IsExecutionFinished(state)) break;
    if (!interrupted && is_cancelled()) {
      interrupted = true;
      context.Interrupt();
    }
    // Others of the engine's threads have all that there is to do.
    if (state != duckdb::PendingExecutionResult::RESULT_NOT_READY)
      std::this_thread::sleep_for(kPause);
  }
  const auto result = pending->Execute();
  context.ClearInterrupt();
  if (result->HasError()) return std::unexpected(result->GetErrorObject());
  int64_t rows = 0;
  while (const auto chunk = result->Fetch()) {
    if (chunk->size() == 0) break;
    if (chunk->data[0].GetType().id() == duckdb::LogicalTypeId::BIGINT) {
      rows += chunk->GetValue(0, 0).GetValue<int64_t>();
    }
  }
  return rows;
}

}  // namespace

std::string NewKeptTableName() {
  static std::atomic<int64_t> next = 0;
  return fmt::format("kept{}", next++);
}

QueryResult<std::unique_ptr<KeptTable>> KeepRowsIn(Database& database, DeleteStore& deletes,
                                                   std::string name, QueryRequest request,
                                                   size_t columns,
                                                   const IsCancelled& is_cancelled) {
  try {
    auto connection = database.Borrow();
    duckdb::ClientContext& context = *connection->context;
    context.ClearInterrupt();
    duckdb::Parser parser;
    parser.ParseQuery(CreationText(name, request.text, columns));
    const PreparedConnection prepared(context);
    auto tables = PrepareTables(context, deletes, std::move(request));
    if (!tables) return std::unexpected(std::move(tables).error());
    const auto rows = RunToEnd(context, std::move(parser.statements.at(0)), is_cancelled);
    if (!rows) return std::unexpected(QueryFailureOf(**tables, rows.error()));
    return std::make_unique<Kept>(database, std::move(name), *rows);
  } catch (const std::exception& exception) {
    return std::unexpected(ToQueryFailure(duckdb::ErrorData(exception)));
  }
}

Result<> ChangeKeptTablesIn(Database& database, const std::string& statements) {
  return Guarded([&]() -> Result<> {
    auto connection = database.Borrow();
    connection->context->ClearInterrupt();
    for (const std::string& text :
         {std::string("BEGIN TRANSACTION"), statements, std::string("COMMIT")}) {
      const auto result = connection->Query(text);
      if (!result->HasError()) continue;
      Error error = ToError(result->GetErrorObject());
      if (connection->HasActiveTransaction()) connection->Query("ROLLBACK");
      return std::unexpected(std::move(error));
    }
    return {};
  });
}

}  // namespace tarn::engine
