// SPDX-License-Identifier: Apache-2.0
#include "table/delete_file_writer.h"

#include <array>
#include <string>
#include <utility>

#include "base/batch.h"
#include "iceberg/deletes/puffin.h"
#include "iceberg/model/metadata_columns.h"
#include "iceberg/values/partition_path.h"
#include "storage/publication.h"
#include "table/data_locations.h"
#include "table/write_properties.h"

namespace tarn::table {
namespace {

using iceberg::AddedDelete;
using iceberg::PositionBitmap;
using iceberg::ScanFile;
namespace metadata_column = iceberg::metadata_column;

constexpr int32_t kDeletesVersion = 2;
constexpr int32_t kVectorsVersion = 3;
constexpr const char* kPuffin = "PUFFIN";

AddedDelete DeletesOf(const ScanFile& file, int64_t rows) {
  AddedDelete added{.file = {}, .partition_spec_id = file.spec_id};
  added.file.content = iceberg::FileContent::kPositionDeletes;
  added.file.partition = file.file().partition;
  added.file.record_count = rows;
  added.file.referenced_data_file = file.file().file_path;
  return added;
}

class VectorWriter : public DeleteFileWriter {
 public:
  VectorWriter(const TableContext& context, DataLocations locations, int64_t target_bytes)
      : context_(context),
        locations_(std::move(locations)),
        target_bytes_(target_bytes),
        publication_(context.workers) {}

  Result<> Add(const ScanFile& file, const PositionBitmap& positions) override {
    TARN_ASSIGN(const iceberg::PuffinBlob blob,
                puffin_.AddDeletionVector(file.file().file_path, positions));
    AddedDelete& added = added_.emplace_back(DeletesOf(file, positions.cardinality()));
    added.file.file_format = kPuffin;
    added.file.content_offset = blob.offset;
    added.file.content_size_bytes = blob.length;
    if (puffin_.size_bytes() >= target_bytes_) EndFile();
    return {};
  }

  Result<std::vector<AddedDelete>> Finish() override {
    EndFile();
    TARN_TRY(publication_.Finish());
    return std::move(added_);
  }

  int32_t next_ordinal() const override { return locations_.next_ordinal(); }

 private:
  void EndFile() {
    if (puffin_.blobs().empty()) return;
    std::string location = locations_.Next("", "-deletes.puffin");
    std::string bytes = puffin_.Finish();
    for (; described_ < added_.size(); ++described_) {
      added_[described_].file.file_path = location;
      added_[described_].file.file_size_bytes = static_cast<int64_t>(bytes.size());
    }
    publication_.Add(context_.storage, std::move(location), std::move(bytes));
  }

  const TableContext& context_;
  DataLocations locations_;
  const int64_t target_bytes_;
  storage::Publication publication_;
  iceberg::PuffinWriter puffin_;
  std::vector<AddedDelete> added_;
  size_t described_ = 0;  ///< of `added_`, those whose Puffin file has ended
};

/// Rows (path, position) of one data file, block by block.
class PositionBlock {
 public:
  explicit PositionBlock(const std::string& path) {
    offsets_[0] = 0;
    for (size_t row = 0; row < kRows; ++row) {
      paths_ += path;
      offsets_[row + 1] = static_cast<int32_t>(paths_.size());
    }
  }

  static constexpr size_t kRows = 2048;
  std::array<int64_t, kRows>& positions() { return positions_; }

  BatchView View(size_t rows) const {
    const auto count = static_cast<int64_t>(rows);
    const ColumnView paths{.rows = count,
                           .values = reinterpret_cast<const uint8_t*>(paths_.data()),
                           .values_bytes = static_cast<size_t>(offsets_[rows]),
                           .offsets = offsets_.data()};
    const ColumnView positions{.rows = count,
                               .values = reinterpret_cast<const uint8_t*>(positions_.data()),
                               .values_bytes = rows * sizeof(int64_t)};
    return {.rows = count, .columns = {paths, positions}};
  }

