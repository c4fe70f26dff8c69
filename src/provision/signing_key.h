// SPDX-License-Identifier: Apache-2.0
// Pairs of RSA keys with which programs prove who they are (RS256: PKCS #1 1.5 with SHA-256).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

using EVP_PKEY = struct evp_pkey_st;

namespace tarn::provision {

/// RSA keys of 2048 to 8192 bits. A value, thread-safe.
class PublicKey {
 public:
  /// Of PEM's SubjectPublicKeyInfo; InvalidArgument for others.
  static Result<PublicKey> Read(std::string_view pem);

  const std::string& pem() const { return pem_; }
  /// "SHA256:" and the base64 of SHA-256 of the key's DER form.
  const std::string& fingerprint() const { return fingerprint_; }
  bool HasSigned(std::string_view text, std::string_view signature) const;

 private:
  friend class PrivateKey;
  static Result<PublicKey> Of(std::shared_ptr<EVP_PKEY> key);

  std::shared_ptr<EVP_PKEY> key_;
  std::string pem_, fingerprint_;
};

/// A value, thread-safe; none of its messages shows it.
class PrivateKey {
 public:
  /// Of 2048 bits; takes some tenths of a second.
  static Result<PrivateKey> Generate();
  /// Of PEM's PKCS #8, encrypted or not; InvalidArgument for others, and for a wrong password.
  static Result<PrivateKey> Read(std::string_view pem, const std::string& password = "");

  /// PKCS #8, encrypted where there is a password. Secret.
  Result<std::string> Pem(const std::string& password = "") const;
  const PublicKey& public_key() const { return public_; }
  Result<std::string> Sign(std::string_view text) const;

 private:
  static Result<PrivateKey> Of(std::shared_ptr<EVP_PKEY> key);

  std::shared_ptr<EVP_PKEY> key_;
  PublicKey public_;
};

}  // namespace tarn::provision
