// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "base/worker_pool.h"
#include "server/acceptor.h"
#include "server/http/router.h"

namespace tarn::server::http {

struct HttpOptions {
  std::string host = "127.0.0.1";
  int port = 7480;
  int32_t connections_max = 256;  ///< one beyond is answered 503 at once
  int32_t threads_max = 16;       ///< of handlers; clients that are slow need none
  uint32_t header_bytes_max = 32 * 1024;
  uint64_t body_bytes_max = 32 * 1024 * 1024;
  std::chrono::seconds header_timeout{60};  ///< also of a connection that is idle
  std::chrono::seconds body_timeout{120};
  std::chrono::seconds body_file_timeout{3600};  ///< of one that is kept in a file
  std::chrono::seconds write_timeout{60};        ///< for each piece
};

class HttpConnection;

/// What the connections of one server share.
struct HttpContext {
  HttpOptions options;
  const Router& router;
  std::unique_ptr<WorkerPool> workers;
  std::atomic<bool> stopping = false;
  std::atomic<int64_t> requests = 0;  ///< answered
  std::atomic<int32_t> working = 0;   ///< being answered

  std::mutex mutex;
  std::map<HttpConnection*, std::weak_ptr<HttpConnection>> connections;  ///< under mutex
};

/// HTTP/1.1 (and 1.0) at one address: keep-alive, chunked bodies both ways, Expect: 100-continue.
/// One io thread moves bytes; handlers run on threads of their own. Thread-safe.
class HttpServer {
 public:
  /// Listens when it returns. Unavailable where the address is taken. The router outlives it.
  static Result<std::unique_ptr<HttpServer>> Start(HttpOptions options, const Router& router);
  /// Stops.
  ~HttpServer();

  int port() const { return acceptor_.port(); }
  int64_t requests() const { return context_.requests; }
  /// Takes no more requests, waits for those that are being answered, at most `patience`, and cuts
  /// the connections.
  void Stop(std::chrono::milliseconds patience = std::chrono::seconds(5));

 private:
  HttpServer(HttpOptions options, const Router& router);

  HttpContext context_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  Acceptor acceptor_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace tarn::server::http
