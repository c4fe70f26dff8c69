// SPDX-License-Identifier: Apache-2.0
#include "server/catalogues/short_names.h"

#include <gtest/gtest.h>

namespace tarn::server::catalogues {
namespace {

TEST(ShortNames, KeepsWhatFits) {
  EXPECT_EQ(ShortName("ORDERS", 7), "ORDERS");
  EXPECT_EQ(ShortName(std::string(63, 'x'), 7), std::string(63, 'x'));
}

TEST(ShortNames, CutsBetweenCharacters) {
  EXPECT_EQ(ShortName(std::string(64, 'x'), 16384), std::string(57, 'x') + "~16384");
  std::string long_name;
  for (int i = 0; i < 40; ++i) long_name += "é";
  std::string cut;
  for (int i = 0; i < 28; ++i) cut += "é";
  EXPECT_EQ(ShortName(long_name, 16384), cut + "~16384");
}

TEST(ShortNames, TellsEqualOnesApart) {
  ShortNames names;
  names.Reserve("tarn");
  EXPECT_EQ(names.Add("A", 1), "A");
  EXPECT_EQ(names.Add("A", 2), "A~2");
  EXPECT_EQ(names.Add("tarn", 3), "tarn~3");
  const std::string name = std::string(57, 'x') + "~16384";
  EXPECT_EQ(names.Add(name, 5), name);
  EXPECT_EQ(names.Add(std::string(64, 'x'), 16384), std::string(56, 'x') + "~~16384");
}

}  // namespace
}  // namespace tarn::server::catalogues
