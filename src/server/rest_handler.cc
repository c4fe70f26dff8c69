// SPDX-License-Identifier: Apache-2.0
#include "server/rest_handler.h"

namespace tarn::server {
namespace {

class RestHandler final : public tarn::http::Handler {
 public:
  RestHandler(rest::Catalog& catalog, std::string prefix)
      : catalog_(catalog), prefix_(std::move(prefix)) {}

  tarn::http::Response Handle(const tarn::http::Request& request) override {
    rest::Request call{.method = request.method,
                       .path = request.path.substr(prefix_.size()),
                       .query = request.query_text,
                       .headers = {},
                       .body = request.body,
                       .remote_address = request.remote_address};
    for (const auto& [name, value] : request.headers) call.headers.emplace(name, value);
    rest::Response answer = catalog_.Handle(call);
    tarn::http::Response response{.status = answer.status};
    response.headers = std::move(answer.headers);
    response.body = std::move(answer.body);
    return response;
  }

 private:
  rest::Catalog& catalog_;
  const std::string prefix_;
};

}  // namespace

std::shared_ptr<tarn::http::Handler> MakeRestHandler(rest::Catalog& catalog, std::string prefix) {
  return std::make_shared<RestHandler>(catalog, std::move(prefix));
}

}  // namespace tarn::server
