// SPDX-License-Identifier: Apache-2.0
#include "iceberg/maintenance/snapshot_expiry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iceberg/update/table_metadata_builder.h"

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kMinute = 60'000;
constexpr int64_t kNow = 1'000'000 * kMinute;

/// Snapshots 1, 2, … `count` on main, one each minute, the last one now.
TableMetadata Chain(int count) {
  TableMetadata metadata;
  metadata.table_uuid = Uuid::Random();
  metadata.location = "s3://bucket/table";
  metadata.schemas.emplace_back();
  metadata.partition_specs.emplace_back();
  metadata.sort_orders.emplace_back();
  metadata.last_updated_ms = kNow;
  for (int i = 1; i <= count; ++i) {
    Snapshot snapshot;
    snapshot.id = SnapshotId(i);
    if (i > 1) snapshot.parent_id = SnapshotId(i - 1);
    snapshot.sequence_number = SequenceNumber(i);
    snapshot.timestamp_ms = kNow - (count - i) * kMinute;
    snapshot.manifest_list = fmt::format("list-{}", i);
    metadata.snapshot_log.push_back({snapshot.timestamp_ms, snapshot.id});
    metadata.snapshots.emplace_back(snapshot);
  }
  metadata.current_snapshot_id = SnapshotId(count);
  metadata.refs["main"] = {.snapshot_id = SnapshotId(count)};
  return metadata;
}

void AddSnapshot(TableMetadata& metadata, int64_t id, std::optional<int64_t> parent,
                 int64_t timestamp_ms) {
  Snapshot snapshot;
  snapshot.id = SnapshotId(id);
  if (parent) snapshot.parent_id = SnapshotId(*parent);
  snapshot.timestamp_ms = timestamp_ms;
  snapshot.manifest_list = fmt::format("list-{}", id);
  metadata.snapshots.emplace_back(snapshot);
}

std::vector<int64_t> Kept(const TableMetadata& metadata) {
  std::vector<int64_t> ids;
  for (const auto& snapshot : metadata.snapshots) ids.push_back(snapshot->id.value());
  return ids;
}

CommitPolicy Policy(int64_t min_count, int64_t age_minutes, int64_t max_count = 1000) {
  CommitPolicy policy;
  policy.min_snapshots_to_keep = min_count;
  policy.max_snapshot_age_ms = age_minutes * kMinute;
  policy.max_snapshots_to_keep = max_count;
  return policy;
}

struct ExpiredHistory {
  std::vector<SnapshotId> snapshots;
  std::vector<std::string> manifest_lists;
  std::vector<std::string> statistics_files;
};

/// Applies the removals to `metadata`.
ExpiredHistory ExpireSnapshots(TableMetadata& metadata, const CommitPolicy& policy,
                               int64_t now_ms) {
  const std::vector<MetadataUpdate> updates = ExpiryUpdates(metadata, policy, now_ms);
  const auto result =
      ApplyUpdates(std::make_shared<const TableMetadata>(metadata), "", updates, now_ms);
  EXPECT_TRUE(result) << result.error().message;
  if (!result) return {};
  metadata = *result->metadata;
  ExpiredHistory expired{.statistics_files = result->dropped_statistics_files};
  for (const CommittedSnapshot& snapshot : result->removed_snapshots) {
    expired.snapshots.push_back(snapshot->id);
    expired.manifest_lists.push_back(snapshot->manifest_list);
  }
  return expired;
}

TEST(ExpireSnapshots, DefaultsKeepAHundredAndHalfAnHour) {
  TableMetadata metadata = Chain(150);
  const ExpiredHistory expired = ExpireSnapshots(metadata, CommitPolicy(), kNow);
  EXPECT_EQ(metadata.snapshots.size(), 100U);
  EXPECT_EQ(metadata.snapshots.front()->id, SnapshotId(51));
  EXPECT_EQ(expired.snapshots.size(), 50U);
  EXPECT_EQ(expired.manifest_lists.front(), "list-1");
}

TEST(ExpireSnapshots, YoungOnesStayBeyondTheCount) {
  TableMetadata metadata = Chain(10);
  ExpireSnapshots(metadata, Policy(2, 5), kNow);
  EXPECT_THAT(Kept(metadata), ElementsAre(5, 6, 7, 8, 9, 10));
}

