// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_connection.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <limits>

#include "base/uuid.h"
#include "server/http/request_reader.h"

namespace tarn::server::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using tarn::http::Request;
using tarn::http::Response;

/// A client that waits for a piece so long gets one, so that its absence is noticed.
constexpr auto kPieceTime = std::chrono::seconds(15);
constexpr auto kLingerTime = std::chrono::seconds(2);
/// For Boost 1.74 every length is more than no limit.
constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();
constexpr size_t kLingerPiece = 64 * 1024, kLingerBytes = 64 * 1024 * 1024;

template <typename Message>
void SetFields(const Response& response, Message& message) {
  message.set(wire::field::server, "tarn");
  for (const auto& [name, value] : response.headers) message.insert(name, value);
}

int StatusOf(const beast::error_code& error) {
  if (error == wire::error::body_limit) return 413;
  if (error == wire::error::header_limit) return 431;
  return 400;
}

}  // namespace

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, HttpContext& context)
    : stream_(std::move(socket)), context_(context), piece_timer_(stream_.get_executor()) {
  beast::error_code ignored;
  const auto end_point = stream_.socket().remote_endpoint(ignored);
  if (!ignored) remote_address_ = end_point.address().to_string();
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
}

HttpConnection::~HttpConnection() {
  const std::lock_guard lock(context_.mutex);
  context_.connections.erase(this);
}

void HttpConnection::Start() {
  size_t others = 0;
  {
    const std::lock_guard lock(context_.mutex);
    others = context_.connections.size();
    context_.connections.emplace(this, weak_from_this());
  }
  const bool full = others >= static_cast<size_t>(context_.options.connections_max);
  asio::post(stream_.get_executor(), [self = shared_from_this(), full] {
    if (!full) return self->ReadHeader();
    self->keep_alive_ = false;
    self->Send(Response::Text(503, "too many connections\n"));
  });
}

void HttpConnection::Cut() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] { self->Close(); });
}

void HttpConnection::Close() {
  over_ = true;
  piece_timer_.cancel();
  stream_.cancel();
  stream_.close();
}

void HttpConnection::ReadHeader() {
  if (over_ || context_.stopping) return Close();
  header_.emplace();
  header_->header_limit(context_.options.header_bytes_max);
  header_->body_limit(kUnlimited);  // by what it is
  parser_.reset();
  file_parser_.reset();
  body_file_.reset();
  stream_.expires_after(context_.options.header_timeout);
  wire::async_read_header(
      stream_, buffer_, *header_,
      [self = shared_from_this()](const Error& error, size_t) { self->OnHeader(error); });
}

void HttpConnection::OnHeader(const Error& error) {
  if (error) return Refuse(error);
  const bool asks = beast::iequals(header_->get()[wire::field::expect], "100-continue");
  const unsigned version = header_->get().version();
  if (const Error refused = ChooseBody()) return Refuse(refused);
  if (!asks) return ReadBody();
  head_.emplace(wire::status::continue_, version);
  serializer_.emplace(*head_);
  wire::async_write(stream_, *serializer_,
                    [self = shared_from_this()](const Error& failed, size_t) {
                      if (failed) return self->Close();
                      self->ReadBody();
                    });
}

HttpConnection::Error HttpConnection::ChooseBody() {
  const auto& head = header_->get();
  const std::string_view target(head.target().data(), head.target().size());
  const std::string_view method(head.method_string().data(), head.method_string().size());
  const std::string directory =
      context_.router.BodyDirectory(method, target.substr(0, target.find('?')));
  if (!directory.empty()) return OpenBodyFile(directory);
  const uint64_t most = context_.options.body_bytes_max;
  if (header_->content_length() && *header_->content_length() > most) {
    return wire::error::body_limit;
  }
  parser_.emplace(std::move(*header_));
  parser_->body_limit(most);
  return {};
}

HttpConnection::Error HttpConnection::OpenBodyFile(const std::string& directory) {
  body_file_ = std::make_shared<const tarn::http::BodyFile>(
      fmt::format("{}/{}", directory, Uuid::Random().ToString()));
  file_parser_.emplace(std::move(*header_));
  file_parser_->body_limit(kUnlimited);
  Error error;
  file_parser_->get().body().open(body_file_->path().c_str(), beast::file_mode::write, error);
  if (error) spdlog::error("\"{}\" could not be made: {}", body_file_->path(), error.message());
  return error;
}

void HttpConnection::ReadBody() {
  const auto done = [self = shared_from_this()](const Error& error, size_t) {
    self->OnRequest(error);
  };
  if (file_parser_) {
    stream_.expires_after(context_.options.body_file_timeout);
    wire::async_read(stream_, buffer_, *file_parser_, done);
  } else {
    stream_.expires_after(context_.options.body_timeout);
    wire::async_read(stream_, buffer_, *parser_, done);
  }
}

wire::request<wire::string_body> HttpConnection::TakeMessage() {
  if (!file_parser_) return parser_->release();
  auto message = file_parser_->release();
  message.body().close();
  return wire::request<wire::string_body>(std::move(message.base()));
}

void HttpConnection::Refuse(const Error& error) {
  // Whoever left, or says nothing, gets no answer.
  if (over_ || error == wire::error::end_of_stream ||
      error.category() == asio::error::get_system_category() || error == beast::error::timeout ||
      error == wire::error::partial_message) {
    return Close();
  }
  keep_alive_ = false;
  Send(Response::Text(StatusOf(error), error.message() + "\n"));
}

