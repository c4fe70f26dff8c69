// SPDX-License-Identifier: Apache-2.0
// HTTP as a client of object stores needs it, over libcurl.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/s3/signature.h"

namespace tarn::storage::s3 {

struct HttpRequest {
  std::string method;
  std::string url;
  NamedTexts headers;
  std::span<const uint8_t> body;
};

/// How a request ended.
struct HttpAnswer {
  enum class Failure : uint8_t {
    kNone,
    kNotSent,    ///< the server was not reached: nothing has happened
    kUntrusted,  ///< its certificate is not to be trusted; nothing was sent
    kLost,       ///< sent, or begun to be sent, and not answered: may have happened
  };
  Failure failure = Failure::kNone;
  std::string failure_text;  ///< of a failure, for people

  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  /// "" = absent.
  const std::string& Header(const std::string& name) const;
};

/// Keeps connections, and opens one where no other is free. Certificates are verified. Redirections
/// are not followed: a signature is for one host. Thread-safe.
class HttpClient {
 public:
  /// The process ignores SIGPIPE from the first on. `ca_file`: certificates to trust instead of the
  /// system's; "" = the system's.
  explicit HttpClient(std::string ca_file);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Bodies of answers beyond `body_bytes_max` are a failure.
  HttpAnswer Perform(const HttpRequest& request, size_t body_bytes_max);

 private:
  void* Take();
  void GiveBack(void* handle);

  const std::string ca_file_;
  std::mutex mutex_;
  std::vector<void*> idle_;  ///< of libcurl, each with connections of its own
};

}  // namespace tarn::storage::s3
