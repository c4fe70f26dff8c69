// SPDX-License-Identifier: Apache-2.0
#include "engine/row_stream.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "base/batch.h"
#include "engine/delete_resolution.h"
#include "engine/difference_query.h"
#include "engine/duckdb_error.h"
#include "engine/running_query.h"
#include "engine/scan_query.h"

namespace tarn::engine {

namespace {

class Stream : public RowStream {
 public:
  Stream(Database& database, DeleteStore& deletes, MemoryBudget* memory, ScanQueries queries,
         std::optional<int64_t> limit)
      : connection_(database.Borrow()),
        context_(connection_->context),
        deletes_(deletes),
        memory_(memory),
        queries_(std::move(queries)),
        remaining_(limit.value_or(std::numeric_limits<int64_t>::max())) {
    context_->ClearInterrupt();
  }

  ~Stream() override { CloseQuery(); }

  Result<> Next(std::vector<uint8_t>& out) override {
    auto result = Guarded([&]() -> Result<> {
      if (interrupted_) return Cancelled();
      if (failed_) return std::unexpected<Error>(*failed_);
      return Fill(out);
    });
    if (!result) {
      out.clear();
      failed_ = interrupted_ ? Cancelled().error() : result.error();
      CloseQuery();
      return std::unexpected<Error>(*failed_);
    }
    return {};
  }

  void Interrupt() override {
    interrupted_ = true;
    context_->Interrupt();
  }

 private:
  static std::unexpected<Error> Cancelled() {
    return Fail(ErrorKind::kCancelled, "scan was cancelled");
  }

  /// What `out` held is memory for batches to come: it is not cleared before.
  Result<> Fill(std::vector<uint8_t>& out) {
    if (!queries_.with_deletes.empty() || !queries_.counted_files.empty()) TARN_TRY(FindDeleted());
    if (queries_.counted_rows > 0 && remaining_ > 0) {
      EncodeBatchOver({.rows = std::min(queries_.counted_rows, remaining_), .columns = {}}, out);
      queries_.counted_rows = 0;
      remaining_ = 0;
      return {};
    }
    bool more = false;
    if (remaining_ > 0) {
      TARN_ASSIGN(more, FetchBatch(out));
    }
    if (!more) {
      out.clear();
      return {};
    }
    if (batch_rows_ > remaining_) return CutBatch(out);
    remaining_ -= batch_rows_;
    if (remaining_ == 0) CloseQuery();
    return {};
  }

  /// Before the first row: which rows are gone by other deletes than vectors, which are loaded with
  /// their files. Where rows are only counted, all deletes count.
  Result<> FindDeleted() {
    const auto files = std::exchange(queries_.with_deletes, {});
    TARN_TRY(ResolveDeletes(*context_, deletes_, *queries_.plan, queries_.names, files));
    for (const CountedFile& counted : queries_.counted_files) {
      if (interrupted_) return Cancelled();
      TARN_ASSIGN(const PositionsPtr deleted, DeletedPositions(&deletes_, *counted.file));
      queries_.counted_rows += counted.end - counted.begin;
      if (deleted) queries_.counted_rows -= deleted->CountIn(counted.begin, counted.end);
    }
    queries_.counted_files.clear();
    return {};
  }

  /// False at the end of the last query.
  Result<bool> FetchBatch(std::vector<uint8_t>& out) {
    for (; next_query_ < queries_.queries.size(); ++next_query_) {
      if (query_ == nullptr) TARN_TRY(StartQuery());
      auto batch = query_->Await(out);
      if (!batch) return std::unexpected<Error>(QueryError(batch.error()));
      if (*batch) {
        batch_rows_ = (*batch)->rows;
        out = std::move((*batch)->bytes);
        return true;
      }
      CloseQuery();
    }
    return false;
  }

