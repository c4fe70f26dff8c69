// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

using SSL_CTX = struct ssl_ctx_st;
using SSL = struct ssl_st;

namespace tarn::server::postgres {

/// The server's side of TLS: 1.2 at least, no renegotiation, no compression, no resumption; ALPN
/// "postgresql" where the client asks for any. Thread-safe.
class TlsContext {
 public:
  /// InvalidArgument where certificate and key do not fit.
  static Result<std::unique_ptr<TlsContext>> Make(const std::string& certificate_pem,
                                                  const std::string& key_pem);

  /// For connections that begin later.
  Result<> Reload(const std::string& certificate_pem, const std::string& key_pem);

  struct Identity {
    std::shared_ptr<SSL_CTX> context;
    /// RFC 5929, "tls-server-end-point": a hash of the certificate; "" where its signature has no
    /// single hash (Ed25519), and there is no channel binding then.
    std::string end_point;
  };
  Identity identity() const;

 private:
  mutable std::mutex mutex_;
  Identity identity_;
};

}  // namespace tarn::server::postgres
