// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/password_check.h"

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>

namespace tarn::warehouse {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

constexpr int64_t kMinuteMs = 60'000;

/// StoredKey of RFC 5802 ("Overview of the SCRAM Protocol").
bool Fits(std::string_view password, const PasswordVerifier& verifier) {
  constexpr std::string_view kClientKey = "Client Key";
  Digest salted{}, client_key{}, stored_key{};
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                    reinterpret_cast<const unsigned char*>(verifier.salt.data()),
                    static_cast<int>(verifier.salt.size()), verifier.iterations, EVP_sha256(),
                    salted.size(), salted.data());
  HMAC(EVP_sha256(), salted.data(), salted.size(),
       reinterpret_cast<const unsigned char*>(kClientKey.data()), kClientKey.size(),
       client_key.data(), nullptr);
  SHA256(client_key.data(), client_key.size(), stored_key.data());
  return verifier.stored_key.size() == stored_key.size() &&
         CRYPTO_memcmp(stored_key.data(), verifier.stored_key.data(), stored_key.size()) == 0;
}

}  // namespace

Result<PasswordCheck::Answer> PasswordCheck::Check(const std::string& user,
                                                   const std::string& password,
                                                   const std::string& address) const {
  TARN_ASSIGN(auto verifier, sessions_->Verifier(user));
  const auto is_right = [&] {
    const PasswordVerifier nobodys{.salt = "no such user", .stored_key = {}, .server_key = {}};
    return Fits(password, verifier ? *verifier : nobodys) && verifier;
  };
  const GuessLimit::Verdict verdict = guesses_ == nullptr ? GuessLimit::Verdict{.right = is_right()}
                                                          : guesses_->Try(user, address, is_right);
  if (!verdict.right) return Answer{.verifier = std::nullopt, .locked_ms = verdict.locked_ms};
  return Answer{.verifier = std::move(verifier)};
}

std::string MinutesText(int64_t locked_ms) {
  const int64_t minutes = (locked_ms + kMinuteMs - 1) / kMinuteMs;
  return fmt::format("{} minute{}", minutes, minutes == 1 ? "" : "s");
}

}  // namespace tarn::warehouse