TEST(ExpireSnapshots, TheMaximumCountBeatsAge) {
  TableMetadata metadata = Chain(10);
  ExpireSnapshots(metadata, Policy(2, 1000, 3), kNow);
  EXPECT_THAT(Kept(metadata), ElementsAre(8, 9, 10));
  // But not an age that the table states, nor a minimum above it.
  metadata = Chain(10);
  metadata.properties["history.expire.max-snapshot-age-ms"] = std::to_string(6 * kMinute);
  ExpireSnapshots(metadata, Policy(2, 1000, 3), kNow);
  EXPECT_EQ(metadata.snapshots.size(), 7U);
  metadata = Chain(10);
  metadata.properties["history.expire.min-snapshots-to-keep"] = "5";
  ExpireSnapshots(metadata, Policy(2, 0, 3), kNow);
  EXPECT_EQ(metadata.snapshots.size(), 5U);
}

TEST(ExpireSnapshots, PinnedOnesStay) {
  TableMetadata metadata = Chain(10);
  CommitPolicy policy = Policy(1, 0);
  policy.is_pinned = [](SnapshotId id) { return id == SnapshotId(4); };
  ExpireSnapshots(metadata, policy, kNow);
  EXPECT_THAT(Kept(metadata), ElementsAre(4, 10));
}

TEST(ExpireSnapshots, LogBeforeAnExpiredSnapshotGoes) {
  TableMetadata metadata = Chain(10);
  CommitPolicy policy = Policy(2, 0);
  policy.is_pinned = [](SnapshotId id) { return id == SnapshotId(4); };
  ExpireSnapshots(metadata, policy, kNow);
  // Snapshot 4 stays, but the history between it and 9 has a hole.
  ASSERT_EQ(metadata.snapshot_log.size(), 2U);
  EXPECT_EQ(metadata.snapshot_log[0].snapshot_id, SnapshotId(9));
}

TEST(ExpireSnapshots, HeadsAndTagsStay_go1829) {
  TableMetadata metadata = Chain(10);
  AddSnapshot(metadata, 20, 3, kNow - 100 * kMinute);
  AddSnapshot(metadata, 21, 20, kNow - 99 * kMinute);
  metadata.refs["dev"] = {.snapshot_id = SnapshotId(21), .min_snapshots_to_keep = 0};
  metadata.refs["release"] = {.snapshot_id = SnapshotId(5), .is_tag = true};
  ExpireSnapshots(metadata, Policy(1, 0), kNow);
  EXPECT_THAT(Kept(metadata), ElementsAre(5, 10, 21));
  EXPECT_TRUE(metadata.refs.contains("dev"));
}

TEST(ExpireSnapshots, BranchesHaveRulesOfTheirOwn) {
  TableMetadata metadata = Chain(10);
  AddSnapshot(metadata, 20, 3, kNow - 100 * kMinute);
  AddSnapshot(metadata, 21, 20, kNow - 99 * kMinute);
  metadata.refs["dev"] = {.snapshot_id = SnapshotId(21), .min_snapshots_to_keep = 3};
  ExpireSnapshots(metadata, Policy(1, 0), kNow);
  EXPECT_THAT(Kept(metadata), ElementsAre(3, 10, 20, 21));
}

TEST(ExpireSnapshots, OldReferencesGoButNeverMain) {
  TableMetadata metadata = Chain(3);
  metadata.refs["main"].max_ref_age_ms = 1;
  metadata.refs["old"] = {.snapshot_id = SnapshotId(1), .is_tag = true, .max_ref_age_ms = kMinute};
  metadata.refs["young"] = {
      .snapshot_id = SnapshotId(2), .is_tag = true, .max_ref_age_ms = kMinute};
  ExpireSnapshots(metadata, Policy(1, 0), kNow + 1);
  EXPECT_FALSE(metadata.refs.contains("old"));
  EXPECT_TRUE(metadata.refs.contains("main"));
  EXPECT_FALSE(metadata.refs.contains("young"));
  metadata = Chain(3);
  metadata.properties["history.expire.max-ref-age-ms"] = std::to_string(kMinute);
  metadata.refs["young"] = {.snapshot_id = SnapshotId(2), .is_tag = true};
  ExpireSnapshots(metadata, Policy(1, 0), kNow);
  EXPECT_THAT(Kept(metadata), ElementsAre(2, 3));
}

