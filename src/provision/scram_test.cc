// SPDX-License-Identifier: Apache-2.0
#include "provision/scram.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace tarn::provision {
namespace {

using Bytes = std::vector<unsigned char>;

Bytes FromBase64(std::string_view text) {
  Bytes bytes(text.size() / 4 * 3);
  EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  bytes.resize(bytes.size() - static_cast<size_t>(std::ranges::count(text, '=')));
  return bytes;
}

Bytes Hmac(const Bytes& key, std::string_view message) {
  Bytes out(SHA256_DIGEST_LENGTH);
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), out.data(), nullptr);
  return out;
}

// The exchange of RFC 7677, section 3: what a server that holds the verifier must accept and
// answer.
TEST(ScramVerifier, AnswersTheExchangeOfTheStandard) {
  constexpr std::string_view kSalt = "W22ZaJ0SNY7soEsUEjb6gQ==";
  constexpr std::string_view kAuthMessage =
      "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
      "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$"
      "k0";
  const auto verifier = ScramVerifier("pencil", FromBase64(kSalt), 4096);
  ASSERT_TRUE(verifier.has_value());
  const std::string prefix = "SCRAM-SHA-256$4096:" + std::string(kSalt) + "$";
  ASSERT_TRUE(verifier->starts_with(prefix)) << *verifier;
  const std::string keys = verifier->substr(prefix.size());
  const Bytes stored_key = FromBase64(keys.substr(0, keys.find(':')));
  const Bytes server_key = FromBase64(keys.substr(keys.find(':') + 1));

  EXPECT_EQ(Hmac(server_key, kAuthMessage),
            FromBase64("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  const Bytes proof = FromBase64("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  Bytes client_key = Hmac(stored_key, kAuthMessage);
  for (size_t i = 0; i < client_key.size(); ++i) client_key[i] ^= proof[i];
  Bytes hashed(SHA256_DIGEST_LENGTH);
  SHA256(client_key.data(), client_key.size(), hashed.data());
  EXPECT_EQ(hashed, stored_key);
}

TEST(ScramVerifier, SaltsEachTime) {
  EXPECT_NE(*ScramVerifier("pencil"), *ScramVerifier("pencil"));
}

TEST(ScramVerifier, RefusesWhatSaslprepWouldChange) {
  EXPECT_EQ(ScramVerifier("").error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(ScramVerifier("pässwort").error().kind, ErrorKind::kInvalidArgument);
}

TEST(GeneratePassword, IsLongAndNeverTheSame) {
  std::set<std::string> seen;
  std::set<char> letters;
  for (int i = 0; i < 200; ++i) {
    const std::string password = *GeneratePassword();
    EXPECT_EQ(password.size(), 24U);
    EXPECT_TRUE(std::ranges::all_of(password, [](unsigned char c) { return std::isalnum(c); }));
    letters.insert(password.begin(), password.end());
    EXPECT_TRUE(seen.insert(password).second);
  }
  EXPECT_EQ(letters.size(), 62U);
}

}  // namespace
}  // namespace tarn::provision
