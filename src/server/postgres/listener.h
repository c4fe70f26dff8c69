// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "server/acceptor.h"
#include "server/postgres/server_context.h"

namespace tarn::server::postgres {

/// PostgreSQL's protocol at one address, in front of a factory of sessions. Thread-safe.
class Listener {
 public:
  /// Listens when it returns; connections are served by threads of its own. `certificate_pem` ""
  /// for a server without TLS. Unavailable where the address is taken. The factory outlives it.
  static Result<std::unique_ptr<Listener>> Start(ServerOptions options,
                                                 warehouse::SessionFactory& factory,
                                                 const std::string& certificate_pem,
                                                 const std::string& key_pem);
  /// Stops.
  ~Listener();

  int port() const { return acceptor_.port(); }
  int32_t connections() const { return context_.connections; }  ///< authenticated ones
  const Traffic& traffic() const { return context_.traffic; }
  /// A new certificate for connections that begin later.
  Result<> ReloadCertificate(const std::string& certificate_pem, const std::string& key_pem);
  /// Takes no more connections, gives statements that run `grace` to end, cancels what is left,
  /// tells every client (57P01) and waits for them to end, at most `patience`; then cuts them off.
  void Stop(std::chrono::milliseconds grace = {},
            std::chrono::milliseconds patience = std::chrono::seconds(10));

 private:
  Listener(ServerOptions options, warehouse::SessionFactory& factory);
  /// False: there still are connections.
  bool AwaitEnd(std::chrono::milliseconds at_most) const;

  ServerContext context_;
  boost::asio::io_context io_;
  /// Connections end after the acceptor: the io threads stay for them.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  Acceptor acceptor_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tarn::server::postgres
