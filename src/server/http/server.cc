// SPDX-License-Identifier: Apache-2.0
#include "server/http/server.h"

#include <memory>
#include <vector>

#include "server/http/http_connection.h"

namespace tarn::server::http {
namespace {

constexpr auto kStopInterval = std::chrono::milliseconds(5);

}  // namespace

HttpServer::HttpServer(HttpOptions options, const Router& router)
    : context_{.options = std::move(options), .router = router},
      work_(io_.get_executor()),
      acceptor_(io_) {
  context_.workers = std::make_unique<WorkerPool>(context_.options.threads_max);
}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(HttpOptions options, const Router& router) {
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(options), router));
  HttpContext& context = server->context_;
  TARN_TRY(server->acceptor_.Listen(context.options.host, context.options.port));
  server->acceptor_.Start([&context](boost::asio::ip::tcp::socket socket) {
    if (!context.stopping) std::make_shared<HttpConnection>(std::move(socket), context)->Start();
  });
  server->thread_ = std::thread([made = server.get()] { made->io_.run(); });
  return server;
}

void HttpServer::Stop(std::chrono::milliseconds patience) {
  if (stopped_) return;
  stopped_ = true;
  context_.stopping = true;
  acceptor_.Close();
  const auto until = std::chrono::steady_clock::now() + patience;
  while (context_.working > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(kStopInterval);
  }
  // Let go of without the mutex, which the end of a connection takes: this may be the last that
  // holds it.
  std::vector<std::shared_ptr<HttpConnection>> open;
  {
    const std::lock_guard lock(context_.mutex);
    for (const auto& [key, weak] : context_.connections) open.push_back(weak.lock());
  }
  for (const auto& connection : open) {
    if (connection != nullptr) connection->Cut();
  }
  open.clear();
  // What hangs on the connections goes with them; handlers that still run keep theirs.
  while (true) {
    {
      const std::lock_guard lock(context_.mutex);
      if (context_.connections.empty()) break;
    }
    std::this_thread::sleep_for(kStopInterval);
  }
  io_.stop();
  if (thread_.joinable()) thread_.join();
  context_.workers.reset();
}

HttpServer::~HttpServer() { Stop(); }

}  // namespace tarn::server::http
