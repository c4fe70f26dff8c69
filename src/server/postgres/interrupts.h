// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>

#include "warehouse/session.h"

namespace tarn::server::postgres {

/// Why a statement should end before its end.
enum class Interruption : uint8_t {
  kNone,
  kCancel,   ///< the user's wish
  kTimeout,  ///< statement_timeout
  kTransactionTimeout,
  kShutdown,
  kGone,  ///< nobody will read the rest
};

/// What other threads tell the one that serves a connection. A cancel meets what runs now and
/// nothing that begins later; kGone, kShutdown and kTransactionTimeout stay. Thread-safe.
class Interrupts {
 public:
  /// nullptr: none any more. From the serving thread.
  void SetSession(warehouse::Session* session);

  /// A message of the client is served from here to EndWork. Forgets what met an earlier one.
  void BeginWork();
  void EndWork();

  /// False: nothing runs, and a cancel is lost.
  bool Raise(Interruption why);
  Interruption raised() const { return raised_; }

 private:
  std::mutex mutex_;
  warehouse::Session* session_ = nullptr;  ///< under mutex_
  bool working_ = false;                   ///< under mutex_
  std::atomic<Interruption> raised_ = Interruption::kNone;
};

}  // namespace tarn::server::postgres
