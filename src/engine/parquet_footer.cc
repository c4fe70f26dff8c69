// SPDX-License-Identifier: Apache-2.0
#include "engine/parquet_footer.h"

#include <thrift/protocol/TCompactProtocol.h>
#include <thrift/transport/TVirtualTransport.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "engine/duckdb_error.h"

namespace tarn::engine {

namespace {

namespace thrift = duckdb_apache::thrift;

/// Bytes to read from, or a vector to append to.
class MemoryTransport : public thrift::transport::TVirtualTransport<MemoryTransport> {
 public:
  explicit MemoryTransport(std::span<const uint8_t> source) : source_(source) {}
  explicit MemoryTransport(std::vector<uint8_t>* target) : target_(target) {}

  // NOLINTBEGIN(bugprone-derived-method-shadowing-base-method): as transports of Thrift do
  uint32_t read(uint8_t* buffer, uint32_t length) {
    if (length > source_.size()) throw duckdb::InvalidInputException("footer ends too early");
    std::memcpy(buffer, source_.data(), length);
    source_ = source_.subspan(length);
    return length;
  }
  void write(const uint8_t* buffer, uint32_t length) {
    target_->insert(target_->end(), buffer, buffer + length);
  }
  // NOLINTEND(bugprone-derived-method-shadowing-base-method)

 private:
  std::span<const uint8_t> source_;
  std::vector<uint8_t>* target_ = nullptr;
};

using Protocol = thrift::protocol::TCompactProtocolT<MemoryTransport>;

int64_t ChunkOffset(const duckdb_parquet::ColumnMetaData& chunk) {
  if (!chunk.__isset.dictionary_page_offset || chunk.dictionary_page_offset <= 0)
    return chunk.data_page_offset;
  return std::min(chunk.dictionary_page_offset, chunk.data_page_offset);
}

}  // namespace

Result<duckdb_parquet::FileMetaData> ParseFooter(std::span<const uint8_t> bytes) {
  return Guarded([&]() -> Result<duckdb_parquet::FileMetaData> {
    // No string or list can be longer than the whole.
    const auto limit = static_cast<int32_t>(bytes.size());
    Protocol protocol(std::make_shared<MemoryTransport>(bytes), limit, limit);
    duckdb_parquet::FileMetaData metadata;
    metadata.read(&protocol);
    return metadata;
  });
}

std::vector<uint8_t> SerializeFooter(const duckdb_parquet::FileMetaData& metadata) {
  std::vector<uint8_t> bytes;
  Protocol protocol(std::make_shared<MemoryTransport>(&bytes));
  metadata.write(&protocol);
  const auto length = static_cast<uint32_t>(bytes.size());
  const auto* length_bytes = reinterpret_cast<const uint8_t*>(&length);
  bytes.insert(bytes.end(), length_bytes, length_bytes + sizeof length);
  bytes.insert(bytes.end(), {'P', 'A', 'R', '1'});
  return bytes;
}

void RenameColumns(const std::map<std::string, std::string>& names,
                   duckdb_parquet::FileMetaData& metadata) {
  const auto rename = [&](std::string& name) {
    if (const auto found = names.find(name); found != names.end()) name = found->second;
  };
  for (auto& element : metadata.schema) rename(element.name);
  for (auto& group : metadata.row_groups) {
    for (auto& chunk : group.columns) {
      for (std::string& name : chunk.meta_data.path_in_schema) rename(name);
    }
  }
}

Result<duckdb_parquet::FileMetaData> ReadFooter(const storage::ObjectReader& object,
                                                std::string_view location) {
  const auto corrupt = [&](std::string_view what) {
    return Fail(ErrorKind::kCorruption, "file \"{}\" is not a Parquet file: {}", location, what);
  };
  constexpr int64_t kMagicBytes = 4;
  if (object.size_bytes() < kMagicBytes + kFooterTailBytes) return corrupt("it is too short");
  uint8_t tail[kFooterTailBytes];
  TARN_TRY(object.ReadAt(object.size_bytes() - kFooterTailBytes, tail));
  if (std::memcmp(tail + 4, "PAR1", kMagicBytes) != 0) return corrupt("it does not end with PAR1");
  uint32_t length = 0;
  std::memcpy(&length, tail, sizeof length);
  const int64_t begin = object.size_bytes() - kFooterTailBytes - length;
  if (begin < kMagicBytes) return corrupt("its footer is longer than itself");
  std::vector<uint8_t> bytes(length);
  TARN_TRY(object.ReadAt(begin, bytes));
  auto metadata = ParseFooter(bytes);
  if (!metadata) return corrupt(metadata.error().message);
  return metadata;
}

std::vector<int64_t> RowGroupOffsets(const duckdb_parquet::FileMetaData& metadata) {
  std::vector<int64_t> offsets;
  for (const auto& group : metadata.row_groups) {
    if (group.columns.empty()) continue;
    offsets.push_back(ChunkOffset(group.columns[0].meta_data));
  }
  return offsets;
}

std::vector<const duckdb_parquet::SchemaElement*> Leaves(
    const duckdb_parquet::FileMetaData& metadata) {
  std::vector<const duckdb_parquet::SchemaElement*> leaves;
  for (size_t i = 1; i < metadata.schema.size(); ++i) {
    const auto& element = metadata.schema[i];
    if (!element.__isset.num_children || element.num_children == 0) leaves.push_back(&element);
  }
  return leaves;
}

void FillSizes(const duckdb_parquet::FileMetaData& metadata, iceberg::DataFile& file) {
  file.split_offsets = RowGroupOffsets(metadata);
  const auto leaves = Leaves(metadata);
  for (const auto& group : metadata.row_groups) {
    for (size_t i = 0; i < std::min(leaves.size(), group.columns.size()); ++i) {
      if (!leaves[i]->__isset.field_id) continue;
      file.column_sizes_bytes[FieldId(leaves[i]->field_id)] +=
          group.columns[i].meta_data.total_compressed_size;
    }
  }
}

}  // namespace tarn::engine
