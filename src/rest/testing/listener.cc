// SPDX-License-Identifier: Apache-2.0
#include "rest/testing/listener.h"

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <cctype>
#include <thread>

namespace tarn::rest {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using Message = http::request<http::string_body>;

constexpr uint64_t kBodyBytesMax = uint64_t{256} << 20;

Request RequestOf(const Message& message) {
  Request request{.method = std::string(message.method_string())};
  std::string target(message.target());
  const size_t question = target.find('?');
  if (question != std::string::npos) request.query = target.substr(question + 1);
  request.path = target.substr(0, question);
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.headers[name] = std::string(field.value());
  }
  request.body = message.body();
  return request;
}

void Converse(asio::ip::tcp::socket socket, const std::function<Response(const Request&)>& handle) {
  beast::flat_buffer buffer;
  beast::error_code error;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kBodyBytesMax);
    http::read(socket, buffer, parser, error);
    if (error) return;
    const Message& message = parser.get();
    Response response = handle(RequestOf(message));
    http::response<http::string_body> answer(static_cast<http::status>(response.status),
                                             message.version());
    for (const auto& [name, value] : response.headers) answer.insert(name, value);
    answer.keep_alive(message.keep_alive());
    answer.body() = std::move(response.body);
    const bool bodyless = response.status == 204 || response.status == 304;
    if (!bodyless && message.method() != http::verb::head) answer.prepare_payload();
    http::write(socket, answer, error);
    if (error || !message.keep_alive()) return;
  }
}

}  // namespace

void ServeForever(uint16_t port, const std::function<Response(const Request&)>& handle,
                  const std::function<void(uint16_t)>& ready) {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context, {asio::ip::make_address("127.0.0.1"), port});
  ready(acceptor.local_endpoint().port());
  for (;;) {
    asio::ip::tcp::socket socket(context);
    acceptor.accept(socket);
    socket.set_option(asio::ip::tcp::no_delay(true));
    std::thread(Converse, std::move(socket), std::cref(handle)).detach();
  }
}

}  // namespace tarn::rest
