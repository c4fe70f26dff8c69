// SPDX-License-Identifier: Apache-2.0
// Puffin files: blobs with a footer that describes them (Puffin specification).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/strong_id.h"
#include "iceberg/deletes/position_bitmap.h"
#include "storage/storage.h"

namespace tarn::iceberg {

enum class PuffinCodec : uint8_t { kNone, kZstd };

/// What the footer says of one blob ("BlobMetadata"). A plain value.
struct PuffinBlob {
  std::string type;
  std::vector<FieldId> fields;
  int64_t snapshot_id = -1;      ///< -1 for deletion vectors
  int64_t sequence_number = -1;  ///< likewise
  int64_t offset = 0;            ///< in the file
  int64_t length = 0;            ///< as stored
  std::optional<std::string> compression_codec;
  std::map<std::string, std::string> properties;

  bool operator==(const PuffinBlob&) const = default;
};

struct PuffinFooter {
  std::vector<PuffinBlob> blobs;
  std::map<std::string, std::string> properties;
  int64_t size_bytes = 0;  ///< of the footer, magics included
};

/// Corruption when the file is no Puffin file, or a blob lies outside what precedes the footer;
/// Unsupported for unknown flags. The footer may be compressed (LZ4). Errors name `location`.
Result<PuffinFooter> ReadPuffinFooter(const storage::ObjectReader& file, std::string_view location);

/// The content of a blob, decompressed. Unsupported for codecs but zstd and LZ4.
Result<std::string> ReadPuffinBlob(const storage::ObjectReader& file, std::string_view location,
                                   const PuffinBlob& blob);

/// Builds a file in memory. Used by one thread.
class PuffinWriter {
 public:
  PuffinWriter();

  /// `blob` with offset, length and codec as they will stand in the footer.
  Result<PuffinBlob> Add(PuffinBlob blob, std::string_view content,
                         PuffinCodec codec = PuffinCodec::kNone);
  /// A deletion vector for a data file; its offset and length are the coordinates of the manifest
  /// entry.
  Result<PuffinBlob> AddDeletionVector(std::string_view data_file, const PositionBitmap& positions);

  int64_t size_bytes() const { return static_cast<int64_t>(bytes_.size()); }
  const std::vector<PuffinBlob>& blobs() const { return blobs_; }
  /// The whole file. The writer is empty afterwards.
  std::string Finish(const std::map<std::string, std::string>& properties = {});

 private:
  std::string bytes_;
  std::vector<PuffinBlob> blobs_;
};

}  // namespace tarn::iceberg
