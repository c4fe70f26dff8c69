// SPDX-License-Identifier: Apache-2.0
#include "iceberg/snapshot_expiry.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "iceberg/statistics_members.h"

namespace tarn::iceberg {
namespace {

constexpr const char* kGcEnabled = "gc.enabled";
constexpr const char* kMaxSnapshotAge = "history.expire.max-snapshot-age-ms";
constexpr const char* kMinSnapshotsToKeep = "history.expire.min-snapshots-to-keep";
constexpr const char* kMaxRefAge = "history.expire.max-ref-age-ms";

using SnapshotIndex = std::unordered_map<SnapshotId, const Snapshot*>;

struct BranchRules {
  int64_t min_count;
  int64_t max_count;
  int64_t max_age_ms;
};

BranchRules RulesOf(const TableMetadata& metadata, const CommitPolicy& policy,
                    const SnapshotRef* ref) {
  BranchRules rules{
      .min_count = NumberProperty(metadata, kMinSnapshotsToKeep, policy.min_snapshots_to_keep),
      .max_count = policy.max_snapshots_to_keep,
      .max_age_ms = NumberProperty(metadata, kMaxSnapshotAge, policy.max_snapshot_age_ms)};
  bool age_is_stated = metadata.properties.contains(kMaxSnapshotAge);
  if (ref != nullptr) {
    if (ref->min_snapshots_to_keep) rules.min_count = *ref->min_snapshots_to_keep;
    if (ref->max_snapshot_age_ms) {
      rules.max_age_ms = *ref->max_snapshot_age_ms;
      age_is_stated = true;
    }
  }
  if (age_is_stated) rules.max_count = std::numeric_limits<int64_t>::max();
  rules.max_count = std::max(rules.max_count, rules.min_count);
  return rules;
}

SnapshotIndex IndexSnapshots(const TableMetadata& metadata) {
  SnapshotIndex index;
  index.reserve(metadata.snapshots.size());
  for (const auto& snapshot : metadata.snapshots) index.emplace(snapshot->id, snapshot.get());
  return index;
}

const Snapshot* Lookup(const SnapshotIndex& index, std::optional<SnapshotId> id) {
  if (!id) return nullptr;
  const auto found = index.find(*id);
  return found == index.end() ? nullptr : found->second;
}

void DropOldRefs(TableMetadata& metadata, const SnapshotIndex& index, int64_t now_ms) {
  const int64_t default_age_ms =
      NumberProperty(metadata, kMaxRefAge, std::numeric_limits<int64_t>::max());
  std::erase_if(metadata.refs, [&](const auto& item) {
    const auto& [name, ref] = item;
    if (name == kMainBranch) return false;
    const Snapshot* head = Lookup(index, ref.snapshot_id);
    return head == nullptr ||
           now_ms - head->timestamp_ms > ref.max_ref_age_ms.value_or(default_age_ms);
  });
}

/// What is kept, and what any reference reaches (which decides by which rule the rest is judged).
struct Reached {
  std::unordered_set<SnapshotId> kept;
  std::unordered_set<SnapshotId> ancestors;
};

void WalkBranch(const SnapshotIndex& index, SnapshotId head, const BranchRules& rules,
                int64_t now_ms, Reached& reached) {
  int64_t count = 0;
  bool keeping = true;
  std::unordered_set<SnapshotId> seen;
  for (const Snapshot* snapshot = Lookup(index, head);
       snapshot != nullptr && seen.insert(snapshot->id).second;
       snapshot = Lookup(index, snapshot->parent_id)) {
    ++count;
    keeping = keeping &&
              (count <= std::max<int64_t>(rules.min_count, 1) ||
               (count <= rules.max_count && now_ms - snapshot->timestamp_ms <= rules.max_age_ms));
    if (keeping) reached.kept.insert(snapshot->id);
    reached.ancestors.insert(snapshot->id);
  }
}

Reached ReachSnapshots(const TableMetadata& metadata, const SnapshotIndex& index,
                       const CommitPolicy& policy, int64_t now_ms) {
  Reached reached;
  for (const auto& [name, ref] : metadata.refs) {
    reached.kept.insert(ref.snapshot_id);
    reached.ancestors.insert(ref.snapshot_id);
    if (ref.is_tag) continue;
    WalkBranch(index, ref.snapshot_id, RulesOf(metadata, policy, &ref), now_ms, reached);
  }
  const BranchRules rules = RulesOf(metadata, policy, nullptr);
  for (const auto& snapshot : metadata.snapshots) {
    const bool unreferenced_but_young = !reached.ancestors.contains(snapshot->id) &&
                                        now_ms - snapshot->timestamp_ms <= rules.max_age_ms;
    if (unreferenced_but_young || (policy.is_pinned && policy.is_pinned(snapshot->id))) {
      reached.kept.insert(snapshot->id);
    }
  }
  return reached;
}

void TrimLog(TableMetadata& metadata, const std::unordered_set<SnapshotId>& expired) {
  // History before an expired snapshot has a hole in it and would tell wrong states for times in
  // between.
  const auto last = std::find_if(
      metadata.snapshot_log.rbegin(), metadata.snapshot_log.rend(),
      [&](const SnapshotLogEntry& entry) { return expired.contains(entry.snapshot_id); });
  metadata.snapshot_log.erase(metadata.snapshot_log.begin(), last.base());
}

}  // namespace

int64_t NumberProperty(const TableMetadata& metadata, const char* name, int64_t fallback) {
  const auto found = metadata.properties.find(name);
  if (found == metadata.properties.end()) return fallback;
  const std::string& text = found->second;
  int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool valid = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return valid ? number : fallback;
}

ExpiredHistory ExpireSnapshots(TableMetadata& metadata, const CommitPolicy& policy,
                               int64_t now_ms) {
  const auto gc = metadata.properties.find(kGcEnabled);
  if (gc != metadata.properties.end() && gc->second == "false") return {};
  const SnapshotIndex index = IndexSnapshots(metadata);
  DropOldRefs(metadata, index, now_ms);
  const Reached reached = ReachSnapshots(metadata, index, policy, now_ms);

  ExpiredHistory expired;
  std::unordered_set<SnapshotId> expired_ids;
  std::vector<std::shared_ptr<const Snapshot>> kept;
  kept.reserve(metadata.snapshots.size());
  for (auto& snapshot : metadata.snapshots) {
    if (reached.kept.contains(snapshot->id)) {
      kept.push_back(std::move(snapshot));
      continue;
    }
    expired.snapshots.push_back(snapshot->id);
    expired.manifest_lists.push_back(snapshot->manifest_list);
    expired_ids.insert(snapshot->id);
  }
  metadata.snapshots = std::move(kept);
  if (expired_ids.empty()) return expired;
  TrimLog(metadata, expired_ids);
  expired.statistics_files = RemoveStatistics(metadata, expired_ids);
  return expired;
}

}  // namespace tarn::iceberg
