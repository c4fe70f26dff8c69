// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace tarn::iceberg {

/// The length of the 32-bit bitmap at the start of `bytes` (Roaring format specification, "General
/// layout"), checked to the last value: CRoaring takes what it is given, and iterating over
/// containers out of order gives wrong positions or reads past them.
Result<size_t> ValidateRoaringBitmap(std::string_view bytes);

}  // namespace tarn::iceberg
