// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::iceberg {

/// The content of one LZ4 frame (LZ4 Frame Format Description 1.6; Puffin specification,
/// "Compression codecs"), its checksums verified. Corruption when the bytes are malformed, go on
/// after the frame, or would give more than `max_bytes`; memory grows with what really comes out.
/// Unsupported for frames that need a dictionary. Reading only: nothing needs to be written so.
Result<std::string> ReadLz4Frame(std::string_view bytes, size_t max_bytes);

}  // namespace tarn::iceberg
