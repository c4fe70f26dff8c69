// SPDX-License-Identifier: Apache-2.0
#include "lake/compaction_board.h"

#include <gtest/gtest.h>

namespace tarn::lake {
namespace {

constexpr TableKey kTable{.database_oid = 5, .table_oid = 1000};
constexpr int64_t kNap = 5'000;
constexpr int64_t kStart = 1'000'000;

class CompactionBoardTest : public testing::Test {
 protected:
  bool IsDue(int64_t now_ms) const { return !board_.Due(0, kNap, now_ms).empty(); }

  CompactionBoard board_;
};

TEST_F(CompactionBoardTest, NobodyWritesNothingIsDue) {
  EXPECT_FALSE(IsDue(kStart));
  EXPECT_TRUE(board_.States(5).empty());
}

TEST_F(CompactionBoardTest, ATableIsDueOnceANapWhileCommitsFollow) {
  board_.Written(kTable, kStart);
  EXPECT_TRUE(IsDue(kStart));
  const CompactionLook look = board_.LookAt(kTable, kStart);
  EXPECT_EQ(look.pass, CompactionPass::kSteady);
  board_.FoundNothing(kTable, look, iceberg::SnapshotId(7), 0, kStart);
  board_.Written(kTable, kStart + 10);
  EXPECT_FALSE(IsDue(kStart + kNap - 1));
  EXPECT_TRUE(IsDue(kStart + kNap));
  EXPECT_EQ(board_.LookAt(kTable, kStart + 10).planned_at, iceberg::SnapshotId(7));
}

TEST_F(CompactionBoardTest, ManyCommitsDoNotWait) {
  board_.Written(kTable, kStart);
  board_.FoundNothing(kTable, board_.LookAt(kTable, kStart), {}, 0, kStart);
  for (int i = 0; i < 99; ++i) board_.Written(kTable, kStart + 1);
  EXPECT_FALSE(IsDue(kStart + 1));
  board_.Written(kTable, kStart + 1);
  EXPECT_TRUE(IsDue(kStart + 1));
}

TEST_F(CompactionBoardTest, OneMoreLookWhenCommitsCease) {
  board_.Written(kTable, kStart);
  board_.FoundNothing(kTable, board_.LookAt(kTable, kStart), {}, 0, kStart);
  EXPECT_FALSE(IsDue(kStart + kNap));
  const int64_t later = kStart + 10'000;
  ASSERT_TRUE(IsDue(later));
  const CompactionLook look = board_.LookAt(kTable, later);
  EXPECT_EQ(look.pass, CompactionPass::kSettle);
  const int64_t expires = later + 1'800'000;
  board_.FoundNothing(kTable, look, {}, expires, later);
  EXPECT_FALSE(IsDue(expires - 1));
  ASSERT_TRUE(IsDue(expires));
  EXPECT_EQ(board_.LookAt(kTable, expires).pass, CompactionPass::kExpire);
  board_.FoundNothing(kTable, board_.LookAt(kTable, expires), {}, 0, expires);
  EXPECT_FALSE(IsDue(expires + 1'000'000'000));
}

TEST_F(CompactionBoardTest, FailuresPauseLongerEachTime) {
  board_.Written(kTable, kStart);
  int64_t now = kStart;
  for (const int64_t pause : {kNap, 2 * kNap, 4 * kNap}) {
    board_.Began(kTable, 1, 10, 100, now);
    board_.Ended(kTable, false, {.error = "lost"}, kNap, now);
    EXPECT_FALSE(IsDue(now + pause - 1));
    now += std::max<int64_t>(pause, 10'000);
    EXPECT_TRUE(IsDue(now));
  }
  for (int i = 0; i < 100; ++i) board_.Ended(kTable, false, {.error = "lost"}, kNap, now);
  EXPECT_TRUE(IsDue(now + 600'000));
  ASSERT_EQ(board_.States(5).size(), 1U);
  EXPECT_EQ(board_.States(5)[0].error, "lost");
  EXPECT_EQ(board_.States(5)[0].failures, 103);
  board_.Ended(kTable, true, {.rewritten_files = 10, .added_files = 1}, kNap, now);
  EXPECT_TRUE(IsDue(now));  // there may be more to do
  EXPECT_EQ(board_.States(5)[0].error, "");
  EXPECT_EQ(board_.States(5)[0].rewritten_files, 10);
}

TEST_F(CompactionBoardTest, DatabasesAreToldApart) {
  board_.Written(kTable, kStart);
  board_.Written({.database_oid = 6, .table_oid = 1000}, kStart);
  board_.Written({.database_oid = 6, .table_oid = 1001}, kStart);
  const auto all = board_.Due(0, kNap, kStart);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].tables, (std::vector<uint32_t>{1000, 1001}));
  EXPECT_EQ(board_.Due(6, kNap, kStart).size(), 1U);
  board_.Forget({.database_oid = 6, .table_oid = 1000});
  EXPECT_EQ(board_.Due(6, kNap, kStart)[0].tables, std::vector<uint32_t>{1001});
  board_.ForgetDatabase(6);
  EXPECT_TRUE(board_.Due(6, kNap, kStart).empty());
  EXPECT_FALSE(board_.Due(5, kNap, kStart).empty());
}

}  // namespace
}  // namespace tarn::lake