void HttpConnection::OnRequest(const Error& error) {
  if (error) return Refuse(error);
  auto message = TakeMessage();
  keep_alive_ = message.keep_alive();
  is_head_ = message.method() == wire::verb::head;
  is_http10_ = message.version() < 11;
  auto request = ReadRequest(std::move(message), remote_address_);
  if (!request) {
    keep_alive_ = false;
    return Send(Response::Text(400, request.error().message + "\n"));
  }
  request->body_file = std::move(body_file_);
  // While a handler works, the client may take as long as it likes.
  stream_.expires_never();
  ++context_.working;
  context_.workers->Submit([self = shared_from_this(), made = std::move(*request)]() mutable {
    self->Work(std::move(made));
  });
}

void HttpConnection::Work(Request request) {
  auto response = std::make_shared<Response>(context_.router.Answer(request));
  ++context_.requests;
  asio::post(stream_.get_executor(), [self = shared_from_this(), response] {
    --self->context_.working;
    self->Send(std::move(*response));
  });
}

void HttpConnection::Send(Response response) {
  if (over_) return;
  if (context_.stopping) keep_alive_ = false;
  if (!response.pieces || is_head_) return SendWhole(response);
  streamed_ = std::move(response);
  SendHead();
}

void HttpConnection::SendWhole(Response& response) {
  stream_.expires_after(context_.options.write_timeout);
  const unsigned version = is_http10_ ? 10 : 11;
  const uint64_t length = response.pieces_bytes.value_or(response.body.size());
  whole_.emplace(static_cast<wire::status>(response.status), version,
                 is_head_ ? std::string() : std::move(response.body));
  SetFields(response, *whole_);
  whole_->keep_alive(keep_alive_);
  // These have no body, and say so by themselves.
  if (response.status != 204 && response.status != 304) whole_->content_length(length);
  wire::async_write(stream_, *whole_, [self = shared_from_this()](const Error& error, size_t) {
    self->OnSent(error);
  });
}

void HttpConnection::SendHead() {
  stream_.expires_after(context_.options.write_timeout);
  head_.emplace(static_cast<wire::status>(streamed_.status), is_http10_ ? 10 : 11);
  SetFields(streamed_, *head_);
  // In HTTP/1.0 the end of the connection is the body's.
  if (is_http10_) keep_alive_ = false;
  head_->keep_alive(keep_alive_);
  if (streamed_.pieces_bytes) {
    head_->content_length(*streamed_.pieces_bytes);
  } else if (!is_http10_) {
    head_->chunked(true);
  }
  serializer_.emplace(*head_);
  wire::async_write_header(stream_, *serializer_,
                           [self = shared_from_this()](const Error& error, size_t) {
                             if (error) return self->Close();
                             self->NextPiece();
                           });
}

void HttpConnection::NextPiece() {
  if (over_) return;
  ++context_.working;
  context_.workers->Submit([self = shared_from_this()] { self->MakePiece(); });
}

void HttpConnection::AwaitPiece() {
  stream_.expires_never();
  piece_timer_.expires_after(kPieceTime);
  piece_timer_.async_wait([self = shared_from_this()](const Error&) { self->NextPiece(); });
  // Not kept alive by what the answer itself holds.
  streamed_.when_more([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    asio::post(self->stream_.get_executor(), [self] { self->piece_timer_.cancel(); });
  });
}

void HttpConnection::MakePiece() {
  auto made = std::make_shared<Result<std::optional<std::string>>>(streamed_.pieces());
  asio::post(stream_.get_executor(), [self = shared_from_this(), made] {
    --self->context_.working;
    if (self->over_) return;
    if (!*made) {
      spdlog::error("an answer was cut: {}", made->error().message);
      return self->Close();
    }
    if (!**made) return self->SendEnd();
    self->SendPiece(std::move(***made));
  });
}

void HttpConnection::SendPiece(std::string piece) {
  const auto sent = [self = shared_from_this()](const Error& error, size_t) {
    if (error) return self->Close();
    if (self->streamed_.when_more) {
      self->AwaitPiece();
    } else {
      self->NextPiece();
    }
  };
  piece_ = std::move(piece);
  stream_.expires_after(context_.options.write_timeout);
  // An empty chunk would be the last one.
  if (is_http10_ || streamed_.pieces_bytes || piece_.empty()) {
    asio::async_write(stream_, asio::buffer(piece_), sent);
  } else {
    asio::async_write(stream_, wire::make_chunk(asio::buffer(piece_)), sent);
  }
}

void HttpConnection::SendEnd() {
  const bool counted = streamed_.pieces_bytes.has_value();
  streamed_ = {};
  if (is_http10_ || counted) return OnSent({});
  asio::async_write(
      stream_, wire::make_chunk_last(),
      [self = shared_from_this()](const Error& error, size_t) { self->OnSent(error); });
}

void HttpConnection::OnSent(const Error& error) {
  whole_.reset();
  if (error || over_) return Close();
  if (keep_alive_) return ReadHeader();
  Error ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  stream_.expires_after(kLingerTime);
  Linger();
}

void HttpConnection::Linger() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(kLingerPiece),
                          [self = shared_from_this()](const Error& error, size_t bytes) {
                            self->lingered_bytes_ += bytes;
                            const bool enough = self->lingered_bytes_ > kLingerBytes;
                            if (error || enough || self->over_) return self->Close();
                            self->Linger();
                          });
}

}  // namespace tarn::server::http
