// SPDX-License-Identifier: Apache-2.0
// Keeps manifest lists short. Every append adds a small manifest; when enough of one tier have
// gathered they become one of the next tier. Tiers grow by the factor that triggers a merge, so a
// table of N files has O(log N) tiers of fewer than that many manifests each, an entry is rewritten
// once per tier at most, and a manifest of the target size is never read again.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "iceberg/model/manifest_file.h"

namespace tarn::iceberg {

struct MergePolicy {
  int64_t min_count_to_merge = 100;  ///< below 2 counts as 2
  int64_t target_size_bytes = 8 * 1024 * 1024;
};

/// Tier of a manifest: the logarithm of its live files to the base of the trigger.
int ManifestTier(const ManifestFile& manifest, const MergePolicy& policy);

/// Positions in `manifests` to merge into one, ascending; at least two, or none. One merge at a
/// time, of the lowest full tier, and of no more than the target size: the work of one commit is
/// bounded.
std::vector<size_t> ChooseManifestsToMerge(std::span<const ManifestFile> manifests,
                                           const MergePolicy& policy);

}  // namespace tarn::iceberg
