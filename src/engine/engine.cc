// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include <utility>

#include "base/worker_pool.h"
#include "engine/data_file_reader.h"
#include "engine/data_file_writer.h"
#include "engine/database.h"
#include "engine/delete_store.h"
#include "engine/deleted_rows.h"
#include "engine/kept_rows.h"
#include "engine/query_stream.h"
#include "engine/row_stream.h"

namespace tarn::engine {

namespace {

class DuckdbEngine : public Engine {
 public:
  DuckdbEngine(const EngineOptions& options, std::unique_ptr<Database> database)
      : storage_(options.storage),
        database_(std::move(database)),
        deletes_(options.storage, static_cast<size_t>(options.delete_cache_bytes)),
        memory_(options.memory),
        workers_(database_->threads()),
        reader_(*storage_, *database_, deletes_) {}

  Result<std::unique_ptr<RowStream>> OpenScan(ScanRequest request) override {
    return OpenRowStream(*database_, deletes_, memory_, std::move(request));
  }

  Result<std::unique_ptr<RowStream>> OpenDifference(DifferenceRequest request) override {
    return OpenDifferenceStream(*database_, deletes_, memory_, std::move(request));
  }

  Result<std::vector<PositionsPtr>> FindDeleted(const iceberg::ScanPlan& plan) override {
    return FindDeletedRows(*database_, deletes_, plan);
  }

  QueryResult<std::unique_ptr<QueryStream>> OpenQuery(QueryRequest request) override {
    return OpenQueryStream(*database_, deletes_, memory_, std::move(request));
  }

  Result<std::unique_ptr<DataFileWriter>> CreateDataFile(std::string location,
                                                         std::vector<Field> fields,
                                                         const DataFileOptions& options) override {
    return OpenDataFileWriter(*storage_, *database_, workers_, std::move(location),
                              std::move(fields), options);
  }

  void ForgetDataFiles(const std::vector<std::string>& locations) override {
    database_->ForgetFooters(locations);
  }

  iceberg::DataFileReader& data_file_reader() override { return reader_; }

  Database& database() { return *database_; }
  DeleteStore& deletes() { return deletes_; }

 private:
  storage::Storage* storage_;
  std::unique_ptr<Database> database_;
  DeleteStore deletes_;
  MemoryBudget* memory_;
  WorkerPool workers_;
  ParquetExaminer reader_;
};

}  // namespace

Result<iceberg::DataFile> DataFileWriter::Close() {
  TARN_ASSIGN(UnpublishedFile finished, Finish());
  TARN_TRY(finished.object->Close());
  return std::move(finished.file);
}

// There is one sort of engine.
QueryResult<std::unique_ptr<KeptTable>> KeepRows(Engine& engine, std::string name,
                                                 QueryRequest request, size_t columns,
                                                 const IsCancelled& is_cancelled) {
  auto& duckdb = static_cast<DuckdbEngine&>(engine);
  return KeepRowsIn(duckdb.database(), duckdb.deletes(), std::move(name), std::move(request),
                    columns, is_cancelled);
}

Result<> ChangeKeptTables(Engine& engine, const std::string& statements) {
  return ChangeKeptTablesIn(static_cast<DuckdbEngine&>(engine).database(), statements);
}

Result<std::unique_ptr<Engine>> Engine::Open(const EngineOptions& options) {
  if (options.storage == nullptr)
    return Fail(ErrorKind::kInvalidArgument, "engine without a storage");
  TARN_ASSIGN(auto database, Database::Open(options));
  return std::make_unique<DuckdbEngine>(options, std::move(database));
}

}  // namespace tarn::engine
