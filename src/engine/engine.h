// SPDX-License-Identifier: Apache-2.0
// DuckDB behind one adapter: scans of Iceberg tables and Parquet writing. No DuckDB header is
// needed to use it, and no DuckDB exception leaves it.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/batch.h"
#include "base/column_type.h"
#include "base/filter.h"
#include "base/memory_budget.h"
#include "base/result.h"
#include "iceberg/deletes/position_bitmap.h"
#include "iceberg/fsck/fsck.h"
#include "iceberg/model/data_file.h"
#include "iceberg/plan/scan_plan.h"
#include "storage/storage.h"

namespace tarn::engine {

/// The consumer of EngineOptions::memory.
inline constexpr std::string_view kScanBatchesConsumer = "scan batches";

struct EngineOptions {
  storage::Storage* storage = nullptr;  ///< outlives the engine
  int64_t memory_limit_bytes = int64_t{1} << 30;
  int32_t threads = 0;          ///< 0 = cores of the machine
  std::string spill_directory;  ///< emptied at start; "" = no spilling
  /// Deleted positions kept between scans, beside the memory above.
  int64_t delete_cache_bytes = int64_t{64} << 20;
  /// Counts the batches that scans have ready before they are asked for, and lets them have fewer
  /// where it is used up; null: nobody counts. Outlives the engine.
  MemoryBudget* memory = nullptr;
};

/// A column that a scan returns. Files without the field give, first that applies: the value of an
/// identity partition over it; what the table's name mapping names so, if the file has no field ids
/// at all; `default_value` (a row of one column, encoded by EncodeBatch); the field's initial
/// default; null. Batches give one of the last three.
/// Metadata columns are asked for by their reserved ids (iceberg/model/metadata_columns.h), in
/// their types there: _file, _pos, _spec_id, _partition (a struct whose fields are known by
/// partition field id), _row_id and _last_updated_sequence_number (as stored in the file, else
/// inherited; null in files without a first row id). Pending rows have null there.
struct ScanColumn {
  Field field;
  std::vector<uint8_t> default_value;
};

/// Rows of a transaction that are not committed: batches in memory and files already written.
struct PendingRows {
  /// One batch; `fields` says what its columns are. Rows [first_ordinal, first_ordinal + rows) of
  /// the storage.
  struct Batch {
    std::shared_ptr<const std::vector<uint8_t>> owner;  ///< keeps `view` alive
    BatchView view;
    std::shared_ptr<const std::vector<Field>> fields;
    int64_t first_ordinal = 0;
  };
  struct File {
    iceberg::DataFile file;
    int64_t first_ordinal = 0;
  };
  struct Range {
    int64_t begin = 0, end = 0;  ///< ordinals
  };
  std::vector<Batch> batches;
  std::vector<File> files;
  std::vector<Range> visible;  ///< ascending; all other rows are skipped
};

/// NaN is above all other numbers, nulls as it says; text by its bytes.
struct SortKey {
  FieldId field;  ///< one of the columns
  bool descending = false;
  bool nulls_first = true;
};

struct ScanRequest {
  std::optional<iceberg::ScanPlan> plan;  ///< committed rows; deleted ones do not come back
  std::optional<PendingRows> pending;     ///< after them
  std::vector<ScanColumn> columns;        ///< may be empty: rows are only counted
  std::optional<Filter>
      filter;  ///< exact: only rows for which it is true come back. May use fields beyond
  std::vector<ScanColumn> filter_columns;  ///< `columns`; those are described here
  std::optional<int64_t> limit;
  /// Only committed rows numbered in [row_begin, row_end).
  std::optional<int64_t> row_begin, row_end;
  /// Adds a last column, kLong: the row's number — ScanFile::first_row + position for committed
  /// rows, kPendingRowBit | ordinal for pending ones.
  bool row_numbers = false;
  bool keep_order = true;  ///< committed in row number order, then pending in ordinal order
  /// Instead: sorted, where one query gives all rows (committed ones of whole files), else
  /// Unsupported. Spills as memory and its directory allow.
  std::vector<SortKey> order_by;
};

/// Rows of one data file by position; the deletes of the plan that it comes from are not looked at.
struct FileRows {
  iceberg::ScanFile file;
  std::shared_ptr<const iceberg::PositionBitmap> only;    ///< null: all
  std::shared_ptr<const iceberg::PositionBitmap> except;  ///< null: none; not beside `only`
};

/// Two sets of rows, to be compared by all columns: NaN equals NaN, null null, -0.0 0.0.
struct DifferenceRequest {
  std::shared_ptr<const iceberg::TableMetadata> metadata;
  std::vector<FileRows> before, after;
  std::vector<ScanColumn> columns;   ///< come back; none of them a metadata column
  std::vector<ScanColumn> compared;  ///< beside those; a column may stand in both
  std::optional<Filter> filter;      ///< exact, over any of these columns
};

inline constexpr int64_t kPendingRowBit = int64_t{1} << 46;

/// Rows of one scan. Used by one thread at a time; Interrupt from any.
class RowStream {
 public:
  virtual ~RowStream() = default;
  /// Replaces `out` with one encoded batch (EncodeBatch) of at least one row, about 256 KiB to 1
  /// MiB where there are that many; empty at the end.
  virtual Result<> Next(std::vector<uint8_t>& out) = 0;
  virtual void Interrupt() = 0;
};

enum class ParquetCodec : uint8_t { kUncompressed, kSnappy, kGzip, kZstd, kLz4, kBrotli };

/// What the description of a data file says of a column (write.metadata.metrics.*).
enum class MetricsMode : uint8_t {
  kNone,      ///< nothing, its size included
  kCounts,    ///< values, nulls, NaNs and size
  kTruncate,  ///< and bounds, of which strings and binaries are cut
  kFull,
};

struct ColumnMetrics {
  MetricsMode mode = MetricsMode::kTruncate;
  int32_t length = 16;  ///< kTruncate: code points, bytes of binaries
};

struct DataFileOptions {
  int64_t row_group_rows = 122'880;
  int64_t row_group_bytes = 128 * 1024 * 1024;  ///< before encoding
  ParquetCodec codec = ParquetCodec::kZstd;     ///< kLz4 is LZ4_RAW in Parquet's terms
  int32_t zstd_level = 1;  ///< against 3: files 2 % larger, written 1.6 times as fast
  /// Strings of one column in a row group that may be one dictionary; 0 = as DuckDB likes.
  int64_t string_dictionary_bytes = 0;
  ColumnMetrics metrics;
  std::map<FieldId, ColumnMetrics> column_metrics;  ///< of leaves that differ
};

/// A data file whose bytes are complete and which nobody sees yet.
struct UnpublishedFile {
  iceberg::DataFile file;
  std::unique_ptr<storage::ObjectWriter> object;  ///< nothing is left to append
};

/// Writes one Parquet data file: field ids at every node, exact metrics measured from the vectors
/// (counts, nulls, NaNs, bounds never NaN). Used by one thread at a time; encoding may use
/// others.
class DataFileWriter {
 public:
  virtual ~DataFileWriter() = default;  ///< without Finish or Close: nothing remains
  virtual Result<> Append(const BatchView& batch) = 0;
  /// Rows and bytes so far (bytes: written row groups plus an estimate of the buffered one).
  virtual int64_t rows() const = 0;
  virtual int64_t size_bytes() const = 0;
  /// Held in memory: rows that are not written yet.
  virtual int64_t memory_bytes() const = 0;
  /// Ends the file, for the caller to publish.
  virtual Result<UnpublishedFile> Finish() = 0;
  /// Ends the file and publishes it durably.
  Result<iceberg::DataFile> Close();
};

class QueryStream;
struct QueryRequest;
struct QueryFailure;

/// Thread-safe. One per process.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Fails with Internal when the library is not the release that the headers are of.
  static Result<std::unique_ptr<Engine>> Open(const EngineOptions& options);

