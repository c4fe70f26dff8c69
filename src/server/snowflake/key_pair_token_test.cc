// SPDX-License-Identifier: Apache-2.0
#include "server/snowflake/key_pair_token.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace tarn::server::snowflake {
namespace {

std::string Part(std::string_view json) {
  std::string text = EncodeBase64(json);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::string Token(std::string_view header, std::string_view claims) {
  return Part(header) + "." + Part(claims) + ".c2ln";
}

constexpr const char* kHeader = R"({"alg":"RS256","typ":"JWT"})";

TEST(KeyPairToken, ReadsClaims) {
  const auto claims = ReadKeyPairToken(
      Token(kHeader, R"({"iss":"ACC.A.B.SHA256:x/y=","sub":"ACC.A.B","iat":1700000000,
                         "exp":1700000060})"));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->user, "A.B");
  EXPECT_EQ(claims->fingerprint, "SHA256:x/y=");
  EXPECT_EQ(claims->expires_s - claims->issued_s, 60);
}

TEST(KeyPairToken, TakesMilliseconds) {
  const auto claims = ReadKeyPairToken(Token(
      kHeader, R"({"iss":"A.U.SHA256:x","sub":"A.U","iat":1700000000000,"exp":1700000120000})"));
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->issued_s, 1'700'000'000);
  EXPECT_EQ(claims->expires_s - claims->issued_s, 120);
}

TEST(KeyPairToken, RefusesWhatIsNotWellFormed) {
  const std::string good = R"({"iss":"A.U.SHA256:x","sub":"A.U","iat":1,"exp":2})";
  for (const std::string& token :
       {std::string(), std::string("a"), std::string("a.b"), std::string("..."),
        std::string(20'000, 'a'), Token(R"({"alg":"none"})", good),
        Token(R"({"alg":"HS256"})", good), Token("[]", good), Token(kHeader, "{"),
        Token(kHeader, R"({"iss":5,"sub":"A.U"})"),
        Token(kHeader, R"({"iss":"A.V.SHA256:x","sub":"A.U"})"),
        Token(kHeader, R"({"iss":"A.U","sub":"A.U"})")}) {
    const auto claims = ReadKeyPairToken(token);
    ASSERT_FALSE(claims) << token.substr(0, 80);
    EXPECT_EQ(claims.error().code, code::kTokenInvalid);
  }
}

TEST(KeyPairToken, BadSignaturesAndKeysAreNoSignature) {
  const std::string token = Token(kHeader, "{}");
  EXPECT_FALSE(IsSignedBy(token, ""));
  EXPECT_FALSE(IsSignedBy(token, "AAAA"));
  EXPECT_FALSE(IsSignedBy("", "AAAA"));
}

}  // namespace
}  // namespace tarn::server::snowflake
