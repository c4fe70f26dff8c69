// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "server/postgres/tls_context.h"
#include "server/postgres/traffic.h"

namespace tarn::server::postgres {

/// Bytes to and from a client over a non-blocking socket, plain or in TLS. Nothing waits in here:
/// kWantRead and kWantWrite say what the socket has to be ready for. Thread-safe: one thread reads
/// while another writes.
class Transport {
 public:
  enum class Status { kDone, kWantRead, kWantWrite, kClosed };
  struct Progress {
    Status status = Status::kClosed;
    size_t bytes = 0;
  };

  /// The descriptor is somebody else's, and outlives this, as does `traffic`.
  Transport(int descriptor, Traffic& traffic) : descriptor_(descriptor), traffic_(traffic) {}

  Progress Read(std::span<uint8_t> into);
  Progress Write(std::span<const uint8_t> bytes);
  /// Bytes that wait in the socket, without taking them. Only before TLS.
  Progress Peek(std::span<uint8_t> into) const;

  void BeginTls(TlsContext::Identity identity);
  Status Handshake();
  bool is_tls() const { return tls_; }
  /// Whether the client asked for, and got, ALPN "postgresql".
  bool has_alpn() const;
  const std::string& end_point() const { return identity_.end_point; }

  /// Tells the client that nothing follows.
  void Shutdown();
  int descriptor() const { return descriptor_; }

 private:
  Progress ReadUncounted(std::span<uint8_t> into);
  Progress WriteUncounted(std::span<const uint8_t> bytes);
  Status TlsStatus(int result) const;

  struct SslFree {
    void operator()(SSL* ssl) const;
  };
  const int descriptor_;
  Traffic& traffic_;
  mutable std::mutex mutex_;
  std::atomic<bool> tls_ = false;
  TlsContext::Identity identity_;
  std::unique_ptr<SSL, SslFree> ssl_;  ///< under mutex_
};

}  // namespace tarn::server::postgres