TEST(ExpireSnapshots, UnreachableOnesStayWhileYoung) {
  TableMetadata metadata = Chain(3);
  AddSnapshot(metadata, 20, 2, kNow - kMinute);        // rolled back a minute ago
  AddSnapshot(metadata, 21, 2, kNow - 100 * kMinute);  // long ago
  ExpireSnapshots(metadata, Policy(3, 5), kNow);
  EXPECT_THAT(Kept(metadata), ElementsAre(1, 2, 3, 20));
}

TEST(ExpireSnapshots, NothingWhereCollectionIsOff) {
  TableMetadata metadata = Chain(10);
  metadata.properties["gc.enabled"] = "false";
  EXPECT_THAT(ExpireSnapshots(metadata, Policy(1, 0), kNow).snapshots, IsEmpty());
  EXPECT_EQ(metadata.snapshots.size(), 10U);
}

TEST(ExpireSnapshots, CyclesOfParentsEnd) {
  TableMetadata metadata = Chain(2);
  Snapshot first = *metadata.snapshots[0];
  first.parent_id = SnapshotId(2);
  metadata.snapshots[0] = CommittedSnapshot(first);
  ExpireSnapshots(metadata, Policy(10, 10), kNow);
  EXPECT_EQ(metadata.snapshots.size(), 2U);
}

TEST(ExpireSnapshots, StatisticsGoWithTheirSnapshots) {
  TableMetadata metadata = Chain(3);
  metadata.statistics = {{SnapshotId(1), "s1"}, {SnapshotId(3), "s3"}};
  metadata.partition_statistics = {{SnapshotId(2), "p2"}};
  const ExpiredHistory expired = ExpireSnapshots(metadata, Policy(1, 0), kNow);
  EXPECT_THAT(expired.statistics_files, ElementsAre("p2", "s1"));
  ASSERT_EQ(metadata.statistics.size(), 1U);
  EXPECT_EQ(metadata.statistics[0].path, "s3");
  EXPECT_THAT(metadata.partition_statistics, IsEmpty());
}

// One Puffin file may hold the statistics of several snapshots.
TEST(ExpireSnapshots, AStatisticsFileSharedWithAKeptSnapshotStays) {
  TableMetadata metadata = Chain(3);
  metadata.statistics = {
      {SnapshotId(1), "shared"}, {SnapshotId(2), "old"}, {SnapshotId(3), "shared"}};
  const ExpiredHistory expired = ExpireSnapshots(metadata, Policy(1, 0), kNow);
  EXPECT_THAT(expired.statistics_files, ElementsAre("old"));
}

TEST(ExpireSnapshots, WhatIsAskedForGoesOverProperties) {
  TableMetadata metadata = Chain(10);
  metadata.properties["history.expire.max-snapshot-age-ms"] = std::to_string(1000 * kMinute);
  const auto kept = [&](const AskedExpiry& asked) {
    CommitPolicy policy = Policy(100, 1000);
    policy.asked_expiry = asked;
    TableMetadata left = metadata;
    ExpireSnapshots(left, policy, kNow);
    return Kept(left);
  };
  // Nothing but the head is promised; what is exactly as old stays.
  EXPECT_THAT(kept({.older_than_ms = kNow - 2 * kMinute}), ElementsAre(8, 9, 10));
  EXPECT_THAT(kept({.older_than_ms = kNow + 1}), ElementsAre(10));
  EXPECT_THAT(kept({.older_than_ms = kNow + 1, .snapshots_to_keep = 2}), ElementsAre(9, 10));
  EXPECT_EQ(kept({.snapshots_to_keep = 2}).size(), 10U);
  metadata.properties["history.expire.min-snapshots-to-keep"] = "4";
  EXPECT_THAT(kept({.older_than_ms = kNow + 1}), ElementsAre(7, 8, 9, 10));
  metadata.properties["history.expire.max-snapshot-age-ms"] = std::to_string(3 * kMinute);
  EXPECT_THAT(kept({.snapshots_to_keep = 1}), ElementsAre(7, 8, 9, 10));
  // A branch's own rules stay.
  metadata.refs["main"].min_snapshots_to_keep = 6;
  EXPECT_THAT(kept({.older_than_ms = kNow + 1, .snapshots_to_keep = 1}),
              ElementsAre(5, 6, 7, 8, 9, 10));
}

}  // namespace
}  // namespace tarn::iceberg
