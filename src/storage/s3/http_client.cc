// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/http_client.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <csignal>

namespace tarn::storage::s3 {
namespace {

constexpr size_t kIdleMax = 64;
constexpr long kConnectTimeoutMs = 5000;
/// A transfer that has stood still for so long is given up.
constexpr long kStandstillSeconds = 30;

using Failure = HttpAnswer::Failure;

/// Where an answer goes.
struct Sink {
  HttpAnswer* answer;
  size_t body_bytes_max;
};

size_t TakeBody(char* data, size_t size, size_t count, void* context) {
  auto& sink = *static_cast<Sink*>(context);
  const size_t bytes = size * count;
  if (sink.answer->body.size() + bytes > sink.body_bytes_max) return 0;
  sink.answer->body.append(data, bytes);
  return bytes;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").contains(text.front())) text.remove_prefix(1);
  while (!text.empty() && std::string_view(" \t\r\n").contains(text.back())) text.remove_suffix(1);
  return text;
}

size_t TakeHeader(char* data, size_t size, size_t count, void* context) {
  auto& sink = *static_cast<Sink*>(context);
  const std::string_view line(data, size * count);
  // An interim answer (100) came before.
  if (line.starts_with("HTTP/")) sink.answer->headers.clear();
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](char byte) {
      return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    });
    sink.answer->headers[std::move(name)] = Trimmed(line.substr(colon + 1));
  }
  return line.size();
}

Failure FailureOf(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Failure::kNotSent;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CERTPROBLEM:
      return Failure::kUntrusted;
    case CURLE_SSL_CONNECT_ERROR:
      return Failure::kNotSent;
    default:
      return Failure::kLost;
  }
}

void SetBody(CURL* handle, const HttpRequest& request) {
  if (request.method == "HEAD") {
    curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT" || request.method == "POST") {
    static constexpr const char* kNothing = "";
    curl_easy_setopt(handle, CURLOPT_POST, 1L);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS,
                     request.body.empty() ? static_cast<const void*>(kNothing)
                                          : static_cast<const void*>(request.body.data()));
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  } else {
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void SetCommon(CURL* handle, const HttpRequest& request, const std::string& ca_file, Sink& sink) {
  curl_easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!ca_file.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, ca_file.c_str());
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectTimeoutMs);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, kStandstillSeconds);
  curl_easy_setopt(handle, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, TakeBody);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &sink);
  curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, TakeHeader);
  curl_easy_setopt(handle, CURLOPT_HEADERDATA, &sink);
}

}  // namespace

const std::string& HttpAnswer::Header(const std::string& name) const {
  static const std::string kAbsent;
  const auto found = headers.find(name);
  return found == headers.end() ? kAbsent : found->second;
}

HttpClient::HttpClient(std::string ca_file) : ca_file_(std::move(ca_file)) {
  static const bool kInitialized = [] {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to connections that may be gone
    return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  }();
  (void)kInitialized;
}

HttpClient::~HttpClient() {
  for (void* handle : idle_) curl_easy_cleanup(handle);
}

void* HttpClient::Take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return curl_easy_init();
  void* handle = idle_.back();
  idle_.pop_back();
  return handle;
}

void HttpClient::GiveBack(void* handle) {
  curl_easy_reset(handle);  // connections stay
  {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleMax) {
      idle_.push_back(handle);
      return;
    }
  }
  curl_easy_cleanup(handle);
}

HttpAnswer HttpClient::Perform(const HttpRequest& request, size_t body_bytes_max) {
  HttpAnswer answer;
  CURL* handle = Take();
  if (handle == nullptr) {
    answer.failure = Failure::kNotSent;
    answer.failure_text = "out of memory";
    return answer;
  }
  Sink sink{.answer = &answer, .body_bytes_max = body_bytes_max};
  std::array<char, CURL_ERROR_SIZE> error{};
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, error.data());
  SetCommon(handle, request, ca_file_, sink);
  SetBody(handle, request);
  // No wait for an interim answer before the body.
  curl_slist* headers = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    headers = curl_slist_append(headers, fmt::format("{}: {}", name, value).c_str());
  }
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
  const CURLcode code = curl_easy_perform(handle);
  if (code == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
  } else {
    answer.failure = FailureOf(code);
    // A connection that was never made has sent nothing, whatever ended the attempt.
    curl_off_t connected = 0;
    curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &connected);
    if (answer.failure == Failure::kLost && connected == 0) answer.failure = Failure::kNotSent;
    answer.failure_text = error[0] != '\0' ? error.data() : curl_easy_strerror(code);
    answer.body.clear();
  }
  curl_slist_free_all(headers);
  GiveBack(handle);
  return answer;
}

}  // namespace tarn::storage::s3
