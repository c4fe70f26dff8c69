// SPDX-License-Identifier: Apache-2.0
// Deletion vectors as blobs of Puffin files (Puffin specification, "deletion-vector-v1").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "iceberg/deletes/position_bitmap.h"

namespace tarn::iceberg {

/// Blob type, and the properties that a blob of it has.
inline constexpr std::string_view kDeletionVectorType = "deletion-vector-v1";
inline constexpr std::string_view kReferencedDataFileProperty = "referenced-data-file";
inline constexpr std::string_view kCardinalityProperty = "cardinality";

/// Length (big-endian) of what follows without the checksum, magic, bitmap, CRC-32 (big-endian) of
/// magic and bitmap. InvalidArgument beyond 2 GiB, which no reader takes.
Result<std::string> EncodeDeletionVector(const PositionBitmap& positions);

/// Corruption unless `blob` is all of that and holds `cardinality` positions, the record count of
/// its manifest entry.
Result<PositionBitmap> DecodeDeletionVector(std::string_view blob, int64_t cardinality);

}  // namespace tarn::iceberg
