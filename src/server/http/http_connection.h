// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/file_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/http/server.h"

namespace tarn::server::http {

/// One client's connection: request, answer, request … On the strand of its socket but for the
/// handler and the pieces of an answer, which are made on a worker. Kept alive by what waits for
/// it.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(boost::asio::ip::tcp::socket socket, HttpContext& context);
  ~HttpConnection();

  void Start();
  /// From any thread: the end, whatever is under way.
  void Cut();

 private:
  using Error = boost::beast::error_code;
  using HeaderParser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using FileParser = boost::beast::http::request_parser<boost::beast::http::file_body>;
  using Whole = boost::beast::http::response<boost::beast::http::string_body>;
  using Head = boost::beast::http::response<boost::beast::http::empty_body>;

  void ReadHeader();
  void OnHeader(const Error& error);
  /// Where the body goes, by the header.
  Error ChooseBody();
  Error OpenBodyFile(const std::string& directory);
  void ReadBody();
  void OnRequest(const Error& error);
  boost::beast::http::request<boost::beast::http::string_body> TakeMessage();
  /// What is wrong with a request that cannot be read; then the end.
  void Refuse(const Error& error);
  void Work(tarn::http::Request request);
  void Send(tarn::http::Response response);
  void SendWhole(tarn::http::Response& response);
  void SendHead();
  /// The next one, when it is there.
  void AwaitPiece();
  /// On a worker.
  void MakePiece();
  void SendPiece(std::string piece);
  void NextPiece();
  void SendEnd();
  void OnSent(const Error& error);
  /// Lets the client read the answer before the connection goes: what it still sends is dropped.
  void Linger();
  void Close();

  boost::beast::tcp_stream stream_;
  HttpContext& context_;
  boost::beast::flat_buffer buffer_;
  std::optional<HeaderParser> header_;
  std::optional<Parser> parser_;
  std::optional<FileParser> file_parser_;  ///< instead of it
  std::shared_ptr<const tarn::http::BodyFile> body_file_;
  bool keep_alive_ = false, is_head_ = false, is_http10_ = false, over_ = false;
  std::string remote_address_;

  // The answer on its way.
  std::optional<Whole> whole_;
  std::optional<Head> head_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::empty_body>>
      serializer_;
  tarn::http::Response streamed_;
  std::string piece_;
  boost::asio::steady_timer piece_timer_;
  size_t lingered_bytes_ = 0;
};

}  // namespace tarn::server::http
