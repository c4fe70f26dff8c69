// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tarn::iceberg {

bool IsGzip(std::string_view bytes);

/// One gzip member.
Result<std::string> Gzip(std::string_view bytes);

/// Corruption when the stream is damaged, ResourceExhausted when it grows beyond `size_max` bytes.
Result<std::string> Gunzip(std::string_view bytes, size_t size_max);

}  // namespace tarn::iceberg
