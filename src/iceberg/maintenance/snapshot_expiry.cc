// SPDX-License-Identifier: Apache-2.0
#include "iceberg/maintenance/snapshot_expiry.h"

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>

#include "base/saturating.h"
#include "iceberg/model/table_properties.h"

namespace tarn::iceberg {
namespace {

constexpr const char* kGcEnabled = "gc.enabled";
constexpr const char* kMaxSnapshotAge = "history.expire.max-snapshot-age-ms";
constexpr const char* kMinSnapshotsToKeep = "history.expire.min-snapshots-to-keep";
constexpr const char* kMaxRefAge = "history.expire.max-ref-age-ms";

/// Finds snapshots by id. A commit walks a thousand of them, each beside its parent as a rule: a
/// look there comes first, and the index is made when that fails.
class SnapshotIndex {
 public:
  static constexpr size_t kNone = std::numeric_limits<size_t>::max();

  explicit SnapshotIndex(const std::vector<CommittedSnapshot>& snapshots) : snapshots_(snapshots) {}

  size_t size() const { return snapshots_.size(); }
  const Snapshot& operator[](size_t position) const { return *snapshots_[position]; }

  /// The first position of the id, looked for right before `after` first; kNone if there is none.
  size_t Find(SnapshotId id, size_t after) {
    if (after > 0 && after <= size() && snapshots_[after - 1]->id == id) return after - 1;
    if (positions_.empty()) {
      positions_.reserve(size());
      for (size_t i = 0; i < size(); ++i) positions_.emplace(snapshots_[i]->id, i);
    }
    const auto found = positions_.find(id);
    return found == positions_.end() ? kNone : found->second;
  }

 private:
  const std::vector<CommittedSnapshot>& snapshots_;
  std::unordered_map<SnapshotId, size_t> positions_;
};

struct BranchRules {
  int64_t min_count;
  int64_t max_count;
  int64_t max_age_ms;
};

BranchRules RulesOf(const TableMetadata& metadata, const CommitPolicy& policy,
                    const SnapshotRef* ref, int64_t now_ms) {
  BranchRules rules{
      .min_count = NumberProperty(metadata, kMinSnapshotsToKeep, policy.min_snapshots_to_keep),
      .max_count = policy.max_snapshots_to_keep,
      .max_age_ms = NumberProperty(metadata, kMaxSnapshotAge, policy.max_snapshot_age_ms)};
  bool age_is_stated = metadata.properties.contains(kMaxSnapshotAge);
  if (const auto& asked = policy.asked_expiry) {
    if (asked->older_than_ms) {
      rules.min_count = NumberProperty(metadata, kMinSnapshotsToKeep, 1);
      rules.max_age_ms = SaturatingSubtract(now_ms, *asked->older_than_ms);
      age_is_stated = true;
    }
    rules.min_count = asked->snapshots_to_keep.value_or(rules.min_count);
  }
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

std::set<std::string> OldRefs(const TableMetadata& metadata, SnapshotIndex& index, int64_t now_ms) {
  const int64_t default_age_ms =
      NumberProperty(metadata, kMaxRefAge, std::numeric_limits<int64_t>::max());
  std::set<std::string> old;
  for (const auto& [name, ref] : metadata.refs) {
    if (name == kMainBranch) continue;
    const size_t head = index.Find(ref.snapshot_id, index.size());
    if (head == SnapshotIndex::kNone || SaturatingSubtract(now_ms, index[head].timestamp_ms) >
                                            ref.max_ref_age_ms.value_or(default_age_ms)) {
      old.insert(name);
    }
  }
  return old;
}

/// What is kept, and what any reference reaches (which decides by which rule the rest is judged),
/// by position.
struct Reached {
  explicit Reached(size_t count) : kept(count), ancestors(count) {}
  std::vector<bool> kept;
  std::vector<bool> ancestors;
};

void WalkBranch(SnapshotIndex& index, size_t head, const BranchRules& rules, int64_t now_ms,
                Reached& reached) {
  int64_t count = 0;
  bool keeping = true;
  std::vector<bool> seen(index.size());
  for (size_t at = head; at != SnapshotIndex::kNone && !seen[at];) {
    seen[at] = true;
    const Snapshot& snapshot = index[at];
    ++count;
    keeping = keeping && (count <= std::max<int64_t>(rules.min_count, 1) ||
                          (count <= rules.max_count &&
                           SaturatingSubtract(now_ms, snapshot.timestamp_ms) <= rules.max_age_ms));
    if (keeping) reached.kept[at] = true;
    reached.ancestors[at] = true;
    at = snapshot.parent_id ? index.Find(*snapshot.parent_id, at) : SnapshotIndex::kNone;
  }
}

Reached ReachSnapshots(const TableMetadata& metadata, const std::set<std::string>& old_refs,
                       SnapshotIndex& index, const CommitPolicy& policy, int64_t now_ms) {
  Reached reached(index.size());
  for (const auto& [name, ref] : metadata.refs) {
    if (old_refs.contains(name)) continue;
    const size_t head = index.Find(ref.snapshot_id, index.size());
    if (head == SnapshotIndex::kNone) continue;
    reached.kept[head] = true;
    reached.ancestors[head] = true;
    if (!ref.is_tag)
      WalkBranch(index, head, RulesOf(metadata, policy, &ref, now_ms), now_ms, reached);
  }
  const BranchRules rules = RulesOf(metadata, policy, nullptr, now_ms);
  for (size_t i = 0; i < index.size(); ++i) {
    if (reached.kept[i]) continue;
    const bool unreferenced_but_young =
        !reached.ancestors[i] &&
        SaturatingSubtract(now_ms, index[i].timestamp_ms) <= rules.max_age_ms;
    // A snapshot that stands twice, which only malformed metadata has, is judged once.
    const size_t first = index.Find(index[i].id, 0);
    reached.kept[i] = unreferenced_but_young || (first < i && reached.kept[first]) ||
                      (policy.is_pinned && policy.is_pinned(index[i].id));
  }
  return reached;
}

}  // namespace

std::vector<MetadataUpdate> ExpiryUpdates(const TableMetadata& metadata, const CommitPolicy& policy,
                                          int64_t now_ms) {
  if (!BoolProperty(metadata, kGcEnabled, true)) return {};
  SnapshotIndex index(metadata.snapshots);
  std::vector<MetadataUpdate> updates;
  const std::set<std::string> old_refs = OldRefs(metadata, index, now_ms);
  for (const std::string& name : old_refs) updates.emplace_back(RemoveSnapshotRef{name});
  const Reached reached = ReachSnapshots(metadata, old_refs, index, policy, now_ms);
  RemoveSnapshots removal;
  for (size_t i = 0; i < index.size(); ++i) {
    if (!reached.kept[i]) removal.snapshot_ids.push_back(index[i].id);
  }
  if (!removal.snapshot_ids.empty()) updates.emplace_back(std::move(removal));
  return updates;
}

}  // namespace tarn::iceberg