  /// Unsupported for what a scan can't do; never wrong rows. A query out of memory fails alone with
  /// ResourceExhausted.
  virtual Result<std::unique_ptr<RowStream>> OpenScan(ScanRequest request) = 0;
  /// What `after` has and `before` has not (kind 1), and the other way round (kind -1), each as
  /// often as the numbers of equal rows differ; the latter come first. Of rows with one row id,
  /// equal ones are none, and unequal ones are both there. Columns of the stream: `columns`, the
  /// kind (kInt), the row id (kLong; null in files without). Spills, if the engine may.
  virtual Result<std::unique_ptr<RowStream>> OpenDifference(DifferenceRequest request) = 0;
  /// Which rows of each file of the plan are deleted, in the plan's order; null where none are.
  /// Files without their equality deletes: leave these out of the plan.
  virtual Result<std::vector<std::shared_ptr<const iceberg::PositionBitmap>>> FindDeleted(
      const iceberg::ScanPlan& plan) = 0;
  /// Plans the query and fails with what is wrong with it; see engine/query.h. Memory and threads
  /// are the engine's, shared by all that runs: DuckDB limits neither for one query.
  virtual std::expected<std::unique_ptr<QueryStream>, QueryFailure> OpenQuery(
      QueryRequest request) = 0;
  virtual Result<std::unique_ptr<DataFileWriter>> CreateDataFile(
      std::string location, std::vector<Field> fields, const DataFileOptions& options) = 0;
  /// Frees what is kept of data files that were rewritten: who still reads them reads it anew.
  virtual void ForgetDataFiles(const std::vector<std::string>& locations) = 0;
  /// For verification.
  virtual iceberg::DataFileReader& data_file_reader() = 0;
};

}  // namespace tarn::engine
