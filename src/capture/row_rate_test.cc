// SPDX-License-Identifier: Apache-2.0
#include "capture/row_rate.h"

#include <gtest/gtest.h>

namespace tarn::capture {
namespace {

TEST(RowRate, IsOfTheLastTenSeconds) {
  RowRate rate;
  EXPECT_EQ(rate.PerSecond(1'000'000), 0);
  for (int second = 0; second < 60; ++second) rate.Add(50, 1'000'000 + second * 1000);
  // Rows of a second that begins the window are out of it.
  EXPECT_NEAR(rate.PerSecond(1'059'000), 50, 5);
  EXPECT_NEAR(rate.PerSecond(1'064'500), 25, 5);
  EXPECT_EQ(rate.PerSecond(1'080'000), 0);
}

TEST(RowRate, BeginsWithTheFirstRow) {
  RowRate rate;
  rate.Add(100, 5'000);
  rate.Add(100, 7'000);
  EXPECT_DOUBLE_EQ(rate.PerSecond(7'000), 100);
  // One moment is no time to divide by.
  RowRate young;
  young.Add(100, 5'000);
  EXPECT_DOUBLE_EQ(young.PerSecond(5'000), 200);
}

}  // namespace
}  // namespace tarn::capture
