// SPDX-License-Identifier: Apache-2.0
#include "cli/agent/warehouse_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <chrono>

namespace tarn::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using Plain = beast::tcp_stream;
using Secure = beast::ssl_stream<beast::tcp_stream>;

constexpr std::chrono::seconds kPatience{5};
constexpr uint64_t kAnswerBytesMax = 64 * 1024;
constexpr unsigned kHttp11 = 11;

/// One exchange, step by step, each of which ends after kPatience.
class Exchange {
 public:
  Exchange(const WarehouseUrl& url, const AgentRequest& request) : url_(url) {
    request_.version(kHttp11);
    request_.method_string(request.method);
    request_.target(url.path + request.path);
    const bool is_v6 = url.host.find(':') != std::string::npos;
    request_.set(wire::field::host,
                 fmt::format("{}{}{}:{}", is_v6 ? "[" : "", url.host, is_v6 ? "]" : "", url.port));
    request_.set(wire::field::authorization, "Bearer " + request.token);
    request_.set(wire::field::content_type, "application/json");
    request_.set(wire::field::user_agent, "tarn-agent");
    request_.set(wire::field::connection, "close");
    request_.body() = request.body;
    request_.prepare_payload();
  }

  Result<AgentAnswer> Run() {
    if (!url_.tls) {
      Plain stream(io_);
      TARN_TRY(Connect(stream));
      return Talk(stream, stream);
    }
    asio::ssl::context context(asio::ssl::context::tls_client);
    beast::error_code error;
    context.set_default_verify_paths(error);
    if (error) return Away(error);
    Secure stream(io_, context);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(url_.host));
    if (SSL_set_tlsext_host_name(stream.native_handle(), url_.host.c_str()) != 1) {
      return Fail(ErrorKind::kInternal, "could not begin TLS with {}", url_.Shown());
    }
    TARN_TRY(Connect(stream.next_layer()));
    TARN_TRY(Step(stream.next_layer(), [&](auto done) {
      stream.async_handshake(asio::ssl::stream_base::client, std::move(done));
    }));
    return Talk(stream, stream.next_layer());
  }

 private:
  std::unexpected<Error> Away(const beast::error_code& error) const {
    return Fail(ErrorKind::kUnavailable, "the warehouse at {} does not answer: {}", url_.Shown(),
                error == beast::error::timeout ? "it takes too long" : error.message());
  }

  /// `start` begins something that calls what it is given with an error and more.
  template <typename Start>
  Result<> Step(Plain& socket, Start start) {
    beast::error_code failed = asio::error::operation_aborted;
    socket.expires_after(kPatience);
    start([&failed](const beast::error_code& error, auto&&...) { failed = error; });
    io_.restart();
    io_.run();
    if (failed) return Away(failed);
    return {};
  }

  Result<> Connect(Plain& socket) {
    asio::ip::tcp::resolver resolver(io_);
    beast::error_code error;
    const auto found = resolver.resolve(url_.host, std::to_string(url_.port), error);
    if (error) return Away(error);
    return Step(socket, [&](auto done) { socket.async_connect(found, std::move(done)); });
  }

  template <typename Stream>
  Result<AgentAnswer> Talk(Stream& stream, Plain& socket) {
    TARN_TRY(
        Step(socket, [&](auto done) { wire::async_write(stream, request_, std::move(done)); }));
    beast::flat_buffer buffer;
    wire::response_parser<wire::string_body> parser;
    parser.body_limit(kAnswerBytesMax);
    TARN_TRY(Step(socket,
                  [&](auto done) { wire::async_read(stream, buffer, parser, std::move(done)); }));
    return AgentAnswer{.status = static_cast<int>(parser.get().result_int()),
                       .body = std::move(parser.get().body())};
  }

  const WarehouseUrl& url_;
  asio::io_context io_;
  wire::request<wire::string_body> request_;
};

}  // namespace

Result<AgentAnswer> SendToWarehouse(const WarehouseUrl& url, const AgentRequest& request) {
  return Exchange(url, request).Run();
}

}  // namespace tarn::cli
