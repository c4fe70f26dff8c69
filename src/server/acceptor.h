// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "base/result.h"

namespace tarn::server {

/// Takes connections at one address, until it is closed. Outlives the run of its io_context.
class Acceptor {
 public:
  explicit Acceptor(boost::asio::io_context& io) : io_(io), acceptor_(io), retry_timer_(io) {}

  /// Unavailable where the address is taken, InvalidArgument where it is none. Port 0: any.
  Result<> Listen(const std::string& host, int port);
  int port() const { return port_; }

  /// `take` is given each connection, with a strand of its own, by a thread of the io_context; it
  /// counts them, and drops one by letting it go.
  using Take = std::function<void(boost::asio::ip::tcp::socket)>;
  void Start(Take take);
  /// From any thread; `take` is called once more at most.
  void Close();

 private:
  void Accept();

  boost::asio::io_context& io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer retry_timer_;
  Take take_;
  int port_ = 0;
};

}  // namespace tarn::server
