// SPDX-License-Identifier: Apache-2.0
#include "iceberg/model/field_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace tarn::iceberg {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(FieldMapTest, EntriesComeInAnyOrderAndTheLastOfAnIdCounts) {
  const FieldMap<std::string> map{{FieldId(7), "a"},
                                  {FieldId(2), "b"},
                                  {FieldId(7), "c"},
                                  {FieldId(5), "d"},
                                  {FieldId(7), "e"}};
  EXPECT_THAT(map,
              ElementsAre(Pair(FieldId(2), "b"), Pair(FieldId(5), "d"), Pair(FieldId(7), "e")));
  EXPECT_EQ(map.at(FieldId(7)), "e");
  EXPECT_EQ(map.ValueOf(FieldId(3)), nullptr);
  EXPECT_FALSE(map.contains(FieldId(8)));
}

/// The standard map says what is right.
TEST(FieldMapTest, BehavesAsAStandardMap) {
  std::mt19937 random(20);
  for (int round = 0; round < 200; ++round) {
    FieldMap<int> map;
    std::map<FieldId, int> expected;
    for (int step = 0; step < 40; ++step) {
      const FieldId id(static_cast<int32_t>(random() % 12) - 2);
      if (random() % 4 == 0) {
        map.erase(id);
        expected.erase(id);
      } else {
        map[id] += step;
        expected[id] += step;
      }
      ASSERT_EQ(map.contains(id), expected.contains(id));
    }
    const std::map<FieldId, int> found(map.begin(), map.end());
    ASSERT_EQ(found, expected);
    ASSERT_EQ(map.size(), expected.size());
    ASSERT_EQ(map,
              FieldMap<int>(std::vector<std::pair<FieldId, int>>(found.rbegin(), found.rend())));
  }
}

}  // namespace
}  // namespace tarn::iceberg
