// SPDX-License-Identifier: Apache-2.0
#include "provision/key_token.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/base64.h"

namespace tarn::provision {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kSubject = "TARN.AGENT";
constexpr int64_t kIssued = 1'700'000'000, kExpires = kIssued + 300;

/// Made by openssl genpkey, pkey and dgst.
constexpr const char* kPublicKey = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqi0JKjT/GOvvYNHYlXFJ
qWEYJz7RzVRdYuD35NuzTWpWNjdgszqy6kjrg/T2ceWLe3mWm4rcf3aVSrZyfS0l
6qgXSFvhXhf+JPpo5m6pZs0IcBMKBjc11p97XMe5JMGipJxBG0Ao2hTYtY1OGYrD
8X76VLW89Zhv5k36M+njsgQuOXO0LzBOC/Z9bXDyA9zvqS0fLddOFbcFlBQWvlUH
7+aMfgljO+49gW6Wybb92G22S+lgCnB/L4nBQqOSvCR7pgAFmPscwS6H/6+80SAo
2cMUlSslYUszzjrRZrEeZCfBf3roA3PVqcWI9Zs4adW8g/U8Q3rtukCD8lC9O2DP
MwIDAQAB
-----END PUBLIC KEY-----
)";
constexpr const char* kFingerprint = "SHA256:WNcWq8/W364iHaIcKhp2mH+EXXfxiUnaELv8tnVYicg=";
constexpr const char* kToken =
    "eyJ0eXAiOiAiSldUIiwgImFsZyI6ICJSUzI1NiJ9.eyJpc3MiOiAiVEFSTi5BR0VOVC5TSEEyNTY6V05jV3E4L1czN"
    "jRpSGFJY0tocDJtSCtFWFhmeGlVbmFFTHY4dG5WWWljZz0iLCAic3ViIjogIlRBUk4uQUdFTlQiLCAiaWF0IjogMTc"
    "wMDAwMDAwMCwgImV4cCI6IDE3MDAwMDAzMDB9.DNQBLtQF3B6HE4SN-5N5VCWDQZdrMY5z1PQrdeGWpkWHULqSWZ0N"
    "dqB74_YOU-KX9K-uOMQpN9YOgjh5IwKys3STDzL--dKMvVj06B8N5zhUYjLbkoQpTCsD9RKvDU7YAUWjO9JmCZ1aA3"
    "JZX8X-Ss28218ErMUV7jBDTH612O_tMlTSDqeYYoZTlMbkZ8efd4h5GyuCzNxD6pt7tIWpBSB44dEyq-AJxhY9SU6-"
    "kzCYvpiIYYkpdUPC3NNs-NgUaLcVWQ8fOquDFhFPU6C5Mdb71Mv0VElKaMWoJ_GTjxGuTfxChtto6q5x_2IVd4GpOl"
    "kmafosecCassKMHPVNSQ";

PublicKey KnownKey() { return *PublicKey::Read(kPublicKey); }

std::string Url(std::string_view bytes) {
  std::string text = EncodeBase64(bytes);
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  text.erase(text.find_last_not_of('=') + 1);
  return text;
}

/// Signed as it should be, whatever it says.
std::string Signed(const PrivateKey& key, const std::string& header, const std::string& claims) {
  const std::string text = Url(header) + "." + Url(claims);
  return text + "." + Url(*key.Sign(text));
}

const PrivateKey& OwnKey() {
  static const PrivateKey key = *PrivateKey::Generate();
  return key;
}

std::string Claims(const std::string& times) {
  return R"({"iss":"TARN.AGENT.)" + OwnKey().public_key().fingerprint() +
         R"(","sub":"TARN.AGENT",)" + times + "}";
}

constexpr const char* kHeader = R"({"alg":"RS256"})";

std::string Refusal(std::string_view token, int64_t now_s = kIssued) {
  const auto checked = CheckKeyToken(token, OwnKey().public_key(), kSubject, now_s);
  if (checked) return "taken";
  EXPECT_EQ(checked.error().kind, ErrorKind::kPermissionDenied);
  return checked.error().message;
}

TEST(KeyToken, TakesWhatOpensslSigned) {
  EXPECT_EQ(KnownKey().fingerprint(), kFingerprint);
  const auto checked = CheckKeyToken(kToken, KnownKey(), kSubject, kIssued);
  EXPECT_TRUE(checked) << checked.error().message;
}

TEST(KeyToken, TakesWhatItMade) {
  EXPECT_EQ(Refusal(*MakeKeyToken(OwnKey(), kSubject, kIssued, kExpires)), "taken");
}

TEST(KeyToken, EveryChangedByteIsNoticed) {
  const std::string token = kToken;
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(CheckKeyToken(changed, KnownKey(), kSubject, kIssued)) << i;
    EXPECT_FALSE(CheckKeyToken(token.substr(0, i), KnownKey(), kSubject, kIssued)) << i;
  }
  EXPECT_FALSE(CheckKeyToken(token + "A", KnownKey(), kSubject, kIssued));
  EXPECT_FALSE(CheckKeyToken(token + "=", KnownKey(), kSubject, kIssued));
}

