// SPDX-License-Identifier: Apache-2.0
// Snapshots, references and the snapshot log under updates, as Apache's Java library has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "iceberg/testing/update_fixture.h"
#include "iceberg/update/table_metadata_builder.h"

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SnapshotUpdatesTest : public UpdateFixture {
 protected:
  static std::vector<int64_t> Log(const Base& table) {
    std::vector<int64_t> ids;
    for (const SnapshotLogEntry& entry : table->snapshot_log) {
      ids.push_back(entry.snapshot_id.value());
    }
    return ids;
  }

  static Updates Joined(Updates first, const Updates& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
  }
};

TEST_F(SnapshotUpdatesTest, ASnapshotAloneMovesNothing) {
  const auto table = Apply(base_, {AddSnapshot{Numbered(5, 1)}});
  EXPECT_EQ(table->current_snapshot_id, std::nullopt);
  EXPECT_EQ(table->last_sequence_number, SequenceNumber(1));
  EXPECT_THAT(Log(table), IsEmpty());
  EXPECT_EQ(Refusal(table, {AddSnapshot{Numbered(5, 2)}}), "Snapshot already exists for id: 5");
}

TEST_F(SnapshotUpdatesTest, MainMovesCurrentAndTheLog) {
  const auto table = Apply(base_, Appended(5, 1, {}, kNow - 10), kNow + 20);
  EXPECT_EQ(table->current_snapshot_id, SnapshotId(5));
  EXPECT_THAT(Log(table), ElementsAre(5));
  EXPECT_EQ(table->snapshot_log[0].timestamp_ms, kNow - 10);
  EXPECT_EQ(table->last_updated_ms, kNow + 20);
  // A snapshot of before becomes current at the time of the update.
  auto next = Apply(table, Appended(6, 2, 5), kNow + 30);
  next = Apply(next, {Main(5)}, kNow + 40);
  EXPECT_THAT(Log(next), ElementsAre(5, 6, 5));
  EXPECT_EQ(next->snapshot_log[2].timestamp_ms, kNow + 40);
  EXPECT_EQ(Refusal(next, {Main(8)}), "Cannot set main to unknown snapshot: 8");
}

TEST_F(SnapshotUpdatesTest, SnapshotsPassedInOneCommitLeaveNoTrace) {
  const auto table = Apply(base_, Joined(Appended(7, 1), Appended(8, 2, 7)));
  EXPECT_THAT(Log(table), ElementsAre(8));
  EXPECT_EQ(table->snapshots.size(), 2U);
  EXPECT_EQ(table->metadata_log.size(), 1U);
}

TEST_F(SnapshotUpdatesTest, HistoryBeforeARemovedSnapshotGoes) {
  auto table = Apply(base_, Appended(1, 1));
  table = Apply(table, Appended(2, 2, 1));
  table = Apply(table, Appended(3, 3, 2));
  table = Apply(table, {RemoveSnapshots{{SnapshotId(2), SnapshotId(99)}}});
  EXPECT_THAT(Log(table), ElementsAre(3));
  EXPECT_EQ(table->snapshots.size(), 2U);
}

TEST_F(SnapshotUpdatesTest, ReferencesOfRemovedSnapshotsGo) {
  auto table = Apply(base_, Appended(1, 1));
  table =
      Apply(table, Joined(Appended(2, 2, 1),
                          {SetSnapshotRef{"t", {.snapshot_id = SnapshotId(2), .is_tag = true}}}));
  table = Apply(table, {RemoveSnapshots{{SnapshotId(2)}}});
  EXPECT_THAT(table->refs, IsEmpty());
  EXPECT_EQ(table->current_snapshot_id, std::nullopt);
}

TEST_F(SnapshotUpdatesTest, WithoutMainThereIsNoCurrentSnapshot) {
  auto table = Apply(base_, Appended(1, 1));
  table = Apply(table, {RemoveSnapshotRef{kMainBranch}});
  EXPECT_EQ(table->current_snapshot_id, std::nullopt);
  EXPECT_THAT(Log(table), ElementsAre(1));
  EXPECT_EQ(table->snapshots.size(), 1U);
}

TEST_F(SnapshotUpdatesTest, ASequenceNumberThatWasTakenIsAConflict) {
  const auto table = Apply(base_, Appended(1, 1));
  EXPECT_EQ(Conflict(table, Appended(2, 1, 1)),
            "Cannot add snapshot with sequence number 1 older than last sequence number 1");
  // Concurrent replacements have no parent: both succeed, and the counter does not go back.
  const auto later = Apply(table, Appended(2, 7, 1));
  const auto replaced = Apply(later, Appended(3, 2));
  EXPECT_EQ(replaced->last_sequence_number, SequenceNumber(7));
}

