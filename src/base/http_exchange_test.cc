// SPDX-License-Identifier: Apache-2.0
#include "base/http_exchange.h"

#include <gtest/gtest.h>

namespace tarn::http {
namespace {

TEST(HttpExchange, DecodesPercentSigns) {
  EXPECT_EQ(DecodePercent("a%20b%1Fc%2fd+e"), std::string("a b\x1f"
                                                          "c/d+e"));
  EXPECT_EQ(DecodePercent("%C3%A4"), "ä");
  EXPECT_EQ(DecodePercent("100%"), std::nullopt);
  EXPECT_EQ(DecodePercent("%4"), std::nullopt);
  EXPECT_EQ(DecodePercent("%4g"), std::nullopt);
}

TEST(HttpExchange, SplitsQueriesBeforeTheyAreDecoded) {
  const auto values = ParseQuery("parent=a%26b&&x&pageToken=a+b%3Dc");
  ASSERT_TRUE(values.has_value());
  const NamedValues expected = {{"parent", "a&b"}, {"x", ""}, {"pageToken", "a b=c"}};
  EXPECT_EQ(*values, expected);
  EXPECT_EQ(ParseQuery("a=%"), std::nullopt);
}

TEST(HttpExchange, FindsTheFirstOfAName) {
  Request request;
  request.headers = {{"accept", "one"}, {"accept", "two"}};
  request.query = {{"q", ""}};
  EXPECT_EQ(request.Header("accept"), "one");
  EXPECT_EQ(request.Header("host"), std::nullopt);
  EXPECT_EQ(request.Parameter("q"), "");
}

}  // namespace
}  // namespace tarn::http
