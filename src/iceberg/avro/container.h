// SPDX-License-Identifier: Apache-2.0
// Avro object container files (Avro specification, "Object Container Files").
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "iceberg/avro/binary_reader.h"
#include "iceberg/avro/binary_writer.h"
#include "iceberg/avro/compression.h"
#include "iceberg/avro/schema.h"

namespace tarn::iceberg::avro {

inline constexpr size_t kSyncBytes = 16;

/// What a file may cost its reader. The defaults are far above any manifest.
struct ContainerLimits {
  size_t block_bytes = size_t{64} << 20;   ///< after decompression
  size_t total_bytes = size_t{512} << 20;  ///< after decompression
  int64_t records = 2'000'000;
};

/// An open container. The bytes outlive it. Not thread-safe.
class ContainerReader {
 public:
  /// Corruption when the header is malformed, Unsupported for other codecs.
  static Result<ContainerReader> Open(std::string_view bytes, const ContainerLimits& limits = {});

  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// Value of a header key, null if absent.
  const std::string* FindMetadata(std::string_view key) const;
  const Node& schema() const { return *schema_; }
  Codec codec() const { return codec_; }

  /// Calls `visit` once per record, which must consume exactly that record. Corruption for a wrong
  /// sync marker, for a block that does not hold what it claims, and for bytes after the last
  /// block.
  Result<> ForEach(const std::function<Result<>(BinaryReader&)>& visit);

 private:
  ContainerReader() : blocks_({}) {}
  Result<> ReadBlock(std::string_view data, int64_t count,
                     const std::function<Result<>(BinaryReader&)>& visit);

  std::map<std::string, std::string> metadata_;
  NodePtr schema_;
  Codec codec_ = Codec::kNull;
  ContainerLimits limits_;
  std::string_view sync_;
  BinaryReader blocks_;
};

using ContainerMetadata = std::vector<std::pair<std::string_view, std::string>>;

/// Builds a container in memory: put a record, end it, repeat, finish. Not thread-safe.
class ContainerWriter {
 public:
  /// `schema_json` is the schema of the records; what is put must follow it.
  ContainerWriter(std::string_view schema_json, const ContainerMetadata& metadata, Codec codec);

  BinaryWriter& record() { return block_; }
  Result<> EndRecord();
  Result<std::string> Finish();

 private:
  Result<> FlushBlock();

  Codec codec_;
  std::string sync_;
  BinaryWriter out_;
  BinaryWriter block_;
  int64_t block_records_ = 0;
};

}  // namespace tarn::iceberg::avro
