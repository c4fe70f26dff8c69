// SPDX-License-Identifier: Apache-2.0
#include "warehouse/dynamic/refresh_choice.h"

#include <gtest/gtest.h>

namespace tarn::warehouse {
namespace {

constexpr int64_t kRows = 1'000'000;

MeasuredRefresh Whole(int64_t microseconds, int64_t rows = kRows) {
  return {.whole = true, .rows = {.changed = 0, .all = rows}, .microseconds = microseconds};
}
MeasuredRefresh Change(int64_t microseconds, int64_t changed) {
  return {.rows = {.changed = changed, .all = kRows}, .microseconds = microseconds};
}

TEST(RefreshChoice, WithoutAMeasuredChangeHalfOfTheRowsIsTheBorder) {
  EXPECT_FALSE(WholeIsFaster({Whole(1'000'000)}, {.changed = 400'000, .all = kRows}));
  EXPECT_TRUE(WholeIsFaster({Whole(1'000'000)}, {.changed = 600'000, .all = kRows}));
}

TEST(RefreshChoice, MeasuredChangesMoveTheBorder) {
  // 10 ms and 1 µs a row: 500,000 rows take half a second.
  const std::vector<MeasuredRefresh> cheap = {Change(110'000, 100'000), Change(10'000, 100),
                                              Whole(1'000'000)};
  EXPECT_FALSE(WholeIsFaster(cheap, {.changed = 900'000, .all = kRows}));
  // 10 µs a row: 100,000 rows take the second of the whole.
  const std::vector<MeasuredRefresh> dear = {Change(510'000, 50'000), Change(10'000, 100),
                                             Whole(1'000'000)};
  EXPECT_FALSE(WholeIsFaster(dear, {.changed = 90'000, .all = kRows}));
  EXPECT_TRUE(WholeIsFaster(dear, {.changed = 110'000, .all = kRows}));
}

TEST(RefreshChoice, TheWholeGrowsWithItsSources) {
  EXPECT_FALSE(WholeIsFaster({Change(900'000, 100'000), Change(1, 1), Whole(500'000, kRows / 2)},
                             {.changed = 100'000, .all = kRows}));
}

TEST(RefreshChoice, NobodyKnowsTheWhole) {
  EXPECT_FALSE(WholeIsFaster({Change(9'000'000, 10)}, {.changed = 900'000, .all = kRows}));
}

TEST(RefreshChoice, ModesThatMayChoose) {
  const std::string create = "CREATE DYNAMIC TABLE d TARGET_LAG = '1 day' WAREHOUSE = w ";
  DynamicTable table{.text = create + "AS SELECT 1"};
  EXPECT_TRUE(MayChoose(table));
  table.text = create + "REFRESH_MODE = AUTO AS SELECT 1";
  EXPECT_TRUE(MayChoose(table));
  table.text = create + "REFRESH_MODE = INCREMENTAL AS SELECT 1";
  EXPECT_FALSE(MayChoose(table));
  table.refresh_mode = "ADAPTIVE";
  EXPECT_TRUE(MayChoose(table));
  table.refresh_mode = "FULL";
  EXPECT_FALSE(MayChoose(table));
}

}  // namespace
}  // namespace tarn::warehouse
