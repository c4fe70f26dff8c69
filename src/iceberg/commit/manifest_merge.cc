// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/manifest_merge.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/saturating.h"

namespace tarn::iceberg {

int ManifestTier(const ManifestFile& manifest, const MergePolicy& policy) {
  const int64_t base = std::max<int64_t>(policy.min_count_to_merge, 2);
  int tier = 0;
  for (int64_t files = manifest.live_files_count(); files >= base; files /= base) ++tier;
  return tier;
}

std::vector<size_t> ChooseManifestsToMerge(std::span<const ManifestFile> manifests,
                                           const MergePolicy& policy) {
  // Only manifests of one kind and one partition spec can become one.
  using Group = std::tuple<int, ManifestContent, SpecId>;
  std::map<Group, std::vector<size_t>> groups;
  for (size_t i = 0; i < manifests.size(); ++i) {
    const ManifestFile& manifest = manifests[i];
    if (manifest.manifest_length_bytes >= policy.target_size_bytes) continue;
    groups[{ManifestTier(manifest, policy), manifest.content, manifest.partition_spec_id}]
        .push_back(i);
  }
  const auto trigger = static_cast<size_t>(std::max<int64_t>(policy.min_count_to_merge, 2));
  for (const auto& [group, members] : groups) {
    if (members.size() < trigger) continue;
    std::vector<size_t> chosen;
    int64_t bytes = 0;
    for (const size_t member : members) {
      bytes = SaturatingAdd(bytes, manifests[member].manifest_length_bytes);
      if (bytes > policy.target_size_bytes && chosen.size() >= 2) break;
      chosen.push_back(member);
    }
    return chosen;
  }
  return {};
}

}  // namespace tarn::iceberg
