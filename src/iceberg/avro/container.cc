// SPDX-License-Identifier: Apache-2.0
#include "iceberg/avro/container.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "base/uuid.h"

namespace tarn::iceberg::avro {
namespace {

constexpr std::string_view kMagic = "Obj\x01";
constexpr std::string_view kSchemaKey = "avro.schema";
constexpr std::string_view kCodecKey = "avro.codec";
constexpr size_t kBlockBytes = size_t{64} << 10;

/// Parsed schemas by their text: all manifests of a table declare the same, and parsing it takes
/// longer than reading a small manifest. Thread-safe.
class RecentSchemas {
 public:
  Result<NodePtr> Parse(const std::string& json) {
    {
      const std::lock_guard lock(mutex_);
      for (const Slot& slot : slots_) {
        if (slot.schema != nullptr && slot.json == json) return slot.schema;
      }
    }
    TARN_ASSIGN(NodePtr schema, ParseSchema(json));
    const std::lock_guard lock(mutex_);
    slots_[next_] = {json, schema};
    next_ = (next_ + 1) % slots_.size();
    return schema;
  }

 private:
  struct Slot {
    std::string json;
    NodePtr schema;
  };
  std::mutex mutex_;
  std::array<Slot, 8> slots_;
  size_t next_ = 0;
};

RecentSchemas& recent_schemas() {
  static RecentSchemas schemas;
  return schemas;
}

}  // namespace

Result<ContainerReader> ContainerReader::Open(std::string_view bytes,
                                              const ContainerLimits& limits) {
  if (!bytes.starts_with(kMagic)) {
    return Fail(ErrorKind::kCorruption, "not an avro object container file");
  }
  BinaryReader header(bytes);
  header.ReadFixed(kMagic.size());
  ContainerReader reader;
  reader.limits_ = limits;
  header.ReadItems([&] {
    const std::string_view key = header.ReadBytes();
    const std::string_view value = header.ReadBytes();
    if (header.ok()) reader.metadata_.insert_or_assign(std::string(key), std::string(value));
  });
  reader.sync_ = header.ReadFixed(kSyncBytes);
  if (!header.ok()) {
    return Fail(ErrorKind::kCorruption, "malformed avro header: {}", header.error().message);
  }
  const std::string* schema = reader.FindMetadata(kSchemaKey);
  if (schema == nullptr) return Fail(ErrorKind::kCorruption, "avro header without a schema");
  TARN_ASSIGN(reader.schema_, recent_schemas().Parse(*schema));
  if (const std::string* codec = reader.FindMetadata(kCodecKey)) {
    TARN_ASSIGN(reader.codec_, ParseCodec(*codec));
  }
  reader.blocks_ = header;
  return reader;
}

const std::string* ContainerReader::FindMetadata(std::string_view key) const {
  const auto found = metadata_.find(std::string(key));
  return found == metadata_.end() ? nullptr : &found->second;
}

Result<> ContainerReader::ForEach(const std::function<Result<>(BinaryReader&)>& visit) {
  size_t total_bytes = 0;
  int64_t total_records = 0;
  std::string decompressed;
  for (int64_t block = 0; !blocks_.at_end(); ++block) {
    const int64_t count = blocks_.ReadLong();
    std::string_view data = blocks_.ReadBytes();
    const std::string_view sync = blocks_.ReadFixed(kSyncBytes);
    if (!blocks_.ok()) {
      return Fail(ErrorKind::kCorruption, "malformed avro block {}: {}", block,
                  blocks_.error().message);
    }
    if (sync != sync_) {
      return Fail(ErrorKind::kCorruption, "avro block {} ends with a wrong sync marker", block);
    }
    if (codec_ != Codec::kNull && (count > 0 || !data.empty())) {
      TARN_ASSIGN(decompressed, Decompress(codec_, data, limits_.block_bytes));
      data = decompressed;
    }
    total_bytes += data.size();
    if (count < 0 || count > limits_.records - total_records || total_bytes > limits_.total_bytes) {
      return Fail(ErrorKind::kCorruption, "avro block {} of {} records and {} bytes is too large",
                  block, count, data.size());
    }
    total_records += count;
    if (auto read = ReadBlock(data, count, visit); !read) {
      read.error().message = fmt::format("avro block {}: {}", block, read.error().message);
      return read;
    }
  }
  return {};
}

Result<> ContainerReader::ReadBlock(std::string_view data, int64_t count,
                                    const std::function<Result<>(BinaryReader&)>& visit) {
  BinaryReader records(data);
  for (int64_t record = 0; record < count; ++record) {
    // A record without bytes would let a small block claim millions.
    if (records.at_end()) records.Fail("bytes end before the last record");
    if (records.ok()) TARN_TRY(visit(records));
    if (!records.ok()) {
      Error error = records.error();
      error.message = fmt::format("record {}: {}", record, error.message);
      return std::unexpected(std::move(error));
    }
  }
  if (!records.at_end()) return Fail(ErrorKind::kCorruption, "bytes follow the last record");
  return {};
}

ContainerWriter::ContainerWriter(std::string_view schema_json, const ContainerMetadata& metadata,
                                 Codec codec)
    : codec_(codec) {
  const Uuid random = Uuid::Random();
  sync_.assign(random.bytes.begin(), random.bytes.end());
  out_.PutFixed(kMagic);
  out_.BeginItems(metadata.size() + 2);
  out_.PutBytes(kSchemaKey);
  out_.PutBytes(schema_json);
  out_.PutBytes(kCodecKey);
  out_.PutBytes(CodecName(codec));
  for (const auto& [key, value] : metadata) {
    out_.PutBytes(key);
    out_.PutBytes(value);
  }
  out_.EndItems();
  out_.PutFixed(sync_);
}

Result<> ContainerWriter::EndRecord() {
  ++block_records_;
  return block_.size() < kBlockBytes ? Result<>() : FlushBlock();
}

Result<> ContainerWriter::FlushBlock() {
  if (block_records_ == 0) return {};
  out_.PutLong(block_records_);
  if (codec_ == Codec::kNull) {
    out_.PutBytes(block_.bytes());
  } else {
    TARN_ASSIGN(const std::string compressed, Compress(codec_, block_.bytes()));
    out_.PutBytes(compressed);
  }
  out_.PutFixed(sync_);
  block_.Clear();
  block_records_ = 0;
  return {};
}

Result<std::string> ContainerWriter::Finish() {
  TARN_TRY(FlushBlock());
  return out_.Take();
}

}  // namespace tarn::iceberg::avro