  /// Keeps the first `remaining_` rows.
  Result<> CutBatch(std::vector<uint8_t>& out) {
    const std::vector<uint8_t> whole = std::exchange(out, {});
    TARN_ASSIGN(BatchView view, DecodeBatch(whole, queries_.types));
    TruncateBatch(view, remaining_);
    EncodeBatch(view, out);
    remaining_ = 0;
    CloseQuery();
    return {};
  }

  Result<> StartQuery() {
    auto started =
        RunningQuery::Start(*context_, CopyStatement(), queries_.types, remaining_, memory_);
    if (!started) return std::unexpected<Error>(QueryError(started.error()));
    query_ = *std::move(started);
    return {};
  }

  duckdb::unique_ptr<duckdb::SQLStatement> CopyStatement() const {
    return queries_.queries[next_query_].statement->Copy();
  }

  Error QueryError(const duckdb::ErrorData& data) {
    Error error = ToError(data);
    const ScanQuery& query = queries_.queries[next_query_];
    if (IsCarried(data) || !IsContentError(data.Type())) return error;
    if (!query.compared.empty()) return UnreadableAmong(query.compared, std::move(error));
    if (!query.files) return error;
    return Error{
        ErrorKind::kCorruption,
        fmt::format("file \"{}\" cannot be read", FindUnreadableFile(*query.files, error.message)),
        std::move(error.message),
        {}};
  }

  static Error UnreadableAmong(const std::vector<std::unique_ptr<FileScan>>& scans, Error error) {
    for (const auto& scan : scans) {
      for (const FileScan::File& file : scan->files) {
        if (error.message.find(file.location) == std::string::npos) continue;
        return Error{ErrorKind::kCorruption,
                     fmt::format("file \"{}\" cannot be read", file.location),
                     std::move(error.message),
                     {}};
      }
    }
    return error;
  }

  /// DuckDB names the file in most of its messages. Where it does not, each is read on its own
  /// until one fails.
  std::string FindUnreadableFile(FileScan& scan, const std::string& message) {
    for (const FileScan::File& file : scan.files) {
      if (message.find(file.location) != std::string::npos) return file.location;
    }
    std::vector<FileScan::File> files = std::move(scan.files);
    CloseQuery();
    for (FileScan::File& file : files) {
      const std::string location = file.location;
      scan.files.clear();
      scan.files.push_back(std::move(file));
      const auto result = context_->Query(CopyStatement(), duckdb::QueryParameters(true));
      while (!result->HasError() && !interrupted_) {
        const auto chunk = result->Fetch();
        if (chunk == nullptr || chunk->size() == 0) break;
      }
      if (result->HasError()) return location;
    }
    return "(unknown)";
  }

  void CloseQuery() { query_.reset(); }

  Database::Lease connection_;
  duckdb::shared_ptr<duckdb::ClientContext> context_;
  DeleteStore& deletes_;
  MemoryBudget* const memory_;
  ScanQueries queries_;
  size_t next_query_ = 0;
  std::unique_ptr<RunningQuery> query_;
  int64_t batch_rows_ = 0;
  int64_t remaining_;
  std::optional<Error> failed_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace

Result<std::unique_ptr<RowStream>> OpenDifferenceStream(Database& database, DeleteStore& deletes,
                                                        MemoryBudget* memory,
                                                        DifferenceRequest request) {
  TARN_ASSIGN(ScanQueries queries, BuildDifference(std::move(request)));
  return Guarded([&]() -> Result<std::unique_ptr<RowStream>> {
    return std::make_unique<Stream>(database, deletes, memory, std::move(queries), std::nullopt);
  });
}

Result<std::unique_ptr<RowStream>> OpenRowStream(Database& database, DeleteStore& deletes,
                                                 MemoryBudget* memory, ScanRequest request) {
  const std::optional<int64_t> limit = request.limit;
  return Guarded([&]() -> Result<std::unique_ptr<RowStream>> {
    TARN_ASSIGN(ScanQueries queries, BuildQueries(std::move(request), &deletes));
    return std::make_unique<Stream>(database, deletes, memory, std::move(queries), limit);
  });
}

}  // namespace tarn::engine
