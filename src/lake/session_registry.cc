// SPDX-License-Identifier: Apache-2.0
#include "lake/session_registry.h"

#include <algorithm>
#include <cstring>

namespace tarn::lake {

SessionRegistry::Ticket SessionRegistry::Add(RequestGuard* request, FrameChannel* channel) {
  uint64_t cancel_key = 0;
  const Uuid random = Uuid::Random();
  std::memcpy(&cancel_key, random.bytes.data() + 8, sizeof cancel_key);
  const std::lock_guard lock(mutex_);
  const uint64_t session = next_session_++;
  sessions_[session] = {.cancel_key = cancel_key, .request = request, .channel = channel};
  if (stopping_) channel->Shutdown();
  return {session, cancel_key};
}

void SessionRegistry::Remove(uint64_t session) {
  const std::lock_guard lock(mutex_);
  sessions_.erase(session);
  removed_.notify_all();
}

void SessionRegistry::Cancel(uint64_t session, uint64_t cancel_key, uint64_t request) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  if (found != sessions_.end() && found->second.cancel_key == cancel_key) {
    found->second.request->Cancel(request);
  }
}

void SessionRegistry::SetTransaction(uint64_t session, std::optional<Uuid> transaction) {
  const std::lock_guard lock(mutex_);
  sessions_[session].transaction = transaction;
}

bool SessionRegistry::IsConnected(const Uuid& transaction) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(sessions_,
                             [&](const auto& it) { return it.second.transaction == transaction; });
}

void SessionRegistry::Refuse() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const auto& [session, entry] : sessions_) entry.channel->StopReading();
}

void SessionRegistry::ShutDown(std::chrono::milliseconds patience) {
  if (patience.count() > 0) Refuse();
  std::unique_lock lock(mutex_);
  stopping_ = true;
  if (patience.count() > 0) {
    removed_.wait_for(lock, patience, [this] { return sessions_.empty(); });
  }
  for (const auto& [session, entry] : sessions_) {
    entry.channel->Shutdown();
    entry.request->CancelAll();
  }
  removed_.wait(lock, [this] { return sessions_.empty(); });
}

}  // namespace tarn::lake
