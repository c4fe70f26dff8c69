// SPDX-License-Identifier: Apache-2.0
#include "base/time_zone.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

TEST(TimeZoneTest, RefusesPathsAndUnknownNames) {
  for (const char* const name :
       {"../etc/passwd", "/etc/passwd", "", "Nowhere/Else", "tzdata.zi", "America"}) {
    EXPECT_FALSE(TimeZone::Load(name)) << name;
  }
}

}  // namespace
}  // namespace tarn
