// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <string_view>

namespace tarn::server::postgres {
namespace {

constexpr std::string_view kAlpn = "\x0apostgresql";

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using CertPtr = std::unique_ptr<X509, Freer<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;

BioPtr Reading(const std::string& pem) {
  return BioPtr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

int SelectAlpn(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
               unsigned int in_length, void*) {
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_length,
                                          reinterpret_cast<const unsigned char*>(kAlpn.data()),
                                          kAlpn.size(), in, in_length);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::string EndPoint(X509* certificate) {
  int digest = NID_undef;
  if (OBJ_find_sigid_algs(X509_get_signature_nid(certificate), &digest, nullptr) != 1 ||
      digest == NID_undef) {
    // RSA-PSS names its hash in its parameters.
    if (X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1) return "";
  }
  if (digest == NID_undef) return "";
  if (digest == NID_md5 || digest == NID_sha1) digest = NID_sha256;
  const EVP_MD* const hash = EVP_get_digestbynid(digest);
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned int length = 0;
  if (hash == nullptr || X509_digest(certificate, hash, bytes.data(), &length) != 1) return "";
  return {reinterpret_cast<const char*>(bytes.data()), length};
}

Result<TlsContext::Identity> MakeIdentity(const std::string& certificate_pem,
                                          const std::string& key_pem) {
  const BioPtr certificate_in = Reading(certificate_pem), key_in = Reading(key_pem);
  const CertPtr certificate(PEM_read_bio_X509(certificate_in.get(), nullptr, nullptr, nullptr));
  const KeyPtr key(PEM_read_bio_PrivateKey(key_in.get(), nullptr, nullptr, nullptr));
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (certificate == nullptr || key == nullptr || context == nullptr ||
      SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    ERR_clear_error();
    return Fail(ErrorKind::kInvalidArgument, "the server's certificate and key cannot be used");
  }
  // The rest of the file is the chain up to the authority.
  while (X509* link = PEM_read_bio_X509(certificate_in.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add_extra_chain_cert(context.get(), link);
  }
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), SelectAlpn, nullptr);
  return TlsContext::Identity{std::move(context), EndPoint(certificate.get())};
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::Make(const std::string& certificate_pem,
                                                     const std::string& key_pem) {
  auto made = std::make_unique<TlsContext>();
  TARN_TRY(made->Reload(certificate_pem, key_pem));
  return made;
}

Result<> TlsContext::Reload(const std::string& certificate_pem, const std::string& key_pem) {
  TARN_ASSIGN(Identity made, MakeIdentity(certificate_pem, key_pem));
  const std::lock_guard lock(mutex_);
  identity_ = std::move(made);
  return {};
}

TlsContext::Identity TlsContext::identity() const {
  const std::lock_guard lock(mutex_);
  return identity_;
}

}  // namespace tarn::server::postgres
