// SPDX-License-Identifier: Apache-2.0
// One HTTP request and its answer as values, and who answers. Whoever listens (src/server/http)
// and whoever answers (the REST catalog above all) both know nothing but this.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tarn::http {

using NamedValues = std::vector<std::pair<std::string, std::string>>;

/// A body too large for memory, as a file that goes with it.
class BodyFile {
 public:
  explicit BodyFile(std::string path) : path_(std::move(path)) {}
  ~BodyFile();
  BodyFile(const BodyFile&) = delete;
  BodyFile& operator=(const BodyFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
};

/// A request that has arrived whole.
struct Request {
  std::string method;  ///< "GET", as it was sent
  /// As it was sent, percent-encoded, without the query; begins with '/'. Whoever splits it decodes
  /// its segments afterwards: an encoded slash is no separator.
  std::string path;
  std::string query_text;  ///< what stood behind the '?', as it was sent; "" = nothing
  NamedValues query;       ///< the same decoded, in order
  NamedValues headers;     ///< names in lower case, in order
  std::string body;        ///< without its transfer coding
  /// Set instead of `body` where the handler has a directory for it (Handler::BodyDirectory).
  std::shared_ptr<const BodyFile> body_file = nullptr;
  std::string remote_address;
  bool secure = false;  ///< over TLS

  /// The first of the name; names of headers in lower case.
  std::optional<std::string_view> Header(std::string_view name) const;
  std::optional<std::string_view> Parameter(std::string_view name) const;
};

struct Response {
  int status = 200;
  /// Content-Length, Transfer-Encoding, Connection and Date are the server's.
  NamedValues headers;
  std::string body;
  /// Set: what it gives, until it gives nothing, is the body, sent piece by piece. An error cuts
  /// the connection, so that the client sees an incomplete body. Called by one thread at a time,
  /// and destroyed when the client is gone.
  std::function<Result<std::optional<std::string>>()> pieces;
  /// Set beside `pieces` where it is known how many bytes they are: Content-Length.
  std::optional<uint64_t> pieces_bytes = std::nullopt;
  /// Set beside `pieces` where the next piece may be long in coming (events): called after each
  /// piece, from a thread that must not wait, with what is to be called, from any thread, once
  /// there is one. Whoever listens asks for a piece now and then all the same, so that a client
  /// that is gone is noticed.
  std::function<void(std::function<void()> more)> when_more;

  static Response Text(int status, std::string text);
  static Response Json(int status, std::string text);
};

/// Answers requests below a prefix. Thread-safe; may block: it has a thread of its own meanwhile.
class Handler {
 public:
  virtual ~Handler() = default;
  /// HEAD comes here as it is; a body is then not sent, but counted. Must not throw.
  virtual Response Handle(const Request& request) = 0;
  /// Where bodies of such requests are kept while they arrive, however large they are; "": in
  /// memory.
  virtual std::string BodyDirectory(std::string_view /*method*/, std::string_view /*path*/) const {
    return {};
  }
};

/// Absent: not well formed ("%4", "%zz"). A '+' stays as it is, but in queries, where it is a
/// space.
std::optional<std::string> DecodePercent(std::string_view text);
std::optional<NamedValues> ParseQuery(std::string_view text);

}  // namespace tarn::http
