// SPDX-License-Identifier: Apache-2.0
// Answers to requests that carry an Idempotency-Key, so that one that is sent twice is done once.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "rest/http_message.h"

namespace tarn::rest {

/// In this process's memory: a server that dies forgets them. Thread-safe.
class IdempotentAnswers {
 public:
  IdempotentAnswers(const Clock* clock, int64_t lifetime_ms)
      : clock_(clock), lifetime_ms_(lifetime_ms) {}

  /// Runs `request` once per key: a second one meanwhile waits, later ones get the first one's
  /// answer, where that was final (2xx, and 4xx but for 401, 408 and 429). `fingerprint` tells
  /// requests apart: another one under the same key is 422. A request that throws gives no answer,
  /// and its key is free.
  Response Once(const std::string& key, const std::string& fingerprint,
                const std::function<Response()>& request);

 private:
  struct Entry {
    std::string fingerprint;
    std::optional<Response> answer;  ///< absent: being made
    int64_t expires_ms = 0;
  };
  void ForgetOld(int64_t now_ms);
  void Settle(const std::string& key, Entry& entry, const Response* answer);

  const Clock* const clock_;
  const int64_t lifetime_ms_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace tarn::rest
