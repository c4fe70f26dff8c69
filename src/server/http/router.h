// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/http_exchange.h"

namespace tarn::server::http {

/// Who answers which paths. Filled before a server has it, then only read: thread-safe.
class Router {
 public:
  /// `prefix` begins with '/' and does not end with one, but for "/" itself, which takes what
  /// nobody else does; it stands for itself and all that goes on with a slash. The longest wins.
  void Add(std::string prefix, std::shared_ptr<tarn::http::Handler> handler);

  /// 404 where nobody answers, and 500 for a handler that throws.
  tarn::http::Response Answer(const tarn::http::Request& request) const;
  /// Handler::BodyDirectory of whoever answers.
  std::string BodyDirectory(std::string_view method, std::string_view path) const;

 private:
  tarn::http::Handler* Find(std::string_view path) const;

  std::map<std::string, std::shared_ptr<tarn::http::Handler>, std::less<>> handlers_;
};

}  // namespace tarn::server::http
