// SPDX-License-Identifier: Apache-2.0
#include "rest/idempotency.h"

#include "rest/failure.h"

namespace tarn::rest {
namespace {

constexpr size_t kEntriesMax = 100'000;

bool IsFinal(int status) {
  if (status >= 200 && status < 300) return true;
  return status >= 400 && status < 500 && status != 401 && status != 408 && status != 429;
}

}  // namespace

void IdempotentAnswers::ForgetOld(int64_t now_ms) {
  std::erase_if(entries_, [&](const auto& entry) {
    return entry.second->answer && entry.second->expires_ms <= now_ms;
  });
}

Response IdempotentAnswers::Once(const std::string& key, const std::string& fingerprint,
                                 const std::function<Response()>& request) {
  auto entry = std::make_shared<Entry>();
  {
    std::unique_lock lock(mutex_);
    ForgetOld(clock_->NowMs());
    for (;;) {
      const auto known = entries_.find(key);
      if (known == entries_.end()) break;
      if (known->second->fingerprint != fingerprint) {
        return ErrorResponse({422, "UnprocessableEntityException",
                              "The idempotency key was used for another request"});
      }
      if (known->second->answer) return *known->second->answer;
      changed_.wait(lock);
    }
    if (entries_.size() >= kEntriesMax) {
      return ErrorResponse({503, "ServiceUnavailableException", "Too many idempotency keys"});
    }
    entry->fingerprint = fingerprint;
    entries_[key] = entry;
  }
  try {
    Response answer = request();
    Settle(key, *entry, IsFinal(answer.status) ? &answer : nullptr);
    return answer;
  } catch (...) {
    Settle(key, *entry, nullptr);
    throw;
  }
}

void IdempotentAnswers::Settle(const std::string& key, Entry& entry, const Response* answer) {
  {
    const std::lock_guard lock(mutex_);
    if (answer == nullptr) {
      entries_.erase(key);
    } else {
      entry.answer = *answer;
      entry.expires_ms = clock_->NowMs() + lifetime_ms_;
    }
  }
  changed_.notify_all();
}

}  // namespace tarn::rest
