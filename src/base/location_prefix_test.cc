// SPDX-License-Identifier: Apache-2.0
#include "base/location_prefix.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

TEST(LocationPrefix, EndsWithASlash) {
  EXPECT_EQ(NormalizeLocationPrefix("s3://lake"), "s3://lake/");
  EXPECT_EQ(NormalizeLocationPrefix("s3://lake/a b/c.d/"), "s3://lake/a b/c.d/");
  EXPECT_EQ(NormalizeLocationPrefix("file:///srv/lake"), "file:///srv/lake/");
}

TEST(LocationPrefix, RefusesWhatCouldMeanSomethingElse) {
  for (const char* prefix : {"",
                             "/srv",
                             "file://srv/",
                             "file:///",
                             "file:////srv",
                             "file:///srv//x",
                             "file:///srv/../x",
                             "file:///srv/./x",
                             "file:///srv/%2e%2e",
                             "file:///it's",
                             "file:///a\"b",
                             "file:///a\nb",
                             "file:///a?b",
                             "file:///a#b",
                             "file:///a*",
                             "file:///\xc3\x84",
                             "s3://",
                             "s3://a",
                             "s3:///x",
                             "s3://-lake/",
                             "s3://a..b/",
                             "s3://la ke/",
                             "s3://../x",
                             "http://lake/"}) {
    const auto refused = NormalizeLocationPrefix(prefix);
    ASSERT_FALSE(refused.has_value()) << prefix;
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_FALSE(refused.error().detail.empty());
  }
  EXPECT_TRUE(NormalizeLocationPrefix("file:///" + std::string(500, 'a')).has_value());
  EXPECT_FALSE(NormalizeLocationPrefix("file:///" + std::string(510, 'a')).has_value());
}

TEST(LocationPrefix, TellsThatLocationsTakeNoParameters) {
  for (const char* prefix : {"s3://lake?region=eu", "s3://lake/?endpoint=x", "s3://lake/a?b/",
                             "file:///srv/a?b", "s3://lake#x"}) {
    const auto refused = NormalizeLocationPrefix(prefix);
    ASSERT_FALSE(refused.has_value()) << prefix;
    EXPECT_NE(refused.error().detail.find("parameters"), std::string::npos) << prefix;
  }
}

}  // namespace
}  // namespace tarn
