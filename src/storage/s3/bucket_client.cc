// SPDX-License-Identifier: Apache-2.0
#include "storage/s3/bucket_client.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <random>
#include <thread>

#include "storage/s3/answer_text.h"
#include "storage/s3/digest.h"

namespace tarn::storage::s3 {
namespace {

constexpr int kAttemptsMax = 8;
constexpr int64_t kFirstPauseMs = 50;
constexpr int64_t kPauseMaxMs = 3000;
/// No attempt begins later: some that hang are enough.
constexpr std::chrono::seconds kPatience{30};

using Failure = HttpAnswer::Failure;

std::string Timestamp() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
  return text.data();
}

/// Anything up to twice the mean, so that those who failed together do not come back together.
void Pause(int attempt) {
  thread_local std::mt19937_64 random{std::random_device{}()};
  const int64_t most = std::min(kPauseMaxMs, kFirstPauseMs << attempt);
  std::this_thread::sleep_for(
      std::chrono::milliseconds(std::uniform_int_distribution<int64_t>(most / 4, most)(random)));
}

/// Whether the server says that it did nothing, and may do it later.
bool IsRefusedForNow(const BucketAnswer& answer) {
  return answer.last.status == 429 || answer.code == "SlowDown" ||
         answer.code == "ServiceUnavailable" || answer.code == "RequestTimeout" ||
         answer.code == "OperationAborted" || answer.code == "ConditionalRequestConflict";
}

/// Whether nobody knows what happened.
bool IsDoubtful(const BucketAnswer& answer) {
  // InternalError may come with status 200, after what had begun to be an answer.
  if (answer.last.failure == Failure::kLost || answer.code == "InternalError") return true;
  if (answer.last.failure != Failure::kNone || IsRefusedForNow(answer)) return false;
  return answer.last.status >= 500 && answer.last.status != 501 && answer.last.status != 507;
}

bool MayPass(const BucketAnswer& answer) {
  return answer.last.failure == Failure::kNotSent || IsDoubtful(answer) || IsRefusedForNow(answer);
}

bool AreEndedCredentials(const BucketAnswer& answer) {
  return answer.code == "ExpiredToken" || answer.code == "InvalidToken" ||
         answer.code == "InvalidAccessKeyId" || answer.code == "SignatureDoesNotMatch" ||
         (answer.last.status == 403 && answer.code.empty());  // HEAD has no text
}

}  // namespace

BucketClient::BucketClient(std::string bucket, ObjectStore store)
    : bucket_(std::move(bucket)), store_(std::move(store)), http_(store_.ca_file) {
  const size_t host = store_.endpoint.find("://") + 3;
  scheme_ = store_.endpoint.substr(0, host);
  host_ = (store_.path_style ? "" : bucket_ + ".") + store_.endpoint.substr(host);
}

Result<Credentials> BucketClient::KnownCredentials() {
  const std::lock_guard lock(mutex_);
  if (!known_) {
    TARN_ASSIGN(credentials_, CredentialsOf(store_));
    known_ = true;
  }
  return credentials_;
}

bool BucketClient::Renew(const Credentials& refused) {
  if (store_.credentials_file.empty()) return false;
  const auto read = CredentialsOf(store_);
  const std::lock_guard lock(mutex_);
  if (read) credentials_ = *read;
  return read && credentials_ != refused;
}

HttpAnswer BucketClient::Attempt(const BucketRequest& request, const Credentials& credentials) {
  const std::string timestamp = Timestamp();
  SignedParts parts{.method = request.method,
                    .path = (store_.path_style ? "/" + bucket_ : std::string()) +
                            (request.key.empty() && store_.path_style ? "" : "/") +
                            EncodeUri(request.key, true),
                    .query = request.query,
                    .headers = request.headers,
                    .payload_hash = Hex(Sha256(request.body))};
  parts.headers.emplace_back("x-amz-content-sha256", parts.payload_hash);
  parts.headers.emplace_back("x-amz-date", timestamp);
  if (!credentials.session_token.empty()) {
    parts.headers.emplace_back("x-amz-security-token", credentials.session_token);
  }
  if (!request.body.empty()) {
    parts.headers.emplace_back("content-type", "application/octet-stream");
  }
  HttpRequest http{.method = request.method,
                   .url = scheme_ + host_ + parts.path,
                   .headers = parts.headers,
                   .body = request.body};
  if (!parts.query.empty()) http.url += "?" + CanonicalQuery(parts.query);
  parts.headers.emplace_back("host", host_);
  http.headers.emplace_back("authorization",
                            Authorization(parts, credentials, store_.region, timestamp));
  return http_.Perform(http, request.answer_bytes_max);
}

BucketAnswer BucketClient::Send(const BucketRequest& request) {
  BucketAnswer answer;
  bool doubtful = false, renewed = false;
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  for (int attempt = 0;; ++attempt) {
    const auto credentials = KnownCredentials();
    if (!credentials) {
      answer.last.failure = Failure::kUntrusted;
      answer.last.failure_text = credentials.error().message;
      answer.doubtful = doubtful;
      return answer;
    }
    answer = BucketAnswer();
    answer.last = Attempt(request, *credentials);
    ReadErrorText(answer);
    doubtful = doubtful || IsDoubtful(answer);
    answer.doubtful = doubtful;
    if (AreEndedCredentials(answer) && !renewed && Renew(*credentials)) {
      renewed = true;
      continue;
    }
    const bool last = attempt + 1 >= kAttemptsMax || std::chrono::steady_clock::now() > give_up;
    if (last || !MayPass(answer)) return answer;
    Pause(attempt);
  }
}

}  // namespace tarn::storage::s3
