// SPDX-License-Identifier: Apache-2.0
#include "engine/row_stream.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "engine/duckdb_error.h"
#include "engine/scan_query.h"
#include "engine/vector_reader.h"

namespace tarn::engine {

namespace {

constexpr int64_t kTargetBatchBytes = 512 * 1024;
/// Rows whose strings are long are taken in smaller steps, so that a batch stays near its target.
constexpr int64_t kSmallStepRows = 16;
/// A batch without columns carries only its number of rows.
constexpr int64_t kMaxCountedRows = std::numeric_limits<int64_t>::max();

/// Exceptions about a file's content say in many ways that it can't be read.
bool IsContentError(duckdb::ExceptionType type) {
  using duckdb::ExceptionType;
  switch (type) {
    case ExceptionType::INVALID_INPUT:
    case ExceptionType::INVALID:
    case ExceptionType::SERIALIZATION:
    case ExceptionType::CONVERSION:
    case ExceptionType::OUT_OF_RANGE:
    case ExceptionType::INVALID_TYPE:
    case ExceptionType::IO:
      return true;
    default:
      return false;
  }
}

class Stream : public RowStream {
 public:
  Stream(Database& database, ScanQueries queries, std::optional<int64_t> limit)
      : connection_(database.Borrow()),
        context_(connection_->context),
        queries_(std::move(queries)),
        remaining_(limit.value_or(std::numeric_limits<int64_t>::max())),
        builder_(queries_.types) {
    context_->ClearInterrupt();
  }

  ~Stream() override { CloseQuery(); }

  Result<> Next(std::vector<uint8_t>& out) override {
    out.clear();
    if (interrupted_) return Cancelled();
    if (failed_) return std::unexpected<Error>(*failed_);
    auto result = Guarded([&]() -> Result<> { return Fill(out); });
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

  Result<> Fill(std::vector<uint8_t>& out) {
    if (queries_.counted_rows > 0) return FillCounted(out);
    while (remaining_ > 0 && builder_.size_bytes() < kTargetBatchBytes) {
      if (chunk_ == nullptr || next_row_ == static_cast<int64_t>(chunk_->size())) {
        TARN_ASSIGN(const bool more, FetchChunk());
        if (!more) break;
      }
      TakeRows();
    }
    if (remaining_ == 0) CloseQuery();
    if (builder_.rows() > 0) builder_.Finish(out);
    return {};
  }

  Result<> FillCounted(std::vector<uint8_t>& out) {
    const int64_t rows = std::min({queries_.counted_rows, remaining_, kMaxCountedRows});
    queries_.counted_rows = 0;
    remaining_ = 0;
    if (rows > 0) EncodeBatch(BatchView{.rows = rows, .columns = {}}, out);
    return {};
  }

  /// Adds rows of the chunk up to the batch's target.
  void TakeRows() {
    const int64_t available =
        std::min(static_cast<int64_t>(chunk_->size()) - next_row_, remaining_);
    const int64_t step = HasLongStrings() ? std::min(available, kSmallStepRows) : available;
    builder_.Append(*chunk_, next_row_, next_row_ + step);
    next_row_ += step;
    remaining_ -= step;
  }

  bool HasLongStrings() const { return chunk_bytes_ > kTargetBatchBytes; }

  /// False at the end of the last query.
  Result<bool> FetchChunk() {
    while (true) {
      if (result_ == nullptr) {
        if (next_query_ == queries_.queries.size()) return false;
        TARN_TRY(StartQuery());
      }
      chunk_ = result_->Fetch();
      if (result_->HasError())
        return std::unexpected<Error>(QueryError(duckdb::ErrorData(result_->GetErrorObject())));
      if (chunk_ != nullptr && chunk_->size() > 0) {
        next_row_ = 0;
        chunk_bytes_ = static_cast<int64_t>(chunk_->GetAllocationSize());
        return true;
      }
      CloseQuery();
      ++next_query_;
    }
  }

  Result<> StartQuery() {
    result_ = Execute();
    if (result_->HasError())
      return std::unexpected<Error>(QueryError(duckdb::ErrorData(result_->GetErrorObject())));
    return {};
  }

  duckdb::unique_ptr<duckdb::QueryResult> Execute() {
    const auto& statement = queries_.queries[next_query_].statement;
    return context_->Query(statement->Copy(), duckdb::QueryParameters(true));
  }

  Error QueryError(const duckdb::ErrorData& data) {
    Error error = ToError(data);
    const ScanQuery& query = queries_.queries[next_query_];
    if (IsCarried(data) || !query.files || !IsContentError(data.Type())) return error;
    return Error{
        ErrorKind::kCorruption,
        fmt::format("file \"{}\" cannot be read", FindUnreadableFile(*query.files, error.message)),
        std::move(error.message),
        {}};
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
      const auto result = Execute();
      while (!result->HasError() && !interrupted_) {
        const auto chunk = result->Fetch();
        if (chunk == nullptr || chunk->size() == 0) break;
      }
      if (result->HasError()) return location;
    }
    return "(unknown)";
  }

  void CloseQuery() {
    chunk_.reset();
    result_.reset();  // ends the query, if it still runs
  }

  Database::Lease connection_;
  duckdb::shared_ptr<duckdb::ClientContext> context_;
  ScanQueries queries_;
  size_t next_query_ = 0;
  duckdb::unique_ptr<duckdb::QueryResult> result_;
  duckdb::unique_ptr<duckdb::DataChunk> chunk_;
  int64_t chunk_bytes_ = 0;
  int64_t next_row_ = 0;  ///< of the chunk
  int64_t remaining_;
  BatchBuilder builder_;
  std::optional<Error> failed_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace

Result<std::unique_ptr<RowStream>> OpenRowStream(Database& database, ScanRequest request) {
  const std::optional<int64_t> limit = request.limit;
  return Guarded([&]() -> Result<std::unique_ptr<RowStream>> {
    TARN_ASSIGN(ScanQueries queries, BuildQueries(std::move(request)));
    return std::make_unique<Stream>(database, std::move(queries), limit);
  });
}

}  // namespace tarn::engine
