// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/digest.h"

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/base64.h"

namespace tarn::storage::s3 {
namespace {

std::span<const uint8_t> BytesOf(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

Sha256Digest Sha256(std::span<const uint8_t> bytes) {
  Sha256Digest digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

Sha256Digest Sha256(std::string_view text) { return Sha256(BytesOf(text)); }

Sha256Digest HmacSha256(std::span<const uint8_t> key, std::string_view text) {
  Sha256Digest digest{};
  const std::span<const uint8_t> bytes = BytesOf(text);
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(),
       digest.data(), nullptr);
  return digest;
}

std::string Hex(const Sha256Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(digest.size() * 2);
  for (const uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string Base64(const Sha256Digest& digest) {
  return EncodeBase64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string Base64Md5(std::string_view text) {
  std::array<uint8_t, 16> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_md5(), nullptr);
  return EncodeBase64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

}  // namespace tarn::storage::s3
