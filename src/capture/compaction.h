// SPDX-License-Identifier: Apache-2.0
// Small files of a captured table become larger ones, by whoever has the table's index.
#pragma once

#include "base/result.h"
#include "capture/destination.h"
#include "capture/replica.h"

namespace tarn::capture {

/// Merges one group of small files of a kStreaming replica with an empty buffer, where one is worth
/// it, and tells the index where its rows went. Whether it did. Takes as long as it takes to write
/// kCompactedBytesMost. A conflict with another writer does no harm: it is tried another time.
Result<bool> CompactSome(Destination& destination, Replica& replica);

/// Files beyond are not written again.
inline constexpr int64_t kCompactedBytesMost = int64_t{64} << 20;

}  // namespace tarn::capture
