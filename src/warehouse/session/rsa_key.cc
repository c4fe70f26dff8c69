// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/rsa_key.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/base64.h"

namespace tarn::warehouse {
namespace {

constexpr int kBitsMin = 2048;

struct KeyFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, KeyFree>;

std::optional<std::string> DerOf(std::string_view key) {
  // PEM's lines around it begin with a hyphen, which base64 has not.
  std::string base64;
  while (!key.empty()) {
    const size_t end = std::min(key.find('\n'), key.size());
    std::string_view line = key.substr(0, end);
    key.remove_prefix(std::min(end + 1, key.size()));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.starts_with('-')) base64 += line;
  }
  return DecodeBase64(base64);
}

/// Null for what is no good key.
Key ReadKey(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  Key key(d2i_PUBKEY(nullptr, &bytes, static_cast<long>(der.size())));
  if (key == nullptr || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return nullptr;
  return EVP_PKEY_bits(key.get()) < kBitsMin ? nullptr : std::move(key);
}

}  // namespace

std::string RsaFingerprint(std::string_view key) {
  const auto der = DerOf(key);
  if (!der || ReadKey(*der) == nullptr) return {};
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(der->data()), der->size(), digest.data());
  return "SHA256:" + EncodeBase64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

bool VerifyRs256(std::string_view text, std::string_view signature, std::string_view key) {
  const auto der = DerOf(key);
  const Key read = der ? ReadKey(*der) : nullptr;
  if (read == nullptr) return false;
  struct ContextFree {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  const std::unique_ptr<EVP_MD_CTX, ContextFree> context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, read.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

}  // namespace tarn::warehouse
