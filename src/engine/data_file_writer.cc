// SPDX-License-Identifier: Apache-2.0
#include "engine/data_file_writer.h"

#include <parquet_writer.hpp>
#include <writer/primitive_column_writer.hpp>

#include <algorithm>
#include <deque>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "engine/column_metrics.h"
#include "engine/duckdb_error.h"
#include "engine/duckdb_type.h"
#include "engine/member_names.h"
#include "engine/object_sink.h"
#include "engine/parquet_footer.h"
#include "engine/vector_writer.h"

namespace tarn::engine {

namespace {

/// Row groups of one writer that may be encoded at once or wait to be written: bounds its memory.
constexpr size_t kMaxRowGroupsInFlight = 3;

// DuckDB's dictionaries take -0.0 and +0.0 for one value, and whether there are dictionaries is
// decided for a whole file, in a private member. An explicit instantiation may name it.
duckdb::optional_idx& DictionaryLimitOf(duckdb::ParquetWriter& writer);
template <duckdb::optional_idx duckdb::ParquetWriter::* member>
struct Reach {
  friend duckdb::optional_idx& DictionaryLimitOf(duckdb::ParquetWriter& writer) {
    return writer.*member;
  }
};
template struct Reach<&duckdb::ParquetWriter::dictionary_size_limit>;

duckdb_parquet::CompressionCodec::type ToParquet(ParquetCodec codec) {
  using Codec = duckdb_parquet::CompressionCodec;
  switch (codec) {
    case ParquetCodec::kUncompressed:
      return Codec::UNCOMPRESSED;
    case ParquetCodec::kSnappy:
      return Codec::SNAPPY;
    case ParquetCodec::kGzip:
      return Codec::GZIP;
    case ParquetCodec::kLz4:
      return Codec::LZ4_RAW;
    case ParquetCodec::kBrotli:
      return Codec::BROTLI;
    case ParquetCodec::kZstd:
      break;
  }
  return Codec::ZSTD;
}

/// Field ids for every node, under the names that DuckDB's writer looks for.
duckdb::FieldID FieldIds(const Field& field) {
  duckdb::FieldID result(field.id.value());
  for (size_t i = 0; i < field.type.children.size(); ++i) {
    const Field& child = field.type.children[i];
    std::string name = NameOfId(child.id.value());
    if (field.type.kind == TypeKind::kList) name = "element";
    if (field.type.kind == TypeKind::kMap) name = i == 0 ? "key" : "value";
    result.child_field_ids.ids->emplace(std::move(name), FieldIds(child));
  }
  return result;
}

/// The names that DuckDB's writer is given, and the fields' own. Parts of lists and maps have the
/// specification's names from the start.
void CollectNames(const std::vector<Field>& fields, std::map<std::string, std::string>& names) {
  for (const Field& field : fields) {
    names.emplace(NameOfId(field.id.value()), field.name);
    CollectNames(field.type.children, names);
  }
}

Result<> CheckWritable(const Field& field, std::set<FieldId>& ids) {
  if (field.id.value() < 1 || !ids.insert(field.id).second) {
    return Fail(ErrorKind::kInvalidArgument, "column \"{}\" has no field id of its own",
                field.name);
  }
  // It would become a byte array of variable length.
  if (field.type.kind == TypeKind::kFixed) {
    return Fail(ErrorKind::kUnsupported, "column \"{}\" of type fixed cannot be written yet",
                field.name);
  }
  for (const Field& child : field.type.children) TARN_TRY(CheckWritable(child, ids));
  return {};
}

int64_t BufferBytes(const ColumnView& column) {
  auto bytes = static_cast<int64_t>(column.values_bytes) + column.rows / 8;
  if (column.offsets != nullptr) bytes += column.rows * 4;
  for (const ColumnView& child : column.children) bytes += BufferBytes(child);
  return bytes;
}

/// Rows on their way into one row group.
struct RowGroup {
  RowGroup(duckdb::ClientContext& context, const duckdb::vector<duckdb::LogicalType>& types)
      : rows(context, types, duckdb::ColumnDataAllocatorType::BUFFER_MANAGER_ALLOCATOR) {
    rows.InitializeAppend(append);
  }

  duckdb::ColumnDataCollection rows;
  duckdb::ColumnDataAppendState append;
  duckdb::PreparedRowGroup prepared;
  int64_t buffered_bytes = 0;
  bool negative_zero = false;  ///< must be written without dictionaries
  std::future<Result<>> done;
};

class ParquetFileWriter : public DataFileWriter {
 public:
  ParquetFileWriter(Database& database, WorkerPool& workers, std::string location,
                    std::vector<Field> fields, const DataFileOptions& options,
                    std::unique_ptr<storage::ObjectWriter> object)
      : workers_(workers),
        connection_(database.Borrow()),
        location_(std::move(location)),
        fields_(std::move(fields)),
        options_(options),
        sink_(std::move(object)),
        metrics_(fields_, options) {}

