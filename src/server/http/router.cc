// SPDX-License-Identifier: Apache-2.0
#include "server/http/router.h"

#include <spdlog/spdlog.h>

#include <exception>

namespace tarn::server::http {

using tarn::http::Handler;
using tarn::http::Request;
using tarn::http::Response;

void Router::Add(std::string prefix, std::shared_ptr<Handler> handler) {
  handlers_[std::move(prefix)] = std::move(handler);
}

Handler* Router::Find(std::string_view path) const {
  while (true) {
    if (const auto found = handlers_.find(path); found != handlers_.end()) {
      return found->second.get();
    }
    if (path == "/" || path.empty()) return nullptr;
    const size_t slash = path.rfind('/');
    path = slash == 0 || slash == std::string_view::npos ? "/" : path.substr(0, slash);
  }
}

Response Router::Answer(const Request& request) const {
  Handler* const handler = Find(request.path);
  if (handler == nullptr) return Response::Text(404, "there is nothing here\n");
  try {
    return handler->Handle(request);
  } catch (const std::exception& error) {
    spdlog::error("{} {} failed: {}", request.method, request.path, error.what());
    return Response::Text(500, "internal error\n");
  }
}

std::string Router::BodyDirectory(std::string_view method, std::string_view path) const {
  const Handler* const handler = Find(path);
  return handler == nullptr ? std::string() : handler->BodyDirectory(method, path);
}

}  // namespace tarn::server::http
