// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_reader.h"

#include <algorithm>

namespace tarn::server::http {
namespace {

std::string ToLower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

/// RFC 9112, 3.2.2: a server takes the absolute form, too.
std::string_view WithoutOrigin(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    const size_t slash = target.find('/', scheme.size());
    return slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

}  // namespace

Result<tarn::http::Request> ReadRequest(
    boost::beast::http::request<boost::beast::http::string_body> message,
    const std::string& remote_address) {
  tarn::http::Request request;
  request.method = std::string(message.method_string());
  const std::string_view target = WithoutOrigin({message.target().data(), message.target().size()});
  const size_t mark = target.find('?');
  request.path = target.substr(0, mark);
  if (mark != std::string_view::npos) request.query_text = target.substr(mark + 1);
  if (!request.path.starts_with('/') || !tarn::http::DecodePercent(request.path)) {
    return Fail(ErrorKind::kInvalidArgument, "the request's path is not well formed");
  }
  auto query = tarn::http::ParseQuery(request.query_text);
  if (!query) return Fail(ErrorKind::kInvalidArgument, "the request's query is not well formed");
  request.query = std::move(*query);
  for (const auto& field : message) {
    request.headers.emplace_back(ToLower({field.name_string().data(), field.name_string().size()}),
                                 std::string(field.value()));
  }
  request.body = std::move(message.body());
  request.remote_address = remote_address;
  return request;
}

}  // namespace tarn::server::http
