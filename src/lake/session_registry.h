// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "base/uuid.h"
#include "lake/frame_channel.h"
#include "lake/request_guard.h"

namespace tarn::lake {

/// The sessions that are connected, to cancel them and to know whose transactions live.
/// Thread-safe.
class SessionRegistry {
 public:
  struct Ticket {
    uint64_t session = 0;
    uint64_t cancel_key = 0;
  };

  /// `request` and `channel` live until Remove.
  Ticket Add(RequestGuard* request, FrameChannel* channel);
  void Remove(uint64_t session);

  /// Cancels a request by its number. Nothing happens without the right key.
  void Cancel(uint64_t session, uint64_t cancel_key, uint64_t request);

  /// The transaction that the session is in; none when it ended.
  void SetTransaction(uint64_t session, std::optional<Uuid> transaction);
  bool IsConnected(const Uuid& transaction) const;

  /// Takes no more requests: idle connections end, those that come later too, and running requests
  /// only give their answers. May be called again.
  void Refuse();
  /// Breaks all connections, and those that come later; returns when every session was removed.
  /// For `patience`, running requests are left to give their answers.
  void ShutDown(std::chrono::milliseconds patience);

 private:
  struct Entry {
    uint64_t cancel_key = 0;
    RequestGuard* request = nullptr;
    FrameChannel* channel = nullptr;
    std::optional<Uuid> transaction;
  };

  mutable std::mutex mutex_;
  std::condition_variable removed_;
  std::map<uint64_t, Entry> sessions_;
  uint64_t next_session_ = 1;
  bool stopping_ = false;
};

}  // namespace tarn::lake