  ~ParquetFileWriter() override { Drain(); }

  Result<> Start() {
    duckdb::vector<duckdb::string> names;
    duckdb::ChildFieldIDs ids;
    CollectNames(fields_, names_in_file_);
    std::set<FieldId> known;
    for (const Field& field : fields_) {
      TARN_TRY(CheckWritable(field, known));
      TARN_ASSIGN(duckdb::LogicalType type, ToDuckdbType(field.type));
      types_.push_back(std::move(type));
      names.push_back(NameOfId(field.id.value()));
      ids.ids->emplace(names.back(), FieldIds(field));
    }
    writer_ = duckdb::make_uniq<duckdb::ParquetWriter>(
        context(), sink_, location_, types_, names, ToParquet(options_.codec), std::move(ids),
        duckdb::ShreddingType(), duckdb::vector<std::pair<duckdb::string, duckdb::string>>(),
        nullptr, duckdb::optional_idx(), StringDictionaryBytes(),
        /*enable_bloom_filters=*/false, /*bloom_filter_false_positive_ratio=*/0.01,
        options_.zstd_level, duckdb::ParquetVersion::V1, duckdb::GeoParquetVersion::NONE);
    chunk_.Initialize(duckdb::Allocator::DefaultAllocator(), types_);
    return {};
  }

  Result<> Append(const BatchView& batch) override {
    if (failed_) return std::unexpected<Error>(*failed_);
    if (batch.columns.size() != fields_.size()) {
      return Fail(ErrorKind::kInvalidArgument, "batch has {} columns, not {}", batch.columns.size(),
                  fields_.size());
    }
    return Remember(Guarded([&] { return AppendRows(batch); }));
  }

  int64_t rows() const override { return rows_; }

  int64_t size_bytes() const override {
    // Compressed row groups are about a third of what went into them.
    int64_t pending = current_ ? current_->buffered_bytes : 0;
    for (const auto& group : in_flight_) pending += group->buffered_bytes;
    return sink_size_ + pending / 3;
  }

  int64_t memory_bytes() const override {
    int64_t bytes = current_ ? static_cast<int64_t>(current_->rows.AllocationSize()) : 0;
    for (const auto& group : in_flight_) bytes += group->buffered_bytes;
    return bytes;
  }

  Result<UnpublishedFile> Finish() override {
    if (failed_) return std::unexpected<Error>(*failed_);
    auto file = Guarded([&] { return EndFile(); });
    if (!file) failed_ = file.error();
    return file;
  }

 private:
  duckdb::ClientContext& context() { return *connection_->context; }

  duckdb::idx_t StringDictionaryBytes() const {
    constexpr auto kMost = duckdb::PrimitiveColumnWriter::MAX_UNCOMPRESSED_DICT_PAGE_SIZE;
    if (options_.string_dictionary_bytes <= 0) return kMost;
    return std::min<duckdb::idx_t>(static_cast<duckdb::idx_t>(options_.string_dictionary_bytes),
                                   kMost);
  }

  Result<> Remember(Result<> result) {
    if (!result) failed_ = result.error();
    return result;
  }

  Result<> AppendRows(const BatchView& batch) {
    const bool negative_zero = metrics_.Add(batch);
    int64_t bytes = 0;
    for (const ColumnView& column : batch.columns) bytes += BufferBytes(column);
    for (int64_t begin = 0; begin < batch.rows;) {
      if (!current_) current_ = std::make_unique<RowGroup>(context(), types_);
      const int64_t room = options_.row_group_rows - static_cast<int64_t>(current_->rows.Count());
      const int64_t end = std::min({batch.rows, begin + STANDARD_VECTOR_SIZE, begin + room});
      chunk_.Reset();
      for (size_t i = 0; i < fields_.size(); ++i) {
        FillVector(fields_[i].type, batch.columns[i], begin, end, chunk_.data[i]);
      }
      chunk_.SetCardinality(static_cast<duckdb::idx_t>(end - begin));
      current_->rows.Append(current_->append, chunk_);
      current_->negative_zero |= negative_zero;
      current_->buffered_bytes += bytes * (end - begin) / batch.rows;
      begin = end;
      const bool full = static_cast<int64_t>(current_->rows.Count()) >= options_.row_group_rows ||
                        current_->buffered_bytes >= options_.row_group_bytes;
      if (full) TARN_TRY(Encode());
    }
    rows_ += batch.rows;
    return {};
  }

