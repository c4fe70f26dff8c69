// SPDX-License-Identifier: Apache-2.0
#include "provision/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace tarn::provision {
namespace {

constexpr int kIterations = 4096;
constexpr size_t kSaltBytes = 16;
constexpr size_t kPasswordLength = 24;
using Key = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

std::string Base64(std::span<const unsigned char> bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(length));
  return text;
}

Key Hmac(const Key& key, std::string_view message) {
  Key out;
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), key.size(), reinterpret_cast<const unsigned char*>(message.data()),
       message.size(), out.data(), &length);
  return out;
}

}  // namespace

Result<std::string> GeneratePassword() {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  // Bytes above the largest multiple of the alphabet's size are thrown away: every letter is as
  // likely.
  constexpr unsigned kAccepted = 256 / kAlphabet.size() * kAlphabet.size();
  std::string password;
  while (password.size() < kPasswordLength) {
    std::array<unsigned char, 64> bytes;
    if (RAND_bytes(bytes.data(), bytes.size()) != 1) {
      return Fail(ErrorKind::kInternal, "the random generator failed");
    }
    for (const unsigned char byte : bytes) {
      if (byte < kAccepted && password.size() < kPasswordLength) {
        password += kAlphabet[byte % kAlphabet.size()];
      }
    }
  }
  return password;
}

Result<std::string> ScramVerifier(std::string_view password, std::span<const unsigned char> salt,
                                  int iterations) {
  if (password.empty() || std::ranges::any_of(password, [](unsigned char c) { return c > 0x7e; })) {
    return Fail(ErrorKind::kInvalidArgument, "passwords must be ASCII and not empty");
  }
  Key salted;
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), salt.data(),
                        static_cast<int>(salt.size()), iterations, EVP_sha256(), salted.size(),
                        salted.data()) != 1) {
    return Fail(ErrorKind::kInternal, "PBKDF2 failed");
  }
  const Key client_key = Hmac(salted, "Client Key");
  const Key server_key = Hmac(salted, "Server Key");
  Key stored_key;
  SHA256(client_key.data(), client_key.size(), stored_key.data());
  return fmt::format("SCRAM-SHA-256${}:{}${}:{}", iterations, Base64(salt), Base64(stored_key),
                     Base64(server_key));
}

Result<std::string> ScramVerifier(std::string_view password) {
  std::array<unsigned char, kSaltBytes> salt;
  if (RAND_bytes(salt.data(), salt.size()) != 1) {
    return Fail(ErrorKind::kInternal, "the random generator failed");
  }
  return ScramVerifier(password, salt, kIterations);
}

}  // namespace tarn::provision
