// SPDX-License-Identifier: Apache-2.0
#include "provision/signing_key.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>

#include "base/base64.h"

namespace tarn::provision {
namespace {

constexpr int kBits = 2048, kBitsMax = 8192;
const std::string kNoPassword;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using DigestPtr = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

BioPtr InputOf(std::string_view text) {
  return BioPtr(
      BIO_new_mem_buf(text.data(), static_cast<int>(std::min<size_t>(text.size(), INT_MAX))));
}

std::string ContentOf(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(length));
}

const unsigned char* BytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Never asks at a terminal.
int GivePassword(char* buffer, int size, int /*writing*/, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  const auto length = std::min(static_cast<size_t>(size), text.size());
  std::memcpy(buffer, text.data(), length);
  return static_cast<int>(length);
}

bool IsGood(const std::shared_ptr<EVP_PKEY>& key) {
  return key != nullptr && EVP_PKEY_base_id(key.get()) == EVP_PKEY_RSA &&
         EVP_PKEY_bits(key.get()) >= kBits && EVP_PKEY_bits(key.get()) <= kBitsMax;
}

std::shared_ptr<EVP_PKEY> Hold(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

std::string DigestOf(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  if (length <= 0) return {};
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(der, static_cast<size_t>(length), digest.data());
  OPENSSL_free(der);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Result<PublicKey> PublicKey::Of(std::shared_ptr<EVP_PKEY> key) {
  PublicKey made;
  const BioPtr out(BIO_new(BIO_s_mem()));
  const std::string digest = DigestOf(key.get());
  if (out == nullptr || digest.empty() || PEM_write_bio_PUBKEY(out.get(), key.get()) != 1) {
    return Fail(ErrorKind::kInternal, "could not write a public key");
  }
  made.pem_ = ContentOf(out.get());
  made.fingerprint_ = "SHA256:" + EncodeBase64(digest);
  made.key_ = std::move(key);
  return made;
}

Result<PublicKey> PublicKey::Read(std::string_view pem) {
  const BioPtr in = InputOf(pem);
  auto key = Hold(in == nullptr ? nullptr
                                : PEM_read_bio_PUBKEY(in.get(), nullptr, GivePassword,
                                                      const_cast<std::string*>(&kNoPassword)));
  if (!IsGood(key)) {
    return Fail(ErrorKind::kInvalidArgument,
                "the public key is no RSA key of {} to {} bits in PEM's form", kBits, kBitsMax);
  }
  return Of(std::move(key));
}

bool PublicKey::HasSigned(std::string_view text, std::string_view signature) const {
  const DigestPtr digest(EVP_MD_CTX_new());
  return digest != nullptr &&
         EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(digest.get(), BytesOf(signature), signature.size(), BytesOf(text),
                          text.size()) == 1;
}

Result<PrivateKey> PrivateKey::Of(std::shared_ptr<EVP_PKEY> key) {
  PrivateKey made;
  TARN_ASSIGN(made.public_, PublicKey::Of(key));
  made.key_ = std::move(key);
  return made;
}

Result<PrivateKey> PrivateKey::Generate() {
  auto key = Hold(EVP_RSA_gen(kBits));
  if (key == nullptr) return Fail(ErrorKind::kInternal, "could not make a pair of keys");
  return Of(std::move(key));
}

Result<PrivateKey> PrivateKey::Read(std::string_view pem, const std::string& password) {
  const BioPtr in = InputOf(pem);
  auto key = Hold(in == nullptr ? nullptr
                                : PEM_read_bio_PrivateKey(in.get(), nullptr, GivePassword,
                                                          const_cast<std::string*>(&password)));
  if (!IsGood(key)) {
    return Fail(ErrorKind::kInvalidArgument,
                "the private key is no RSA key of {} to {} bits in PEM's PKCS #8 form, or its "
                "password is another",
                kBits, kBitsMax);
  }
  return Of(std::move(key));
}

Result<std::string> PrivateKey::Pem(const std::string& password) const {
  const BioPtr out(BIO_new(BIO_s_mem()));
  const EVP_CIPHER* const cipher = password.empty() ? nullptr : EVP_aes_256_cbc();
  if (out == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(out.get(), key_.get(), cipher, nullptr, 0, GivePassword,
                                    const_cast<std::string*>(&password)) != 1) {
    return Fail(ErrorKind::kInternal, "could not write a private key");
  }
  return ContentOf(out.get());
}

Result<std::string> PrivateKey::Sign(std::string_view text) const {
  const DigestPtr digest(EVP_MD_CTX_new());
  std::string signature(static_cast<size_t>(EVP_PKEY_size(key_.get())), '\0');
  size_t length = signature.size();
  if (digest == nullptr ||
      EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     BytesOf(text), text.size()) != 1) {
    return Fail(ErrorKind::kInternal, "could not sign with the private key");
  }
  signature.resize(length);
  return signature;
}

}  // namespace tarn::provision
