// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace tarn::server::postgres {

/// What all clients of a server did so far, for metrics. Thread-safe.
struct Traffic {
  std::atomic<int64_t> succeeded = 0, failed = 0, cancelled = 0;  ///< statements
  std::atomic<int64_t> received_bytes = 0, sent_bytes = 0;        ///< inside of TLS
  std::atomic<int32_t> active = 0;  ///< connections whose messages are served now
};

}  // namespace tarn::server::postgres
