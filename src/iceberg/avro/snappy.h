// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::iceberg::avro {

/// The content of an Avro block compressed with Snappy: its raw format (Snappy's format
/// description, without framing), then the CRC-32 of the content, big-endian. Corruption as
/// Decompress gives it.
Result<std::string> DecompressSnappy(std::string_view bytes, size_t max_bytes);

}  // namespace tarn::iceberg::avro
