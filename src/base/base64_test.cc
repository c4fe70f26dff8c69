// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

// RFC 4648, section 10.
constexpr std::pair<const char*, const char*> kVectors[] = {{"", ""},
                                                            {"f", "Zg=="},
                                                            {"fo", "Zm8="},
                                                            {"foo", "Zm9v"},
                                                            {"foob", "Zm9vYg=="},
                                                            {"fooba", "Zm9vYmE="},
                                                            {"foobar", "Zm9vYmFy"}};

TEST(Base64Test, IsTheRfcs) {
  for (const auto& [bytes, text] : kVectors) {
    EXPECT_EQ(EncodeBase64(bytes), text);
    EXPECT_EQ(DecodeBase64(text), bytes);
  }
  EXPECT_EQ(EncodeBase64(std::string("\0\xff\xfe", 3)), "AP/+");
  EXPECT_EQ(DecodeBase64("AP/+"), std::string("\0\xff\xfe", 3));
}

TEST(Base64Test, OneTextForOneValue) {
  for (const char* text : {"Zg", "Zg=", "Zh==", "Zg===", "Zg==Zg==", "Z", "Zm 9v", "Zm9v\n", "=",
                           "====", "Zm9_", "Zm9v="}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace tarn
