// SPDX-License-Identifier: Apache-2.0
// Names and magic numbers of Puffin files (Puffin specification, "Format").
#pragma once

#include <cstdint>
#include <string_view>

namespace tarn::iceberg::puffin {

inline constexpr std::string_view kMagic = "PFA1";
/// Payload size, flags, magic.
inline constexpr int64_t kTailBytes = 12;
inline constexpr uint32_t kFlagCompressed = 1;

inline constexpr std::string_view kBlobs = "blobs";
inline constexpr std::string_view kProperties = "properties";
inline constexpr std::string_view kType = "type";
inline constexpr std::string_view kFields = "fields";
inline constexpr std::string_view kSnapshotId = "snapshot-id";
inline constexpr std::string_view kSequenceNumber = "sequence-number";
inline constexpr std::string_view kOffset = "offset";
inline constexpr std::string_view kLength = "length";
inline constexpr std::string_view kCompressionCodec = "compression-codec";

inline constexpr std::string_view kCodecZstd = "zstd";
inline constexpr std::string_view kCodecLz4 = "lz4";

}  // namespace tarn::iceberg::puffin
