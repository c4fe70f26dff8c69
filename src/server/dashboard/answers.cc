// SPDX-License-Identifier: Apache-2.0
#include "server/dashboard/answers.h"

#include <algorithm>

#include "server/dashboard/summary.h"

namespace tarn::server::dashboard {
namespace {

using tarn::http::Request;
using tarn::http::Response;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string CookieName(const Request& request) {
  const std::string_view host = request.Header("host").value_or("");
  const size_t colon = host.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? "" : host.substr(colon + 1);
  if (port.empty() || !std::ranges::all_of(port, IsDigit)) return "tarn_dashboard";
  return fmt::format("tarn_dashboard_{}", port);
}

struct Answered {
  int status;
  std::string_view kind;
};

Answered AnsweredFor(const warehouse::StatementError& error) {
  // Does not exist or not authorized; no privileges.
  if (error.code == "002003") return {404, "no_table"};
  switch (error.error.kind) {
    case ErrorKind::kNotFound:
      return {404, "no_table"};
    case ErrorKind::kPermissionDenied:
      return {403, "not_allowed"};
    case ErrorKind::kUnavailable:
    case ErrorKind::kResourceExhausted:
      return {503, "unavailable"};
    default:
      return {422, "failed"};
  }
}

}  // namespace

Response JsonAnswer(int status, std::string text) {
  Response response = Response::Json(status, std::move(text));
  response.headers.emplace_back("Cache-Control", "no-store");
  return response;
}

Response Refusal(int status, std::string_view kind, std::string message) {
  return JsonAnswer(
      status, ErrorJson(kind, {.error = {ErrorKind::kInvalidArgument, std::move(message), {}, {}},
                               .code = {},
                               .sqlstate = {},
                               .position = {}}));
}

Response FailureAnswer(const warehouse::StatementError& error) {
  const Answered answered = AnsweredFor(error);
  return JsonAnswer(answered.status, ErrorJson(answered.kind, error));
}

bool IsOurPage(const Request& request) {
  const auto site = request.Header("sec-fetch-site");
  if (site && *site != "same-origin" && *site != "none") return false;
  const auto origin = request.Header("origin");
  const auto host = request.Header("host");
  if (!origin || !host) return true;
  const size_t scheme = origin->find("://");
  return scheme != std::string_view::npos && origin->substr(scheme + 3) == *host;
}

std::optional<std::string> CookieOf(const Request& request) {
  const std::string name = CookieName(request) + "=";
  std::string_view cookies = request.Header("cookie").value_or("");
  while (!cookies.empty()) {
    const size_t end = std::min(cookies.find(';'), cookies.size());
    std::string_view cookie = cookies.substr(0, end);
    while (cookie.starts_with(' ')) cookie.remove_prefix(1);
    if (cookie.starts_with(name)) return std::string(cookie.substr(name.size()));
    cookies.remove_prefix(std::min(end + 1, cookies.size()));
  }
  return std::nullopt;
}

void SetCookie(const Request& request, std::string_view token, int64_t seconds,
               Response& response) {
  response.headers.emplace_back(
      "Set-Cookie",
      fmt::format("{}={}; Path=/dashboard; Max-Age={}; HttpOnly; SameSite=Strict{}",
                  CookieName(request), token, seconds, request.secure ? "; Secure" : ""));
}

}  // namespace tarn::server::dashboard