TEST_F(SnapshotUpdatesTest, Version1HasNoSequenceNumbers) {
  auto table = Apply(nullptr, Creation(1));
  table = Apply(table, Appended(1, 0));
  table = Apply(table, Appended(2, 0, 1));
  EXPECT_EQ(table->last_sequence_number, SequenceNumber(0));
  EXPECT_EQ(Refusal(table, Appended(3, 1, 2)), "Sequence number must be 0 in v1: 1");
  const auto v2 = Apply(table, {UpgradeFormatVersion{2}});
  EXPECT_EQ(Apply(v2, Appended(3, 1, 2))->last_sequence_number, SequenceNumber(1));
}

TEST_F(SnapshotUpdatesTest, Version3CountsRows) {
  auto table = Apply(nullptr, Creation(3));
  Snapshot snapshot = Numbered(1, 1);
  EXPECT_EQ(Refusal(table, {AddSnapshot{snapshot}}), "Cannot add a snapshot: first-row-id is null");
  snapshot.first_row_id = 0;
  EXPECT_EQ(Refusal(table, {AddSnapshot{snapshot}}), "Cannot add a snapshot: added-rows is null");
  snapshot.added_rows = 30;
  table = Apply(table, {AddSnapshot{snapshot}, Main(1)});
  EXPECT_EQ(table->next_row_id, 30);

  Snapshot second = Numbered(2, 2, 1);
  second.first_row_id = 29;
  second.added_rows = 5;
  EXPECT_EQ(Conflict(table, {AddSnapshot{second}}),
            "Cannot add a snapshot, first-row-id is behind table next-row-id: 29 < 30");
  second.first_row_id = 30;
  second.added_rows = std::numeric_limits<int64_t>::max();
  EXPECT_NE(Refusal(table, {AddSnapshot{second}}), "");
  second.added_rows = -1;
  EXPECT_NE(Refusal(table, {AddSnapshot{second}}), "");
}

TEST_F(SnapshotUpdatesTest, RetentionIsChecked) {
  const auto table = Apply(base_, Appended(1, 1));
  const auto refusal = [&](const char* name, SnapshotRef ref) {
    ref.snapshot_id = SnapshotId(1);
    return Refusal(table, {SetSnapshotRef{name, ref}});
  };
  EXPECT_EQ(refusal("b", {.min_snapshots_to_keep = 0}),
            "Min snapshots to keep must be greater than 0");
  EXPECT_EQ(refusal("b", {.max_snapshot_age_ms = 0}), "Max snapshot age must be greater than 0 ms");
  EXPECT_EQ(refusal("b", {.max_ref_age_ms = -1}), "Max reference age must be greater than 0");
  EXPECT_EQ(refusal("t", {.is_tag = true, .min_snapshots_to_keep = 1}),
            "Tags do not support setting minSnapshotsToKeep");
  EXPECT_EQ(refusal("t", {.is_tag = true, .max_snapshot_age_ms = 1}),
            "Tags do not support setting maxSnapshotAgeMs");
  EXPECT_EQ(refusal("main", {.is_tag = true}), "Cannot set main to a tag: it must be a branch");
}

TEST_F(SnapshotUpdatesTest, MovingAReferenceKeepsWhatOnlyOthersKnow) {
  TableMetadata with_ref = *Apply(base_, Appended(1, 1));
  with_ref.refs["b"] = {.snapshot_id = SnapshotId(1), .unknown_members_json = R"({"x":1})"};
  const auto table = std::make_shared<const TableMetadata>(with_ref);
  const auto next = Apply(
      table, {AddSnapshot{Numbered(2, 2, 1)}, SetSnapshotRef{"b", {.snapshot_id = SnapshotId(2)}}});
  EXPECT_EQ(next->refs.at("b").unknown_members_json, R"({"x":1})");
}

TEST_F(SnapshotUpdatesTest, TimesMayDifferByAMinuteBetweenClocks) {
  const auto table = Apply(base_, Appended(1, 1, {}, kNow));
  EXPECT_NE(Apply(table, Appended(2, 2, 1, kNow - 59'000)), nullptr);
  EXPECT_NE(Refusal(table, Appended(2, 2, 1, kNow - 61'000)), "");
  EXPECT_NE(Refusal(table, Appended(2, 2, 1, kNow + 61'000)), "");
}

}  // namespace
}  // namespace tarn::iceberg
