// SPDX-License-Identifier: Apache-2.0
#include "base/memory_budget.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <utility>
#include <vector>

namespace tarn {
namespace {

TEST(MemoryBudgetTest, TheLimitHoldsForAllReservationsTogether) {
  MemoryBudget budget(100);
  MemoryReservation first = budget.Open("write buffers");
  MemoryReservation second = budget.Open("scans");
  EXPECT_TRUE(first.TryGrow(60));
  EXPECT_FALSE(second.TryGrow(41));
  EXPECT_EQ(second.bytes(), 0);
  EXPECT_TRUE(second.TryGrow(40));
  EXPECT_EQ(budget.used_bytes(), 100);
  first.Release();
  EXPECT_EQ(budget.used_bytes(), 40);
  EXPECT_EQ(budget.peak_bytes(), 100);
}

TEST(MemoryBudgetTest, WhatIsGivenBackIsFreeForOthers) {
  MemoryBudget budget(100);
  MemoryReservation kept = budget.Open("write buffers");
  {
    MemoryReservation gone = budget.Open("write buffers");
    EXPECT_TRUE(gone.TryGrow(100));
    EXPECT_FALSE(kept.TryGrow(1));
    gone.Shrink(30);
    EXPECT_TRUE(kept.TryGrow(30));
  }
  EXPECT_EQ(budget.used_bytes(), 30);
  EXPECT_TRUE(kept.TryGrow(70));
}

TEST(MemoryBudgetTest, AConsumerKeepsToItsShare) {
  MemoryBudget budget(100);
  MemoryReservation cache = budget.Open("manifest cache", 25);
  MemoryReservation other = budget.Open("manifest cache");
  EXPECT_TRUE(cache.TryGrow(20));
  EXPECT_FALSE(other.TryGrow(6));
  EXPECT_TRUE(other.TryGrow(5));
}

TEST(MemoryBudgetTest, WhatIsHeldAlreadyCountsAboveTheLimit) {
  MemoryBudget budget(100);
  MemoryReservation writer = budget.Open("write buffers");
  writer.Grow(150);
  EXPECT_EQ(budget.used_bytes(), 150);
  EXPECT_FALSE(writer.TryGrow(1));
  writer.Release();
  EXPECT_TRUE(writer.TryGrow(100));
}

TEST(MemoryBudgetTest, AHugeSizeIsRefusedAndDoesNotWrap) {
  MemoryBudget budget(100);
  MemoryReservation reader = budget.Open("scans");
  EXPECT_TRUE(reader.TryGrow(1));
  EXPECT_FALSE(reader.TryGrow(std::numeric_limits<int64_t>::max()));
}

TEST(MemoryBudgetTest, AMovedReservationIsCountedOnce) {
  MemoryBudget budget(100);
  MemoryReservation target = budget.Open("scans");
  EXPECT_TRUE(target.TryGrow(10));
  MemoryReservation source = budget.Open("scans");
  EXPECT_TRUE(source.TryGrow(20));
  target = std::move(source);
  EXPECT_EQ(budget.used_bytes(), 20);
  const MemoryReservation last(std::move(target));
  EXPECT_EQ(last.bytes(), 20);
  EXPECT_EQ(budget.used_bytes(), 20);
}

TEST(MemoryBudgetTest, UsageNamesEveryConsumerThereHasBeen) {
  MemoryBudget budget(100);
  {
    MemoryReservation writer = budget.Open("write buffers");
    EXPECT_TRUE(writer.TryGrow(80));
    EXPECT_FALSE(writer.TryGrow(30));
  }
  MemoryReservation cache = budget.Open("manifest cache", 25);
  EXPECT_TRUE(cache.TryGrow(5));
  const std::vector<MemoryUsage> usage = budget.Usage();
  ASSERT_EQ(usage.size(), 2U);
  EXPECT_EQ(usage[0].consumer, "manifest cache");
  EXPECT_EQ(usage[0].used_bytes, 5);
  EXPECT_EQ(usage[0].share_bytes, 25);
  EXPECT_EQ(usage[1].consumer, "write buffers");
  EXPECT_EQ(usage[1].used_bytes, 0);
  EXPECT_EQ(usage[1].peak_bytes, 80);
  EXPECT_EQ(usage[1].refusals, 1);
}

TEST(MemoryBudgetTest, ThreadsNeverHoldMoreThanTheLimit) {
  MemoryBudget budget(10);
  {
    std::vector<std::jthread> threads;
    for (int worker = 0; worker < 4; ++worker) {
      threads.emplace_back([&budget] {
        MemoryReservation mine = budget.Open("write buffers");
        for (int round = 0; round < 2000; ++round) {
          if (mine.TryGrow(3)) mine.Shrink(2);
          if (mine.bytes() > 4) mine.Release();
        }
      });
    }
  }
  EXPECT_EQ(budget.used_bytes(), 0);
  EXPECT_LE(budget.Usage()[0].peak_bytes, 10);
}

}  // namespace
}  // namespace tarn
