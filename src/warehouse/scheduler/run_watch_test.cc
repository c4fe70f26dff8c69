// SPDX-License-Identifier: Apache-2.0
#include "warehouse/scheduler/run_watch.h"

#include <gtest/gtest.h>

namespace tarn::warehouse {
namespace {

using std::chrono::milliseconds;

/// Waits until the counter is there, for ten seconds.
bool Reaches(const std::atomic<int>& counter, int value) {
  for (int i = 0; i < 1000 && counter < value; ++i) std::this_thread::sleep_for(milliseconds(10));
  return counter >= value;
}

TEST(RunWatchTest, CancelsUntilTheRunHasEnded) {
  std::atomic<int> cancels = 0;
  std::stop_source ending;
  {
    const RunWatch watch([&] { ++cancels; }, std::nullopt, ending.get_token());
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_EQ(cancels, 0);
    ending.request_stop();
    // The first ones may have come between two statements.
    EXPECT_TRUE(Reaches(cancels, 3));
    EXPECT_FALSE(watch.timed_out());
  }
  const int last = cancels;
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(cancels, last);
}

TEST(RunWatchTest, CancelsWhenTheTimeIsUp) {
  std::atomic<int> cancels = 0;
  const std::stop_source ending;
  const RunWatch watch([&] { ++cancels; }, milliseconds(30), ending.get_token());
  EXPECT_TRUE(Reaches(cancels, 2));
  EXPECT_TRUE(watch.timed_out());
}

TEST(RunWatchTest, LeavesARunAloneThatEndsInTime) {
  std::atomic<int> cancels = 0;
  const std::stop_source ending;
  {
    const RunWatch watch([&] { ++cancels; }, milliseconds(60'000), ending.get_token());
  }
  EXPECT_EQ(cancels, 0);
}

TEST(RunWatchTest, WhatBeginsWhileAllEndsIsCancelledAtOnce) {
  std::atomic<int> cancels = 0;
  std::stop_source ending;
  ending.request_stop();
  const RunWatch watch([&] { ++cancels; }, std::nullopt, ending.get_token());
  EXPECT_TRUE(Reaches(cancels, 1));
}

}  // namespace
}  // namespace tarn::warehouse
