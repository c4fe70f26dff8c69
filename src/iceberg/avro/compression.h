// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::iceberg::avro {

/// Codecs of object container blocks (Avro specification, "Required Codecs", "Optional Codecs").
/// Snappy is read only.
enum class Codec : uint8_t { kNull, kDeflate, kZstandard, kSnappy };

/// "null", "deflate", "zstandard", "snappy".
std::string_view CodecName(Codec codec);
/// Unsupported for other names.
Result<Codec> ParseCodec(std::string_view name);

/// Unsupported for kSnappy.
Result<std::string> Compress(Codec codec, std::string_view bytes);

/// Corruption when the bytes are malformed or would give more than `max_bytes`; memory grows with
/// what really comes out, not with what the input promises.
Result<std::string> Decompress(Codec codec, std::string_view bytes, size_t max_bytes);

}  // namespace tarn::iceberg::avro
