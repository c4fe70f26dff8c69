// SPDX-License-Identifier: Apache-2.0
#include "server/acceptor.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <chrono>
#include <utility>

namespace tarn::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kRetryAfter = std::chrono::milliseconds(100);

}  // namespace

Result<> Acceptor::Listen(const std::string& host, int port) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (error) return Fail(ErrorKind::kInvalidArgument, "\"{}\" is not an IP address", host);
  const tcp::endpoint endpoint(address, static_cast<uint16_t>(port));
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (error) {
    return Fail(ErrorKind::kUnavailable, "could not listen on {}:{}: {}", host, port,
                error.message());
  }
  port_ = acceptor_.local_endpoint(error).port();
  return {};
}

void Acceptor::Start(Take take) {
  take_ = std::move(take);
  Accept();
}

void Acceptor::Accept() {
  acceptor_.async_accept(
      asio::make_strand(io_), [this](const boost::system::error_code& error, tcp::socket socket) {
        if (error == asio::error::operation_aborted) return;
        if (error) {
          // Out of descriptors above all: they come back as connections end.
          spdlog::warn("could not accept a connection: {}", error.message());
          retry_timer_.expires_after(kRetryAfter);
          retry_timer_.async_wait([this](const boost::system::error_code& ended) {
            if (!ended && acceptor_.is_open()) Accept();
          });
          return;
        }
        take_(std::move(socket));
        if (acceptor_.is_open()) Accept();
      });
}

void Acceptor::Close() {
  asio::post(io_, [this] {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    retry_timer_.cancel();
  });
}

}  // namespace tarn::server