  Result<> Prepare(RowGroup& group) {
    return Guarded([&]() -> Result<> {
      duckdb::unique_ptr<duckdb::ParquetWriteTransformData> transform;  // of variants only
      writer_->PrepareRowGroup(group.rows, group.prepared, transform);
      group.rows.Reset();
      return {};
    });
  }

  /// Hands the current row group to the workers, and writes what they have finished.
  Result<> Encode() {
    if (current_->negative_zero) return WriteWithoutDictionaries();
    auto promise = std::make_shared<std::promise<Result<>>>();
    RowGroup* group = current_.get();
    group->done = promise->get_future();
    in_flight_.push_back(std::move(current_));
    workers_.Submit([this, group, promise] { promise->set_value(Prepare(*group)); });
    while (in_flight_.size() > kMaxRowGroupsInFlight || FrontIsDone()) TARN_TRY(WriteFront());
    return {};
  }

  /// Alone, because the switch is the whole writer's.
  Result<> WriteWithoutDictionaries() {
    while (!in_flight_.empty()) TARN_TRY(WriteFront());
    const auto group = std::exchange(current_, nullptr);
    DictionaryLimitOf(*writer_) = duckdb::optional_idx(0);
    TARN_TRY(Prepare(*group));
    DictionaryLimitOf(*writer_) = duckdb::optional_idx();
    return WriteRowGroup(*group);
  }

  bool FrontIsDone() const {
    return !in_flight_.empty() &&
           in_flight_.front()->done.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }

  Result<> WriteFront() {
    const auto group = std::move(in_flight_.front());
    in_flight_.pop_front();
    TARN_TRY(group->done.get());
    return WriteRowGroup(*group);
  }

  Result<> WriteRowGroup(RowGroup& group) {
    writer_->FlushRowGroup(group.prepared);
    sink_size_ = static_cast<int64_t>(writer_->FileSize());
    return {};
  }

  /// Waits until no worker knows this writer.
  void Drain() {
    for (const auto& group : in_flight_) group->done.wait();
    in_flight_.clear();
  }

  Result<UnpublishedFile> EndFile() {
    if (current_ && current_->negative_zero) TARN_TRY(WriteWithoutDictionaries());
    if (current_) TARN_TRY(Prepare(*current_));
    while (!in_flight_.empty()) TARN_TRY(WriteFront());
    if (current_) TARN_TRY(WriteRowGroup(*std::exchange(current_, nullptr)));
    writer_->GetWriter().Flush();
    sink_.HoldFooter();
    writer_->Finalize();
    const std::span footer(sink_.footer());
    TARN_ASSIGN(auto metadata, ParseFooter(footer.first(footer.size() - kFooterTailBytes)));
    RenameColumns(names_in_file_, metadata);
    TARN_TRY(sink_.object().Append(SerializeFooter(metadata)));
    iceberg::DataFile file;
    file.file_path = location_;
    file.file_size_bytes = sink_.object().size_bytes();
    FillSizes(metadata, file);
    metrics_.Fill(file);
    return UnpublishedFile{std::move(file), sink_.TakeObject()};
  }

  WorkerPool& workers_;
  Database::Lease connection_;
  std::string location_;
  std::vector<Field> fields_;
  DataFileOptions options_;
  std::map<std::string, std::string> names_in_file_;  ///< by the names in the writer
  ObjectSink sink_;
  FileMetrics metrics_;
  duckdb::vector<duckdb::LogicalType> types_;
  duckdb::unique_ptr<duckdb::ParquetWriter> writer_;
  duckdb::DataChunk chunk_;
  std::unique_ptr<RowGroup> current_;
  std::deque<std::unique_ptr<RowGroup>> in_flight_;
  std::optional<Error> failed_;
  int64_t rows_ = 0;
  int64_t sink_size_ = 0;
};

}  // namespace

Result<std::unique_ptr<DataFileWriter>> OpenDataFileWriter(storage::Storage& storage,
                                                           Database& database, WorkerPool& workers,
                                                           std::string location,
                                                           std::vector<Field> fields,
                                                           const DataFileOptions& options) {
  TARN_ASSIGN(auto object, storage.Create(location, storage::PutMode::kIfAbsent));
  return Guarded([&]() -> Result<std::unique_ptr<DataFileWriter>> {
    auto writer = std::make_unique<ParquetFileWriter>(
        database, workers, std::move(location), std::move(fields), options, std::move(object));
    TARN_TRY(writer->Start());
    return writer;
  });
}

}  // namespace tarn::engine
