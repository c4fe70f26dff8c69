// SPDX-License-Identifier: Apache-2.0
// Signed requests to one bucket, sent again where that may help.
#pragma once

#include <cstdint>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/s3/http_client.h"
#include "storage/s3/object_store.h"
#include "storage/s3/signature.h"

namespace tarn::storage::s3 {

struct BucketRequest {
  std::string method;
  std::string key;  ///< "" = the bucket itself
  NamedTexts query = {};
  /// Beside those that every request has; names in lower case.
  NamedTexts headers = {};
  std::span<const uint8_t> body = {};
  size_t answer_bytes_max = 16 << 20;
};

/// What came of a request after all attempts.
struct BucketAnswer {
  HttpAnswer last;      ///< of the last attempt
  std::string code;     ///< S3's name of an error, "" = none was given
  std::string message;  ///< S3's text for it
  std::string region;   ///< where an error says that the bucket is
  /// An attempt may have had its effect although its answer was lost, or was an error of the
  /// server.
  bool doubtful = false;

  bool ok() const {
    return last.failure == HttpAnswer::Failure::kNone && last.status / 100 == 2 && code.empty();
  }
  bool lost() const { return last.failure == HttpAnswer::Failure::kLost; }
  bool absent() const { return last.status == 404 && code != "NoSuchBucket"; }
};

/// Thread-safe.
class BucketClient {
 public:
  BucketClient(std::string bucket, ObjectStore store);

  /// Tries again, with growing and random pauses of some seconds in all, after what passes: lost
  /// connections, errors of the server, "slow down". Whoever sends what must not happen twice looks
  /// at `doubtful`.
  BucketAnswer Send(const BucketRequest& request);

  const std::string& bucket() const { return bucket_; }

 private:
  HttpAnswer Attempt(const BucketRequest& request, const Credentials& credentials);
  Result<Credentials> KnownCredentials();
  /// Whether there are others than those which were refused.
  bool Renew(const Credentials& refused);

  const std::string bucket_;
  const ObjectStore store_;
  std::string scheme_, host_;  ///< of the bucket's requests; the host with its port
  HttpClient http_;
  std::mutex mutex_;
  bool known_ = false;
  Credentials credentials_;
};

}  // namespace tarn::storage::s3