TEST(KeyToken, OtherKeysAndSubjects) {
  EXPECT_THAT(Refusal(kToken), HasSubstr("another key"));
  EXPECT_FALSE(CheckKeyToken(kToken, KnownKey(), "TARN.ADMIN", kIssued));
  // The right fingerprint under a signature of one's own.
  const std::string claims = std::string(R"({"iss":"TARN.AGENT.)") + kFingerprint +
                             R"(","sub":"TARN.AGENT","iat":1700000000,"exp":1700000300})";
  const auto checked =
      CheckKeyToken(Signed(OwnKey(), kHeader, claims), KnownKey(), kSubject, kIssued);
  ASSERT_FALSE(checked);
  EXPECT_THAT(checked.error().message, HasSubstr("wrong signature"));
}

TEST(KeyToken, Times) {
  const auto at = [](const std::string& times, int64_t now_s) {
    return Refusal(Signed(OwnKey(), kHeader, Claims(times)), now_s);
  };
  const std::string times = R"("iat":1700000000,"exp":1700000300)";
  EXPECT_EQ(at(times, kExpires - 1), "taken");
  EXPECT_THAT(at(times, kExpires), HasSubstr("expired"));
  EXPECT_EQ(at(times, kIssued - kClockSkewSeconds), "taken");
  EXPECT_THAT(at(times, kIssued - kClockSkewSeconds - 1), HasSubstr("future"));
  EXPECT_THAT(at(R"("iat":1700000000,"exp":1700003601)", kIssued), HasSubstr("an hour"));
  for (const char* bad :
       {R"("iat":1700000000)", R"("exp":1700000300)", R"("iat":"1700000000","exp":1700000300)",
        R"("iat":-9223372036854775808,"exp":1700000300)",
        R"("iat":1700000000,"exp":18446744073709551615)", R"("iat":1.7e9,"exp":1.7e9)"}) {
    EXPECT_THAT(at(bad, kIssued), HasSubstr("no times")) << bad;
  }
}

TEST(KeyToken, OneAlgorithm) {
  const std::string claims = Claims(R"("iat":1700000000,"exp":1700000300)");
  ASSERT_EQ(Refusal(Signed(OwnKey(), kHeader, claims)), "taken");
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"rs256"})",
                             R"({"alg":"PS256"})", R"({"alg":["RS256"]})", R"({})", "[]", "x"}) {
    EXPECT_NE(Refusal(Signed(OwnKey(), header, claims)), "taken") << header;
  }
  EXPECT_NE(Refusal(Url(R"({"alg":"none"})") + "." + Url(claims) + "."), "taken");
  // The public key, which everybody may know, as the secret of an HMAC.
  const std::string text = Url(R"({"alg":"HS256"})") + "." + Url(claims);
  const std::string& secret = OwnKey().public_key().pem();
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), &length);
  EXPECT_NE(Refusal(text + "." + Url({reinterpret_cast<const char*>(mac.data()), length})),
            "taken");
}

TEST(KeyToken, WhatIsNoToken) {
  for (const std::string& text :
       {std::string(), std::string("."), std::string(".."), std::string("a.b"),
        std::string("a.b.c.d"), std::string(100'000, '.'),
        Url(std::string(5000, '[')) + ".e30.e30"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("not well formed")) << text.substr(0, 40);
  }
}

TEST(SigningKey, SurvivesItsFiles) {
  const auto plain = OwnKey().Pem();
  ASSERT_TRUE(plain);
  EXPECT_THAT(*plain, StartsWith("-----BEGIN PRIVATE KEY-----"));
  const auto read = PrivateKey::Read(*plain);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->public_key().fingerprint(), OwnKey().public_key().fingerprint());
  EXPECT_EQ(PublicKey::Read(OwnKey().public_key().pem())->fingerprint(),
            OwnKey().public_key().fingerprint());
}

TEST(SigningKey, Passwords) {
  const auto locked = OwnKey().Pem("hunter2");
  ASSERT_TRUE(locked);
  EXPECT_THAT(*locked, StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  EXPECT_TRUE(PrivateKey::Read(*locked, "hunter2"));
  for (const char* wrong : {"", "hunter3"}) {
    const auto read = PrivateKey::Read(*locked, wrong);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("password"));
    EXPECT_THAT(read.error().message, Not(HasSubstr("hunter")));
  }
}

TEST(SigningKey, OtherKeysAreRefused) {
  // Ed25519, and RSA of 1024 bits.
  EXPECT_FALSE(
      PublicKey::Read("-----BEGIN PUBLIC KEY-----\n"
                      "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
                      "-----END PUBLIC KEY-----\n"));
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> small(EVP_RSA_gen(1024), EVP_PKEY_free);
  BIO* const out = BIO_new(BIO_s_mem());
  ASSERT_EQ(PEM_write_bio_PUBKEY(out, small.get()), 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out, &data);
  EXPECT_FALSE(PublicKey::Read({data, static_cast<size_t>(size)}));
  BIO_free_all(out);
  for (const char* text : {"", "x", "-----BEGIN PUBLIC KEY-----"}) {
    EXPECT_FALSE(PublicKey::Read(text));
    EXPECT_FALSE(PrivateKey::Read(text));
  }
}

}  // namespace
}  // namespace tarn::provision
