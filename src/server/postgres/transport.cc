// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/transport.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace tarn::server::postgres {
namespace {

constexpr size_t kTlsWriteMax = 64 * 1024;

Transport::Progress SocketProgress(ssize_t result, Transport::Status would_block) {
  if (result > 0) return {Transport::Status::kDone, static_cast<size_t>(result)};
  if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    return {would_block, 0};
  }
  return {Transport::Status::kClosed, 0};
}

}  // namespace

void Transport::SslFree::operator()(SSL* ssl) const { SSL_free(ssl); }

Transport::Status Transport::TlsStatus(int result) const {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Status::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Status::kWantWrite;
    default:
      ERR_clear_error();
      return Status::kClosed;
  }
}

Transport::Progress Transport::Read(std::span<uint8_t> into) {
  const Progress progress = ReadUncounted(into);
  traffic_.received_bytes += static_cast<int64_t>(progress.bytes);
  return progress;
}

Transport::Progress Transport::Write(std::span<const uint8_t> bytes) {
  const Progress progress = WriteUncounted(bytes);
  traffic_.sent_bytes += static_cast<int64_t>(progress.bytes);
  return progress;
}

Transport::Progress Transport::ReadUncounted(std::span<uint8_t> into) {
  if (!tls_) {
    return SocketProgress(recv(descriptor_, into.data(), into.size(), 0), Status::kWantRead);
  }
  const std::lock_guard lock(mutex_);
  ERR_clear_error();
  const int read = SSL_read(ssl_.get(), into.data(), static_cast<int>(into.size()));
  if (read > 0) return {Status::kDone, static_cast<size_t>(read)};
  return {TlsStatus(read), 0};
}

Transport::Progress Transport::WriteUncounted(std::span<const uint8_t> bytes) {
  if (!tls_) {
    return SocketProgress(send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                          Status::kWantWrite);
  }
  const std::lock_guard lock(mutex_);
  ERR_clear_error();
  const int wrote =
      SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), kTlsWriteMax)));
  if (wrote > 0) return {Status::kDone, static_cast<size_t>(wrote)};
  return {TlsStatus(wrote), 0};
}

Transport::Progress Transport::Peek(std::span<uint8_t> into) const {
  return SocketProgress(recv(descriptor_, into.data(), into.size(), MSG_PEEK), Status::kWantRead);
}

void Transport::BeginTls(TlsContext::Identity identity) {
  const std::lock_guard lock(mutex_);
  identity_ = std::move(identity);
  ssl_.reset(SSL_new(identity_.context.get()));
  if (ssl_ != nullptr) {
    SSL_set_fd(ssl_.get(), descriptor_);
    SSL_set_accept_state(ssl_.get());
  }
  tls_ = ssl_ != nullptr;
}

Transport::Status Transport::Handshake() {
  const std::lock_guard lock(mutex_);
  if (ssl_ == nullptr) return Status::kClosed;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Status::kDone : TlsStatus(result);
}

bool Transport::has_alpn() const {
  const std::lock_guard lock(mutex_);
  if (ssl_ == nullptr) return false;
  const unsigned char* name = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &length);
  return length > 0;
}

void Transport::Shutdown() {
  if (tls_) {
    const std::lock_guard lock(mutex_);
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  shutdown(descriptor_, SHUT_WR);
}

}  // namespace tarn::server::postgres
