// SPDX-License-Identifier: Apache-2.0
// Who holds what of the process's memory budget.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/memory_budget.h"
#include "engine/engine.h"

namespace tarn::lake {

/// A consumer of the budget, and the part of it that is its own.
struct MemoryShare {
  std::string_view consumer;
  int64_t sixteenths = 16;
  int64_t BytesOf(const MemoryBudget& budget) const {
    return budget.limit_bytes() / 16 * sixteenths;
  }
};

// Together below the whole: what a consumer holds above its share, because it was there already
// (MemoryReservation::Grow), finds room.
inline constexpr MemoryShare kWriteBuffers{"write buffers", 6};
inline constexpr MemoryShare kFileQueues{"rows on their way to files", 2};
inline constexpr MemoryShare kScanBatches{engine::kScanBatchesConsumer, 2};
inline constexpr MemoryShare kTableCache{"table metadata", 1};
inline constexpr MemoryShare kManifestCache{"manifests", 4};

inline MemoryReservation Open(MemoryBudget& budget, const MemoryShare& share) {
  return budget.Open(share.consumer, share.BytesOf(budget));
}

}  // namespace tarn::lake