 private:
  std::string paths_;
  alignas(8) std::array<int32_t, kRows + 1> offsets_;
  std::array<int64_t, kRows> positions_;
};

class PositionDeleteWriter : public DeleteFileWriter {
 public:
  PositionDeleteWriter(const TableContext& context, const iceberg::TableMetadata& table,
                       DataLocations locations, engine::DataFileOptions options)
      : context_(context),
        table_(table),
        locations_(std::move(locations)),
        options_(std::move(options)),
        publication_(context.workers) {}

  Result<> Add(const ScanFile& file, const PositionBitmap& positions) override {
    const iceberg::PartitionSpec* spec = table_.FindPartitionSpec(file.spec_id);
    const std::string path = spec == nullptr ? std::string()
                                             : iceberg::PartitionPath(table_.current_schema(),
                                                                      *spec, file.file().partition);
    TARN_ASSIGN(const auto writer,
                context_.engine->CreateDataFile(locations_.Next(path, "-deletes.parquet"),
                                                Columns(), options_));
    PositionBlock block(file.file().file_path);
    for (int64_t begin = 0;;) {
      const size_t rows =
          positions.Read(begin, PositionBitmap::kMaxPosition + 1, block.positions());
      if (rows > 0) TARN_TRY(writer->Append(block.View(rows)));
      if (rows < PositionBlock::kRows) break;
      begin = block.positions()[rows - 1] + 1;
    }
    TARN_ASSIGN(engine::UnpublishedFile finished, writer->Finish());
    publication_.Add(finished.file.file_path, std::move(finished.object));
    AddedDelete added = DeletesOf(file, positions.cardinality());
    finished.file.content = added.file.content;
    finished.file.partition = std::move(added.file.partition);
    finished.file.referenced_data_file = std::move(added.file.referenced_data_file);
    added.file = std::move(finished.file);
    added_.push_back(std::move(added));
    return {};
  }

  Result<std::vector<AddedDelete>> Finish() override {
    TARN_TRY(publication_.Finish());
    return std::move(added_);
  }

  int32_t next_ordinal() const override { return locations_.next_ordinal(); }

 private:
  static std::vector<Field> Columns() {
    return {{.id = metadata_column::kDeletePath,
             .name = "file_path",
             .required = true,
             .type = Type::Primitive(TypeKind::kString)},
            {.id = metadata_column::kDeletePosition,
             .name = "pos",
             .required = true,
             .type = Type::Primitive(TypeKind::kLong)}};
  }

  const TableContext& context_;
  const iceberg::TableMetadata& table_;
  DataLocations locations_;
  const engine::DataFileOptions options_;
  storage::Publication publication_;
  std::vector<AddedDelete> added_;
};

}  // namespace

Result<std::unique_ptr<DeleteFileWriter>> OpenDeleteFileWriter(const TableContext& context,
                                                               const Writer& writer,
                                                               const iceberg::TableMetadata& table,
                                                               int32_t first_ordinal) {
  if (table.format_version < kDeletesVersion) {
    return std::unexpected(Error{
        ErrorKind::kInvalidArgument,
        fmt::format("rows of table \"{}\" cannot be deleted in files of their own", table.location),
        "Its format version is 1.", "Upgrade the table to format version 2 or 3."});
  }
  TARN_ASSIGN(DataLocations locations, DataLocations::Make(table, writer.id, first_ordinal));
  if (table.format_version >= kVectorsVersion) {
    TARN_ASSIGN(const int64_t target_bytes, TargetDeleteFileBytes(table));
    return std::make_unique<VectorWriter>(context, std::move(locations), target_bytes);
  }
  TARN_ASSIGN(WriteProperties properties, DeleteWriteProperties(table));
  return std::make_unique<PositionDeleteWriter>(context, table, std::move(locations),
                                                std::move(properties.files));
}

}  // namespace tarn::table
