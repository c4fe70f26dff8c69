// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tarn {

inline constexpr int64_t kMicrosecondsPerMs = 1000;

}  // namespace tarn
