// SPDX-License-Identifier: Apache-2.0
#include "provision/scram.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "base/base64.h"

namespace tarn::provision {
namespace {

constexpr int kIterations = 4096;
constexpr size_t kSaltBytes = 16;
constexpr size_t kPasswordLength = 24;
using Key = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

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

namespace {

Result<ScramSecrets> Derive(std::string_view password, std::span<const unsigned char> salt,
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
  return ScramSecrets{.iterations = iterations,
                      .salt = std::string(salt.begin(), salt.end()),
                      .stored_key = std::string(stored_key.begin(), stored_key.end()),
                      .server_key = std::string(server_key.begin(), server_key.end())};
}

std::string VerifierText(const ScramSecrets& secrets) {
  return fmt::format("SCRAM-SHA-256${}:{}${}:{}", secrets.iterations, EncodeBase64(secrets.salt),
                     EncodeBase64(secrets.stored_key), EncodeBase64(secrets.server_key));
}

}  // namespace

Result<ScramSecrets> MakeScramSecrets(std::string_view password) {
  std::array<unsigned char, kSaltBytes> salt;
  if (RAND_bytes(salt.data(), salt.size()) != 1) {
    return Fail(ErrorKind::kInternal, "the random generator failed");
  }
  return Derive(password, salt, kIterations);
}

Result<std::string> ScramVerifier(std::string_view password, std::span<const unsigned char> salt,
                                  int iterations) {
  TARN_ASSIGN(const ScramSecrets secrets, Derive(password, salt, iterations));
  return VerifierText(secrets);
}

Result<std::string> ScramVerifier(std::string_view password) {
  TARN_ASSIGN(const ScramSecrets secrets, MakeScramSecrets(password));
  return VerifierText(secrets);
}

}  // namespace tarn::provision
